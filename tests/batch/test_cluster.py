"""The same run on Ray: a cluster of two workers on this machine, begun without it and ended with it."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")

from quick_jobs import QuickJob

from platelight.batch import Progress, list_paths, run, run_info

HERE = Path(__file__).parent
NAMES = [f"{number}-{ {70: 'crash', 200: 'raise', 201: 'broken'}.get(number, 'fine') }.jpg" for number in range(400)]
SCRIPT = """
import sys, json
from quick_jobs import QuickJob
from platelight.batch import list_paths, run
names = json.load(open(sys.argv[2]))
seen = []
run(list_paths(lambda: names, "the test's list", "/photos"), sys.argv[1], QuickJob(), workers=2, ray="local", shard_rows=128, progress=seen.append)
print(json.dumps([seen[0].done, seen[-1].done]))
"""
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray")


@pytest.mark.slow
@needs_ray
def test_a_run_begun_without_ray_ends_on_it_with_the_same_rows(tmp_path: Path) -> None:
    listing = list_paths(lambda: NAMES, "the test's list", "/photos")
    run(listing, tmp_path / "undisturbed", QuickJob(), workers=2, shard_rows=128)

    def stop(progress: Progress) -> None:
        if progress.done >= 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(listing, tmp_path / "out", QuickJob(), workers=2, progress=stop, shard_rows=128)
    (tmp_path / "names.json").write_text(json.dumps(NAMES))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path]), "RAY_worker_niceness": "0"}
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "out"), str(tmp_path / "names.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    first, last = json.loads(done.stdout.splitlines()[-1])
    assert (100 <= first < 400, last) == (True, 400)
    assert run_info(tmp_path / "out").errors == 3
    for file in run_info(tmp_path / "undisturbed").files:
        assert (tmp_path / "out" / file.name).read_bytes() == file.read_bytes()


@needs_ray
def test_an_address_where_no_cluster_is(tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code = "import sys; from platelight.batch import list_paths, run; from quick_jobs import QuickJob\n"
        code += (
            "try: run(list_paths(lambda: ['a.jpg']), sys.argv[1], QuickJob(), ray=sys.argv[2])\nexcept Exception as error: print(type(error).__name__, error)"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])}
        command = [sys.executable, "-c", code, str(tmp_path / "out"), address]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=True)
    assert done.stdout == f"BatchError --ray {address}: no cluster there (Connection refused)\n"
