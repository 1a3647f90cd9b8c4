"""`platelight export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def export(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="reader or detector")],
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="Checkpoint written by `platelight train`.")],
    data: Annotated[Path, typer.Option(metavar="DIR", help="The data the training used; int8 is calibrated on its training pictures.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the int8 model, such as models/reader-s-1.")],
    fp32: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder for the fp32 model; without it OUT with -fp32 added.")] = None,
    recipe: Annotated[str | None, typer.Option(help="Name of the recipe; without it the role's first.")] = None,
    drawn: Annotated[list[Path] | None, typer.Option(metavar="DIR", help="Folder written by `platelight synth`; may be given several times.")] = None,
    extra: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON file whose keys are added to spec.json (threshold, margin, calibration, scores, data).")
    ] = None,
    keep: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the checkpoint with half-precision weights here, for resuming.")] = None,
) -> None:
    """Write a trained model as ONNX, int8 and fp32.

    Both are checked against torch; the differences are printed.
    """
    from platelight.train.export import export as write
    from platelight.train.export import slim
    from platelight.train.recipe import RECIPES, Data, find

    try:
        chosen = find(role, recipe or RECIPES.get(role, ("",))[0])
        more = _read_extra(extra) if extra else {}
        check = write(chosen, checkpoint, Data(data, tuple(drawn or ())), out, fp32 or out.with_name(out.name + "-fp32"), more)
    except (ValueError, OSError) as error:
        typer.echo(f"platelight export: {error}", err=True)
        raise typer.Exit(2) from error
    if keep is not None:
        slim(checkpoint, keep)
    typer.echo("mean difference from torch")
    for name, value in check.fp32.items():
        typer.echo(f"  {name:<12} fp32 {value:.2e}   int8 {check.int8[name]:.2e}")


def _read_extra(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{path}: expected an object, found {type(values).__name__}")
    return values
