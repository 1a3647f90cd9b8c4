"""What a reader makes of plates from a source that it never saw: leave one source of real plates out, train, compare.

    python training/sources_study.py train DATA OUT --start CHECKPOINT --drawn DRAWN [--drawn ...] [--without eu] [--steps 3000]
    python training/sources_study.py report DATA OUT --start CHECKPOINT

DATA holds the labelled photos, CHECKPOINT a reader that saw drawn plates alone (`--recipe reader_drawn`). `train` goes on from it
with the real plates of all sources but one, into OUT/without-SOURCE; without `--without` it does so for each source, and once
with all of them. The source is the first part of a picture's name; `eu` takes `eu2` along. Every run has as many steps.
`report` reads the dev plates with each of the readers, by the whole pipeline in 32-bit numbers, and prints a table as Markdown:
once with templates, once without.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

from platelight import Platelight, templates
from platelight.bundle import ModelSpec
from platelight.dataset import find_split, read_labels
from platelight.decode import Decoder
from platelight.evaluate.measure import TOP, measure
from platelight.evaluate.score import PlateOutcome
from platelight.train.export import export
from platelight.train.loop import Budget, Trainer
from platelight.train.recipe import Data, find, read_notes

SOURCES = {"eu": ("eu", "eu2"), "br": ("br",), "us": ("us",), "ol": ("ol",)}
"""What is left out together: the first parts of the names of pictures."""

RATE = 1.3e-3
PHOTOS = ("openalpr-eu", "openalpr-br", "openalpr-us", "scenes")


def without(data: Path, source: str | None, out: Path) -> Path:
    """A folder like `data` whose training labels lack the pictures of one source; the pictures themselves are linked."""
    names = SOURCES[source] if source else ()
    shutil.rmtree(out, ignore_errors=True)
    for folder in (path for path in data.iterdir() if path.is_dir()):
        (out / folder.name).mkdir(parents=True)
        for part in folder.iterdir():
            if part.name == "train.jsonl" and folder.name in ("plates", "scenes"):
                kept = [line for line in part.read_text(encoding="utf-8").splitlines() if _source(line) not in names]
                (out / folder.name / part.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
            else:
                (out / folder.name / part.name).symlink_to(part.resolve())
    return out


def _source(line: str) -> str:
    return prefix(Path(json.loads(line)["image"]).name)


def prefix(name: str) -> str:
    return name.split("-")[0]


def train(data: Path, out: Path, start: Path, drawn: Sequence[Path], sources: Sequence[str | None], steps: int, notes: Path | None) -> None:
    for source in sources:
        folder = out / (f"without-{source}" if source else "all")
        left_out = read_notes(notes) if notes else frozenset[str]()
        real = Data(without(data, source, folder / "data"), tuple(drawn), left_out)
        Trainer(find("reader", "reader_s"), real, folder, Budget(minutes=24 * 60, steps=steps, rate=RATE, seed=1), "cpu", start).run()


def readers(data: Path, out: Path, start: Path) -> Iterator[tuple[str, Platelight]]:
    """The pipeline with each of the trained readers, in the place of the released one."""
    for name, checkpoint in (("drawn plates alone", start), *((folder.name, folder / "last.pt") for folder in sorted(out.iterdir()) if folder.is_dir())):
        with tempfile.TemporaryDirectory() as models:
            for role in ("detector", "refiner"):
                released = ModelSpec.of(role).folder
                shutil.copytree(released, Path(models) / released.name)
            released = ModelSpec.of("reader").folder
            export(find("reader", "reader_s"), checkpoint, Data(data), Path(models) / "int8", Path(models) / released.name, {}, batches=1)
            shutil.rmtree(Path(models) / "int8")
            yield name, Platelight(models=models, top=TOP)


def outcomes(reader: Platelight, data: Path) -> dict[str, list[PlateOutcome]]:
    """Judged plates: the crops by source, the whole photos by set."""
    found: dict[str, list[PlateOutcome]] = {}
    for name in ("plates", *PHOTOS):
        crops = name == "plates"
        for picture in measure(reader, read_labels(find_split(data / name, "dev")), name, crops=crops).outcomes:
            for plate in (plate for plate in picture.plates if plate.counted):
                found.setdefault(f"{prefix(plate.picture.path.name)} crops" if crops else name, []).append(plate)
    return found


def report(data: Path, out: Path, start: Path) -> None:
    tables: dict[str, list[str]] = {"with templates": [], "without": []}
    for name, reader in readers(data, out, start):
        plain = copy(reader)
        plain.decoder = Decoder(templates.load(), None, TOP, use_templates=False)
        for rows, way in zip(tables.values(), (reader, plain), strict=True):
            found = outcomes(way, data)
            if not rows:
                heads = [f"{key} ({len(plates)})" for key, plates in found.items()]
                rows += [f"| trained on | {' | '.join(heads)} |", "|" + "---|" * (1 + len(heads))]
            rows.append(f"| {name} | {' | '.join(map(shares, found.values()))} |")
    for table, rows in tables.items():
        print(f"\n{table} (exact / lenient)\n", *rows, sep="\n")


def shares(plates: Sequence[PlateOutcome]) -> str:
    """Exact and lenient matches."""
    return f"{sum(plate.exact for plate in plates) / len(plates):.3f} / {sum(plate.lenient for plate in plates) / len(plates):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("train", "report"):
        command = commands.add_parser(name)
        command.add_argument("data", type=Path)
        command.add_argument("out", type=Path)
        command.add_argument("--start", type=Path, required=True)
        if name == "train":
            command.add_argument("--drawn", type=Path, action="append", required=True)
            command.add_argument("--without", choices=(*SOURCES, "none"), action="append")
            command.add_argument("--steps", type=int, default=3000)
            command.add_argument("--notes", type=Path)
    given = parser.parse_args()
    if given.command == "report":
        report(given.data, given.out, given.start)
    else:
        chosen = given.without or (*SOURCES, "none")
        train(given.data, given.out, given.start, given.drawn, [None if name == "none" else name for name in chosen], given.steps, given.notes)


if __name__ == "__main__":
    main()
