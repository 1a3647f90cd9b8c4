"""`platelight redact`: photos in, the same photos with hidden plates out."""

from __future__ import annotations

import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import Effort, EffortName, Models, Threads

if TYPE_CHECKING:
    from platelight.redact import Method


class MethodChoice(StrEnum):
    blur = "blur"
    pixelate = "pixelate"
    fill = "fill"
    logo = "logo"
    swap = "swap"


class MetadataChoice(StrEnum):
    safe = "keep-safe"
    none = "none"
    all = "all"


Metadata = Annotated[MetadataChoice, typer.Option(help="What may stay. keep-safe: camera, exposure, date, copyright; all: place and texts too.")]


def redact(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Photos, folders (searched to the bottom), glob patterns, or - for a list on stdin.")],
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write the new photos into this folder; what lies in folders keeps its place.")] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the photos themselves. There is no way back.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace files that are in --out already.")] = False,
    method: Annotated[MethodChoice | None, typer.Option(help="How to hide a plate; swap draws one with a made-up number. [default: blur]")] = None,
    logo: Annotated[Path | None, typer.Option(metavar="FILE", help="The picture that --method logo lays on plates.")] = None,
    color: Annotated[str | None, typer.Option(help="Of --method fill (black), or behind a logo (white): a name or #rrggbb.")] = None,
    metadata: Metadata = MetadataChoice.safe,
    margin: Annotated[float | None, typer.Option(min=0, max=2, help="Cover this share of a plate's height beyond its edges too. [default: 0.25]")] = None,
    min_score: Annotated[float | None, typer.Option(min=0.01, max=1, help="Detector score from which a find is looked at. [default: 0.1]")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same pictures in every run; keep the number to yourself.")] = None,
    report: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the list of what was covered there, not to stdout.")] = None,
    effort: Effort = EffortName.thorough,
    threads: Threads = 1,
    models: Models = None,
) -> None:
    """Hide the number plates of photos.

    Everything that may be a plate is covered, also what platelight read would leave out. No finder of plates finds all: look at
    the photos before you publish them. A photo without plates is written too, one that cannot be read is not. Position,
    thumbnails, serial numbers and texts are left out unless --metadata says otherwise.

    What was covered goes to stdout as CSV, one line a photo. The exit status is 0, or 1 if a photo could not be used, or 2 for
    wrong usage.
    """
    import cv2

    from platelight.cli.redacting import Run, Targets
    from platelight.pipeline import Platelight
    from platelight.redact import recall_first
    from platelight.redact.find import SCORE
    from platelight.redact.hide import MARGIN

    if in_place == (out is not None):
        raise typer.BadParameter("give either --out DIR or --in-place")
    if replace and in_place:
        raise typer.BadParameter("--replace is for files in --out; --in-place replaces the photos anyway")
    warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata of a photo that can be read all the same
    cv2.setNumThreads(threads)
    chosen = _method(method, logo, color)
    finder = recall_first(Platelight(threads=threads, models=models), effort.value, SCORE if min_score is None else min_score)
    with Run(finder, chosen, metadata.value, MARGIN if margin is None else margin, seed, in_place or replace, report) as run:
        for source, target in Targets(out, run.fail).of(paths):
            run.redact(source, target)
    if run.failed:
        raise typer.Exit(1)


def _method(choice: MethodChoice | None, logo: Path | None, color: str | None) -> Method:
    from PIL import ImageColor

    from platelight.images import ImageError
    from platelight.redact import Fill, Logo, method_of
    from platelight.redact.methods import BLACK, WHITE

    name = choice.value if choice else "logo" if logo else "blur"
    if (name == "logo") != (logo is not None):
        raise typer.BadParameter("--method logo and --logo FILE go together")
    if color is not None and name not in ("fill", "logo"):
        raise typer.BadParameter(f"--color is for --method fill and logo, not {name}")
    try:
        chosen = None if color is None else ImageColor.getrgb(color)[:3]
    except ValueError:
        raise typer.BadParameter(f"{color!r} is no color; give a name such as white, or #rrggbb", param_hint="--color") from None
    if name == "fill":
        return Fill(chosen or BLACK)
    if logo is None:
        return method_of(name)
    try:
        return Logo.open(logo, chosen or WHITE)
    except ImageError as error:
        raise typer.BadParameter(f"--logo {error}") from None
