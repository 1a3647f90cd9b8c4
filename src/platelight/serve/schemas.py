"""The shapes of answers, for the service's OpenAPI description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Candidate(BaseModel):
    text: str
    confidence: float
    country: str | None
    template: str | None


class Plate(BaseModel):
    """One plate; every field is explained in the guide to output formats."""

    text: str | None = Field(description="Upper case, no separators; null where nothing could be read.")
    raw_text: str = Field(description="What the network read before any plate type was considered.")
    confidence: float = Field(ge=0, le=1, description="The chance that the whole text is right.")
    country: str | None
    template: str | None
    region: str | None
    lines: int
    reason: Literal["AS_READ", "CORRECTED", "NO_TEMPLATE"]
    flags: list[str]
    corners: list[list[float]] = Field(description="Four x, y in pixels, clockwise from the plate's own top left.")
    box: list[float] = Field(description="x, y, width, height.")
    score: float
    char_confidences: list[float]
    candidates: list[Candidate]
    text_lines: list[str] = Field(description="The text line by line, as on the plate.")
    image: str | None = Field(None, description="With images=true: the straightened plate, data:image/png;base64.")
    joint: Joint | None = Field(None, alias="register", description="With register=true: what reader and register decide together.")
    comparison: Verdict | None = Field(None, description="With register=true and a claim: how the claim fits.")


class Photo(BaseModel):
    source: str = Field(description="The file's name as the client gave it.")
    width: int
    height: int
    error: str | None
    plates: list[Plate]
    time_ms: float = Field(description="Time to unpack and read this picture; pictures read together share it evenly.")


class Error(BaseModel):
    code: str
    message: str


class Refusal(BaseModel):
    error: Error


class ReadAnswer(BaseModel):
    photos: list[Photo]


class NothingRead(BaseModel):
    """None of the pictures could be used."""

    error: Error
    photos: list[Photo]


class Health(BaseModel):
    status: Literal["ok", "starting", "stopping"]
    version: str


EXAMPLE: dict[str, Any] = {
    "photos": [
        {
            "source": "car.jpg", "width": 1280, "height": 960, "error": None, "time_ms": 31.2,
            "plates": [
                {
                    "text": "AC4921CB", "raw_text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015", "region": None,
                    "lines": 1, "text_lines": ["AC4921CB"], "reason": "AS_READ", "flags": [],
                    "corners": [[512.1, 640.0], [701.3, 642.2], [700.8, 683.0], [511.7, 680.9]], "box": [511.7, 640.0, 189.6, 43.0],
                    "score": 0.97, "char_confidences": [0.99, 0.98, 0.99, 0.99, 0.97, 0.99, 0.98, 0.99],
                    "candidates": [{"text": "AC4921CB", "confidence": 0.981, "country": "ua", "template": "ua-2015"}],
                }
            ],
        }
    ]
}  # fmt: skip


class Box(BaseModel):
    xmin: int
    ymin: int
    xmax: int
    ymax: int


class SnapshotRegion(BaseModel):
    code: str
    score: float


class SnapshotCandidate(BaseModel):
    score: float
    plate: str


class SnapshotVehicle(BaseModel):
    """Vehicles are not looked for: always Unknown, with the plate's box."""

    score: float
    type: str
    box: Box


class SnapshotResult(BaseModel):
    box: Box
    plate: str
    region: SnapshotRegion
    score: float
    candidates: list[SnapshotCandidate]
    dscore: float
    vehicle: SnapshotVehicle


class Snapshot(BaseModel):
    """The answer of Plate Recognizer's Snapshot API."""

    processing_time: float
    results: list[SnapshotResult]
    filename: str
    version: int
    camera_id: str | None
    timestamp: str


class SnapshotRefusal(BaseModel):
    detail: str
    status_code: int


class Prediction(BaseModel):
    confidence: float
    label: str
    plate: str
    x_min: int
    y_min: int
    x_max: int
    y_max: int


class Alpr(BaseModel):
    """The answer of CodeProject.AI's license plate reader."""

    success: bool
    predictions: list[Prediction]
    message: str | None = None
    error: str | None = None
    count: int | None = None
    code: int
    inferenceMs: int  # noqa: N815 - published names
    processMs: int  # noqa: N815
    analysisRoundTripMs: int  # noqa: N815
    command: str
    moduleId: str  # noqa: N815
    moduleName: str  # noqa: N815
    executionProvider: str  # noqa: N815
    canUseGPU: bool  # noqa: N815
    timestampUTC: str  # noqa: N815


class AlprRefusal(BaseModel):
    success: Literal[False]
    error: str
    code: int


class Ping(BaseModel):
    success: bool


class JointCandidate(BaseModel):
    text: str
    confidence: float = Field(description="Joined with the register.")
    reading: float = Field(description="By the pixels alone.")
    known: bool = Field(description="Whether the register holds it.")


class ReadText(BaseModel):
    text: str | None
    confidence: float


class Car(BaseModel):
    """The newest registration of a plate, in short."""

    plate: str
    date: str | None
    make: str | None
    model: str | None
    year: int | None
    color: str | None


class Joint(BaseModel):
    """What reader and register together say of one plate; the reading alone stays beside it."""

    text: str | None
    confidence: float
    reading: ReadText
    decided_by: Literal["reading", "register", "claim"]
    reason: str
    known: bool
    registration: Car | None
    registrations: int
    candidates: list[JointCandidate]


class Registration(BaseModel):
    """One registration as the register holds it; null is what it lacks."""

    plate: str
    date: str | None
    make: str | None
    model: str | None
    year: int | None
    color: str | None
    kind: str | None
    body: str | None
    fuel: str | None
    purpose: str | None
    operation: str | None
    capacity_cm3: int | None
    own_mass_kg: int | None
    total_mass_kg: int | None
    vin: str | None


class Known(BaseModel):
    plate: str = Field(description="As the register writes it.")
    registrations: list[Registration]


class ClaimedField(BaseModel):
    field: Literal["make", "model", "year", "color"]
    claimed: str | None
    registered: str | None
    verdict: Literal["match", "mismatch", "unknown"]
    reason: str


class Verdict(BaseModel):
    verdict: Literal["match", "mismatch", "unknown"]
    fields: list[ClaimedField] = Field(description="Empty where the register does not know the plate.")
    registration: Registration | None


class Compared(Verdict):
    plate: str
