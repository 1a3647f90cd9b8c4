"""How well vehicles passing a camera are reported: on drawn films, decoded from H.264 as a camera's stream is.

    python bench/watch_passes.py read --out DIR --films 35             # draw, encode, decode, read; can be stopped and goes on
    python bench/watch_passes.py read --out DIR2 --films 40 --plateless
    python bench/watch_passes.py report --films DIR [--plateless DIR2] [--fps 10] [--as-watch]

`report` follows the plates that `read` found, so it takes seconds. A pass counts as reported exactly once if one event, and no
other, is of its plate's track in the picture, whatever its text. Passes that a person could not read in 0.2 s of the frames that
are looked at (in one, if they are fewer) are left out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import pickle
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from drawn_films import ReadFilm, read_film

from platelight import Platelight
from platelight.evaluate import machine
from platelight.evaluate.metrics import wilson
from platelight.records import Decoding, Frame, Pass
from platelight.synth.film import TruePass
from platelight.track import Sighting, Tracker, joined, likeness
from platelight.vote import pooled

READABLE_S = 0.2
PLACE, TIME_S = 1.0, 0.26
"""An event is of a plate if its path lies within so many plate widths of where the plate was within so many seconds."""

PARKED_AFTER_S = 10.0  # the films are short

BINS = (0.0, 0.5, 0.8, 0.95, 0.99, 1.0001)


def share(hits: Sequence[bool]) -> str:
    """A share with its 95 % interval."""
    interval = wilson(sum(hits), len(hits))
    return "none" if interval is None else f"{sum(hits) / len(hits):.3f} ({interval[0]:.3f} to {interval[1]:.3f}; {sum(hits)} of {len(hits)})"


def rate(count: int, hours: float) -> str:
    """Events an hour with the exact 95 % interval of a Poisson count, by bisection."""

    def below(mean: float) -> float:
        return sum(math.exp(-mean + k * math.log(max(mean, 1e-12)) - math.lgamma(k + 1)) for k in range(count + 1))

    def solve(goal: Callable[[float], bool]) -> float:
        low, high = 0.0, 10.0 * (count + 5)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if goal(middle) else (middle, high)
        return high

    upper = solve(lambda mean: below(mean) < 0.025)
    lower = 0.0 if count == 0 else solve(lambda mean: 1 - below(mean) + math.exp(-mean + count * math.log(max(mean, 1e-12)) - math.lgamma(count + 1)) > 0.025)
    return f"{count / hours:.1f} an hour ({lower / hours:.1f} to {upper / hours:.1f}; {count} in {hours * 60:.0f} minutes)"


def follow(film: ReadFilm, decoder: Any, fps: float | None, as_watch: bool) -> list[Pass]:
    """What the tracker reports of a film; `as_watch`: plates whose text is settled are not read, as `platelight watch` does."""
    tracker = Tracker(decoder, parked_after_s=PARKED_AFTER_S)
    picture = np.broadcast_to(np.uint8(0), (film.size[1], film.size[0], 3))
    every = max(round(film.fps / fps), 1) if fps else 1
    found: list[Pass] = []
    for number, (time_s, sightings) in enumerate(film.frames[::every]):
        frame = Frame(picture, time_s, time_s, number)
        wanted = tracker.wants(frame, [seen.plate.detection for seen in sightings]) if as_watch else [True] * len(sightings)
        read = [seen for seen, want in zip(sightings, wanted, strict=True) if want]
        found += tracker.follow(frame, read, [seen.plate.detection for seen, want in zip(sightings, wanted, strict=True) if not want])
    return found + tracker.close()


def owner(passed: Pass, truth: Sequence[TruePass], fps: float) -> int | None:
    """Which true pass an event is of: the one whose plate its path follows."""
    best: tuple[float, int] | None = None
    for number, true in enumerate(truth):
        times = np.array([seen.frame / fps for seen in true.seen])
        places = np.array([seen.quad.array().mean(axis=0) for seen in true.seen])
        widths = np.array([seen.quad.width_px for seen in true.seen])
        offs = []
        for time_s, x, y in passed.path:
            near = int(np.abs(times - time_s).argmin())
            if abs(times[near] - time_s) <= TIME_S:
                offs.append(float(np.hypot(*(places[near] - (x, y))) / widths[near]))
        if offs and np.median(offs) < PLACE and (best is None or np.median(offs) < best[0]):
            best = float(np.median(offs)), number
    return None if best is None else best[1]


def sightings_of(film: ReadFilm, true: TruePass) -> list[tuple[Sighting, bool]]:
    """What was read of a plate in every frame in which it could be seen, and whether a person could read it there."""
    by_frame = {round(time_s * film.fps): sightings for time_s, sightings in film.frames}
    found = []
    for seen in true.seen:
        middle = seen.quad.array().mean(axis=0)
        near = [(float(np.hypot(*(one.plate.detection.quad.array().mean(axis=0) - middle))), one) for one in by_frame.get(seen.frame, ())]
        best = min(near, key=lambda pair: pair[0], default=None)
        if best is not None and best[0] < 0.5 * seen.quad.width_px:
            found.append((best[1], seen.readable))
    return found


def choices(seen: Sequence[Sighting], decoder: Any) -> dict[str, Decoding | str | None]:
    """One text for a pass, by each way of choosing it."""
    kept = sorted(seen, key=lambda one: -one.weight)[:24]
    texts = Counter(one.plate.text for one in seen if one.plate.text)
    return {
        "best single frame": max(seen, key=lambda one: one.rank).plate.text,
        "surest single frame": max(seen, key=lambda one: one.plate.confidence).plate.text,
        "majority of texts": texts.most_common(1)[0][0] if texts else None,
        "pooled decodings": pooled([one.plate.decoding for one in seen]),
        "joined by character": joined([one.plate.reading for one in kept], [one.weight for one in kept], decoder),
    }


def log_loss(confidence: float, right: bool) -> float:
    return -math.log(min(max(confidence if right else 1 - confidence, 1e-3), 1.0))


def likenesses(films: Sequence[ReadFilm]) -> None:
    """How far the readings of one plate in two frames and of two plates lie apart, see `platelight.track.likeness`."""
    rng = np.random.default_rng(1)
    plates = [[one.plate.reading for one, _ in sightings_of(film, true)] for film in films for true in film.passes]
    plates = [readings for readings in plates if len(readings) >= 4]
    same = [likeness(*(readings[k] for k in rng.choice(len(readings), 2, replace=False))) for readings in plates for _ in range(10)]
    pairs = [rng.choice(len(plates), 2, replace=False) for _ in range(10 * len(plates))]
    other = [likeness(*(plates[k][int(rng.integers(len(plates[k])))] for k in pair)) for pair in pairs]
    print(f"likeness of two readings of one plate: 1, 3, 10 % lie below {np.round(np.percentile(same, (1, 3, 10)), 1).tolist()}")
    print(f"of two plates: 90, 99, 99.9 % lie below {np.round(np.percentile(other, (90, 99, 99.9)), 1).tolist()}")


def text_of(choice: Decoding | str | None) -> str | None:
    return (choice.best.text if choice.best else None) if isinstance(choice, Decoding) else choice


def report(films: list[ReadFilm], decoder: Any, fps: float | None, as_watch: bool) -> None:
    once: list[bool] = []
    right: list[bool] = []
    single: list[bool] = []
    alike: list[float] = []
    calibration: list[tuple[float, bool]] = []
    ways: dict[str, list[bool]] = {}
    losses: dict[str, list[float]] = {}
    never = twice = spare = left_out = frames = 0
    cpu_s = 0.0
    for film in films:
        every = max(round(film.fps / fps), 1) if fps else 1
        least = max(round(READABLE_S * film.fps / every), 1)
        events: dict[int | None, list[Pass]] = {}
        start = time.process_time()
        reported = follow(film, decoder, fps, as_watch)
        cpu_s, frames = cpu_s + time.process_time() - start, frames + len(film.frames[::every])
        for passed in reported:
            events.setdefault(owner(passed, film.passes, film.fps), []).append(passed)
        spare += len(events.get(None, []))
        for number, true in enumerate(film.passes):
            mine = events.get(number, [])
            if sum(seen.readable for seen in true.seen if seen.frame % every == 0) < least:
                left_out += 1
                continue
            once.append(len(mine) == 1)
            never, twice = never + (not mine), twice + (len(mine) > 1)
            right.append(any(passed.plate.text == true.text for passed in mine))
            calibration += [(passed.plate.confidence, passed.plate.text == true.text) for passed in mine]
            seen = sightings_of(film, true)
            hits = [one.plate.text == true.text for one, readable in seen if readable]
            single += hits
            alike += [sum(hits) / len(hits)] if hits else []
            if seen:
                for way, choice in choices([one for one, _ in seen], decoder).items():
                    ways.setdefault(way, []).append(text_of(choice) == true.text)
                    if isinstance(choice, Decoding):
                        losses.setdefault(way, []).append(log_loss(choice.confidence, ways[way][-1]))
    minutes = sum(film.seconds for film in films) / 60
    print(f"{len(films)} films, {minutes:.0f} minutes, {len(once)} passes that can be read ({left_out} others left out)")
    print(f"reported exactly once   {share(once)}; never {never}, more than once {twice}; events of no plate {spare}")
    print(f"text right per pass     {share(right)}")
    print(f"text right per frame    {share(single)} of the frames in which a person could read the plate")
    print(f"the same, every pass counting alike: {np.mean(alike):.3f}")
    print("one text for a pass, of all the frames in which the plate was found:")
    for way, hits in ways.items():
        print(f"  {way:<22}{share(hits)}" + (f", log loss of the confidence {np.mean(losses[way]):.3f}" if way in losses else ""))
    print(f"following and joining: {1000 * cpu_s / frames:.2f} CPU ms a frame")
    print("confidence of the events, and how many of them are right:")
    for low, high in itertools.pairwise(BINS):
        inside = [(confidence, hit) for confidence, hit in calibration if low <= confidence < high]
        if inside:
            print(f"  {low:.2f} to {min(high, 1.0):.2f}: said {np.mean([c for c, _ in inside]):.3f}, right {share([hit for _, hit in inside])}")


def costs(films: list[ReadFilm]) -> None:
    """CPU milliseconds a frame of every stage."""
    frames = sum(len(film.frames) for film in films)
    total: Counter[str] = Counter()
    for film in films:
        total.update(film.cpu_s)
    print("CPU ms a frame: " + ", ".join(f"{stage} {1000 * value / frames:.1f}" for stage, value in total.items()))


def load(folder: Path) -> list[ReadFilm]:
    return [pickle.loads(file.read_bytes()) for file in sorted(folder.glob("film-*.pickle"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    reading = commands.add_parser("read")
    reading.add_argument("--out", type=Path, required=True)
    reading.add_argument("--films", type=int, default=35)
    reading.add_argument("--seed", type=int, default=2026)
    reading.add_argument("--seconds", type=float, default=20.0)
    reading.add_argument("--fps", type=float, default=10.0)
    reading.add_argument("--effort", choices=("fast", "normal", "thorough"), default="fast")
    reading.add_argument("--plateless", action="store_true")
    reporting = commands.add_parser("report")
    reporting.add_argument("--films", type=Path, required=True)
    reporting.add_argument("--plateless", type=Path)
    reporting.add_argument("--fps", type=float, help="follow only so many frames a second")
    reporting.add_argument("--as-watch", action="store_true", help="read settled plates no more, as `platelight watch` does")
    given = parser.parse_args()
    if given.command == "read":
        given.out.mkdir(parents=True, exist_ok=True)
        for index in range(given.films):
            film = read_film(given.out, given.seed, index, given.effort, seconds=given.seconds, fps=given.fps, passes=0 if given.plateless else None)
            print(f"film {index}: {len(film.passes)} passes, {len(film.frames)} frames", flush=True)
        return
    print(json.dumps({key: value for key, value in machine.describe().items() if key in ("date", "cpu", "cpus", "load", "commit")}))
    decoder, films = Platelight("fast").decoder, load(given.films)
    report(films, decoder, given.fps, given.as_watch)
    likenesses(films)
    costs(films)
    if given.plateless:
        bare = load(given.plateless)
        events = [passed for film in bare for passed in follow(film, decoder, given.fps, given.as_watch)]
        print(f"traffic without plates: {rate(len(events), sum(film.seconds for film in bare) / 3600)}; {[passed.plate.text for passed in events]}")
        costs(bare)


if __name__ == "__main__":
    main()
