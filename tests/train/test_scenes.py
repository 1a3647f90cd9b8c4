from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch

from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import Quad
from platelight.train.scenes import Pasted, ScenePool, SceneSource, SceneStream
from platelight.train.views import Scene

pytestmark = pytest.mark.train


def empty(height: int = 300, width: int = 400, *plates: np.ndarray) -> Scene:
    corners = np.array(plates, dtype=np.float64).reshape(-1, 4, 2)
    return Scene(np.full((height, width, 3), 90, np.uint8), corners, np.full(len(corners), False), False)


def test_a_pool_knows_which_corners_are_exact(data: Path) -> None:
    pool = ScenePool(SceneSource(data / "scenes" / "train.jsonl", 1.0))
    rng = np.random.default_rng(1)
    scenes = [pool.scene(rng) for _ in range(20)]
    assert {scene.corners.shape for scene in scenes} == {(1, 4, 2)}
    assert {bool(scene.exact[0]) for scene in scenes} == {True, False}


def test_photos_whose_plates_have_no_place_are_left_out(tmp_path: Path) -> None:
    write_labels(tmp_path / "train.jsonl", [LabelledImage(tmp_path / "a.png", 9, 9, "", (PlateLabel(text="A1"),))])
    with pytest.raises(ValueError, match=r"train\.jsonl: no usable picture"):
        ScenePool(SceneSource(tmp_path / "train.jsonl", 1.0))


def test_sets_in_which_plates_may_be_unlabelled_are_doubtful(data: Path) -> None:
    labels = data / "scenes" / "train.jsonl"
    rng = np.random.default_rng(1)
    assert not ScenePool(SceneSource(labels, 1.0)).scene(rng).doubtful
    assert ScenePool(SceneSource(labels, 1.0, doubtful=True)).scene(rng).doubtful


def test_a_pasted_plate_has_true_corners_and_changes_only_its_place(data: Path) -> None:
    plates = Pasted([data / "plates" / "train.jsonl"])
    rng = np.random.default_rng(4)
    before = empty()
    after = plates.paste(before, 100.0, rng)
    assert after.exact.tolist() == [True]
    box = Quad.from_array(after.corners[0]).box
    assert box.x0 >= 0
    assert box.x1 <= 400
    assert box.y0 >= 0
    assert box.y1 <= 300
    changed = np.argwhere((after.picture != before.picture).any(axis=2))
    assert len(changed) > 0.2 * box.area
    assert (np.abs(changed[:, ::-1] - box.quad().array().mean(axis=0)) < np.array([box.width, box.height]) * 1.2 + 10).all()
    assert (before.picture == 90).all()


def test_nothing_is_pasted_over_a_labelled_plate(data: Path) -> None:
    plates = Pasted([data / "plates" / "train.jsonl"])
    everywhere = np.array([[0.0, 0.0], [400.0, 0.0], [400.0, 300.0], [0.0, 300.0]])
    scene = empty(300, 400, everywhere)
    assert plates.paste(scene, 100.0, np.random.default_rng(1)) is scene


def test_nothing_is_pasted_where_it_does_not_fit(data: Path) -> None:
    scene = empty(30, 40)
    assert Pasted([data / "plates" / "train.jsonl"]).paste(scene, 300.0, np.random.default_rng(1)) is scene


def test_a_file_without_anything_to_paste_is_named(data: Path) -> None:
    with pytest.raises(ValueError, match=r"backgrounds.train\.jsonl: no tight crop"):
        Pasted([data / "backgrounds" / "train.jsonl"])


def test_the_stream_follows_its_seed_and_pastes_its_share(data: Path, drawn: Path) -> None:
    sources = [SceneSource(data / "backgrounds" / "train.jsonl", 1.0), SceneSource(drawn / "train.jsonl", 1.0, drawn=True)]

    def batches(seed: int, share: float) -> list[torch.Tensor]:
        stream = SceneStream(sources[:1] if share else sources, [data / "plates" / "train.jsonl"], 96, 4, seed, share)
        return [part for batch in islice(iter(stream), 2) for part in (batch.pictures, batch.cells)]

    first, again, other = batches(1, 0.0), batches(1, 0.0), batches(2, 0.0)
    assert first[0].shape == (4, 96, 96, 3)
    assert first[0].dtype == torch.uint8
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])
    assert len(batches(3, 1.0)[1]) > 0


def test_backgrounds_without_pasting_have_no_plates(data: Path) -> None:
    stream = SceneStream([SceneSource(data / "backgrounds" / "train.jsonl", 1.0)], [], 96, 4, 1, 0.5)
    batch = next(iter(stream))
    assert len(batch.cells) == 0
    assert float(batch.heat.max()) == 0.0
