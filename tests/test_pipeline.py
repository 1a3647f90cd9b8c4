from __future__ import annotations

import io
import math
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from parts import LOW, Parts, at
from PIL import Image as Pillow
from stand_ins import PLATE, StandIn, street

from platelight import Detection, ImageError, ModelError, Photo, Platelight, Quad
from platelight.geometry import Box
from platelight.records import Image


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


@pytest.mark.usefixtures("stand_in")
def test_fewer_candidates_are_returned_than_weighed() -> None:
    [plate] = Platelight(top=1).read(street(800, 600, PLATE)).plates
    assert len(plate.decoding.candidates) == len(plate.decoding.confidences) == 1
