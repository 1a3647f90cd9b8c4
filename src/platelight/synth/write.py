"""Write drawn pictures into a data folder, by several processes, so that an interrupted run goes on where it stopped."""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from platelight.dataset import find_split, label_line
from platelight.synth.generate import Drawn, Options, all_templates, compose_nonplate, compose_plate
from platelight.synth.optics import jpeg_options
from platelight.synth.scene import compose_scene

BLOCK = 200
COMPOSERS: dict[str, Callable[[int, int, Options], Drawn]] = {"plates": compose_plate, "scenes": compose_scene, "nonplates": compose_nonplate}

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of indices, drawn and written by one process."""

    kind: str
    seed: int
    options: Options
    out: Path
    start: int
    stop: int

    @property
    def part(self) -> Path:
        return self.out / ".parts" / f"{self.start:09d}.jsonl"


class OutputError(ValueError):
    """The output folder cannot be used."""


def generate(
    kind: str,
    count: int,
    seed: int,
    out: Path | str,
    options: Options | None = None,
    *,
    workers: int = 1,
    progress: Progress | None = None,
) -> Path:
    """Draw `count` pictures of a kind ("plates", "scenes" or "nonplates") into `out/images` and their labels into `out/train.jsonl`.

    The same kind, count, seed and options give the same bytes whatever the number of workers. Running it again after an
    interruption keeps the finished blocks. `progress(done, count)` is called as blocks finish. Returns the label file.
    Raises OutputError where `out` holds another run, ValueError for an unknown kind or a bad number.
    """
    if kind not in COMPOSERS:
        raise ValueError(f"kind must be one of {', '.join(COMPOSERS)}, got {kind!r}")
    if count < 1 or workers < 1 or seed < 0:
        raise ValueError(f"count and workers must be at least 1 and seed at least 0, got {count}, {workers}, {seed}")
    out, options = Path(out), options or Options()
    check_sources(options)
    labels = out / "train.jsonl"
    if not _open_folder(out, {"kind": kind, "count": count, "seed": seed, "options": _plain(options)}):
        return labels
    blocks = [_Block(kind, seed, options, out, start, min(start + BLOCK, count)) for start in range(0, count, BLOCK)]
    for done in _run(blocks, workers):
        if progress is not None:
            progress(done, count)
    _join(blocks, labels)
    return labels


def check_sources(options: Options) -> None:
    """Raises ValueError where a folder of `options` holds no photos, or a country is not known."""
    for folder in (options.backgrounds, options.scenes):
        if folder is not None:
            find_split(folder, "train")
    known = {template.country for template in all_templates()}
    for country in options.countries or ():
        if country not in known:
            raise ValueError(f"no template of {country}; there are {', '.join(sorted(known))}")


def _open_folder(out: Path, run: dict[str, object]) -> bool:
    """Prepare the folder; False where this very run is finished already."""
    note = out / "synth.json"
    if note.exists():
        if _noted(note) != run:
            raise OutputError(f"{out}: holds the output of another synth run (see {note.name}); choose another folder or empty this one")
        if (out / "train.jsonl").exists():
            return False
    elif out.exists() and any(out.iterdir()):
        raise OutputError(f"{out}: is not empty; choose another folder")
    (out / "images").mkdir(parents=True, exist_ok=True)
    (out / ".parts").mkdir(exist_ok=True)
    note.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    return True


def _noted(note: Path) -> object:
    """What an earlier run wrote about itself; None where it cannot be made out."""
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        return None


def _plain(options: Options) -> dict[str, object]:
    values = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(options).items()}
    values["countries"] = None if options.countries is None else list(options.countries)
    return values


def _run(blocks: list[_Block], workers: int) -> Iterator[int]:
    """Draw the blocks that are missing; yields how many pictures are done so far."""
    todo = [block for block in blocks if not block.part.exists()]
    done = sum(block.stop - block.start for block in blocks) - sum(block.stop - block.start for block in todo)
    yield done
    if workers == 1 or len(todo) < 2:
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)  # pictures this small are drawn faster without sharing the work
        try:
            for block in todo:
                done += _write_block(block)
                yield done
        finally:
            cv2.setNumThreads(threads)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        for future in as_completed([pool.submit(_write_block, block) for block in todo]):
            done += future.result()
            yield done


def _write_block(block: _Block) -> int:
    compose = COMPOSERS[block.kind]
    lines = []
    for index in range(block.start, block.stop):
        drawn = compose(block.seed, index, block.options)
        record = drawn.record(f"{index:07d}.jpg")
        bgr = cv2.cvtColor(drawn.image, cv2.COLOR_RGB2BGR)
        ok, data = cv2.imencode(".jpg", bgr, jpeg_options(drawn.jpeg.quality, drawn.jpeg.subsampling))
        if not ok:
            raise OutputError(f"{block.out / record.path}: could not be encoded")
        (block.out / record.path).write_bytes(data.tobytes())
        lines.append(label_line(record, block.out))
    partial = block.part.with_suffix(".partial")
    partial.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
    partial.replace(block.part)
    return block.stop - block.start


def _join(blocks: list[_Block], labels: Path) -> None:
    partial = labels.with_name(labels.name + ".partial")
    partial.write_text("".join(block.part.read_text(encoding="utf-8") for block in blocks), encoding="utf-8", newline="\n")
    partial.replace(labels)
    shutil.rmtree(blocks[0].part.parent)
