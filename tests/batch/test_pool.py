"""Workers that crash, hang and raise: every photo gets its row all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from quick_jobs import DyingJob, NosyJob, QuickJob, UnusableJob, row_of

from platelight.batch.errors import BatchError
from platelight.batch.pool import Pool, Task

HERE = Path(__file__).parent


def tasks(*names: str, size: int = 4) -> Iterator[Task]:
    for start in range(0, len(names), size):
        yield Task(start, names[start : start + size])


def rows(job: QuickJob, *names: str, workers: int = 2, timeout_s: float = 30.0, size: int = 4) -> list[dict[str, object]]:
    found: dict[int, dict[str, object]] = {}
    with Pool(job, workers, timeout_s) as pool:
        for outcome in pool.run(tasks(*names, size=size)):
            for place, row in enumerate(outcome.rows):
                assert outcome.start + place not in found
                found[outcome.start + place] = dict(row)
    assert sorted(found) == list(range(len(names)))
    return [found[place] for place in range(len(names))]


def test_all_rows_come(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(50)]
    assert rows(QuickJob(), *names, workers=3) == [row_of(name) for name in names]


@pytest.mark.parametrize(("bad", "cause"), [("crash", "died (SIGSEGV)"), ("killed", "died (SIGKILL)"), ("raise", "RuntimeError: upset by 5-raise.jpg")])
def test_a_photo_that_fails_its_worker_is_the_only_one_to_suffer(bad: str, cause: str) -> None:
    names = [f"{number}.jpg" if number != 5 else f"5-{bad}.jpg" for number in range(12)]
    found = rows(QuickJob(), *names)
    assert [row for place, row in enumerate(found) if place != 5] == [row_of(name) for place, name in enumerate(names) if place != 5]
    assert cause in str(found[5]["error"])
    assert str(found[5]["error"]).startswith(f"5-{bad}.jpg: ")
    assert str(found[5]["error"]).endswith(", twice")
    assert (found[5]["plates"], found[5]["width"]) == ([], 0)


def test_a_photo_that_hangs_its_worker(tmp_path: Path) -> None:
    names = ["a.jpg", "hang.jpg", "b.jpg"]
    found = rows(QuickJob(), *names, timeout_s=1.0)
    assert [found[0], found[2]] == [row_of("a.jpg"), row_of("b.jpg")]
    assert found[1]["error"] == "hang.jpg: the process that read it gave no sign of life for 1 s, twice"


@pytest.mark.parametrize("bad", ["crash", "raise", "hang"])
def test_a_photo_that_fails_once_is_read(tmp_path: Path, bad: str) -> None:
    names = [str(tmp_path / f"{name}.jpg") for name in ("a", f"{bad}-once", "c")]
    assert rows(QuickJob(), *names, timeout_s=2.0) == [row_of(name) for name in names]


def test_slow_photos_are_not_hung_ones() -> None:
    names = [f"{number}.jpg" for number in range(8)]
    assert rows(QuickJob(pause_s=0.3), *names, timeout_s=1.0, size=8) == [row_of(name) for name in names]


def test_tasks_are_taken_as_they_are_needed() -> None:
    taken = []

    def watched() -> Iterator[Task]:
        for number in range(1000):
            taken.append(number)
            yield Task(number, (f"{number}.jpg",))

    with Pool(QuickJob(), 2) as pool:
        outcomes = pool.run(watched())
        for count, _ in zip(range(1, 21), outcomes, strict=False):
            assert len(taken) <= count + 2


def test_a_job_that_cannot_be_opened_ends_the_run() -> None:
    with pytest.raises(BatchError, match="no such model"):
        rows(UnusableJob(), "a.jpg")
    with pytest.raises(BatchError, match=r"workers cannot start: the last 3 died \(SIGKILL\) while loading"):
        rows(DyingJob(), "a.jpg")


def test_no_tasks() -> None:
    assert rows(QuickJob()) == []


def test_workers_have_one_thread_and_load_nothing_they_do_not_need() -> None:
    [first, second] = rows(NosyJob(), "a", "b", size=1)
    assert (first["width"], first["error"]) == (second["width"], second["error"]) == (1, None)
    assert first["height"] != os.getpid()


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"timeout_s": 0.0}])
def test_wrong_options(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pool(QuickJob(), **{"workers": 1, **wrong})  # type: ignore[arg-type]


def workers_of(pid: int) -> list[int]:
    return [
        int(line)
        for line in subprocess.run(["pgrep", "-P", str(pid), "-f", "multiprocessing-fork"], capture_output=True, text=True, check=False).stdout.split()
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by pgrep")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_a_killed_run(how: signal.Signals) -> None:
    script = (
        "from quick_jobs import QuickJob; from platelight.batch.pool import Pool, Task; list(Pool(QuickJob(), 2).run([Task(0, ('hang',)), Task(1, ('hang',))]))"
    )
    run = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])})
    until(lambda: len(workers_of(run.pid)) == 2)
    workers = workers_of(run.pid)
    run.send_signal(how)
    run.wait(10)
    until(lambda: not any(alive(pid) for pid in workers))


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by pgrep")
def test_a_run_that_was_itself_stopped_does_not_take_its_workers_for_hung(tmp_path: Path) -> None:
    """Ctrl-Z for longer than the timeout, then fg."""
    script = (
        "from quick_jobs import QuickJob; from platelight.batch.pool import Pool, Task; pool = Pool(QuickJob(pause_s=2), 1, timeout_s=4)\n"
        "for outcome in pool.run(Task(n, ('a',)) for n in range(99)): print(outcome.start, flush=True)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    run = subprocess.Popen([sys.executable, "-c", script], env=environment, start_new_session=True, stdout=subprocess.PIPE)
    assert run.stdout is not None
    assert run.stdout.readline() == b"0\n"
    before = workers_of(run.pid)
    os.killpg(run.pid, signal.SIGSTOP)
    time.sleep(6)
    os.killpg(run.pid, signal.SIGCONT)
    assert run.stdout.readline() == b"1\n"
    assert workers_of(run.pid) == before
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def until(true: object) -> None:
    deadline = time.monotonic() + 30
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"
