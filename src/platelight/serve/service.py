"""The parts that all routes share, and how a request's pictures become outcomes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from fastapi import Request

from platelight import templates
from platelight.detect import Effort
from platelight.records import Photo
from platelight.register import Register
from platelight.serve.batching import Batcher
from platelight.serve.errors import RefusedError
from platelight.serve.metrics import Metrics
from platelight.serve.reading import Outcome, Task, Work
from platelight.serve.settings import Settings
from platelight.serve.shield import Held
from platelight.serve.uploads import File


@dataclass(slots=True, eq=False)
class Service:
    """One running service."""

    settings: Settings
    metrics: Metrics
    countries: frozenset[str]
    held: Held = field(default_factory=Held)
    batcher: Batcher | None = None
    register: Register | None = None

    @property
    def ready(self) -> bool:
        return self.batcher is not None and not self.batcher.closing

    @property
    def waiting(self) -> int:
        return self.batcher.waiting if self.batcher else 0

    async def do(self, request: Request, files: Sequence[File], work: Work) -> list[Outcome]:
        """What became of the files, in order; their number is checked here. Raises `RefusedError`."""
        limits = self.settings.limits
        if not files:
            raise RefusedError(400, "no_picture", "the request holds no picture")
        if len(files) > limits.files:
            raise RefusedError(413, "too_large", f"{len(files)} pictures in one request; the limit is {limits.files}")
        if self.batcher is None:
            raise RefusedError(503, "starting", "the service is still loading its models", 1)
        outcomes = await _while_connected(request, self.batcher.do([Task(file.data, file.name, work) for file in files], limits.deadline_s))
        self._note(request, outcomes)
        return outcomes

    def _note(self, request: Request, outcomes: list[Outcome]) -> None:
        plates = [plate for outcome in outcomes for plate in outcome.photo.plates]
        state: dict[str, Any] = request.scope.setdefault("state", {})
        state |= {"pictures": len(outcomes), "found": len(plates)}
        if self.settings.log_plates:
            state["plates"] = [plate.text for plate in plates]
        self.metrics.plates.inc(len(plates))
        for outcome in outcomes:
            self.metrics.pictures.labels("error" if outcome.photo.error else "read").inc()


async def _while_connected(request: Request, work: Coroutine[Any, Any, list[Outcome]]) -> list[Outcome]:
    """What `work` gives, unless the client goes away first: then nothing more is read for it."""
    doing, gone = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise RefusedError(499, "gone", "the client went away")
        return doing.result()
    finally:
        doing.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def of(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def known_countries() -> frozenset[str]:
    return frozenset(template.country for template in templates.load())


def trimmed(photo: Photo, top: int) -> Photo:
    """The photo with at most `top` candidates a plate."""
    plates = tuple(
        replace(plate, decoding=replace(plate.decoding, candidates=plate.decoding.candidates[:top], confidences=plate.decoding.confidences[:top]))
        for plate in photo.plates
    )
    return replace(photo, plates=plates)


def effort_of(text: str | None, usual: Effort) -> Effort:
    """Raises `RefusedError`."""
    if text is None:
        return usual
    if text not in ("fast", "normal", "thorough"):
        raise RefusedError(400, "bad_option", f"effort must be fast, normal or thorough, got {text[:40]!r}")
    return cast(Effort, text)


def truth_of(name: str, text: str | None) -> bool:
    """Raises `RefusedError`."""
    if text is None or text.lower() in ("false", "0", "no", "off"):
        return False
    if text.lower() in ("true", "1", "yes", "on"):
        return True
    raise RefusedError(400, "bad_option", f"{name} must be true or false, got {text[:40]!r}")
