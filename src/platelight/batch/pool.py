"""Worker processes that may die: each photo is read, or after a second chance on its own gets an error, whatever happens to them.

`concurrent.futures.ProcessPoolExecutor` gives up as a whole when one process dies, and holds a future for every task. Here a
worker is replaced, its chunk is read again, then photo by photo, and tasks are taken from their stream when a worker is free.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from types import ModuleType
from typing import Any

from platelight.batch import worker
from platelight.batch.errors import BatchError
from platelight.batch.settings import Job

TIMEOUT_S = 120.0
"""A worker that has not begun or finished a photo for so long counts as hung."""

START_TIMEOUT_S = 300.0
ASLEEP_S = 1.0
"""A wait that lasts so much longer than asked for was no wait: this process itself did not run."""

FAILED_STARTS = 3
"""Workers that die while they start, one after the other with none that got ready, before the run gives up."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """Photos to read together: `start` is the index of the first; `places` are what to open. `failures` counts earlier tries."""

    start: int
    places: tuple[str, ...]
    alone: bool = False
    failures: int = 0


@dataclass(frozen=True)
class Outcome:
    """The rows of photos from index `start` on."""

    start: int
    rows: Sequence[Row]


class _Worker:
    """The parent's side of one process."""

    def __init__(self, job: Job) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=worker.main, args=(theirs, job), daemon=True)
        with _sigint_blocked(), _main_module_hidden():
            self.process.start()
        theirs.close()
        self.ready = False
        self.task: Task | None = None
        self.deadline = time.monotonic() + START_TIMEOUT_S

    def give(self, task: Task, timeout_s: float) -> None:
        """Hand over a task now, or when the worker says that it is ready."""
        self.task = task
        if self.ready:
            self.deadline = time.monotonic() + timeout_s
            with suppress(BrokenPipeError, ConnectionResetError):  # it died just now: its end of the pipe will say so
                self.connection.send(task.places)

    def end(self, hung: bool = True) -> str:
        """Kill it if it lives, and say how it ended."""
        if not hung:
            self.process.join(1.0)  # a process whose pipe broke is about to be gone, with a status to tell
        self.process.kill()
        self.process.join()
        self.connection.close()
        status = self.process.exitcode or 0
        self.process.close()
        if status < 0:
            with suppress(ValueError):
                return f"died ({signal.Signals(-status).name})"
        return f"ended with status {status}"


class Pool:
    """Reads tasks with up to `workers` processes; a context manager that ends them."""

    def __init__(self, job: Job, workers: int, timeout_s: float = TIMEOUT_S) -> None:
        if workers < 1:
            raise ValueError(f"workers must be a whole number from 1, got {workers!r}")
        if not timeout_s > 0:
            raise ValueError(f"timeout_s must be above 0, got {timeout_s!r}")
        self.job, self.size, self.timeout_s = job, workers, timeout_s
        self._workers: list[_Worker] = []
        self._again: deque[Task] = deque()
        self._failed_starts = 0

    def run(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """The outcomes of all tasks as they come, in no order. Raises `BatchError` where the job cannot be done at all."""
        stream = iter(tasks)
        self._hand_out(stream)
        while any(each.task for each in self._workers):
            for one in self._heard():
                outcome = self._listen(one)
                self._hand_out(stream)  # first: nobody waits while the rows are stored
                if outcome is not None:
                    yield outcome

    def close(self) -> None:
        """Kill the workers; what they were reading is lost."""
        for one in self._workers:
            one.process.kill()
        for one in self._workers:
            one.end()
        self._workers.clear()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hand_out(self, stream: Iterator[Task]) -> None:
        """Give every idle worker a task, starting workers as long as there are tasks for them."""
        while True:
            idle = next((one for one in self._workers if one.task is None), None)
            if idle is None and len(self._workers) >= self.size:
                return
            task = self._again.popleft() if self._again else next(stream, None)
            if task is None:
                return
            if idle is None:
                idle = _Worker(self.job)
                self._workers.append(idle)
            idle.give(task, self.timeout_s)

    def _heard(self) -> list[_Worker]:
        """Workers that said something or died, or whose time is over; waits for one."""
        busy = [one for one in self._workers if one.task]
        start = time.monotonic()
        left_s = max(min(one.deadline for one in busy) - start, 0.0)
        ready = wait([one.connection for one in busy], left_s)
        now = time.monotonic()
        if now - start > left_s + ASLEEP_S:  # stopped by Ctrl-Z or a sleeping machine, and the workers with it
            for one in busy:
                one.deadline += now - start
        return [one for one in busy if one.connection in ready or now >= one.deadline]

    def _listen(self, one: _Worker) -> Outcome | None:
        task = one.task
        assert task is not None
        content: Any
        try:
            if not one.connection.poll():
                return self._lost(one, task, hung=True)
            kind, content = one.connection.recv()
        except (EOFError, OSError):
            return self._lost(one, task, hung=False)
        one.deadline = time.monotonic() + self.timeout_s
        if kind == worker.UNUSABLE:
            raise BatchError(content)
        if kind == worker.READY:
            self._failed_starts, one.ready = 0, True
            one.give(task, self.timeout_s)
        elif kind == worker.ROWS:
            one.task = None
            return Outcome(task.start, content)
        elif kind == worker.FAILED:
            one.task = None
            return self._second_chance(task, content, split=True)
        return None

    def _lost(self, one: _Worker, task: Task, hung: bool) -> Outcome | None:
        """A worker is gone, or goes because it gives no sign of life."""
        self._workers.remove(one)
        ended = one.end(hung)
        if not one.ready:
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS:
                raise BatchError(f"workers cannot start: the last {FAILED_STARTS} " + ("hung" if hung else f"{ended} while loading"))
            self._again.appendleft(task)
            return None
        cause = f"the process that read it gave no sign of life for {self.timeout_s:g} s" if hung else f"the process that read it {ended}"
        return self._second_chance(task, cause, split=hung)

    def _second_chance(self, task: Task, cause: str, split: bool) -> Outcome | None:
        """Try a failed task again: a chunk as it was, for it may have been no fault of its photos, then its photos one by one.

        `split` leaves out the former. A photo that fails twice on its own gets a row that says why.
        """
        if not task.alone and (split or task.failures):
            singles = [Task(task.start + place, (path,), alone=True) for place, path in enumerate(task.places)]
            self._again.extendleft(reversed(singles))
        elif task.failures == 0:
            self._again.appendleft(replace(task, failures=1))
        else:
            return Outcome(task.start, [failed_row(task.places[0], cause)])
        return None


def failed_row(place: str, cause: str) -> Row:
    """The row of a photo that could not be read."""
    return {"width": 0, "height": 0, "error": f"{place}: {cause}, twice", "plates": []}


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """A process started within never sees Ctrl-C, not even before it can say that it does not want to."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """A process started within does not import the program's main module again: it has no use for it, and a script that
    calls `run` without `if __name__ == "__main__"` would start the run once more."""
    actual = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = actual
