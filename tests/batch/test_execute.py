"""Whole runs: what they write, and that runs killed at any moment end with the rows of an undisturbed one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pyarrow.parquet as pq
from quick_jobs import QuickJob, UnusableJob, row_of

from platelight.batch import BatchError, Progress, iter_results, list_paths, run, run_info
from platelight.batch.execute import usable_cpus
from platelight.batch.listing import Listing

SHARD = 128
HERE = Path(__file__).parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="finds the workers by pgrep")


def listing(names: list[str]) -> Listing:
    return list_paths(lambda: names, "the test's list", "/photos")


def files(out: Path) -> dict[str, bytes]:
    """The results, byte by byte."""
    return {path.name: path.read_bytes() for path in out.glob("photos-*.parquet")}


def expected(names: list[str]) -> list[dict[str, Any]]:
    return [{"index": place, "source": name} | row_of(f"/photos/{name}") for place, name in enumerate(names)]


def test_a_run_writes_a_row_a_photo_in_the_order_of_the_list(tmp_path: Path) -> None:
    names = [f"{number % 190}{'-broken' if number % 80 == 7 else ''}.jpg" for number in range(300)]
    seen: list[Progress] = []
    info = run(listing(names), tmp_path / "deep" / "out", QuickJob(), workers=2, progress=seen.append, shard_rows=SHARD)
    assert list(iter_results(info.folder)) == expected(names)
    assert sorted(path.name for path in info.folder.iterdir()) == [
        ".lock",
        "_list.parquet",
        "_run.json",
        *(f"photos-0000{number}.parquet" for number in range(3)),
    ]
    plates = sum(len(row_of(name)["plates"]) for name in names)
    assert (info.photos, info.errors, info.plates, info.root) == (300, 4, plates, "/photos")
    assert (seen[0].done, seen[-1]) == (0, Progress(300, 300, 4, plates, ()))
    assert sorted(message for progress in seen for message in progress.messages) == sorted(
        f"/photos/{name}: broken picture" for name in names if "broken" in name
    )
    assert [row["source"] for row in iter_results(info.folder, ["source"])] == names


def test_messages_that_are_not_valid_text_are_kept_all_the_same(tmp_path: Path) -> None:
    run(listing(["a.jpg", "odd.jpg"]), tmp_path, QuickJob(), workers=1)
    assert [row["error"] for row in iter_results(tmp_path, ["error"])] == [None, "\\udcff.jpg: no such file"]


def test_the_folder_reads_as_one_table_that_says_what_it_is(tmp_path: Path) -> None:
    run(listing(["a.jpg", "b.jpg"]), tmp_path, QuickJob(), workers=1)
    assert pq.read_table(tmp_path).num_rows == 2
    about = pq.read_metadata(tmp_path / "photos-00000.parquet").metadata
    assert (about[b"platelight.schema_version"], about[b"platelight.version"]) == (b"1", b"test")
    assert json.loads(about[b"platelight.models"]) == ["quick-1"]
    assert json.loads(about[b"platelight.settings"])["option"] == "x"


def test_started_again_when_finished_it_changes_nothing(tmp_path: Path) -> None:
    names = ["a.jpg", "b.jpg"]
    run(listing(names), tmp_path, QuickJob(), workers=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    seen: list[Progress] = []
    run(listing(names), tmp_path, QuickJob(), workers=5, progress=seen.append)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert [progress.done for progress in seen] == [2]


SCRIPT = """
import sys, json
from quick_jobs import QuickJob
from platelight.batch import list_paths, run
names = json.load(open(sys.argv[2]))
run(list_paths(lambda: names, "the test's list", "/photos"), sys.argv[1], QuickJob(pause_s=0.01), workers=2, timeout_s=60, shard_rows=128)
"""


def start(out: Path, names: Path) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join([str(HERE), *sys.path])
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(out), str(names)], env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE)


BAD = {60: "crash", 70: "broken", 200: "raise", 320: "killed"}
NAMES = [f"{number}-{BAD.get(number, 'fine')}.jpg" for number in range(400)]
"""Three shards and a bit, among them photos that crash, raise and are broken."""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    run(listing(NAMES), out, QuickJob(), workers=2, shard_rows=SHARD)
    rows = list(iter_results(out))
    read = [place for place in range(len(NAMES)) if BAD.get(place, "broken") == "broken"]
    assert [rows[place] for place in read] == [expected(NAMES)[place] for place in read]
    assert [place for place, row in enumerate(rows) if row["error"] is not None] == list(BAD)
    return files(out)


def pieces(out: Path) -> int:
    return len(list(out.glob("_open/*.arrow"))) + SHARD * len(list(out.glob("photos-*.parquet")))


def test_killed_at_any_moment_and_started_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """SIGKILL for the main process: while it starts, and at random moments after it has written something more."""
    rng, out, ends = random.Random(6), tmp_path / "out", []
    (tmp_path / "names.json").write_text(json.dumps(NAMES))
    for attempt in range(7):
        process, before = start(out, tmp_path / "names.json"), pieces(out)
        pause_s = rng.uniform(0, 1.0 if attempt < 2 else 0.1)
        until(lambda process=process, before=before, early=attempt < 2: early or process.poll() is not None or pieces(out) > before)  # type: ignore[misc]
        time.sleep(pause_s)
        process.kill()
        ends.append(process.wait())
        process.communicate()
    assert ends.count(-signal.SIGKILL) >= 4
    assert pieces(out) > 0
    process = start(out, tmp_path / "names.json")
    _, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    assert files(out) == undisturbed
    assert run_info(out).photos == len(NAMES)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def workers_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid), "-f", "multiprocessing-fork"], capture_output=True, text=True, check=False)
    return [int(line) for line in found.stdout.split()]


@linux
def test_workers_killed_at_random_moments(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    rng, kills, over = random.Random(7), [], threading.Event()

    def killer() -> None:
        while not over.wait(rng.uniform(0.1, 0.5)) and len(kills) < 12:
            for pid in rng.sample(found := workers_of(os.getpid()), min(len(found), 1)):
                os.kill(pid, signal.SIGKILL)
                kills.append(pid)

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        run(listing(NAMES), tmp_path / "out", QuickJob(pause_s=0.005), workers=2, shard_rows=SHARD)
    finally:
        over.set()
        thread.join()
    assert len(kills) > 3
    assert files(tmp_path / "out") == undisturbed


def stopped_after(count: int) -> Callable[[Progress], None]:
    """Ctrl-C once so many photos are done."""

    def stop(progress: Progress) -> None:
        if progress.done >= count:
            raise KeyboardInterrupt

    return stop


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(listing(NAMES), tmp_path / "out", QuickJob(), workers=2, progress=stopped_after(200), shard_rows=SHARD)
    with pytest.raises(BatchError, match="the run is not finished"):
        list(iter_results(tmp_path / "out"))
    seen: list[Progress] = []
    run(listing(NAMES), tmp_path / "out", QuickJob(), workers=1, progress=seen.append)
    assert seen[0].done >= 200
    assert files(tmp_path / "out") == undisturbed


def test_half_written_files_are_done_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(listing(NAMES), out, QuickJob(), workers=2, progress=stopped_after(350), shard_rows=SHARD)
    shard = next(out.glob("photos-*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-1000])
    pieces = sorted((out / "_open").iterdir())
    pieces[0].write_bytes(pieces[0].read_bytes()[:100])
    pieces[1].write_bytes(b"")
    (out / "_open" / ".000000000-16.arrow.77.tmp").write_bytes(b"half")
    (out / ".photos-00002.parquet.77.tmp").write_bytes(b"half")
    run(listing(NAMES), out, QuickJob(), workers=2)
    assert files(out) == undisturbed
    assert not [path for path in out.iterdir() if path.name.endswith(".tmp")]


def test_a_photo_that_took_two_crashes_is_not_tried_again(tmp_path: Path) -> None:
    """After a restart the rows of a chunk that was read one by one stay, and the rest of it is read one by one too."""
    names = [f"{number}-{'crash' if number == 3 else 'fine'}.jpg" for number in range(16)]
    with pytest.raises(KeyboardInterrupt):
        run(listing(names), tmp_path / "out", QuickJob(), workers=1, progress=stopped_after(5))
    seen: list[Progress] = []
    run(listing(names), tmp_path / "out", QuickJob(), workers=1, progress=seen.append)
    assert [progress.done for progress in seen] == list(range(5, 17))
    assert [row["error"] is not None for row in iter_results(tmp_path / "out")] == [number == 3 for number in range(16)]


def test_other_settings_are_refused(tmp_path: Path) -> None:
    run(listing(["a.jpg"]), tmp_path, QuickJob(), workers=1)
    with pytest.raises(BatchError, match="holds a run with other settings: option was x, now y. Give the same to go on with it, or another --out"):
        run(listing(["a.jpg"]), tmp_path, QuickJob(option="y"), workers=1)


def test_a_run_that_never_began_stands_in_nobodys_way(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="no such model"):
        run(listing(["a.jpg"]), tmp_path, UnusableJob(option="wrong"), workers=1)
    assert run(listing(["b.jpg"]), tmp_path, QuickJob(), workers=1).photos == 1
    assert [row["source"] for row in iter_results(tmp_path)] == ["b.jpg"]


def test_another_list_is_refused_and_the_earlier_one_can_be_used(tmp_path: Path) -> None:
    run(listing(["a.jpg", "b.jpg"]), tmp_path, QuickJob(), workers=1)
    with pytest.raises(BatchError, match=r"over another list \(2 photos then, 3 now\).*platelight batch .*_list.parquet --root /photos --out"):
        run(listing(["a.jpg", "b.jpg", "c.jpg"]), tmp_path, QuickJob(), workers=1)
    with pytest.raises(BatchError, match=r"over another list \(as many photos, 2, but not the same\)"):
        run(listing(["b.jpg", "a.jpg"]), tmp_path, QuickJob(), workers=1)
    with pytest.raises(BatchError, match="whose paths start from /photos, now /other"):
        run(list_paths(lambda: ["a.jpg", "b.jpg"], "list", "/other"), tmp_path, QuickJob(), workers=1)


def test_folders_that_are_no_place_for_a_run(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(BatchError, match=r"holds holiday.jpg, and no run; give an empty or a new folder"):
        run(listing(["a.jpg"]), tmp_path, QuickJob(), workers=1)
    with pytest.raises(BatchError, match=r"holiday.jpg: is a file, not a folder"):
        run(listing(["a.jpg"]), tmp_path / "holiday.jpg", QuickJob(), workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]
    with pytest.raises(BatchError, match="the test's list: no photos in it"):
        run(listing([]), tmp_path / "new", QuickJob(), workers=1)
    with pytest.raises(BatchError, match="holds no run"):
        run_info(tmp_path)
    (tmp_path / "new" / "_run.json").write_text("{}")
    (tmp_path / "new" / "photos-00000.parquet").touch()
    with pytest.raises(BatchError, match=r"_run.json: not what a run writes"):
        run(listing(["a.jpg"]), tmp_path / "new", QuickJob(), workers=1)


def test_two_runs_in_one_folder_are_refused(tmp_path: Path) -> None:
    def second(_: Progress) -> None:
        with pytest.raises(BatchError, match="another run is writing to this folder"):
            run(listing(["a.jpg"]), tmp_path, QuickJob(), workers=1)

    run(listing(["a.jpg"]), tmp_path, QuickJob(), workers=1, progress=second)


FULL = SCRIPT.replace("shard_rows=128", "shard_rows=512").replace(
    "import sys, json", "import sys, json, resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))"
)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX")
def test_a_disk_that_takes_no_more_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text(json.dumps(["a.jpg"] * 900))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
    code = FULL.replace("run(list", "try: run(list", 1) + "except OSError as error: print(type(error).__name__, error.filename)\n"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out"), str(tmp_path / "names.json")], env=environment, capture_output=True, text=True)
    assert done.stdout.startswith(f"OSError {tmp_path / 'out'}/"), done.stderr
    assert not list((tmp_path / "out").glob(".*.tmp"))
    run(listing(["a.jpg"] * 900), tmp_path / "out", QuickJob(), workers=1)
    assert run_info(tmp_path / "out").photos == 900


@pytest.mark.parametrize(("quota", "cpus"), [("max 100000", None), ("150000 100000", 2), ("50000 100000", 1), ("nonsense", None)])
def test_a_containers_share_of_the_cpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, cpus: int | None) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr("platelight.batch.execute.CPU_QUOTA", tmp_path / "cpu.max")
    (tmp_path / "cpu.max").write_text(quota)
    assert usable_cpus() == (cpus or 8)
