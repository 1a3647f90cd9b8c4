from __future__ import annotations

import io
import math
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from stand_ins import PLATE, StandIn, ctc_frames, street

from platelight import Detection, ImageError, ModelError, Photo, Platelight, Quad, Reading
from platelight.geometry import Box
from platelight.records import ALPHABET, Candidate, Decoding, Image, PlateImage
from platelight.rectify import Rectifier

LOW = ((100.0, 100.0), (260.0, 100.0), (260.0, 140.0), (100.0, 140.0))


class Parts:
    """A pipeline of scripted parts: what is detected, how plate-like it is, what is read."""

    def __init__(self, *found: Detection, plateness: float = 0.9, text: str = "AB12CDE", lines: int = 1, wholeness: float = 1.0) -> None:
        self.found, self.plateness, self.text, self.lines, self.wholeness = found, plateness, text, lines, wholeness
        self.batches: list[int] = []

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [list(self.found) for _ in images]

    def read(self, plates: Sequence[PlateImage]) -> list[Reading]:
        self.batches.append(len(plates))
        rows = ctc_frames(self.text, sure=0.999)[0, 2 : 2 + 3 * len(self.text) : 3]
        return [Reading(rows, (0,) * len(rows), ALPHABET, np.zeros(0, np.float32), (), self.lines, self.plateness, wholeness=self.wholeness) for _ in plates]

    def decode(self, readings: Sequence[Reading]) -> list[Decoding]:
        return [Decoding(Candidate(r.text, "gb", None, -0.1), (Candidate(r.text, "gb", None, -0.1),), "AS_READ", 0.97, (0.97,)) for r in readings]

    def pipeline(self) -> Platelight:
        return Platelight.of(self.detect, Rectifier(160, 64), self.read, self.decode)

    def flags(self) -> tuple[str, ...]:
        [plate] = self.pipeline().read(street(800, 600)).plates
        return plate.flags


def at(corners: tuple[tuple[float, float], ...], score: float = 0.9) -> Detection:
    return Detection(Quad(corners), score)


@pytest.mark.usefixtures("stand_in")
def test_reads_a_plate_where_it_is() -> None:
    photo = Platelight().read(street(800, 600, PLATE))
    assert (photo.source, photo.index, photo.width, photo.height, photo.error) == ("array", 0, 800, 600, None)
    [plate] = photo.plates
    assert (plate.text, plate.country, plate.template) == ("AB12CDE", "gb", "gb-current")
    assert np.abs(plate.detection.quad.array() - np.array(PLATE)).max() < 3
    assert plate.flags == ()
    assert 0.5 < plate.confidence <= 1


@pytest.mark.usefixtures("stand_in")
def test_every_kind_of_source(tmp_path: Path) -> None:
    picture = street(800, 600, PLATE)
    path = tmp_path / "a.png"
    Pillow.fromarray(picture).save(path)
    reader = Platelight(effort="fast")
    with Pillow.open(path) as opened:
        photos = reader.read([str(path), path, path.read_bytes(), opened, picture])
    assert [photo.plates[0].text for photo in photos] == ["AB12CDE"] * 5
    assert [photo.index for photo in photos] == [0, 1, 2, 3, 4]
    assert [photo.source for photo in photos] == [str(path), str(path), "bytes", str(path), "array"]


@pytest.mark.usefixtures("stand_in")
def test_the_order_of_an_array_matters() -> None:
    parts: list[Image] = []
    reader = Platelight()
    reader.detector = lambda pictures, /: [parts.append(picture) or [] for picture in pictures]  # type: ignore[func-returns-value]
    picture = np.zeros((40, 40, 3), np.uint8)
    picture[..., 0] = 200
    reader.read(picture)
    reader.read(picture, order="BGR")
    assert [pixels[0, 0].tolist() for pixels in parts] == [[200, 0, 0], [0, 0, 200]]


@pytest.mark.usefixtures("stand_in")
def test_one_bad_picture_raises_and_in_a_list_it_is_reported(tmp_path: Path) -> None:
    reader = Platelight()
    with pytest.raises(ImageError, match=r"none\.jpg: no such file"):
        reader.read(tmp_path / "none.jpg")
    good = street(800, 600, PLATE)
    photos = reader.read([good, tmp_path / "none.jpg", b"", np.full((4, 4, 3), np.nan), good])
    assert [len(photo.plates) for photo in photos] == [1, 0, 0, 0, 1]
    assert [bool(photo.error) for photo in photos] == [False, True, True, True, False]
    assert photos[1].to_dict() == {
        "source": str(tmp_path / "none.jpg"), "width": 0, "height": 0, "error": f"{tmp_path / 'none.jpg'}: no such file", "plates": [],
    }  # fmt: skip
    assert reader.read([]) == []


