"""Photos in, plates out: finds, straightens, reads and decodes, with all plates of several photos in one batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, overload

from platelight import decode, detect, images, read, rectify, refine, templates, verify, vote
from platelight.bundle import ModelError, ModelSpec, has_model
from platelight.detect import Effort
from platelight.geometry import Box, Quad
from platelight.images import Order, Source
from platelight.loading import Loaded, load_many
from platelight.records import Decoding, Detection, Image, Photo, Plate, PlateImage, Reading
from platelight.session import Runtime, Session
from platelight.templates import Template

BATCH = 8
BATCH_PIXELS = 12_000_000
"""Photos wait for each other until they are this many or hold this many pixels together."""

READABLE = 0.5
"""Plate-ness below which a plate counts as unreadable, where the reader's spec.json names no threshold."""

POOLED = 5
"""At least so many candidates of each look at a plate are weighed, however few are asked for."""

SURE = 0.95
"""A text of less confidence is read again, from cuts that differ a little, as often as LOOKS says for the effort."""

TURNED_BELIEF, TURNED_SURE, TURNED_CLEARLY = 0.7, 0.7, 5.0
"""By so much more must speak for a plate seen upside down, and so sure must its text be; or by so much more, whatever its text."""

SELDOM_UPRIGHT = 0.5
"""A find of less plate-ness is read upside down too."""

CLOSE_UP = 2.5
"""So much more must speak for what is found only when a photo is looked at as a close-up: plates are then sure, signs are not."""

LOOKS: dict[Effort, int] = {"fast": 0, "normal": 4, "thorough": 8}


class Detector(Protocol):
    """Pictures to detections, best first, in each picture's pixels."""

    def __call__(self, images: Sequence[Image], /) -> list[list[Detection]]: ...


class Refiner(Protocol):
    """Pictures and what was found in each to the same finds with better quads."""

    def __call__(self, images: Sequence[Image], found: Sequence[Sequence[Detection]], /) -> list[list[Detection]]: ...


class Rectifier(Protocol):
    """Pictures and the quads of each to plate images, one flat list in order."""

    def __call__(self, images: Sequence[Image], quads: Sequence[Sequence[Quad]], /) -> list[PlateImage]: ...


class Reader(Protocol):
    """Plate images to readings."""

    def __call__(self, plates: Sequence[PlateImage], /) -> list[Reading]: ...


class Decoder(Protocol):
    """Readings to decisions."""

    def __call__(self, readings: Sequence[Reading], /) -> list[Decoding]: ...


