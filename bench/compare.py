"""Two commits, or two settings, compared in one run: python bench/compare.py SIDE SIDE [PHOTO...]

A SIDE is a commit, or . for the files as they are, and after a colon the settings of `Platelight`:

    python bench/compare.py HEAD~5 .
    python bench/compare.py .:effort=fast .:effort=normal
    python bench/compare.py . .:runtime=openvino ~/photos/*.jpg

Prints the processor milliseconds a photo of both sides, which take turns, their ratio, and on how many photos they disagree.
Without PHOTO the example photos are read.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from platelight.evaluate.machine import commit, describe

ROOT = Path(__file__).parents[1]
ROUNDS = 9

CHILD = """
import json, sys, time
from platelight import Platelight
settings, photos = json.loads(sys.argv[1]), json.loads(sys.argv[2])
reader = Platelight(**settings)
for _ in sys.stdin:
    before = time.process_time()
    read = reader.read(photos)
    spent = time.process_time() - before
    print(json.dumps([spent, [photo.to_dict() for photo in read]]), flush=True)
"""
"""Reads all photos once for each line on stdin, and answers with the processor seconds and the results."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sides", nargs=2, metavar="SIDE")
    parser.add_argument("photos", nargs="*", metavar="PHOTO")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    photos = [str(Path(photo).resolve()) for photo in given.photos or sorted((ROOT / "examples").glob("*.jpg"))]
    machine = describe()
    print(f"{machine['date']}, {machine['cpu']}, load {machine['load'] and machine['load'][0]}, commit {commit()}, {len(photos)} photos, {given.rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        children = [start(side, Path(folder) / str(number), photos) for number, side in enumerate(given.sides)]
        answers = [ask(child) for child in children]  # warms up
        disagreeing = [a["source"] for a, b in zip(answers[0][1], answers[1][1], strict=True) if a != b]
        spent = take_turns(children, given.rounds, len(photos))
        for child in children:
            child.communicate()
    for side, times in zip(given.sides, spent, strict=True):
        print(f"{side:<40} {statistics.median(times):7.2f} ms of processor time a photo")
    ratios = sorted(second / first for first, second in zip(*spent, strict=True))
    print(f"second / first: {statistics.median(ratios):.3f} (half of the rounds from {ratios[len(ratios) // 4]:.3f} to {ratios[3 * len(ratios) // 4]:.3f})")
    print(f"photos with another result: {len(disagreeing)} of {len(photos)}", *disagreeing[:10], sep="\n  ")


def start(side: str, folder: Path, photos: Sequence[str]) -> subprocess.Popen[str]:
    """The process that reads for one side."""
    name, _, settings = side.partition(":")
    source = ROOT / "src" if name == "." else unpacked(name, folder)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(source), os.environ.get("PYTHONPATH")]))}
    options: dict[str, Any] = dict(part.split("=", 1) for part in filter(None, settings.split(",")))
    options |= {key: int(options[key]) for key in ("threads", "top") if key in options}
    command = [sys.executable, "-c", CHILD, json.dumps(options), json.dumps(list(photos))]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def unpacked(name: str, folder: Path) -> Path:
    """The package as it was at a commit."""
    found = subprocess.run(["git", "archive", name, "src"], cwd=ROOT, capture_output=True, check=False)
    if found.returncode:
        sys.exit(f"{name}: {found.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(found.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "src"


def ask(child: subprocess.Popen[str]) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    line = child.stdout.readline()
    if not line:
        sys.exit("one side failed; its message stands above")
    return json.loads(line)


def take_turns(children: Sequence[subprocess.Popen[str]], rounds: int, photos: int) -> list[list[float]]:
    """Milliseconds a photo of each side in each round; who begins changes."""
    spent: list[list[float]] = [[], []]
    for number in range(rounds):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            spent[side].append(1000 * ask(children[side])[0] / photos)
    return spent


if __name__ == "__main__":
    main()
