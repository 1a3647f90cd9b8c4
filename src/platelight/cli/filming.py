"""Drawn films as files: what `platelight synth --kind video` does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from platelight.synth.film import Film, sample
from platelight.synth.generate import Options
from platelight.synth.write import OutputError, check_sources
from platelight.video import write_video

TRUTH = "passes.jsonl"


def write_films(
    out: Path, count: int, seed: int, seconds: float, fps: float, size: tuple[int, int], passes: int | None, options: Options,
    progress: Callable[[int, int], None],
) -> Path:  # fmt: skip
    """Draw `count` films into `out` as H.264 files and what is true of their passes into `out/passes.jsonl`, whose path is returned.

    A film that was finished before is kept. Raises OutputError where `out` holds something else, VideoError where no film can be
    written, ValueError for settings of which no film can be made.
    """
    check_sources(options)
    sample(seed, 0, seconds=seconds, fps=fps, size=size, passes=passes, options=options)
    settings = {"kind": "video", "seed": seed, "seconds": seconds, "fps": fps, "size": list(size), "passes": passes, "options": _plain(options)}
    _open(out, settings)
    lines: list[str] = []
    for index in range(count):
        progress(index, count)
        lines += _write(out, sample(seed, index, seconds=seconds, fps=fps, size=size, passes=passes, options=options))
    truth = out / TRUTH
    partial = truth.with_name(TRUTH + ".partial")
    partial.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
    partial.replace(truth)
    progress(count, count)
    return truth


def _write(out: Path, params: Any) -> list[str]:
    """One film and the lines about its passes."""
    film, name = Film(params), f"{params.index:07d}.mp4"
    if not (out / name).exists():
        write_video(out / name, film.frames(), params.fps)
    return [json.dumps({"video": name, "camera": name.removesuffix(".mp4"), **passed.to_dict(params.fps)}, ensure_ascii=False) for passed in film.passes]


def _open(out: Path, settings: dict[str, Any]) -> None:
    """Prepare the folder; films of other settings are not mixed."""
    note = out / "synth.json"
    if note.exists():
        try:
            known = json.loads(note.read_text(encoding="utf-8"))
        except ValueError:
            known = None
        if known != settings:
            raise OutputError(f"{out}: holds the output of another synth run (see {note.name}); choose another folder or empty this one")
    elif out.exists() and any(out.iterdir()):
        raise OutputError(f"{out}: is not empty; choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    note.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _plain(options: Options) -> dict[str, Any]:
    values = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(options).items()}
    values["countries"] = None if options.countries is None else list(options.countries)
    return values
