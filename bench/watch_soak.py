#!/usr/bin/env python3
"""What a week does to `platelight watch`, in minutes: a stream that is cut again and again, a receiver that is away, very many frames.

    PYTHONPATH=src python bench/watch_soak.py cuts [--cuts 20] [--down 60]     # needs GStreamer's RTSP server, see docs/guides/video.md
    PYTHONPATH=src python bench/watch_soak.py frames [--frames 100000]         # memory over many frames of a looped film

`cuts` serves drawn films over RTSP, another one after every cut (the server is killed, or frozen and then killed), while a webhook's
receiver is shut for a minute; it compares the true passes that lay wholly between two cuts with what the receiver got.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "video"))

import numpy as np
from servers import RtspServer, free_port, missing_for_rtsp

from platelight.synth import film
from platelight.video import write_video

ROOT = Path(__file__).parents[1]
SIZE, FPS, SECONDS = (640, 360), 10.0, 12.0
STARTS_S, ENDS_S = 1.0, 3.0
"""A pass counts as outside the cuts if it was readable for so long after the stream came up, and was over so long before it was cut."""

RECOVERED_S = 5.0


class Receiver:
    """A webhook's receiver that can be away; `got` counts events by id."""

    def __init__(self) -> None:
        self.port, self.got, self._server = free_port(), dict[str, int](), None
        self.texts: list[tuple[str, float]] = []

    def open(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["content-length"])))
                receiver.got[event["id"]] = receiver.got.get(event["id"], 0) + 1
                receiver.texts.append((event["text"], event["best"]["epoch_ms"] / 1000))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def shut(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Watching:
    """`platelight watch` in a process of its own."""

    def __init__(self, config: Path, *options: str) -> None:
        command = [sys.executable, "-m", "platelight", "watch", "--config", str(config), *options]
        paths = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=config.parent, env=paths)
        self.events: list[dict[str, Any]] = []
        self.lines: list[tuple[float, str]] = []
        threading.Thread(target=self._out, daemon=True).start()
        threading.Thread(target=self._err, daemon=True).start()

    def _out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _err(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append((time.time(), line.rstrip()))

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        if found is None:
            sys.exit("platelight watch has ended: " + "; ".join(line for _, line in self.lines[-5:]))
        return int(found[1]) / 1024

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def last(self, pattern: str) -> re.Match[str] | None:
        found = (re.search(pattern, line) for _, line in reversed(self.lines))
        return next((match for match in found if match), None)

    def after(self, moment: float, pattern: str) -> float | None:
        """When a line that matches was printed first after a moment."""
        return next((at for at, line in list(self.lines) if at >= moment and re.search(pattern, line)), None)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return -1


def drawn(folder: Path, number: int, seconds: float = SECONDS, passes: int | None = None) -> tuple[Path, list[dict[str, Any]]]:
    """A drawn film and its true passes."""
    made = film.Film(film.sample(11, number, seconds=seconds, fps=FPS, size=SIZE, passes=passes))
    path = folder / f"film{number}.mp4"
    truth = folder / f"film{number}.json"
    if not truth.exists():
        write_video(path, made.frames(), FPS, keyframe_every=10)
        truth.write_text(json.dumps([passed.to_dict(FPS) for passed in made.passes]))
    return path, json.loads(truth.read_text())


def whole(truth: list[dict[str, Any]], seconds: float) -> list[str]:
    """Texts of the passes that can be expected of a film that was shown for so long."""
    found = []
    for passed in truth:
        readable = [frame / FPS for frame, _, can in passed["quads"] if can]
        inside = [at for at in readable if at >= STARTS_S]
        if len(inside) >= 5 and not passed["parked"] and passed["last_s"] <= seconds - ENDS_S:
            found.append(passed["text"])
    return found


def cuts(folder: Path, count: int, down_s: float, films: Path) -> None:
    if problem := missing_for_rtsp():
        sys.exit(f"no RTSP server here: {problem}")
    made = [drawn(films, number) for number in range(count + 1)]
    print(f"{len(made)} films of {SECONDS:g} s are drawn", flush=True)
    receiver, server = Receiver(), RtspServer(made[0][0])
    config = folder / "cameras.toml"
    config.write_text(
        f'[[camera]]\nname = "gate"\nsource = "{server.address()}"\n\n[[webhook]]\nurl = "http://127.0.0.1:{receiver.port}/"\n[queue]\nfolder = "queue"\n'
    )
    receiver.open()
    server.start()
    watching = Watching(config, "--stats-every", "1")
    expected: list[str] = []
    recovered: list[float] = []
    began = time.time()
    shut = opened = False
    for number, (_, truth) in enumerate(made):
        ready = time.time()
        connected = wait_for(lambda ready=ready: watching.after(ready, r"gate: connected \("), 30)
        recovered.append((connected or ready + 30) - ready)
        shown_s = SECONDS - 0.5
        end = (connected or time.time()) + shown_s
        while time.time() < end:
            time.sleep(0.1)
            if not shut and number >= count // 3:
                receiver.shut()
                shut_at, shut = time.time(), True
            if shut and not opened and time.time() - shut_at > down_s:
                receiver.open()
                opened = True
        expected += whole(truth, shown_s)
        if number == count:
            break
        if number % 3 == 2:
            server.freeze()
            time.sleep(2)
        server.kill()
        time.sleep(0.5 + 1.5 * (number % 4))
        server._film = made[number + 1][0]
        server.start()
        print(f"cut {number + 1}: recovered {recovered[-1]:.1f} s, {len(watching.events)} events, {watching.memory_mb():.0f} MB", flush=True)
    if not opened:
        receiver.open()
    wait_for(lambda: len(receiver.got) >= len(watching.events) or None, 70)
    cpu, seconds = watching.cpu_s(), time.time() - began
    status = watching.stop()
    server.kill()
    texts = [event["text"] for event in watching.events]
    delivered = [event["id"] for event in watching.events if event["id"] in receiver.got]
    missing = [text for text in expected if text not in texts]
    print(json.dumps({
        "cuts": count, "seconds": round(seconds), "cpu_share": round(cpu / seconds, 3), "exit": status, "receiver_down_s": down_s,
        "true_passes_outside_cuts": len(expected), "reported_exactly_so": len(expected) - len(missing), "other_text_or_missing": missing,
        "events": len(texts), "delivered": len(delivered), "delivered_twice": sum(count > 1 for count in receiver.got.values()),
        "recovery_s": {"median": round(sorted(recovered[1:])[len(recovered[1:]) // 2], 2), "worst": round(max(recovered[1:]), 2)},
    }, indent=1), flush=True)  # fmt: skip
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, watching.events)))
    (folder / "log.txt").write_text("\n".join(line for _, line in watching.lines))


def mostly_empty(path: Path) -> Path:
    """Eight seconds of traffic, then an empty road with the camera's noise for 72 s."""
    if not path.exists():
        params = film.sample(11, 900, seconds=8.0, fps=FPS, size=SIZE)
        params = replace(params, drift=(0.0, 1.0, 0.0), stamp=None, actors=tuple(actor for actor in params.actors if actor.route.speed > 0))
        empty = film.Film(replace(params, actors=()))
        still = [empty.frame(number) for number in range(12)]
        order = np.random.default_rng(3).integers(len(still), size=720).tolist()
        write_video(path, (*film.Film(params).frames(), *(still[number] for number in order)), FPS, keyframe_every=10)
    return path


def frames(folder: Path, count: int, films: Path) -> None:
    path = mostly_empty(films / "mostly_empty.mp4")
    config = folder / "cameras.toml"
    config.write_text(f'[[camera]]\nname = "loop"\nsource = "{path}"\nloop = true\nmin_confidence = 0.0\n[evidence]\nfolder = "evidence"\nkeep_mb = 5\n')
    watching = Watching(config, "--stats-every", "2")
    began, measured, next_at = time.time(), [], 0
    while watching.process.poll() is None:
        time.sleep(1)
        found = watching.last(r"frames ([\d,]+)")
        done = int(found[1].replace(",", "")) if found else 0
        if done >= min(next_at, count):
            measured.append((done, watching.memory_mb()))
            print(
                f"{done} frames, {measured[-1][1]:.1f} MB, {len(watching.events)} events, {time.time() - began:.0f} s, {watching.cpu_s():.0f} CPU s", flush=True
            )
            next_at = done + count // 20
        if done >= count:
            break
    status = watching.stop()
    settled = [mb for done, mb in measured if done >= count // 10]
    kept = sum(file.stat().st_size for file in (folder / "evidence").rglob("*") if file.is_file()) / 1e6
    print(json.dumps({
        "frames": measured[-1][0], "exit": status, "mb_after_a_tenth": round(settled[0], 1), "mb_at_the_end": round(settled[-1], 1),
        "mb_most": round(max(settled), 1), "evidence_mb": round(kept, 1), "events": len(watching.events),
    }), flush=True)  # fmt: skip


def wait_for(condition: Any, seconds: float) -> Any:
    end = time.time() + seconds
    while time.time() < end:
        if (value := condition()) is not None:
            return value
        time.sleep(0.05)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cuts", "frames"))
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--down", type=float, default=60.0)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--films", type=Path, help="folder that keeps the drawn films")
    chosen = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="platelight-soak-"))
    films = chosen.films or folder
    films.mkdir(parents=True, exist_ok=True)
    print(f"working in {folder}", flush=True)
    cuts(folder, chosen.cuts, chosen.down, films) if chosen.what == "cuts" else frames(folder, chosen.frames, films)


if __name__ == "__main__":
    main()
