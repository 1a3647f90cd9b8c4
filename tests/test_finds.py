"""Which finds are plates, and which are looked at again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from parts import LOW, Parts, at
from stand_ins import PLATE, ctc_frames, street

from platelight import Platelight, Quad, Reading, templates
from platelight.records import Decoding, Detection, Image, PlateImage
from platelight.rectify import Rectifier


def test_what_the_networks_together_do_not_believe_in_is_dropped() -> None:
    def found(score: float, plateness: float, text: str = "AB12CDE") -> int:
        return len(Parts(at(LOW, score), plateness=plateness, text=text).pipeline().read(street(800, 600)).plates)

    assert [found(0.3, 0.6), found(0.5, 0.1), found(0.0, 1.0)] == [0, 0, 0]
    assert [found(0.6, 0.9), found(0.99, 0.01), found(1.0, 0.0)] == [1, 1, 1]
    assert [found(0.7, 0.7, text=""), found(0.98, 0.9, text="")] == [0, 1]


def test_a_crop_is_never_dropped() -> None:
    photo = Parts(plateness=0.0).pipeline().read_crops(street(300, 100))
    assert [(plate.text, plate.flags) for plate in photo.plates] == [("AB12CDE", ("unreadable",))]


def test_dropping_one_plate_leaves_the_others_their_readings() -> None:
    parts = Parts(at(LOW, 0.9), at(PLATE, 0.5))
    reader = parts.pipeline()
    plain = reader.reader
    reader.reader = lambda plates, /: [replace(reading, plateness=level) for reading, level in zip(plain(plates), (0.9, 0.01) * 2, strict=True)]
    photos = reader.read([street(800, 600), street(800, 600)])
    assert [[plate.detection.score for plate in photo.plates] for photo in photos] == [[0.9], [0.9]]


def test_a_doubtful_plate_is_read_again_from_other_cuts() -> None:
    parts = Parts(at(LOW))
    answers = iter([0.5, 0.9])

    def decode(readings: Sequence[Reading]) -> list[Decoding]:
        chance = next(answers)
        return [replace(decoding, confidence=chance, confidences=(chance,)) for decoding in parts.decode(readings)]

    pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, decode, looks=4)
    [plate] = pipeline.read(street(800, 600)).plates
    assert parts.batches == [1, 4]
    assert plate.confidence == pytest.approx((0.5 + 4 * 0.9) / 5)


def test_a_sure_plate_is_read_once() -> None:
    parts = Parts(at(LOW))
    Platelight.of(parts.detect, Rectifier(160, 64), parts.read, parts.decode, looks=4).read(street(800, 600))
    assert parts.batches == [1]


def test_the_refiner_moves_the_corners() -> None:
    parts = Parts(at(LOW))
    moved = Quad(LOW).moved(3.0, -2.0)

    def refine(_: Sequence[Image], found: Sequence[Sequence[Detection]]) -> list[list[Detection]]:
        return [[replace(detection, quad=moved) for detection in detections] for detections in found]

    pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, parts.decode, refiner=refine)
    [plate] = pipeline.read(street(800, 600)).plates
    assert plate.detection.quad == moved


@pytest.mark.parametrize(("context", "kept"), [(0.001, 0), (0.999, 1), (None, 1)])
def test_what_surrounds_a_find_has_a_say(context: float | None, kept: int) -> None:
    parts = Parts(at(LOW, 0.6), plateness=0.9)

    def refine(_: Sequence[Image], found: Sequence[Sequence[Detection]]) -> list[list[Detection]]:
        return [[replace(detection, context=context) for detection in detections] for detections in found]

    pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, parts.decode, refiner=refine)
    assert len(pipeline.read(street(800, 600)).plates) == kept


def test_a_plate_upside_down_is_turned() -> None:
    parts = Parts(at(LOW))

    def read(plates: Sequence[PlateImage]) -> list[Reading]:
        """Sure of what is seen the other way round only."""
        readings = parts.read(plates)
        doubtful = ctc_frames("XY98", sure=0.6)[0, 2:14:3]
        upright = [plate.quad.corners[0] == LOW[0] for plate in plates]
        return [replace(reading, log_probs=doubtful, line_of_slot=(0,) * 4) if up else reading for reading, up in zip(readings, upright, strict=True)]

    pipeline = Platelight.of(parts.detect, Rectifier(160, 64), read, parts.decode, looks=4)
    [plate] = pipeline.read(street(800, 600)).plates
    assert (plate.text, plate.detection.quad) == ("AB12CDE", Quad(LOW).turned(2))
    [plate] = Platelight.of(parts.detect, Rectifier(160, 64), read, parts.decode).read(street(800, 600)).plates
    assert plate.detection.quad == Quad(LOW)


def test_a_text_that_fits_no_plate_type_needs_more_that_speaks_for_it() -> None:
    def texts(score: float, typed: bool) -> list[str | None]:
        parts = Parts(at(LOW, score), plateness=0.6)
        types = {template.id: template for template in templates.load() if template.id == "gb-current"}

        def decode(readings: Sequence[Reading]) -> list[Decoding]:
            best = [replace(decoding.best, template="gb-current" if typed else None) for decoding in parts.decode(readings) if decoding.best]
            return [Decoding(candidate, (candidate,), "AS_READ", 0.97, (0.97,)) for candidate in best]

        pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, decode, types=types)
        return [plate.text for plate in pipeline.read(street(800, 600)).plates]

    assert texts(0.6, typed=True) == ["AB12CDE"]
    assert texts(0.6, typed=False) == []
    assert texts(0.97, typed=False) == ["AB12CDE"]
