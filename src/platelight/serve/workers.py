"""Where tasks are done: in one thread of the service's process, or in processes of their own that are started again when they die."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from platelight.serve.batching import Worker
from platelight.serve.errors import RefusedError
from platelight.serve.reading import Outcome, Readers, Task
from platelight.serve.settings import ModelChoice, Settings


class ThreadWorker:
    """Reads in a thread beside the event loop; the networks leave Python's lock to it for most of the time."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._executor: Executor = ThreadPoolExecutor(1, "reader")

    async def do(self, tasks: Sequence[Task]) -> list[Outcome]:
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._readers.do, tasks)

    def close(self) -> None:
        self._executor.shutdown()


class ProcessWorker:
    """Reads in a process. A picture that kills it costs an error for that picture, and the process is started again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._executor = self._started()

    def _started(self) -> ProcessPoolExecutor:
        choice, limits = self._settings.choice, self._settings.limits
        context = multiprocessing.get_context("spawn")  # a forked copy of a process with threads may hang
        return ProcessPoolExecutor(1, context, _load, (choice, limits.pixels, limits.top))

    async def ready(self) -> None:
        """Wait until the networks are loaded. Raises `BrokenProcessPool` where they cannot be."""
        await asyncio.get_running_loop().run_in_executor(self._executor, _ready)

    async def do(self, tasks: Sequence[Task]) -> list[Outcome]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, _do, tasks)
        except BrokenProcessPool:
            self._executor.shutdown(wait=False)
            self._executor = self._started()
            raise RefusedError(500, "reader_died", "the reading process ended while it read this picture") from None

    def close(self) -> None:
        self._executor.shutdown()


def load(settings: Settings) -> Readers:
    """What a worker of this process reads with. Raises what `Platelight` raises where the models cannot be used."""
    return Readers(settings.choice, settings.limits.pixels, settings.limits.top)


async def start(settings: Settings, readers: Readers | None = None) -> list[Worker]:
    """The workers that `settings` asks for, ready; `readers` are used where one reads in this process."""
    if settings.workers == 1:
        return [ThreadWorker(readers or load(settings))]
    workers = [ProcessWorker(settings) for _ in range(settings.workers)]
    await asyncio.gather(*(worker.ready() for worker in workers))
    return list(workers)


_readers: Readers | None = None


def _load(choice: ModelChoice, max_pixels: int, top: int) -> None:
    """Begins a reading process. It ends when the service says so, or dies: not by the signals that ask the service to finish its work."""
    global _readers
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    _readers = Readers(choice, max_pixels, top)


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(1)


def _ready() -> bool:
    return _readers is not None


def _do(tasks: Sequence[Task]) -> list[Outcome]:
    assert _readers is not None
    return _readers.do(tasks)
