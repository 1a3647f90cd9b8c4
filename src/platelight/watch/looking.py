"""A frame in, its plates out: only where the zones are, and reading only what the tracker still wants read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from platelight import pipeline, templates
from platelight.decode import Decoder
from platelight.detect import SMALL_PLATE_PX, Detector, Effort
from platelight.pipeline import Platelight
from platelight.records import Detection, Frame, Plate
from platelight.session import Runtime
from platelight.watch.turns import Turns
from platelight.watch.zones import Window, Zones

CAREFUL_EVERY = 3
"""With effort normal, every so manieth frame that is looked at gets a second, larger look where the first finds nothing sure."""


class Wanting(Protocol):
    """Says which of the finds of a frame it wants read; the others it knows well enough."""

    def wants(self, frame: Frame, found: Sequence[Detection], /) -> list[bool]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found on a frame: the plates that were read, and finds that nobody wanted read."""

    plates: tuple[Plate, ...] = ()
    unread: tuple[Detection, ...] = ()


@dataclass(slots=True, eq=False)
class Models:
    """The networks, loaded once and shared by all cameras, and whose turn it is to use them.

    `threads` frames are looked at at the same time, each on one thread: cameras do not wait for each other longer than needed.
    """

    base: Platelight
    threads: int = 1
    turns: Turns = field(init=False)
    _variants: dict[tuple[Effort, tuple[str, ...] | None], Platelight] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.turns = Turns(self.threads)

    @classmethod
    def load(cls, threads: int = 1, runtime: Runtime = "onnxruntime", models: str | Path | None = None) -> Models:
        """The models of the package or of a folder. Raises what `Platelight` raises."""
        return cls(Platelight("fast", None, runtime=runtime, threads=1, models=models), threads)

    def reader(self, effort: Effort, countries: tuple[str, ...] | None) -> Platelight:
        """The same networks, searching with this effort and reading plates of these countries. Raises ValueError for an unknown country."""
        with self._lock:
            if (effort, countries) not in self._variants:
                self._variants[effort, countries] = self._variant(effort, countries)
            return self._variants[effort, countries]

    def _variant(self, effort: Effort, countries: tuple[str, ...] | None) -> Platelight:
        base = self.base
        detector, decoder = base.detector, base.decoder
        if isinstance(detector, Detector):
            detector = Detector(detector.session, detector.spec, effort)
        if isinstance(decoder, Decoder) and countries is not None:
            decoder = Decoder(templates.load(), countries, decoder.top, decoder.calibration, decoder.weights)
        variant = Platelight.of(detector, base.rectifier, base.reader, decoder, base.readable, base.belief, base.refiner, types=base.types)
        variant.top = base.top
        return variant


class Looker:
    """Looks at the frames of one camera.

    Effort fast takes one look at each frame; normal a second, larger one now and then and while small plates are about; thorough
    at every frame where the first finds nothing sure. Tiles, as of large photos, are not searched: a moving plate comes nearer.
    """

    def __init__(
        self, models: Models, zones: Zones | None = None, min_width: float = 0.0, effort: Effort = "normal", countries: tuple[str, ...] | None = None
    ) -> None:  # fmt: skip
        self.models, self.zones, self.min_width, self.effort = models, zones or Zones(), min_width, effort
        self._quick, self._careful = models.reader("fast", countries), models.reader("normal", countries)
        self._looks, self._small = 0, False

    @property
    def decoder(self) -> pipeline.Decoder:
        """What decides about readings of this camera."""
        return self._quick.decoder

    def __call__(self, frame: Frame, wanting: Wanting | None = None) -> Seen:
        """The plates of a frame in its pixels; waits until it is this camera's turn."""
        with self.models.turns:
            found = self._found(frame)
            if not found:
                return Seen()
            wanted = [True] * len(found) if wanting is None else wanting.wants(frame, found)
            to_read = [detection for detection, want in zip(found, wanted, strict=True) if want]
            plates = self._quick.read_plates([frame.pixels], [to_read])[0] if to_read else ()
            return Seen(plates, tuple(detection for detection, want in zip(found, wanted, strict=True) if not want))

    def _found(self, frame: Frame) -> list[Detection]:
        height, width = frame.pixels.shape[:2]
        window = self.zones.window(width, height)
        part = frame.pixels[window.y0 : window.y1, window.x0 : window.x1]
        searcher = self._careful if self._is_careful() else self._quick
        found = [self._moved(detection, window) for detection in searcher.find_plates([part])[0]]
        self._small = any(detection.quad.width_px < self._small_px(part.shape) for detection in found)
        return [detection for detection in found if self._counts(detection, width, height)]

    def _is_careful(self) -> bool:
        self._looks += 1
        if self.effort == "normal":
            return self._small or self._looks % CAREFUL_EVERY == 1
        return self.effort == "thorough"

    def _small_px(self, shape: tuple[int, ...]) -> float:
        """Plates narrower than this in a part of that shape are hard to see at one look."""
        detector = self._quick.detector
        return SMALL_PLATE_PX * max(shape) / detector.long_side if isinstance(detector, Detector) else 0.0

    def _moved(self, detection: Detection, window: Window) -> Detection:
        return replace(detection, quad=detection.quad.moved(window.x0, window.y0)) if window.x0 or window.y0 else detection

    def _counts(self, detection: Detection, width: int, height: int) -> bool:
        xs, ys = zip(*detection.quad.corners, strict=True)
        return detection.quad.width_px >= self.min_width and self.zones.holds(sum(xs) / 4 / width, sum(ys) / 4 / height)
