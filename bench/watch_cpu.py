#!/usr/bin/env python3
"""Processor share of one 1080p stream at 10 frames a second, what the motion gate saves, and what it costs.

    PYTHONPATH=src python bench/watch_cpu.py share [--films 3]       # a minute each, in which something moves in a tenth of the time
    PYTHONPATH=src python bench/watch_cpu.py misses [--films 20]     # frames with a plate that the gate does not let through

`share` draws films in H.264 and watches them with each setting. Reading from a file costs the processor what a stream of the same frames costs
(decoding, gate, search, reading, tracking), without the waiting between frames; so processor seconds a second of film are the share
of a core that a stream needs. Processor times, unlike speeds, hardly depend on
what else the machine does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from platelight.records import Frame, Image
from platelight.synth import film
from platelight.video import write_video
from platelight.watch import Camera, Looker, Models, MotionGate, Settings, Watcher, looking
from platelight.watch.gate import LOOK_AGAIN_S

FPS, MINUTE_S, MOVING_S, BUSY_S, LEAD_S, EMPTY = 10.0, 60.0, 6.0, 18.0, 20.0, 12
SIZE = (1920, 1080)
CAMERA = {"crf": "26", "maxrate": "4M", "bufsize": "8M"}
"""About the bits a second of a camera; the more there are, the more work they are to decode."""


def film_of_a_tenth(seed: int, path: Path, busy: bool) -> None:
    """A minute in which vehicles pass for six seconds, the rest an empty road with the camera's noise; or, busy, the six seconds again and again."""
    if path.exists():
        return
    moving = film.sample(41, seed, seconds=MOVING_S, fps=FPS, size=SIZE)
    driving = [actor for actor in moving.actors if actor.route.speed > 0]
    traffic = film.Film(replace(moving, actors=tuple(driving), drift=(0.0, 1.0, 0.0)))
    empty = film.Film(replace(moving, actors=(), drift=(0.0, 1.0, 0.0), stamp=None))
    write_video(path, frames(traffic, empty, busy), FPS, keyframe_every=20, options=CAMERA)


def frames(traffic: film.Film, empty: film.Film, busy: bool) -> Iterator[Image]:
    drawn = [traffic.frame(number) for number in range(len(traffic))]
    still = [empty.frame(number) for number in range(EMPTY)]
    rng = np.random.default_rng(5)
    for number in range(round((BUSY_S if busy else MINUTE_S) * FPS)):
        inside = number - round(MINUTE_S * FPS / 2)
        yield drawn[number % len(drawn)] if busy else drawn[inside] if 0 <= inside < len(drawn) else still[int(rng.integers(EMPTY))]


def watched(path: Path, models: Models, **keys: Any) -> dict[str, Any]:
    """Watch a file to its end; processor seconds, counts and texts."""
    settings = Settings((Camera("gate", str(path), **keys),), queue=Path(tempfile.gettempdir()) / "platelight-no-queue")
    watcher = Watcher(settings, models, lambda camera, sentence: None)
    texts, began = [], time.process_time()
    watcher.start()
    while not watcher.done:
        event = watcher.next(0.5)
        if event is not None:
            texts.append(event.fields["text"])
    spent = time.process_time() - began
    (stats,) = watcher.stats()
    watcher.close()
    return {
        "cpu_s": spent,
        "seconds": stats.at_s,
        "frames": stats.frames,
        "looked_at": stats.looked_at,
        "plates": stats.plates,
        "read": stats.read,
        "texts": texts,
    }


