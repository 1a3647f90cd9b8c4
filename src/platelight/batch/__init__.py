"""Many photos: a resumable run over a list of them, on this machine or on a Ray cluster, with Parquet files out.

The names below are for the layers above and for programs; each is imported at its first use, so that a worker process loads
nothing that only its parent needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from platelight.batch.errors import BatchError
    from platelight.batch.execute import Progress, run
    from platelight.batch.listing import Listing, list_file, list_paths
    from platelight.batch.parquet import read_rows, write_rows
    from platelight.batch.results import RunInfo, iter_results, run_info
    from platelight.batch.settings import Settings

__all__ = [
    "BatchError",
    "Listing",
    "Progress",
    "RunInfo",
    "Settings",
    "iter_results",
    "list_file",
    "list_paths",
    "read_rows",
    "run",
    "run_info",
    "write_rows",
]

_HOMES = {
    "errors": ("BatchError",),
    "listing": ("Listing", "list_file", "list_paths"),
    "parquet": ("read_rows", "write_rows"),
    "results": ("RunInfo", "iter_results", "run_info"),
    "execute": ("Progress", "run"),
    "settings": ("Settings",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'platelight.batch' has no attribute {name!r}")
    value = getattr(import_module(f"platelight.batch.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value
