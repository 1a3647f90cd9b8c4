"""A bounded queue of pictures between requests and workers. What waits together for the same work is read together."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from platelight.serve.errors import RefusedError
from platelight.serve.reading import Outcome, Task

RECENT = 0.2
"""Weight of the newest batch in the running mean of seconds a picture."""


class Worker(Protocol):
    """Does tasks of one kind of work somewhere else than on the event loop."""

    async def do(self, tasks: Sequence[Task]) -> list[Outcome]: ...

    def close(self) -> None: ...


class Observer(Protocol):
    """Is told about every batch."""

    def batch(self, pictures: int, seconds: float) -> None: ...


@dataclass(slots=True, eq=False)
class _Waiting:
    task: Task
    future: asyncio.Future[Outcome]


class Batcher:
    """Hands pictures to workers in the order they came; every worker has one batch at a time.

    There is no wait for a batch to fill: while one is read, the next gathers.
    """

    def __init__(self, workers: Sequence[Worker], limit: int, batch: int, observer: Observer) -> None:
        self.limit, self.batch = limit, batch
        self._workers, self._observer = list(workers), observer
        self._waiting: deque[_Waiting] = deque()
        self._changed = asyncio.Condition()
        self._idle = len(self._workers)
        self._closing = False
        self._picture_s = 0.05
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [asyncio.create_task(self._work(worker)) for worker in self._workers]

    async def stop(self) -> None:
        """Finish what was accepted, then let the workers go."""
        async with self._changed:
            self._closing = True
            self._changed.notify_all()
        await asyncio.gather(*self._loops)
        for worker in self._workers:
            worker.close()

    @property
    def closing(self) -> bool:
        return self._closing

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def do(self, tasks: Sequence[Task], deadline_s: float) -> list[Outcome]:
        """The outcomes of `tasks`. Raises `RefusedError` where the queue is full or the time is over; then nothing more is read for it."""
        if self._closing:
            raise RefusedError(503, "stopping", "the service is stopping", 5)
        self._waiting = deque(item for item in self._waiting if not item.future.done())  # without those that nobody waits for any more
        if len(self._waiting) + len(tasks) > self.limit:
            raise RefusedError(429, "busy", f"{len(self._waiting)} pictures are waiting already; try again later", self.backlog_s)
        loop = asyncio.get_running_loop()
        added = [_Waiting(task, loop.create_future()) for task in tasks]
        async with self._changed:
            self._waiting.extend(added)
            self._changed.notify(min(len(added), self._idle) or 1)
        try:
            async with asyncio.timeout(deadline_s):
                return [await item.future for item in added]
        except TimeoutError:
            raise RefusedError(504, "deadline", f"not done within {deadline_s:g} s; the service is busy or the pictures are large", self.backlog_s) from None
        finally:
            for item in added:
                item.future.cancel()  # does nothing to those that are done

    @property
    def backlog_s(self) -> float:
        """How long what waits now will take."""
        return len(self._waiting) * self._picture_s / max(len(self._workers), 1)

    async def _work(self, worker: Worker) -> None:
        while batch := await self._next():
            start = time.perf_counter()
            await self._settle(worker, batch)
            self._idle += 1
            seconds = time.perf_counter() - start
            self._picture_s += RECENT * (seconds / len(batch) - self._picture_s)
            self._observer.batch(len(batch), seconds)

    async def _next(self) -> list[_Waiting]:
        """The next batch, its fair share of what waits while others are idle; empty when all is done and the service stops."""
        async with self._changed:
            while True:
                while self._waiting and self._waiting[0].future.done():
                    self._waiting.popleft()
                if self._waiting:
                    break
                if self._closing:
                    return []
                await self._changed.wait()
            work = self._waiting[0].task.work
            most = min(self.batch, math.ceil(len(self._waiting) / max(self._idle, 1))) if work.together else 1
            taken = [item for item in self._waiting if item.task.work == work and not item.future.done()][:most]
            chosen = set(map(id, taken))
            self._waiting = deque(item for item in self._waiting if id(item) not in chosen)
            self._idle -= 1
            return taken

    async def _settle(self, worker: Worker, batch: list[_Waiting]) -> None:
        """Give every picture of the batch its outcome; where a batch fails as a whole, find the one that fails by itself."""
        try:
            outcomes = await worker.do([item.task for item in batch])
            for item, outcome in zip(batch, outcomes, strict=True):
                if not item.future.done():
                    item.future.set_result(outcome)
        except Exception as error:
            left = [item for item in batch if not item.future.done()]
            if len(batch) == 1 and left:
                left[0].future.set_exception(error)
            elif len(batch) > 1:
                for item in left:
                    await self._settle(worker, [item])