def share(folder: Path, count: int, only: str) -> None:
    models = Models.load()
    cases = (("a tenth moves", False), ("all the time", True))
    settings: Sequence[tuple[str, dict[str, Any]]] = (
        ("gate, normal", {}), ("no gate, normal", {"gate": False}), ("no gate, fast", {"gate": False, "effort": "fast"}),
        ("no gate, thorough", {"gate": False, "effort": "thorough"}), ("no gate, normal, every plate read", {"gate": False}),
    )  # fmt: skip
    print(f"{'film':15} {'setting':36} {'cores':>6} {'looked at':>10} {'plates':>7} {'read':>6} passes")
    for title, busy in cases:
        paths = [folder / f"{'busy' if busy else 'tenth'}{number}.mp4" for number in range(count)]
        if not any(only in f"{title}: {name}" for name, _ in settings):
            continue
        for number, path in enumerate(paths):
            film_of_a_tenth(number, path, busy)
        for name, keys in settings:
            if only not in f"{title}: {name}":
                continue
            if "every plate" in name:
                with_every_plate_read()
            results = [watched(path, models, **keys) for path in paths]
            total = {key: sum(result[key] for result in results) for key in ("cpu_s", "seconds", "frames", "looked_at", "plates", "read")}
            passes, looked = sum(len(result["texts"]) for result in results), total["looked_at"] / total["frames"]
            print(
                f"{title:15} {name:36} {total['cpu_s'] / total['seconds']:6.3f} {looked:10.0%} {total['plates']:7} {total['read']:6}"
                f" {passes}", flush=True,
            )  # fmt: skip
            Looker.__call__ = ORDINARY  # type: ignore[method-assign]


ORDINARY = Looker.__call__


def with_every_plate_read() -> None:
    """Let the tracker's word on what need not be read go unheard."""

    def call(self: Looker, frame: Any, wanting: Any = None) -> looking.Seen:
        return ORDINARY(self, frame, None)

    Looker.__call__ = call  # type: ignore[method-assign]


def misses(count: int) -> None:
    """The gate alone, before anything is followed: which frames with a plate it would have kept from being looked at."""
    shown = kept = empty = opened = passes = lost = 0
    for number in range(count):
        params = film.sample(43, number, seconds=8.0, fps=FPS, size=(640, 360), passes=1)
        params = replace(params, stamp=None, actors=tuple(actor for actor in params.actors if actor.route.speed > 0))
        still, traffic = film.Film(replace(params, actors=())), film.Film(params)
        gate, order = MotionGate(), np.random.default_rng(number)
        drawn = [still.frame(place) for place in range(2 * EMPTY)]
        lead = [drawn[int(order.integers(len(drawn)))] for _ in range(round(LEAD_S * FPS))]
        open_at = [gate.wants(Frame(pixels, index / FPS, 0.0, index)) for index, pixels in enumerate((*lead, *traffic.frames()))]
        begin = len(lead)
        counted = open_at[begin // 2 : begin]
        empty, opened = empty + len(counted), opened + sum(counted)
        for passed in traffic.passes:
            readable = [open_at[begin + place.frame] for place in passed.seen if place.readable]
            if readable:
                shown, kept, passes, lost = shown + len(readable), kept + readable.count(False), passes + 1, lost + (not any(readable))
        print(f"film {number}: {len(traffic.passes)} passes, empty road looked at {sum(counted) / len(counted):.0%}", flush=True)
    print(f"{passes} passes with {shown} frames in which the plate could be read: {kept} of the frames not looked at, {lost} passes never looked at;")
    print(f"of {empty} frames of an empty road {opened} looked at (a look every {LOOK_AGAIN_S:g} s would be {empty / LOOK_AGAIN_S / FPS:.0f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("share", "misses"))
    parser.add_argument("--films", type=int, default=3, help="how many")
    parser.add_argument("--folder", type=Path, help="keeps the drawn films")
    parser.add_argument("--only", default="", help="of share: only cases whose title holds this")
    chosen = parser.parse_args()
    folder = chosen.folder or Path(tempfile.mkdtemp(prefix="platelight-cpu-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs", flush=True)
    share(folder, chosen.films, chosen.only) if chosen.what == "share" else misses(chosen.films)


if __name__ == "__main__":
    main()
