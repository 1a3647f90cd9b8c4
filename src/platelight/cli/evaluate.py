"""`platelight evaluate`: read labelled pictures and say how well."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import Crops, Effort, EffortName, Models, TableOrJson, Threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from platelight.evaluate.measure import Measured
    from platelight.pipeline import Platelight


def evaluate(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="Folders in the labelled format, or label files (.jsonl).")],
    split: Annotated[str, typer.Option(help="Which label file of each folder.")] = "dev",
    crops: Crops = False,
    sheet: Annotated[Path | None, typer.Option(metavar="PNG", help="Write the misread plates as one picture.")] = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="How to print the measures.")] = TableOrJson.table,
    predictions: Annotated[Path | None, typer.Option(metavar="JSONL", help="Also write what was read, one picture a line.")] = None,
    calibrate: Annotated[Path | None, typer.Option(metavar="JSON", help="Fit the confidence to these plates and write the curve for spec.json.")] = None,
    country_hint: Annotated[bool, typer.Option("--country-hint", help="Tell the reader the labelled country of each picture.")] = False,
    effort: Effort = EffortName.normal,
    threads: Threads = 1,
    models: Models = None,
) -> None:
    """Measure reading on labelled pictures.

    Prints recall, exact and lenient texts, countries, false plates, confidence and speed, by country, source and lines.
    Intervals in brackets hold 95 of 100 times. Several folders are measured one by one and together. The exit status is 0,
    or 1 if a picture could not be read, or 2 for wrong usage.
    """
    from platelight.dataset import LabelError, find_split, read_labels
    from platelight.evaluate.measure import TOP, measure, measure_hinted, split_name
    from platelight.evaluate.report import as_dict, as_text
    from platelight.images import keep_memory
    from platelight.pipeline import Platelight

    keep_memory()
    try:
        files = [path if path.is_file() else find_split(path, split) for path in data]
        labelled = [(split_name(file), read_labels(file)) for file in files]
        reader = Platelight(effort.value, None, TOP, threads=threads, models=models)
    except (LabelError, ValueError) as error:
        raise typer.BadParameter(str(error)) from None
    run = measure_hinted if country_hint else measure
    sets = [run(reader, pictures, name, crops=crops, progress=_progress(name, len(pictures))) for name, pictures in labelled]
    print(json.dumps(as_dict(sets), ensure_ascii=False, indent=1) if form is TableOrJson.json else as_text(sets, crops), flush=True)
    failures = [outcome.error for measured in sets for outcome in measured.outcomes if outcome.error is not None]
    for failure in failures:
        print(f"platelight: {failure}", file=sys.stderr)
    if predictions is not None:
        rows = [row for measured in sets for row in measured.predictions]
        predictions.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    if sheet is not None:
        _write_sheet(sets, sheet)
    if calibrate is not None:
        _write_calibration(reader, sets, calibrate)
    if failures:
        raise typer.Exit(1)


def _progress(name: str, total: int) -> Callable[[int], None] | None:
    """Counts pictures on stderr where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def show(done: int) -> None:
        print(f"\r{name}: {done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)

    return show


def _write_calibration(reader: Platelight, sets: Sequence[Measured], path: Path) -> None:
    from platelight.evaluate.calibrate import fit

    if any(spec.calibration is not None for spec in reader.specs):
        raise typer.BadParameter("--calibrate needs a model whose spec.json has no calibration yet", param_hint="--models")
    try:
        fitted = fit([plate for measured in sets for outcome in measured.outcomes for plate in outcome.plates])
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    path.write_text(json.dumps(fitted.to_dict(), indent=1) + "\n", encoding="utf-8")
    print(
        f"calibration on {fitted.plates} plates; error on the half not fitted to: {fitted.error_raw:.3f} raw, {fitted.error_fitted:.3f} fitted",
        file=sys.stderr,
    )


def _write_sheet(sets: Sequence[Measured], path: Path) -> None:
    from PIL import Image as Pillow

    from platelight.evaluate.report import mistakes
    from platelight.evaluate.sheet import contact_sheet

    wrong = mistakes([outcome for measured in sets for outcome in measured.outcomes])
    path.parent.mkdir(parents=True, exist_ok=True)
    Pillow.fromarray(contact_sheet(wrong)).save(path, "PNG")