class Platelight:
    """Reads the number plates of photos.

    `effort` fast, normal or thorough; `countries` (lower-case codes) the plates may come from, None for all; `top` how many
    candidate texts a plate keeps; `threads` CPU threads to use (those of OpenCV are set for the whole process); `models` a folder
    of models instead of the package's own. Raises `ValueError` for a wrong option, `ModelError` and `SessionError` where a model
    or a runtime cannot be used.
    """

    def __init__(
        self, effort: Effort = "normal", countries: Sequence[str] | None = None, top: int = 5,
        runtime: Runtime = "onnxruntime", threads: int = 1, models: str | Path | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(top, int) or top < 1:
            raise ValueError(f"top must be a whole number from 1, got {top!r}")
        finder, reader = ModelSpec.of("detector", models), ModelSpec.of("reader", models)
        self.specs: tuple[ModelSpec, ...] = (finder, reader)
        self.threads = threads
        images.use_threads(threads)
        self.detector: Detector = detect.Detector(Session(finder.network(), threads, runtime), finder, effort)
        self.refiner: Refiner | None = None
        if has_model("refiner", models):
            corners = ModelSpec.of("refiner", models)
            self.specs = (finder, corners, reader)
            surroundings = rectify.Rectifier(corners.input["width"], corners.input["height"], corners.margin)
            self.refiner = refine.Refiner(Session(corners.network(), threads, runtime), surroundings)
        self.rectifier: Rectifier = rectify.Rectifier(reader.input["width"], reader.input["height"], reader.margin)
        self.reader: Reader = read.Reader(Session(reader.network(), threads, runtime), reader)
        self.decoder: Decoder = decode.Decoder(templates.load(), _codes(countries), max(top, POOLED), _calibration(reader))
        self.top: int | None = top
        self.types: Mapping[str, Template] | None = {template.id: template for template in templates.load()}
        self.readable, self.belief, self.looks = reader.threshold, verify.BELIEF, LOOKS[effort]

    @classmethod
    def of(
        cls, detector: Detector, rectifier: Rectifier, reader: Reader, decoder: Decoder,
        readable: float = READABLE, belief: float = verify.BELIEF, refiner: Refiner | None = None, looks: int = 0,
        types: Mapping[str, Template] | None = None,
    ) -> Platelight:  # fmt: skip
        """The same pipeline out of other parts; from a `verify.belief_in` of `belief` on a find is a plate, `looks`: see SURE.

        Where plate types are given by their id, texts that fit none of them which says something need more belief.
        """
        self = cls.__new__(cls)
        self.specs, self.belief, self.refiner, self.looks, self.top = (), belief, refiner, looks, None
        self.detector, self.rectifier, self.reader, self.decoder, self.readable = detector, rectifier, reader, decoder, readable
        self.threads, self.types = 1, types
        return self

    @overload
    def read(self, source: list[Source] | tuple[Source, ...], order: Order = "RGB") -> list[Photo]: ...
    @overload
    def read(self, source: Source, order: Order = "RGB") -> Photo: ...
    def read(self, source: Source | list[Source] | tuple[Source, ...], order: Order = "RGB") -> Photo | list[Photo]:
        """Find and read the plates of one picture (a path, bytes, a PIL image, an RGB array) or of a list of them.

        A single picture that cannot be used raises `ImageError`; in a list it becomes a `Photo` with `error`.
        """
        return self._read(source, order, crops=False)

    @overload
    def read_crops(self, source: list[Source] | tuple[Source, ...], order: Order = "RGB") -> list[Photo]: ...
    @overload
    def read_crops(self, source: Source, order: Order = "RGB") -> Photo: ...
    def read_crops(self, source: Source | list[Source] | tuple[Source, ...], order: Order = "RGB") -> Photo | list[Photo]:
        """Like `read`, for pictures that are plates already: the whole picture is the plate."""
        return self._read(source, order, crops=True)

    def read_many(self, sources: Iterable[Source], order: Order = "RGB", crops: bool = False, batch: int = BATCH) -> Iterator[Photo]:
        """Read a stream of pictures, in order; one that cannot be used becomes a `Photo` with `error`."""
        waiting: list[Loaded] = []
        for loaded in load_many(sources, order, self.threads - 1, batch, BATCH_PIXELS):
            waiting.append(loaded)
            del loaded  # else the last one's pixels stay while the photos go out
            if len(waiting) >= batch or sum(photo.width * photo.height for photo, _ in waiting) >= BATCH_PIXELS:
                photos = self._finished(waiting, crops)
                waiting.clear()  # before the photos go out: whoever gets them may need the memory
                yield from photos
        photos = self._finished(waiting, crops)
        waiting.clear()
        yield from photos

    def _read(self, source: Source | list[Source] | tuple[Source, ...], order: Order, crops: bool) -> Photo | list[Photo]:
        if isinstance(source, (list, tuple)):
            return list(self.read_many(source, order, crops))
        pixels = images.load(source, order)
        photo = Photo(images.name_of(source), 0, pixels.shape[1], pixels.shape[0])
        return self._finished([(photo, pixels)], crops)[0]

    def _finished(self, loaded: Sequence[Loaded], crops: bool) -> list[Photo]:
        """The photos with their plates."""
        pictures = [pixels for _, pixels in loaded if pixels is not None]
        plates = iter(self._plates(pictures, crops))
        return [photo if pixels is None else replace(photo, plates=next(plates)) for photo, pixels in loaded]

    def _plates(self, pictures: Sequence[Image], crops: bool) -> list[tuple[Plate, ...]]:
        found = [[_whole(picture)] for picture in pictures] if crops else self.find_plates(pictures)
        plates = self.read_plates(pictures, found, crops)
        return plates if crops else self._close_up(pictures, found, plates)

    def _close_up(self, pictures: Sequence[Image], found: Sequence[Sequence[Detection]], plates: list[tuple[Plate, ...]]) -> list[tuple[Plate, ...]]:
        """The same plates; where nothing of what was found is one, those that fill the picture. Fast leaves this out, thorough has seen them."""
        bare = [index for index, kept in enumerate(plates) if found[index] and not kept]
        if bare and isinstance(self.detector, detect.Detector) and self.detector.effort == "normal":
            closer = [pictures[index] for index in bare]
            again = self.read_plates(closer, self._refined(closer, self.detector.close_ups(closer)))
            for index, seen in zip(bare, again, strict=True):
                plates[index] = tuple(plate for plate in seen if verify.belief_in(plate.detection, plate.reading) >= self.belief + CLOSE_UP)
        return plates

    def read_plates(self, pictures: Sequence[Image], found: Sequence[Sequence[Detection]], crops: bool = False) -> list[tuple[Plate, ...]]:
        """The plates of pictures in which `found` were found; a find that is no plate is dropped, unless the pictures are `crops`."""
        readings = iter(self.reader(self.rectifier(pictures, [[detection.quad for detection in detections] for detections in found])))
        pairs_of = [[(detection, next(readings)) for detection in detections] for detections in found]
        pairs_of = self._righted(pictures, pairs_of)
        kept = [[pair for pair in pairs if crops or verify.belief_in(*pair) >= self.belief] for pairs in pairs_of]
        kept = [
            [(detection, verify.placed(reading, not crops and verify.at_edge(detection.quad, picture))) for detection, reading in pairs]
            for picture, pairs in zip(pictures, kept, strict=True)
        ]
        firsts = self.decoder([reading for pairs in kept for _, reading in pairs])
        if not crops:
            kept, firsts = self._familiar(kept, firsts)
        decodings = iter(self._looked_again(pictures, kept, firsts, crops))
        return [
            tuple(self._plate(detection, reading, next(decodings), picture, crops) for detection, reading in pairs)
            for picture, pairs in zip(pictures, kept, strict=True)
        ]

    def _familiar(
        self, pairs_of: Sequence[Sequence[tuple[Detection, Reading]]], decodings: Sequence[Decoding]
    ) -> tuple[list[list[tuple[Detection, Reading]]], list[Decoding]]:  # fmt: skip
        """The same finds and decisions, without those whose text fits no plate type, unless so much more speaks for them."""
        texts, kept, left = iter(decodings), [], []
        for pairs in pairs_of:
            judged = [(pair, next(texts)) for pair in pairs]
            judged = [(pair, text) for pair, text in judged if verify.belief_in(*pair) >= self.belief + self.lacking(text)]
            kept.append([pair for pair, _ in judged])
            left += [text for _, text in judged]
        return kept, left

    def lacking(self, text: Decoding) -> float:
        """How much more belief a find needs for what it says: `verify.STRANGE` where that fits no plate type that says something, else 0."""
        if self.types is None:
            return 0.0
        fitting = self.types.get(text.best.template or "") if text.best else None
        return 0.0 if fitting is not None and fitting.narrow else verify.STRANGE

    def find_plates(self, pictures: Sequence[Image]) -> list[list[Detection]]:
        """What the detector finds, with the corners that the refiner sees."""
        return self._refined(pictures, self.detector(pictures))

    def _refined(self, pictures: Sequence[Image], found: list[list[Detection]]) -> list[list[Detection]]:
        return found if self.refiner is None else self.refiner(pictures, found)

    def _righted(self, pictures: Sequence[Image], pairs_of: Sequence[Sequence[tuple[Detection, Reading]]]) -> list[list[tuple[Detection, Reading]]]:
        """The same finds; what is hardly read is read upside down too, and turned where much more speaks for that."""
        pairs = [[*found] for found in pairs_of]
        doubtful = [(photo, place) for photo, found in enumerate(pairs) for place, (_, seen) in enumerate(found) if _may_be_turned(seen)]
        if not self.looks or not doubtful:
            return pairs
        turned = [replace(pairs[photo][place][0], quad=pairs[photo][place][0].quad.turned(2)) for photo, place in doubtful]
        readings = self.reader(self.rectifier([pictures[photo] for photo, _ in doubtful], [[detection.quad] for detection in turned]))
        for (photo, place), detection, reading in zip(doubtful, turned, readings, strict=True):
            more = verify.belief_in(detection, reading) - verify.belief_in(*pairs[photo][place])
            if more > TURNED_CLEARLY or (more > TURNED_BELIEF and verify.text_log_prob(reading) > math.log(TURNED_SURE)):
                pairs[photo][place] = detection, reading
        return pairs

    def decode_plates(
        self, pictures: Sequence[Image], pairs_of: Sequence[Sequence[tuple[Detection, Reading]]], crops: bool = False
    ) -> list[Decoding]:  # fmt: skip
        """What every plate says; where that is in doubt, it is cut a little differently and read again, and all looks count.

        The cuts of `crops`, whose corners nobody has looked for, follow the corners that the refiner sees.
        """
        return self._looked_again(pictures, pairs_of, self.decoder([reading for pairs in pairs_of for _, reading in pairs]), crops)

    def _looked_again(
        self, pictures: Sequence[Image], pairs_of: Sequence[Sequence[tuple[Detection, Reading]]], decodings: list[Decoding], crops: bool
    ) -> list[Decoding]:  # fmt: skip
        places = [(picture, detection) for picture, pairs in zip(pictures, pairs_of, strict=True) for detection, _ in pairs]
        doubtful = [index for index, decoding in enumerate(decodings) if decoding.best and decoding.confidence < SURE]
        if not self.looks or not doubtful:
            return decodings
        images_of, found = [places[index][0] for index in doubtful], [[places[index][1]] for index in doubtful]
        straight = self.refiner(images_of, found) if crops and self.refiner else [[] for _ in doubtful]
        cuts = [[*(one.quad for one in better), *rectify.looks((better or seen)[0].quad)[: self.looks]] for better, seen in zip(straight, found, strict=True)]
        whole = [reading.wholeness for pairs in pairs_of for _, reading in pairs]
        again = [whole[index] for index, quads in zip(doubtful, cuts, strict=True) for _ in quads]  # judged by the first cut alone
        readings = self.reader(self.rectifier(images_of, cuts))
        more = iter(self.decoder([replace(reading, wholeness=chance) for reading, chance in zip(readings, again, strict=True)]))
        for index, quads in zip(doubtful, cuts, strict=True):
            decodings[index] = vote.pooled([decodings[index], *(next(more) for _ in quads)])
        return decodings

    def _plate(self, detection: Detection, reading: Reading, decoding: Decoding, picture: Image, crops: bool) -> Plate:
        flags = verify.flags(detection.quad, reading, picture, crops)
        readable = reading.plateness >= self.readable
        text = decoding.best is not None and decoding.best.text != ""
        if not (text and readable):
            flags = (*flags, "unreadable")
        if decoding.best is not None and not (text and (readable or crops)):
            decoding = replace(decoding, best=None, confidence=0.0)
        decoding = replace(decoding, candidates=decoding.candidates[: self.top], confidences=decoding.confidences[: self.top])
        return Plate(detection, reading, decoding, flags)


def _may_be_turned(reading: Reading) -> bool:
    return verify.text_log_prob(reading) < math.log(SURE) or reading.plateness < SELDOM_UPRIGHT


def _codes(countries: Sequence[str] | None) -> tuple[str, ...] | None:
    if countries is None:
        return None
    if not isinstance(countries, Sequence) or isinstance(countries, str) or not all(isinstance(code, str) for code in countries):
        raise ValueError(f"countries must be a list of codes such as ['ua', 'pl'], got {countries!r}")
    return tuple(dict.fromkeys(code.strip().lower() for code in countries))


def _calibration(spec: ModelSpec) -> decode.Calibration | None:
    if spec.calibration is None:
        return None
    try:
        return decode.Calibration(tuple(spec.calibration["raw"]), tuple(spec.calibration["right"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{spec.folder / 'spec.json'}: calibration must hold two rising lists, raw and right ({error})") from None


def _whole(picture: Image) -> Detection:
    height, width = picture.shape[:2]
    return Detection(Box(0.0, 0.0, float(width), float(height)).quad(), 1.0)
