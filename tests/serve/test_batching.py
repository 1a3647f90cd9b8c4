from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from platelight.records import Photo
from platelight.serve.batching import Batcher
from platelight.serve.errors import RefusedError
from platelight.serve.reading import HideWork, Outcome, ReadWork, Task, Work


class Scripted:
    """A worker that notes its batches, and waits until it is let go."""

    def __init__(self, held: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.go = asyncio.Event()
        self.closed = False
        if not held:
            self.go.set()

    async def do(self, tasks: Sequence[Task]) -> list[Outcome]:
        self.batches.append([task.name for task in tasks])
        await self.go.wait()
        if any(task.name.startswith("bad") for task in tasks):
            raise RuntimeError("bad")
        return [Outcome(Photo(task.name, 0, 1, 1), 0.001) for task in tasks]

    def close(self) -> None:
        self.closed = True


class Ear:
    def __init__(self) -> None:
        self.pictures: list[int] = []

    def batch(self, pictures: int, seconds: float) -> None:
        self.pictures.append(pictures)


def task(name: str, work: Work | None = None) -> Task:
    return Task(b"", name, work or ReadWork())


async def names(batcher: Batcher, *tasks: Task, deadline_s: float = 5) -> list[str]:
    return [outcome.photo.source for outcome in await batcher.do(tasks, deadline_s)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def started(*workers: Scripted, limit: int = 100, batch: int = 4) -> Batcher:
    batcher = Batcher(workers, limit, batch, Ear())
    batcher.start()
    return batcher


def test_what_waits_together_is_read_together() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker)
        jobs = [asyncio.create_task(names(batcher, task("0")))]
        await settled()
        jobs += [asyncio.create_task(names(batcher, task(f"{n}"))) for n in range(1, 7)]
        await settled()
        worker.go.set()
        assert [name for job in jobs for name in await job] == [f"{n}" for n in range(7)]
        assert worker.batches == [["0"], ["1", "2", "3", "4"], ["5", "6"]]
        await batcher.stop()

    asyncio.run(check())


def test_only_the_same_work_is_read_together_and_nothing_waits_for_ever() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker)
        works = [ReadWork(), ReadWork(), HideWork(), ReadWork(effort="fast"), ReadWork(), HideWork()]
        jobs = []
        for n, work in enumerate(works):
            jobs.append(asyncio.create_task(names(batcher, task(f"{n}", work))))
            await settled()
        worker.go.set()
        await asyncio.gather(*jobs)
        assert worker.batches == [["0"], ["1", "4"], ["2"], ["3"], ["5"]]
        await batcher.stop()

    asyncio.run(check())


def test_idle_workers_share_what_waits() -> None:
    async def check() -> None:
        workers = Scripted(held=True), Scripted(held=True)
        batcher = started(*workers, batch=8)
        await settled()
        job = asyncio.create_task(names(batcher, *(task(f"{n}") for n in range(6))))
        await settled()
        assert [worker.batches for worker in workers] == [[["0", "1", "2"]], [["3", "4", "5"]]]
        for worker in workers:
            worker.go.set()
        assert await job == [f"{n}" for n in range(6)]
        await batcher.stop()

    asyncio.run(check())


def test_a_full_queue_refuses_all_of_a_request() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker, limit=3, batch=1)
        jobs = [asyncio.create_task(names(batcher, task("first")))]
        await settled()
        jobs.append(asyncio.create_task(names(batcher, task("second"), task("third"))))
        await settled()
        assert batcher.waiting == 2
        with pytest.raises(RefusedError, match="2 pictures are waiting already") as refused:
            await batcher.do([task("fourth"), task("fifth")], 5)
        assert refused.value.status == 429
        assert int(refused.value.headers["Retry-After"]) >= 1
        worker.go.set()
        assert [name for job in jobs for name in await job] == ["first", "second", "third"]
        await batcher.stop()

    asyncio.run(check())


def test_what_nobody_waits_for_any_more_is_not_read() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker, limit=2, batch=1)
        first = asyncio.create_task(names(batcher, task("first")))
        await settled()
        gone = asyncio.create_task(names(batcher, task("gone")))
        with pytest.raises(RefusedError, match=r"not done within 0\.01 s") as refused:
            await names(batcher, task("late"), deadline_s=0.01)
        assert refused.value.status == 504
        gone.cancel()
        await settled()
        last = [asyncio.create_task(names(batcher, task(name))) for name in ("last", "really last")]  # there is room again
        await settled()
        worker.go.set()
        await asyncio.gather(first, *last)
        assert worker.batches == [["first"], ["last"], ["really last"]]
        await batcher.stop()

    asyncio.run(check())


def test_a_batch_that_fails_is_done_one_by_one() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker)
        jobs = [asyncio.create_task(names(batcher, task(name))) for name in ("0", "1", "bad", "3")]
        await settled()
        worker.go.set()
        answers = await asyncio.gather(*jobs, return_exceptions=True)
        assert [answers[0], answers[1], type(answers[2]), answers[3]] == [["0"], ["1"], RuntimeError, ["3"]]
        await batcher.stop()

    asyncio.run(check())


def test_stopping_finishes_what_was_accepted_and_accepts_nothing_more() -> None:
    async def check() -> None:
        worker = Scripted(held=True)
        batcher = started(worker, batch=1)
        jobs = [asyncio.create_task(names(batcher, task(f"{n}"))) for n in range(3)]
        await settled()
        stopping = asyncio.create_task(batcher.stop())
        await settled()
        assert batcher.closing
        with pytest.raises(RefusedError, match="the service is stopping") as refused:
            await batcher.do([task("late")], 5)
        assert refused.value.status == 503
        assert not worker.closed
        worker.go.set()
        await stopping
        assert [name for job in jobs for name in await job] == ["0", "1", "2"]
        assert worker.closed

    asyncio.run(check())
