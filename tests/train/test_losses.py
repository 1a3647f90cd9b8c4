from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from platelight.records import ALPHABET
from platelight.train.losses import detector_loss, reader_loss
from platelight.train.plates import UNKNOWN, PlateBatch, PlateTarget, encode
from platelight.train.views import Scene, SceneBatch, collate

pytestmark = pytest.mark.train

CLASSES, FRAMES, COUNTRIES = len(ALPHABET) + 1, 40, 4
PLATE = np.array([[60.0, 60.0], [140.0, 64.0], [139.0, 84.0], [59.0, 80.0]])


def frames_of(*lines: str) -> Tensor:
    """Log-probabilities (3, T, C) that spell the lines, a blank after every character."""
    logits = torch.zeros(3, FRAMES, CLASSES)
    logits[:, :, 0] = 14.0
    for row, line in enumerate(lines):
        for place, index in enumerate(encode(line)):
            logits[row, 2 * place + 1, 0], logits[row, 2 * place + 1, index] = 0.0, 14.0
    return logits.log_softmax(2)


def certain(index: int, count: int) -> Tensor:
    logits = torch.zeros(count)
    logits[index] = 14.0
    return logits.log_softmax(0)


def read(target: PlateTarget, *lines: str, country: int = 1, count: int = 1, plate: float = 12.0, whole: float = 12.0) -> dict[str, float]:
    batch = PlateBatch(torch.zeros(1, 64, 160, 3, dtype=torch.uint8), [target])
    outputs = (frames_of(*lines)[None], certain(country, COUNTRIES)[None], certain(count - 1, 3)[None], torch.tensor([plate]), torch.tensor([whole]))
    return {name: float(value) for name, value in reader_loss(outputs, batch).items()}


ONE = PlateTarget("AB12CD", ("AB12CD",), 1, 0, True)
TWO = PlateTarget("AB12CD", ("AB12", "CD"), 1, 1, True)
UNSPLIT = PlateTarget("AB12CD", None, UNKNOWN, UNKNOWN, True)
LACKING = PlateTarget("AB12CD", ("AB12CD",), 1, 0, True, whole=False)
NOTHING = PlateTarget("", (), UNKNOWN, UNKNOWN, False)


def test_a_perfect_reading_costs_next_to_nothing() -> None:
    assert max(read(ONE, "AB12CD").values()) < 0.01
    assert max(read(TWO, "AB12", "CD", count=2).values()) < 0.01


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("text", {"lines": ("AB12CE",)}),
        ("text", {"lines": ("AB12", "CD")}),
        ("country", {"lines": ("AB12CD",), "country": 2}),
        ("lines", {"lines": ("AB12CD",), "count": 2}),
        ("plate", {"lines": ("AB12CD",), "plate": -12.0}),
        ("whole", {"lines": ("AB12CD",), "whole": -12.0}),
    ],
)
def test_each_term_rises_with_its_own_mistake_only(name: str, wrong: dict[str, object]) -> None:
    right = read(ONE, "AB12CD")
    found = read(ONE, *wrong.pop("lines"), **wrong)  # type: ignore[arg-type, misc]
    assert found[name] > right[name] + 0.5
    assert {key: value for key, value in found.items() if key != name} == pytest.approx({key: value for key, value in right.items() if key != name})


def test_more_mistakes_cost_more() -> None:
    costs = [read(ONE, text)["text"] for text in ("AB12CD", "AB12CE", "AB13CE", "XY98ZW")]
    assert costs == sorted(costs)
    assert len(set(costs)) == len(costs)


def test_a_text_without_known_lines_may_be_split_anywhere() -> None:
    for lines in (("AB12CD",), ("AB", "12CD"), ("AB", "12", "CD")):
        assert read(UNSPLIT, *lines)["text"] < 0.01
    assert read(UNSPLIT, "CD", "AB12")["text"] > 5


def test_unknown_labels_cost_nothing_whatever_is_answered() -> None:
    for country, count in ((0, 1), (3, 3)):
        losses = read(UNSPLIT, "AB12CD", country=country, count=count)
        assert (losses["country"], losses["lines"]) == (0.0, 0.0)


def test_what_is_read_off_a_nonplate_costs_nothing_but_taking_it_for_a_plate_does() -> None:
    assert read(NOTHING, "AB12CD", plate=-12.0)["text"] == 0.0
    assert read(NOTHING, plate=-12.0)["plate"] < 0.01 < 1 < read(NOTHING, plate=12.0)["plate"]


def test_the_text_of_an_incomplete_plate_costs_nothing_but_taking_it_for_whole_does() -> None:
    assert read(LACKING, "12CD", whole=-12.0)["text"] == 0.0
    assert read(LACKING, "12CD", whole=-12.0)["whole"] < 0.01 < 1 < read(LACKING, "12CD")["whole"]


