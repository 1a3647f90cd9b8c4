from __future__ import annotations

import pytest
import torch

from platelight.records import ALPHABET
from platelight.train.countries import COUNTRIES
from platelight.train.models import DetectorNet, ReaderNet, normalised, parameter_count
from platelight.train.recipe import RECIPES, find

pytestmark = pytest.mark.train

LIMIT = 3_000_000


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, names in RECIPES.items() for name in names])
def test_every_recipe_stays_below_three_million_parameters(role: str, name: str) -> None:
    assert 100_000 < parameter_count(find(role, name).build()) <= LIMIT


def test_parameters_are_counted() -> None:
    assert parameter_count(torch.nn.Linear(3, 5)) == 20


def pictures(*shape: int) -> torch.Tensor:
    return torch.randint(0, 256, (*shape, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_the_reader_gives_distributions_for_three_lines() -> None:
    model = ReaderNet(len(ALPHABET) + 1, len(COUNTRIES), (8, 8, 8, 8)).eval()
    with torch.inference_mode():
        frames, country, lines, plate, whole = model(pictures(2, 64, 160))
    assert frames.shape == (2, 3, 40, len(ALPHABET) + 1)
    assert (country.shape, lines.shape, plate.shape, whole.shape) == ((2, len(COUNTRIES)), (2, 3), (2,), (2,))
    for log_probs in (frames, country, lines):
        assert torch.allclose(log_probs.exp().sum(-1), torch.ones(()), atol=1e-4)


def test_forty_frames_are_enough_for_twelve_characters_that_repeat() -> None:
    """CTC needs a blank between equal characters: 2 n - 1 frames for n of them."""
    frames = ReaderNet(5, 2, (8, 8, 8, 8)).eval()(pictures(1, 64, 160))[0]
    assert frames.shape[2] >= 2 * 14 - 1


@pytest.mark.parametrize(("height", "width"), [(64, 96), (320, 320)])
def test_the_detector_gives_one_cell_for_each_eight_pixels(height: int, width: int) -> None:
    model = DetectorNet((4, 4, 4, 4, 4), neck=4).eval()
    with torch.inference_mode():
        heat, corners = model(pictures(2, height, width))
    assert heat.shape == (2, 1, height // 8, width // 8)
    assert corners.shape == (2, 8, height // 8, width // 8)


def test_bytes_are_scaled_to_minus_one_to_one_and_channels_come_first() -> None:
    picture = torch.zeros((1, 2, 4, 3), dtype=torch.uint8)
    picture[0, 1, 3] = torch.tensor([255, 128, 0], dtype=torch.uint8)
    values = normalised(picture)
    assert values.shape == (1, 3, 2, 4)
    assert values[0, :, 1, 3].tolist() == [127 / 128, 0.0, -1.0]
    assert float(values[0, :, 0, 0].max()) == -1.0


def test_countries_are_distinct_codes() -> None:
    assert len(set(COUNTRIES)) == len(COUNTRIES)
    assert all(len(code) == 2 and code.islower() for code in COUNTRIES)
