"""What a finished run holds, for programs and for the layers above."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platelight.batch.errors import BatchError
from platelight.batch.manifest import Manifest
from platelight.batch.parquet import read_rows


@dataclass(frozen=True)
class RunInfo:
    """A finished run: its files in the order of the list, its counts, its settings, and the root of its relative paths."""

    folder: Path
    files: tuple[Path, ...]
    photos: int
    errors: int
    plates: int
    root: str
    settings: dict[str, Any]


def run_info(out: str | Path) -> RunInfo:
    """What the folder `out` is the run of. Raises `BatchError` where it holds none, or one that is not finished."""
    folder = Path(out)
    try:
        manifest = Manifest.read(folder)
    except OSError as error:
        raise BatchError(f"{folder}: holds no run ({error.strerror})") from None
    if manifest.finished is None:
        raise BatchError(f"{folder}: the run is not finished; start it again to go on with it")
    files = tuple(manifest.shard_path(folder, shard) for shard in range(manifest.shards))
    counts = manifest.finished
    return RunInfo(folder, files, counts["photos"], counts["errors"], counts["plates"], manifest.root, manifest.settings)


def iter_results(out: str | Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a finished run in the order of its list, as dicts; `columns` chooses some. Raises `BatchError`."""
    for file in run_info(out).files:
        yield from read_rows(file, columns)
