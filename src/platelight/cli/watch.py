"""`platelight watch`: cameras and films in, one event for every vehicle that passes."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platelight.cli.options import EffortName, Models, country_codes
from platelight.cli.read import RuntimeName

if TYPE_CHECKING:
    from platelight.cli.watching import Display
    from platelight.watch import Settings, Watcher

TICK_S = 0.2
"""So often signals and statistics are looked after while no event comes."""


class EventFormat(StrEnum):
    jsonl = "jsonl"
    table = "table"


def watch(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Video files, devices (0 is the first camera), rtsp:// or http:// addresses.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="Cameras and receivers in a TOML file; the options here win over it.")] = None,
    form: Annotated[EventFormat, typer.Option("--format", help="How to print events.")] = EventFormat.jsonl,
    check: Annotated[bool, typer.Option("--check", help="Say what would run and whether it could, connect to nothing, and stop.")] = False,
    every: Annotated[int | None, typer.Option(min=1, help="Use every n-th frame.", show_default=False)] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second to use; by default 10 of a live source, all of a file.", show_default=False)] = None,
    zone: Annotated[
        list[str] | None, typer.Option(metavar="X,Y ...", help="A polygon to look in, in shares of the picture: '0,0.5 1,0.5 1,1 0,1'; may be repeated.")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="X,Y ...", help="A polygon to leave out; may be repeated.")] = None,
    min_width: Annotated[float | None, typer.Option(min=0, help="Least width of a plate in pixels.", show_default=False)] = None,
    min_confidence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Report passes from this confidence on; by default 0.3.", show_default=False)
    ] = None,
    country: Annotated[str | None, typer.Option(metavar="CODES", help="The plates are from these countries, for example ua,pl.")] = None,
    effort: Annotated[
        EffortName | None, typer.Option(help="One look a frame, a second look now and then (the default), or always.", show_default=False)
    ] = None,
    gate: Annotated[bool | None, typer.Option("--gate/--no-gate", help="Skip frames on which nothing has changed; on by default.", show_default=False)] = None,
    start: Annotated[str | None, typer.Option(metavar="TIME", help="When a file's first frame was taken, such as 2026-11-21T19:30:00Z.")] = None,
    hardware: Annotated[str | None, typer.Option(metavar="NAME", help="Decode on this kind of hardware, such as cuda or qsv, where it can.")] = None,
    evidence: Annotated[Path | None, typer.Option(metavar="DIR", help="Save the frame and the straightened plate of every pass here.")] = None,
    keep_days: Annotated[float | None, typer.Option(help="Days that evidence is kept; by default 30.", show_default=False)] = None,
    keep_mb: Annotated[float | None, typer.Option(help="Megabytes of evidence that are kept; by default 2000.", show_default=False)] = None,
    known: Annotated[Path | None, typer.Option(metavar="FILE", help="Known plates with names, matched with a tolerance for look-alikes.")] = None,
    webhook: Annotated[list[str] | None, typer.Option(metavar="URL", help="Post every event to this address; may be repeated.")] = None,
    mqtt: Annotated[str | None, typer.Option(metavar="URL", help="Publish every event to this broker, such as mqtt://host:1883.")] = None,
    queue: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where events wait for their receivers; by default platelight-queue beside the settings.")
    ] = None,
    stats_every: Annotated[
        float | None, typer.Option(min=0, help="Seconds between statistics, 0 for none; by default 1 on a terminal, else 60.", show_default=False)
    ] = None,
    draw: Annotated[Path | None, typer.Option(metavar="DIR", help="Also write what was seen, with outlines and texts, as a video per camera.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Frames looked at at the same time, each on one CPU thread.")] = 1,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    models: Models = None,
) -> None:
    """Watch cameras and films: one event for every passing vehicle.

    Events go to stdout as they come, what happens and statistics to stderr. A live source that is away is tried again for ever;
    files end. ${NAME} in addresses is taken from the environment, which keeps passwords out of the list of processes.

    Ctrl-C or SIGTERM stops: passes that are going on are reported, and receivers get a few seconds; what they did not take is
    sent at the next start. A second Ctrl-C quits at once. The exit status is 0, or 1 if a file could not be read to its end or
    nothing could be watched, or 2 for wrong usage or settings, or 130 after a second Ctrl-C.
    """
    from platelight.watch import ConfigError

    keys = {
        "every": every, "fps": fps, "zones": _zones(zone, "--zone"), "exclude": _zones(exclude, "--exclude"), "min_width": min_width,
        "min_confidence": min_confidence, "countries": country_codes(country), "effort": effort and effort.value, "gate": gate, "hardware": hardware,
        "start": start,
    }  # fmt: skip
    parts = {
        "evidence": _given(folder=evidence, keep_days=keep_days, keep_mb=keep_mb), "known": _given(file=known), "webhook": webhook or [],
        "mqtt": _given(url=mqtt), "queue": _given(folder=queue),
    }  # fmt: skip
    try:
        settings = _settings(sources or [], config, _given(**keys), parts)
        if check:
            _check(settings, runtime, models)
            return
        _watch(settings, form, stats_every, threads, runtime, models, draw)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def _given(**values: Any) -> dict[str, Any]:
    """What was given at all; paths as text, lists as in TOML."""
    return {key: str(value) if isinstance(value, Path) else value for key, value in values.items() if value is not None}


def _zones(polygons: list[str] | None, option: str) -> list[list[list[float]]] | None:
    if not polygons:
        return None
    try:
        return [[[float(value) for value in point.split(",")] for point in polygon.split()] for polygon in polygons]
    except ValueError:
        raise typer.BadParameter("give points as '0,0.5 1,0.5 1,1 0,1', in shares of the picture", param_hint=option) from None


def _settings(sources: list[str], config: Path | None, keys: dict[str, Any], parts: dict[str, Any]) -> Settings:
    """Settings from the file and the command line together."""
    from platelight.watch import load, settings_of

    return settings_of(sources, keys, parts) if config is None else load(config, sources, keys, parts)


def _check(settings: Settings, runtime: RuntimeName, models: Path | None) -> None:
    """Print the plan; status 1 if something of it could not run."""
    from platelight.cli.watching import plan
    from platelight.watch import Looker, Receivers
    from platelight.watch import Models as Shared

    sys.stdout.write(plan(settings))
    problems = Receivers.problems(settings)
    shared = Shared.load(1, runtime.value, models)
    for camera in settings.cameras:
        try:
            Looker(shared, countries=camera.countries)
        except ValueError as error:
            problems.append(f"camera {camera.name!r}: countries: {error}")
    for problem in problems:
        print(f"platelight: {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


def _watch(
    settings: Settings, form: EventFormat, stats_every: float | None, threads: int, runtime: RuntimeName, models: Path | None, draw: Path | None
) -> None:
    from platelight.cli.watching import Display, LogLines
    from platelight.events import EventsError
    from platelight.images import keep_memory
    from platelight.watch import Models as Shared
    from platelight.watch import Watcher

    keep_memory()
    display = Display(stats_every)
    logging.getLogger("platelight").addHandler(LogLines(display))
    stop = _Stop()
    shared = Shared.load(threads, runtime.value, models)
    try:
        watcher = Watcher(settings, shared, display.message, draw)
    except EventsError as error:
        print(f"platelight: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    with stop:
        left = _run(watcher, display, stop, _printer(form, display))
    display.end()
    if left:
        display.message("", f"{left} events wait for their receivers and are sent at the next start")
    if watcher.failed:
        raise typer.Exit(1)


def _printer(form: EventFormat, display: Display) -> Callable[[Any, bool], None]:
    from platelight.cli.watching import header, json_line, row

    if form is EventFormat.jsonl:
        return lambda event, live: display.event(json_line(event))
    display.event(header())
    return lambda event, live: display.event(row(event, live))


def _run(watcher: Watcher, display: Display, stop: _Stop, out: Callable[[Any, bool], None]) -> int:
    """Until all files have ended or somebody stops it; gives how many events could not be delivered yet."""
    from platelight.cli.watching import stat_lines
    from platelight.watch import STOP_S

    live = {lane.camera.name: lane for lane in watcher.lanes}
    watcher.start()
    stopped_s: float | None = None
    try:
        while not watcher.done:
            event = watcher.next(TICK_S)
            if event is not None:
                out(event, live[event.camera.name].live)
            if stop.asked and stopped_s is None:
                stopped_s = time.monotonic()
                display.message("", "stopping; once more Ctrl-C quits at once")
                watcher.stop()
            if stopped_s is not None and time.monotonic() - stopped_s > STOP_S:
                break
            if display.due:
                display.stats(stat_lines(watcher.stats(), watcher.receivers.lines()))
    finally:
        left = watcher.close()
    while (event := watcher.next(0.0)) is not None:
        out(event, live[event.camera.name].live)
    if display.stats_every_s:
        display.stats(stat_lines(watcher.stats(), watcher.receivers.lines()))
    return left


class _Stop:
    """While in force, the first SIGINT or SIGTERM asks to stop, and a second SIGINT ends the program."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: object) -> None:
        if self.asked and number == signal.SIGINT:
            os._exit(130)
        self.asked = True
