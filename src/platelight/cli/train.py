"""`platelight train reader|detector`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def train(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="reader or detector")],
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder with plates/, scenes/, backgrounds/ and openalpr-*/ in the labelled format.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the log, the plot and the checkpoints.")],
    recipe: Annotated[str | None, typer.Option(help="Name of the recipe; without it the role's first.")] = None,
    drawn: Annotated[list[Path] | None, typer.Option(metavar="DIR", help="Folder written by `platelight synth`; may be given several times.")] = None,
    notes: Annotated[Path | None, typer.Option(metavar="FILE", help="Notes on wrong labels (JSON lines); those pictures are left out.")] = None,
    resume: Annotated[Path | None, typer.Option(metavar="FILE", help="Checkpoint to go on from.")] = None,
    minutes: Annotated[float, typer.Option(help="How long to train, by the wall clock.", min=0.0)] = 60.0,
    steps: Annotated[int | None, typer.Option(help="At most this many steps.", min=1)] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures a step; without it the recipe's.", min=1)] = None,
    rate: Annotated[float | None, typer.Option(help="Peak learning rate; without it the recipe's.", min=0)] = None,
    workers: Annotated[int, typer.Option(help="Processes that prepare pictures.", min=0)] = 1,
    threads: Annotated[int, typer.Option(help="Threads of the network.", min=1)] = 1,
    score_every: Annotated[float, typer.Option(help="Minutes between dev scores.", min=0)] = 6.0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda")] = "auto",
    seed: Annotated[int, typer.Option(help="Seed of the stream of pictures.", min=0)] = 0,
) -> None:
    """Train a network by a recipe.

    Writes log.jsonl, plot.png, last.pt and best.pt to OUT, and prints where best.pt, the checkpoint with the best dev score, lies.
    """
    from platelight.train.loop import Budget, Trainer
    from platelight.train.recipe import RECIPES, Data, find, read_notes

    names = RECIPES.get(role, ("",))
    try:
        chosen = find(role, recipe or names[0])
        budget = Budget(minutes, steps, workers, threads, score_every, rate, batch, seed)
        trainer = Trainer(chosen, Data(data, tuple(drawn or ()), read_notes(notes) if notes else frozenset()), out, budget, device, resume)
    except (ValueError, OSError) as error:
        typer.echo(f"platelight train: {error}", err=True)
        raise typer.Exit(2) from error
    try:
        typer.echo(str(trainer.run()))
    except (ValueError, OSError) as error:
        typer.echo(f"platelight train: {error}", err=True)
        raise typer.Exit(1) from error
