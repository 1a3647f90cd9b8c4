"""`platelight synth`: draw labelled pictures and films."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from platelight.cli.options import country_codes


class Kind(StrEnum):
    """What to draw."""

    PLATES = "plates"
    SCENES = "scenes"
    NONPLATES = "nonplates"
    VIDEO = "video"


def synth(
    out: Annotated[Path, typer.Option(help="Folder to write: images/ and train.jsonl, or films and passes.jsonl.", show_default=False)],
    kind: Annotated[
        Kind,
        typer.Option(
            help="plates: one plate and a little around it. scenes: whole pictures with 0 to 3 plates. nonplates: signs, dials, slogans"
            " and the like, close up. video: films of traffic before a fixed camera (needs the extra video)."
        ),
    ] = Kind.PLATES,
    count: Annotated[int, typer.Option(min=1, help="Number of pictures or films.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    country: Annotated[list[str] | None, typer.Option(help="Only plates of these countries (ISO codes, comma-separated or repeated).")] = None,
    backgrounds: Annotated[Path | None, typer.Option(help="Data folder of photos without plates, used as backgrounds.")] = None,
    scenes: Annotated[Path | None, typer.Option(help="Data folder of photos with plates; drawn plates replace theirs.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    holdout: Annotated[bool, typer.Option(help="Use the faces that training never sees.")] = False,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Length of a film.")] = 20.0,
    fps: Annotated[float, typer.Option(min=0.1, max=120, help="Frames a second of a film.")] = 10.0,
    size: Annotated[str, typer.Option(help="Width and height of a film in pixels.")] = "1280x720",
    passes: Annotated[
        int | None, typer.Option(min=0, help="At most so many vehicles with plates in a film; 0: traffic without plates.", show_default=False)
    ] = None,
) -> None:
    """Draw labelled pictures of plates and films of passing cars.

    An interrupted run goes on where it stopped when started again with the same options.
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeRemainingColumn

    from platelight.cli.filming import write_films
    from platelight.synth.generate import Options
    from platelight.synth.write import generate
    from platelight.video import VideoError

    options = Options(countries=tuple(country_codes(",".join(country)) or ()) if country else None, backgrounds=backgrounds, scenes=scenes, holdout=holdout)
    with Progress(SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(f"Drawing {kind.value}", total=count)
        try:
            if kind is Kind.VIDEO:
                labels = write_films(out, count, seed, seconds, fps, _size(size), passes, options, lambda done, _: bar.update(task, completed=done))
            else:
                labels = generate(kind.value, count, seed, out, options, workers=workers, progress=lambda done, _: bar.update(task, completed=done))
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        except VideoError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
    typer.echo(str(labels))


def _size(text: str) -> tuple[int, int]:
    """`1280x720` as numbers. Raises typer.BadParameter for anything else, or a picture that is too small or too large."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 160 <= int(width) <= 3840 and 120 <= int(height) <= 2160):
        raise typer.BadParameter(f"{text!r} is no size such as 1280x720 (160x120 to 3840x2160)", param_hint="--size")
    return int(width), int(height)
