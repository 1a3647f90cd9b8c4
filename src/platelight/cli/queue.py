"""`platelight queue`: events that wait for their receivers, and those that a receiver refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from platelight.cli.options import TableOrJson

if TYPE_CHECKING:
    from platelight.events import Entry, Outbox

FOLDER = Path("platelight-queue")
ALL = "all"


def queue(
    folder: Annotated[Path, typer.Option("--queue", metavar="DIR", help="The folder where the events of `platelight watch` wait.")] = FOLDER,
    requeue: Annotated[list[str] | None, typer.Option(metavar="ID", help="Try this refused event again, or `all`; may be repeated.")] = None,
    receiver: Annotated[str | None, typer.Option(metavar="NAME", help="Only what is for this receiver.")] = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="For people or for programs.")] = TableOrJson.table,
) -> None:
    """Show events that wait or were refused.

    Refused events stay aside until they are requeued or too old. This may be done while `platelight watch` runs, which sends
    what was requeued within seconds. The exit status is 0, or 2 where there is no such queue or no such event.
    """
    from platelight.events import Outbox
    from platelight.events.opening import DATABASE

    if not (folder / DATABASE).is_file():
        raise typer.BadParameter(f"{folder} holds no queue", param_hint="--queue")
    outbox = Outbox(folder)
    try:
        if outbox.error is not None:
            raise typer.BadParameter(f"{folder}: {outbox.error}", param_hint="--queue")
        for event_id in requeue or ():
            _requeue(outbox, event_id, receiver)
        if not requeue:
            _show(outbox, receiver, form)
    finally:
        outbox.close()


def _requeue(outbox: Outbox, event_id: str, receiver: str | None) -> None:
    count = outbox.requeue(None if event_id == ALL else event_id, receiver)
    if not count and event_id != ALL:
        raise typer.BadParameter(f"no receiver refused an event {event_id}", param_hint="--requeue")
    typer.echo(f"{count} requeued")


def _show(outbox: Outbox, receiver: str | None, form: TableOrJson) -> None:
    refused = outbox.refused(receiver)
    receivers = {name: counts for name, counts in sorted(outbox.counts().items()) if receiver in (None, name)}
    if form is TableOrJson.json:
        events = [{"receiver": entry.target, "tries": entry.tries, "error": entry.error, "event": entry.event} for entry in refused]
        typer.echo(json.dumps({"receivers": receivers, "refused": events}, indent=2, ensure_ascii=False))
        return
    for name, counts in receivers.items():
        typer.echo(f"{name}: {counts['waiting']} waiting, {counts['refused']} refused")
    for entry in refused:
        typer.echo(_line(entry))
    if not receivers:
        typer.echo("nothing waits, nothing was refused")


def _line(entry: Entry) -> str:
    return f"  {entry.id}  {entry.event['time']}  {entry.event['camera']}  {entry.event['text'] or '-'}  {entry.target}: {entry.error}"
