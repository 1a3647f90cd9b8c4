"""`platelight synth`: draw labelled pictures."""

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


def synth(
    out: Annotated[Path, typer.Option(help="Folder to write: images/ and train.jsonl.", show_default=False)],
    kind: Annotated[
        Kind,
        typer.Option(
            help="plates: one plate and a little around it. scenes: whole pictures with 0 to 3 plates. nonplates: signs, dials, slogans and the like, close up."
        ),
    ] = Kind.PLATES,
    count: Annotated[int, typer.Option(min=1, help="Number of pictures.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    country: Annotated[list[str] | None, typer.Option(help="Only plates of these countries (ISO codes, comma-separated or repeated).")] = None,
    backgrounds: Annotated[Path | None, typer.Option(help="Data folder of photos without plates, used as backgrounds.")] = None,
    scenes: Annotated[Path | None, typer.Option(help="Data folder of photos with plates; drawn plates replace theirs.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    holdout: Annotated[bool, typer.Option(help="Use the faces that training never sees.")] = False,
) -> None:
    """Draw labelled pictures of plates for training and testing.

    An interrupted run goes on where it stopped when started again with the same options.
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeRemainingColumn

    from platelight.synth.generate import Options
    from platelight.synth.write import generate

    options = Options(countries=tuple(country_codes(",".join(country)) or ()) if country else None, backgrounds=backgrounds, scenes=scenes, holdout=holdout)
    with Progress(SpinnerColumn(), *Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task(f"Drawing {kind.value}", total=count)
        try:
            labels = generate(kind.value, count, seed, out, options, workers=workers, progress=lambda done, _: bar.update(task, completed=done))
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    typer.echo(str(labels))
