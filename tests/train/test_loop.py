from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from platelight.train import checkpoint
from platelight.train.loop import Budget, Trainer
from platelight.train.recipe import Data, Recipe

pytestmark = pytest.mark.train

TWO_STEPS = Budget(minutes=5, steps=2, workers=0)


def rows(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]


LOSSES = {"reader": {"text", "country", "lines", "plate"}, "detector": {"heat", "corners", "hull"}, "refiner": {"corners", "plate"}}


@pytest.mark.parametrize("role", LOSSES)
def test_two_steps_leave_a_log_a_plot_and_checkpoints(role: str, data: Path, drawn: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    recipe: Recipe = request.getfixturevalue(f"small_{role}")
    best = Trainer(recipe, Data(data, (drawn,)), tmp_path, TWO_STEPS, "cpu").run()
    assert best == tmp_path / "best.pt"
    about, losses, dev = rows(tmp_path)
    assert about["recipe"] == recipe.name
    assert (losses["step"], losses["seen"]) == (2, 2 * recipe.batch)
    assert all(math.isfinite(losses[name]) for name in LOSSES[role])
    assert recipe.main_score in dev["dev"]
    assert min(cv2.imread(str(tmp_path / "plot.png")).shape[:2]) > 300
    for name in ("last.pt", "best.pt"):
        state = checkpoint.load(tmp_path / name)
        assert (state["recipe"], state["step"], state["seen"]) == (recipe.name, 2, 2 * recipe.batch)
        recipe.build().load_state_dict(state["average"])
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.fixture(scope="module")
def trained(small_reader: Recipe, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    Trainer(small_reader, Data(data), out, TWO_STEPS, "cpu").run()
    return out


def test_resuming_takes_over_the_weights_and_counts_on(trained: Path, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    trainer = Trainer(small_reader, Data(data), tmp_path, TWO_STEPS, "cpu", trained / "last.pt")
    saved = checkpoint.load(trained / "last.pt")["average"]
    assert all(torch.equal(value, saved[name]) for name, value in trainer.model.state_dict().items())
    trainer.run()
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 4
    assert rows(tmp_path)[0] | {"time": ""} == {"time": "", "resumed": "last.pt", "weights": len(saved), "new": []}
    moved = checkpoint.load(tmp_path / "last.pt")["average"]
    assert any(not torch.equal(moved[name], saved[name]) for name in saved)


def test_a_head_of_another_size_starts_anew_and_is_named(trained: Path, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    def build() -> torch.nn.Module:
        model = small_reader.build()
        model.country = torch.nn.Linear(24, 7)
        return model

    Trainer(replace(small_reader, build=build), Data(data), tmp_path, TWO_STEPS, "cpu", trained / "last.pt")
    assert rows(tmp_path)[0]["new"] == ["country.bias", "country.weight"]


def test_resuming_in_place_does_not_lose_a_better_checkpoint(trained: Path, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    state = checkpoint.load(trained / "best.pt")
    torch.save(state | {"scores": {"exact": 0.9}, "step": 77}, tmp_path / "best.pt")
    Trainer(small_reader, Data(data), tmp_path, TWO_STEPS, "cpu", tmp_path / "best.pt").run()
    assert checkpoint.load(tmp_path / "best.pt")["step"] == 77
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 79


def test_a_new_training_does_not_overwrite_an_old_one(trained: Path, small_reader: Recipe, data: Path) -> None:
    before = (trained / "log.jsonl").read_bytes()
    with pytest.raises(ValueError, match=r"holds another training; go on from it with --resume .*last\.pt"):
        Trainer(small_reader, Data(data), trained, TWO_STEPS, "cpu")
    assert (trained / "log.jsonl").read_bytes() == before


def test_a_checkpoint_of_the_other_network_is_refused(trained: Path, small_detector: Recipe, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"last\.pt: no weight fits the recipe detector_s \(it was trained by reader_s\)"):
        Trainer(small_detector, Data(data), tmp_path / "out", TWO_STEPS, "cpu", trained / "last.pt")


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 broken"])
def test_what_is_no_checkpoint_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.pt: not a checkpoint"):
        checkpoint.load(tmp_path / "x.pt")


def test_other_things_that_torch_saved_and_missing_files_are_refused(tmp_path: Path) -> None:
    torch.save({"average": {}}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"x\.pt: not a checkpoint"):
        checkpoint.load(tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"y\.pt: cannot be read: No such file"):
        checkpoint.load(tmp_path / "y.pt")


def test_missing_data_is_a_clear_message_and_leaves_no_folder(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere: no such folder"):
        Trainer(small_reader, Data(tmp_path / "nowhere"), tmp_path / "out", TWO_STEPS, "cpu")
    with pytest.raises(ValueError, match=r"undrawn.*: no such folder"):
        Trainer(small_reader, Data(data, (tmp_path / "undrawn",)), tmp_path / "out", TWO_STEPS, "cpu")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["abacus", "cuda:99"])
def test_a_device_that_is_not_there_is_named(name: str, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"device '{name}' cannot be used: "):
        Trainer(small_reader, Data(data), tmp_path / "out", TWO_STEPS, name)


def test_no_minutes_score_without_training(trained: Path, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    Trainer(small_reader, Data(data), tmp_path, Budget(minutes=0, workers=0), "cpu", trained / "last.pt").run()
    assert checkpoint.load(tmp_path / "last.pt")["step"] == 2


def test_the_rate_warms_up_and_falls_to_nothing(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    trainer = Trainer(small_reader, Data(data), tmp_path, replace(TWO_STEPS, rate=0.1), "cpu")
    batch = next(trainer._batches())
    rates = []
    for step, progress in ((0, 0.0), (100, 0.1), (250, 0.2), (500, 0.5), (1000, 1.0)):
        trainer.step = step
        trainer._one_step(batch, progress)
        rates.append(trainer.optimiser.param_groups[0]["lr"])
    assert rates[0] == pytest.approx(0.1 / 200, abs=2e-6)
    assert rates[0] < rates[1] < rates[2]
    assert rates[2] > rates[3] == pytest.approx(0.05, rel=1e-3)
    assert rates[4] == pytest.approx(1e-6)


def test_a_loss_that_is_no_number_changes_no_weight(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    def broken(outputs: tuple[torch.Tensor, ...], batch: object) -> dict[str, torch.Tensor]:
        return {"text": outputs[0].sum() * float("nan")}

    trainer = Trainer(replace(small_reader, loss=broken), Data(data), tmp_path, TWO_STEPS, "cpu")
    before = {name: value.clone() for name, value in trainer.model.named_parameters()}
    trainer._one_step(next(trainer._batches()), 0.0)
    assert all(torch.equal(value, before[name]) for name, value in trainer.model.named_parameters())


def test_training_makes_the_loss_of_a_few_plates_smaller(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    trainer = Trainer(small_reader, Data(data), tmp_path, replace(TWO_STEPS, rate=3e-3), "cpu")
    trainer.first_step = -200  # no warm-up
    batch = next(trainer._batches())
    losses = [trainer._one_step(batch, 0.0)["text"] for _ in range(12)]
    assert np.mean(losses[-2:]) < 0.9 * losses[0]


def test_the_average_follows_the_weights_fast_at_first_and_slowly_later(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    trainer = Trainer(small_reader, Data(data), tmp_path, replace(TWO_STEPS, rate=0.1), "cpu")
    batch = next(trainer._batches())
    for step, keep in ((0, 2 / 21), (10**6, small_reader.ema)):
        trainer.step = step
        before = trainer.average.frames.weight.clone()
        trainer._one_step(batch, 0.0)
        wanted = keep * before + (1 - keep) * trainer.model.frames.weight.detach()
        moved = (trainer.average.frames.weight - before).abs().max()
        assert float(moved) > 0
        assert torch.allclose(trainer.average.frames.weight, wanted, atol=1e-3 * float(moved) + 1e-7)


@pytest.mark.slow
def test_a_workers_error_is_told_without_its_traceback(small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    labels = tmp_path / "drawn" / "train.jsonl"
    labels.parent.mkdir()
    labels.write_text('{"image": "a.png", "width": 9, "height": 9, "plates": [{"text": "A1"}]}\n', encoding="utf-8")
    trainer = Trainer(small_reader, Data(data, (labels.parent,)), tmp_path / "out", replace(TWO_STEPS, workers=1, steps=50), "cpu")
    with pytest.raises(ValueError, match=r"a\.png: cannot be decoded") as caught:
        trainer.run()
    assert "\n" not in str(caught.value)


def test_a_head_that_has_grown_keeps_its_rows(trained: Path, small_reader: Recipe, data: Path, tmp_path: Path) -> None:
    from platelight.records import ALPHABET
    from platelight.train.countries import COUNTRIES
    from platelight.train.models import ReaderNet

    larger = replace(small_reader, build=lambda: ReaderNet(len(ALPHABET) + 1, len(COUNTRIES) + 3, (8, 8, 12, 12)))
    trainer = Trainer(larger, Data(data), tmp_path, TWO_STEPS, "cpu", trained / "last.pt")
    saved = checkpoint.load(trained / "last.pt")["average"]["country.weight"]
    weight = trainer.model.state_dict()["country.weight"]
    assert weight.shape == (len(COUNTRIES) + 3, saved.shape[1])
    assert torch.equal(weight[: len(COUNTRIES)], saved)
    assert weight[len(COUNTRIES) :].abs().sum() > 0
    assert rows(tmp_path)[0]["new"] == []
