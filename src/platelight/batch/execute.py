"""A run: the list's photos through workers into a folder of Parquet files."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platelight.batch.errors import BatchError
from platelight.batch.listing import Listing
from platelight.batch.lock import locked
from platelight.batch.manifest import SHARD_ROWS, prepare, refuse_strangers
from platelight.batch.pool import TIMEOUT_S, Pool
from platelight.batch.results import RunInfo, run_info
from platelight.batch.settings import Job
from platelight.batch.store import Store

if TYPE_CHECKING:
    from platelight.batch.cluster import Cluster

CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@dataclass(frozen=True)
class Progress:
    """How far a run is: `done` of `total` photos, `errors` and `plates` among those, and the `messages` that came just now."""

    done: int
    total: int
    errors: int
    plates: int
    messages: tuple[str, ...] = ()


def run(
    listing: Listing, out: str | Path, job: Job, workers: int | None = None, timeout_s: float = TIMEOUT_S,
    progress: Callable[[Progress], None] | None = None, ray: str | None = None,
    shard_rows: int = SHARD_ROWS,
) -> RunInfo:  # fmt: skip
    """Read every photo of `listing` and write the rows (see `schema.PHOTO`) to the folder `out`.

    A run that was stopped, however it was, goes on when it is called again with the same list and job, and ends with the rows
    of one that was not. `workers` processes read, one for each CPU by default; on `ray`, the address of a cluster, actors do.
    A new run writes `shard_rows` photos to a file.
    A photo whose process dies, or gives no sign of life for `timeout_s` seconds, is tried again and then gets an error.
    Raises `BatchError` for what cannot be used, `OSError` that names the file where `out` cannot be written.
    """
    folder, tell = Path(out), progress or (lambda _: None)
    _make(folder)
    with locked(folder):
        store = Store(folder, prepare(folder, listing, job.identity(), shard_rows))
        total = store.manifest.rows
        tell(Progress(store.done, total, store.errors, store.plates))
        with _runner(job, workers, timeout_s, ray) as runner:
            for outcome in runner.run(store.tasks()):
                store.add(outcome)
                messages = tuple(str(row["error"]) for row in outcome.rows if row["error"] is not None)
                tell(Progress(store.done, total, store.errors, store.plates, messages))
        store.finish()
    return run_info(folder)


def usable_cpus() -> int:
    """CPUs that this process may keep busy: of those there are, those it may run on and its container's share."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = CPU_QUOTA.read_text(encoding="ascii").split()
        return max(min(count, math.ceil(int(quota) / int(period))), 1)
    except (OSError, ValueError):  # no such file, or no limit ("max")
        return count


def _runner(job: Job, workers: int | None, timeout_s: float, ray: str | None) -> AbstractContextManager[Pool | Cluster]:
    if ray is None:
        return Pool(job, usable_cpus() if workers is None else workers, timeout_s)
    from platelight.batch.cluster import Cluster

    return Cluster(job, ray, workers, timeout_s)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise BatchError(f"{folder}: is a file, not a folder") from None
    refuse_strangers(folder)
