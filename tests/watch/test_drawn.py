"""The package's own models on a short drawn film, from the command line to the saved pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein

from platelight.images import load
from platelight.synth import film
from platelight.video import write_video

pytest.importorskip("av", reason="needs the extra `video`")


def test_a_drawn_pass_is_one_event_with_its_pictures(platelight: Callable[..., Any], tmp_path: Path) -> None:
    drawn = film.Film(film.sample(5, 39, seconds=3.6, fps=10, size=(768, 432), passes=1))
    (true,) = drawn.passes
    path = tmp_path / "road.mp4"
    write_video(path, drawn.frames(), 10)
    ran = platelight("watch", path, "--evidence", tmp_path / "pictures", "--stats-every", 0, "--start", "2026-11-21T19:30:00Z")
    (event,) = map(json.loads, ran.out.splitlines())
    assert (ran.status, ran.err) == (0, "")
    assert Levenshtein.distance(event["text"], true.text) <= 1
    assert event["time"].startswith("2026-11-21T19:30:0")
    frame, plate = (load(tmp_path / "pictures" / event["evidence"][name]) for name in ("frame", "plate"))
    assert frame.shape == (432, 768, 3)
    assert plate.shape[1] > 2 * plate.shape[0] > 30