def test_an_untrained_reading_has_a_gradient_everywhere() -> None:
    outputs = [
        torch.randn(shape, generator=torch.Generator().manual_seed(2), requires_grad=True)
        for shape in ((3, 3, FRAMES, CLASSES), (3, COUNTRIES), (3, 3), (3,), (3,))
    ]
    batch = PlateBatch(torch.zeros(3, 64, 160, 3, dtype=torch.uint8), [TWO, UNSPLIT, NOTHING])
    losses = reader_loss((outputs[0].log_softmax(3), outputs[1].log_softmax(1), outputs[2].log_softmax(1), outputs[3], outputs[4]), batch)
    torch.stack(list(losses.values())).sum().backward()
    assert all(bool(output.grad is not None and output.grad.isfinite().all() and output.grad.abs().sum() > 0) for output in outputs)


def scenes(*plates: np.ndarray, exact: bool = True, doubtful: bool = False) -> SceneBatch:
    corners = np.array(plates, dtype=np.float64).reshape(-1, 4, 2)
    return collate([Scene(np.zeros((160, 160, 3), np.uint8), corners, np.full(len(corners), exact), doubtful)])


def answer(batch: SceneBatch) -> tuple[Tensor, Tensor]:
    """Heat logits and corners that are exactly what the batch asks for."""
    heat = torch.where(batch.heat > 0.999, 12.0, -12.0)[:, None]
    corners = torch.zeros(len(batch.heat), 8, *batch.heat.shape[1:])
    image, row, column = batch.cells.unbind(1)
    corners[image, :, row, column] = batch.offsets.reshape(-1, 8)
    return heat, corners


def test_a_perfect_find_costs_next_to_nothing() -> None:
    for exact in (True, False):
        batch = scenes(PLATE, exact=exact)
        assert max(float(value) for value in detector_loss(answer(batch), batch).values()) < 1e-3


def test_a_missed_plate_and_a_false_find_cost() -> None:
    batch = scenes(PLATE)
    heat, corners = answer(batch)
    assert float(detector_loss((torch.full_like(heat, -12.0), corners), batch)["heat"]) > 5
    heat[0, 0, 2, 2] = 12.0
    assert float(detector_loss((heat, corners), batch)["heat"]) > 5


def test_a_confident_find_in_a_doubtful_picture_is_not_punished() -> None:
    sure, doubtful = scenes(PLATE), scenes(PLATE, doubtful=True)
    heat, corners = answer(sure)
    heat[0, 0, 2, 2] = 6.0
    assert float(detector_loss((heat, corners), sure)["heat"]) > 3
    assert float(detector_loss((heat, corners), doubtful)["heat"]) < 1e-3


def test_a_weak_find_in_a_doubtful_picture_is_pushed_down_all_the_same() -> None:
    batch = scenes(PLATE, doubtful=True)
    heat, corners = answer(batch)
    heat[0, 0, 2, 2] = 0.0
    assert float(detector_loss((heat, corners), batch)["heat"]) > 0.05


def test_the_corner_loss_tells_which_corner_is_which() -> None:
    """A plate found upside down has the same box but is read wrongly."""
    batch = scenes(PLATE)
    heat, corners = answer(batch)
    turned = corners.view(1, 4, 2, *corners.shape[2:])[:, [2, 3, 0, 1]].reshape(corners.shape)
    right, wrong = detector_loss((heat, corners), batch), detector_loss((heat, turned), batch)
    assert float(wrong["corners"]) > 1
    assert float(wrong["hull"]) == pytest.approx(float(right["hull"]), abs=1e-4)


def test_where_only_a_box_is_known_the_hull_teaches() -> None:
    """A tilted quad inside the labelled box is accepted, one that is too small is not."""
    box = np.array([[40.0, 40.0], [120.0, 40.0], [120.0, 80.0], [40.0, 80.0]])
    tilted = np.array([[40.0, 50.0], [118.0, 40.0], [120.0, 70.0], [42.0, 80.0]])
    batch = scenes(box, exact=False)
    heat, _ = answer(batch)

    def cost(quad: np.ndarray) -> float:
        losses = detector_loss((heat, answer(scenes(quad))[1] if len(quad) else torch.zeros(1, 8, 20, 20)), batch)
        return float(losses["hull"])

    assert cost(tilted) < 0.01
    assert cost(box * 0.8 + 16) > 0.3


def test_a_view_without_plates_has_a_loss_with_a_gradient() -> None:
    batch = scenes()
    heat, corners = torch.zeros(1, 1, 20, 20, requires_grad=True), torch.zeros(1, 8, 20, 20, requires_grad=True)
    losses = detector_loss((heat, corners), batch)
    torch.stack(list(losses.values())).sum().backward()
    assert losses["corners"].detach() == losses["hull"].detach() == 0
    assert heat.grad is not None
    assert float(heat.grad.min()) > 0


def test_where_the_label_writes_o_as_zero_either_is_right() -> None:
    loose = replace(ONE, text="A0", text_lines=("A0",), zero_or_o=True)
    assert read(loose, "A0")["text"] < 0.01
    assert read(loose, "AO")["text"] < 0.01
    assert read(loose, "AQ")["text"] > 5
    assert read(replace(loose, zero_or_o=False), "AO")["text"] > 5
