"""`platelight templates`: the plate types that are known, as a list or as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platelight.cli.options import TableOrJson, country_codes

if TYPE_CHECKING:
    from platelight.templates import Template

SEED = 1
WIDE = 200  # columns of the table where it goes into a file or another program
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def templates(
    country: Annotated[str | None, typer.Option(metavar="CODES", help="Only these countries, for example ua,pl.")] = None,
    draw: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a picture with one drawn plate of each type instead of the list.")] = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="For people or for programs.")] = TableOrJson.table,
) -> None:
    """List the plate types it knows, or draw one plate of each."""
    chosen = _chosen(country)
    if draw:
        _draw(chosen, draw)
    elif form is TableOrJson.json:
        typer.echo(json.dumps(describe(chosen), indent=2, ensure_ascii=False))
    else:
        _print_table(describe(chosen))


def describe(chosen: Sequence[Template]) -> list[dict[str, Any]]:
    """Each template as plain values, with an example text (lines apart by a space) that is the same in every run."""
    from zlib import crc32

    import numpy as np

    from platelight.templates.model import plain

    rows = []
    for template in chosen:
        lines = template.sample(np.random.default_rng(crc32(template.id.encode())))
        rows.append({
            "id": template.id, "country": template.country, "region": template.region, "name": template.name, "years": list(template.years),
            "vehicle": template.vehicle, "patterns": list(template.patterns), "example": " ".join(map(plain, lines)), "size_mm": list(template.size_mm),
            "face": template.face, "ground": template.ground, "ink": template.ink, "frequency": template.frequency, "source": template.source,
        })  # fmt: skip
    return rows


def _chosen(codes: str | None) -> list[Template]:
    from platelight.templates import load

    every = load()
    wanted = country_codes(codes)
    if wanted is None:
        return list(every)
    known = sorted({template.country for template in every})
    unknown = [code for code in wanted if code not in known]
    if unknown:
        raise typer.BadParameter(f"no plate types for {unknown[0]!r}; there are {', '.join(known)}", param_hint="--country")
    return [template for template in every if template.country in wanted]


def _draw(chosen: Sequence[Template], path: Path) -> None:
    if path.suffix.lower() not in PICTURES:
        raise typer.BadParameter(f"{path}: the name must end in one of {', '.join(PICTURES)}", param_hint="--draw")
    if not path.parent.is_dir():
        raise typer.BadParameter(f"{path}: there is no folder {path.parent}", param_hint="--draw")
    import numpy as np
    from PIL import Image

    from platelight.synth.sheet import template_sheet

    Image.fromarray(template_sheet(chosen, np.random.default_rng(SEED))).save(path)
    typer.echo(f"{path}: {len(chosen)} types")


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "name", "years", "pattern", "example", "mm", "source"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        first, last = row["years"]
        years = f"{first or ''}-{last or ''}" if first or last else ""
        size = "x".join(f"{side:g}" for side in row["size_mm"])
        table.add_row(*map(Text, (row["id"], row["name"], years, " / ".join(row["patterns"]), row["example"], size, row["source"])))
    console.print(table)