@pytest.mark.usefixtures("stand_in")
def test_plates_of_a_batch_are_read_together_and_find_their_photo() -> None:
    reader = Platelight(effort="fast")
    session: StandIn = reader.reader.session  # type: ignore[attr-defined]
    lower = tuple((x, y + 200) for x, y in PLATE)
    photos = reader.read([street(800, 600, PLATE, lower), street(800, 600), street(640, 480, PLATE)])
    assert [shape[0] for shape in session.shapes] == [3]
    assert [len(photo.plates) for photo in photos] == [2, 0, 1]
    assert sorted(round(plate.detection.quad.box.y0 / 10) for plate in photos[0].plates) == [24, 44]


def test_read_many_is_a_stream() -> None:
    parts = Parts(at(LOW))
    taken: list[int] = []

    def sources() -> Iterator[Image]:
        for index in range(9):
            taken.append(index)
            yield street(300, 200)

    stream = parts.pipeline().read_many(sources(), batch=4)
    assert next(stream).index == 0
    assert taken == [0, 1, 2, 3]
    assert [photo.index for photo in stream] == list(range(1, 9))
    assert parts.batches == [4, 4, 1]


def test_large_photos_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platelight.pipeline.BATCH_PIXELS", 100_000)
    parts = Parts(at(LOW))
    list(parts.pipeline().read_many([street(300, 200)] * 5))
    assert parts.batches == [2, 2, 1]


@pytest.mark.usefixtures("stand_in")
def test_crops_are_read_whole() -> None:
    reader = Platelight()
    photo = reader.read_crops(np.full((40, 160, 3), 220, np.uint8))
    [plate] = photo.plates
    assert (plate.text, plate.detection.quad.box, plate.detection.score, plate.flags) == ("AB12CDE", Box(0, 0, 160, 40), 1.0, ())
    assert [p.plates[0].text for p in reader.read_crops([np.full((40, 160, 3), 220, np.uint8)] * 2)] == ["AB12CDE"] * 2


def test_flags() -> None:
    assert Parts(at(LOW)).flags() == ()
    assert Parts(at(((0.4, 100), (160, 100), (160, 140), (0.4, 140)))).flags() == ("cut_off",)
    assert Parts(at(((700, 100), (799.5, 100), (799.5, 140), (700, 140)))).flags() == ("cut_off",)
    assert Parts(at(((100, 100), (140, 100), (140, 107), (100, 107)))).flags() == ("too_small",)
    assert Parts(at(((100, 100), (140, 100), (140, 116), (100, 116))), lines=2, text="AB12").flags() == ("too_small",)
    assert Parts(at(LOW, 0.99), plateness=0.2).flags() == ("unreadable",)
    assert Parts(at(LOW, 0.99), text="").flags() == ("unreadable",)
    assert Parts(at(LOW), wholeness=0.02).flags() == ("incomplete",)


def test_what_lacks_characters_is_judged_by_where_it_lies() -> None:
    """At the picture's edge a plate is easily thought to go on; elsewhere hardly."""
    edge = at(((0.4, 100), (160, 100), (160, 140), (0.4, 140)))
    for wholeness, inside, outside in ((0.94, (), ("cut_off", "incomplete")), (0.999, (), ("cut_off",)), (0.001, ("incomplete",), ("cut_off", "incomplete"))):
        assert Parts(at(LOW), wholeness=wholeness).flags() == inside
        assert Parts(edge, wholeness=wholeness).flags() == outside
    [plate] = Parts(at(LOW), wholeness=0.5).pipeline().read(street(800, 600)).plates
    assert 0.9 < plate.reading.wholeness < 1


@pytest.mark.parametrize(
    ("roll", "slant", "tilted"), [(0, 0, False), (20, 0, False), (30, 0, True), (-30, 0, True), (180, 0, True), (0, 20, False), (0, 35, True)]
)
def test_tilted(roll: float, slant: float, tilted: bool) -> None:
    turn, lean = math.radians(roll), math.tan(math.radians(slant))
    corners = np.array([[-80 + 20 * lean, -20], [80 + 20 * lean, -20], [80 - 20 * lean, 20], [-80 - 20 * lean, 20]])
    turned = corners @ np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]]) + (400, 300)
    assert ("tilted" in Parts(Detection(Quad.from_array(turned), 0.9)).flags()) is tilted


