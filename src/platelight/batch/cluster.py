"""The same work on a Ray cluster: Ray Data hands chunks to actors, each of which keeps one worker process as `pool` does.

The actor itself never dies of a photo, so Ray, which would try a dead actor's work again for ever, has nothing to repair.
Rows travel back to the program that started the run, and it alone writes: only the photos must be reachable from every machine.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import ray
import ray.data

from platelight.batch.errors import BatchError
from platelight.batch.pool import Outcome, Pool, Task
from platelight.batch.settings import Job

BLOCK_TASKS = 8
"""Tasks that an actor is sent at a time."""

CONNECT_S = 10.0


class Cluster:
    """Reads tasks with actors on the cluster at `address` (or `local`: one on this machine with `workers` CPUs).

    `workers` is the number of actors, one for each CPU of the cluster by default. A context manager that takes leave of Ray.
    """

    def __init__(self, job: Job, address: str, workers: int | None, timeout_s: float) -> None:
        self.job, self.timeout_s = job, timeout_s
        _knock(address)
        os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # else warnings about Ray's own ways go to the terminal
        options: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False} if address == "local" else {}
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **options)
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
            raise BatchError(f"--ray {address}: no cluster there ({(str(error).strip().splitlines() or [type(error).__name__])[0]})") from None
        logging.getLogger("ray.data").setLevel(logging.WARNING)
        logging.getLogger("ray.data._internal.progress").setLevel(logging.ERROR)  # it says that its bars are off: who called has one
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        self.workers = workers or max(int(resources.get("CPU", 1)), 1)

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes of all tasks as they come, in no order. Raises `BatchError` where the job cannot be done at all."""
        blocks: Any = [ray.put(_table(group)) for group in _groups(iter(tasks))]
        if not blocks:
            return
        ray.data.DataContext.get_current().enable_progress_bars = False
        chunks = ray.data.from_arrow_refs(blocks)
        actor = {"job": self.job, "timeout_s": self.timeout_s}
        read = chunks.map_batches(
            _Actor,
            batch_size=None,
            batch_format="pyarrow",
            zero_copy_batch=True,
            compute=ray.data.ActorPoolStrategy(size=self.workers),
            num_cpus=1,
            fn_constructor_kwargs=actor,
        )
        tables: Iterator[Any] = iter(read.iter_batches(batch_size=None, batch_format="pyarrow"))
        for table in tables:
            for content in table.column("content").to_pylist():
                outcome = pickle.loads(content)
                if isinstance(outcome, str):
                    raise BatchError(outcome)
                yield outcome

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        ray.shutdown()


class _Actor:
    """Lives on some machine of the cluster with one worker process."""

    def __init__(self, job: Job, timeout_s: float) -> None:
        self.pool = Pool(job, 1, timeout_s)

    def __call__(self, tasks: pa.Table) -> Iterator[pa.Table]:
        try:
            for outcome in self.pool.run(_tasks(tasks)):
                yield _content(outcome)
        except BatchError as error:  # for the driver, which would get a RayTaskError with this one inside
            yield _content(str(error))


def _knock(address: str) -> None:
    """Raises `BatchError` where nobody answers at HOST:PORT or ray://HOST:PORT; Ray itself would try for many minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit()):
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_S).close()
    except (OSError, OverflowError) as error:
        raise BatchError(f"--ray {address}: no cluster there ({getattr(error, 'strerror', None) or error})") from None


def _content(value: Outcome | str) -> pa.Table:
    return pa.table({"content": [pickle.dumps(value)]})


def _groups(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    while group := list(islice(tasks, BLOCK_TASKS)):
        yield group


def _table(tasks: list[Task]) -> pa.Table:
    return pa.table({"task": [pickle.dumps(task) for task in tasks]})


def _tasks(table: pa.Table) -> Iterator[Task]:
    for content in table.column("task").to_pylist():
        yield pickle.loads(content)
