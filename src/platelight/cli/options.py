"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EffortName(StrEnum):
    """How hard the reader tries."""

    fast = "fast"
    normal = "normal"
    thorough = "thorough"


class TableOrJson(StrEnum):
    """For people or for programs."""

    table = "table"
    json = "json"


Crops = Annotated[bool, typer.Option("--crops", help="The pictures are plates already: read them without detecting.")]
Effort = Annotated[EffortName, typer.Option(help="One look, a second look where it pays, or every scale.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]
Models = Annotated[Path | None, typer.Option(metavar="DIR", help="A folder of models to use instead of the package's own.")]


def country_codes(text: str | None) -> list[str] | None:
    """`ua, PL` as `["ua", "pl"]`; None stays None. Raises typer.BadParameter where there is no code in it."""
    if text is None:
        return None
    codes = [code.strip().lower() for code in text.split(",") if code.strip()]
    if not codes:
        raise typer.BadParameter(f"{text!r} names no country; give codes such as ua,pl", param_hint="--country")
    return codes