def test_an_unreadable_plate_keeps_its_evidence_but_has_no_text() -> None:
    [plate] = Parts(at(LOW, 0.99), plateness=0.2).pipeline().read(street(800, 600)).plates
    assert plate.text is None
    assert plate.confidence == 0
    assert plate.to_dict()["raw_text"] == "AB12CDE"
    assert plate.to_dict()["candidates"][0]["text"] == "AB12CDE"


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


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("options", "message"), [
    ({"effort": "max"}, "effort must be one of"), ({"countries": ["gb", "zz"]}, "'zz'"),
    ({"countries": "gb"}, "must be a list of codes"), ({"top": 0}, "top must"),
])  # fmt: skip
def test_wrong_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Platelight(**options)  # type: ignore[arg-type]


@pytest.mark.usefixtures("stand_in")
def test_countries_and_top() -> None:
    [plate] = Platelight(countries=[" GB "], top=2).read(street(800, 600, PLATE)).plates
    assert len(plate.decoding.candidates) <= 2
    assert plate.country == "gb"


@pytest.mark.usefixtures("stand_in")
def test_calibration_of_the_spec(make_models: Callable[..., Path]) -> None:
    reader = Platelight(models=make_models(calibration={"raw": [0.0, 1.0], "right": [0.25, 0.25]}))
    assert reader.read(street(800, 600, PLATE)).plates[0].confidence == pytest.approx(0.25)
    with pytest.raises(ModelError, match=r"spec\.json: calibration must hold"):
        Platelight(models=make_models(calibration={"raw": [0.0]}))


@pytest.mark.usefixtures("stand_in")
def test_no_plates_in_nothing() -> None:
    photo = Platelight().read(np.zeros((1, 1, 3), np.uint8))
    assert isinstance(photo, Photo)
    assert photo.plates == ()


def test_annotated_pictures() -> None:
    from platelight.draw import READ, annotate

    picture = street(800, 600)
    corner = ((2.0, 2.0), (60.0, 2.0), (60.0, 20.0), (2.0, 20.0))
    photo = Parts(at(LOW), at(corner), at(((760, 580), (900, 580), (900, 640), (760, 640)))).pipeline().read(picture)
    drawn = annotate(picture, photo.plates)
    assert drawn.shape == picture.shape
    assert (picture == 70).all(), "the photo itself is left alone"
    assert drawn[100, 180].tolist() == list(READ)
    assert (drawn[70:95, 100:200] == READ).all(axis=2).sum() > 200, "a label above the plate"
    assert annotate(street(3, 2), photo.plates).shape == (2, 3, 3)


def test_file_bytes_of_any_format() -> None:
    file = io.BytesIO()
    Pillow.fromarray(street(300, 200)).save(file, "WEBP")
    assert len(Parts(at(LOW)).pipeline().read(file.getvalue()).plates) == 1


def test_photos_go_out_without_holding_the_memory_of_their_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets a photo of 80 million pixels may load it again, and twice the pixels must not be alive then."""
    loaded: list[weakref.ref[Image]] = []

    def load(*_: object) -> Image:
        pixels = street(64, 48)
        loaded.append(weakref.ref(pixels))
        return pixels

    monkeypatch.setattr("platelight.images.load", load)
    for _ in Parts().pipeline().read_many(["a.jpg", "b.jpg"]):
        assert [pixels() for pixels in loaded] == [None, None]


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


@pytest.mark.usefixtures("stand_in")
def test_fewer_candidates_are_returned_than_weighed() -> None:
    [plate] = Platelight(top=1).read(street(800, 600, PLATE)).plates
    assert len(plate.decoding.candidates) == len(plate.decoding.confidences) == 1


def test_the_refiner_moves_the_corners() -> None:
    parts = Parts(at(LOW))
    moved = Quad(LOW).moved(3.0, -2.0)

    def refine(_: Sequence[Image], quads: Sequence[Sequence[Quad]]) -> list[list[Quad]]:
        return [[moved for _ in found] for found in quads]

    pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, parts.decode, refiner=refine)
    [plate] = pipeline.read(street(800, 600)).plates
    assert plate.detection.quad == moved


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
        narrow = frozenset({"gb-current"})

        def decode(readings: Sequence[Reading]) -> list[Decoding]:
            best = [replace(decoding.best, template="gb-current" if typed else None) for decoding in parts.decode(readings) if decoding.best]
            return [Decoding(candidate, (candidate,), "AS_READ", 0.97, (0.97,)) for candidate in best]

        pipeline = Platelight.of(parts.detect, Rectifier(160, 64), parts.read, decode, narrow=narrow)
        return [plate.text for plate in pipeline.read(street(800, 600)).plates]

    assert texts(0.6, typed=True) == ["AB12CDE"]
    assert texts(0.6, typed=False) == []
    assert texts(0.97, typed=False) == ["AB12CDE"]
