"""`platelight bench`: how fast reading is here, and what it costs."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from platelight.cli.options import Effort, EffortName, Models, TableOrJson, Threads
from platelight.cli.read import RuntimeName

if TYPE_CHECKING:
    from platelight.evaluate.speed import Setting

DRAWN = ((1280, 960, 6), (1920, 1080, 3), (4000, 3000, 3))
"""Width, height and number of the photos that are drawn where none are given."""

JPEG_QUALITY = 90
ROUNDS, STARTS, RATED = 5, 5, 200


def bench(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH]", help="Photos and folders to read instead of photos drawn for this.")] = None,
    form: Annotated[TableOrJson, typer.Option("--format", help="How to print the figures.")] = TableOrJson.table,
    effort: Effort = EffortName.normal,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.onnxruntime,
    threads: Threads = 1,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes, or threads of one, to count photos a second with; if not given, one for each CPU.", show_default=False),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often every photo is read for the times of the stages.")] = ROUNDS,
    stream: Annotated[int, typer.Option(min=0, help="Photos that the memory is watched over; 0 leaves it out.")] = 1000,
    models: Models = None,
) -> None:
    """Measure how fast reading is on this machine, and what it costs.

    Prints the processor and wall time of every stage, photos a second with one worker, more threads or more workers, the time
    from a cold start, and the memory over a long stream, with machine, versions and what really runs. Without PATH it draws photos of 1, 2
    and 12 million pixels once, the same on every machine. Compare processor times: wall times are those of a machine that does
    nothing else.
    """
    from platelight.evaluate import footprint, machine, speed
    from platelight.evaluate.speed_report import as_dict, as_text

    setting = speed.Setting(effort.value, runtime.value, threads, None if models is None else str(models))
    try:
        reader = setting.reader()
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    sets = _given(paths) if paths else _drawn()
    first_name, first = next(iter(sets.items()))
    many = workers or _cpus()
    shapes = dict.fromkeys(((1, threads), (1, many), (many, threads)))
    report: dict[str, Any] = {"machine": machine.describe(), "setting": asdict(setting), "models": speed.what_runs(reader), "photos": _fingerprint(sets)}
    report["stages"] = [as_dict(speed.stages(reader, photos, rounds, name, _say)) for name, photos in sets.items()]
    report["rates_of"] = first_name
    report["rates"] = [as_dict(_rate(replace(setting, threads=each), first, number)) for number, each in shapes]
    _say("cold starts")
    report["starts"] = [as_dict(start) for start in footprint.starts(setting, first[0], STARTS)]
    report["memory"] = _memory(setting, first, stream) if stream else None
    _say("")
    typer.echo(json.dumps(report, indent=1, ensure_ascii=False) if form is TableOrJson.json else as_text(report))


def _rate(setting: Setting, photos: Sequence[Path], workers: int) -> Any:
    from platelight.evaluate import speed

    _say(f"photos a second: {workers} x {setting.threads}")
    return speed.rate(setting, photos, workers, RATED)


def _memory(setting: Setting, photos: Sequence[Path], stream: int) -> dict[str, Any] | None:
    from platelight.evaluate import footprint
    from platelight.evaluate.speed_report import as_dict

    _say(f"memory over {stream} photos")
    found = footprint.memory(setting, photos, stream)
    return None if found is None else as_dict(found)


def _given(paths: Sequence[str]) -> dict[str, list[Path]]:
    """The photos that can be read; typer.BadParameter where there is none."""
    from platelight import images
    from platelight.cli.search import Search

    photos = []
    for source in Search(_complain).sources(list(paths)):
        try:
            images.load(source)
            photos.append(Path(os.fspath(source)))
        except images.ImageError as error:
            _complain(str(error))
    if not photos:
        raise typer.BadParameter("no photo to read", param_hint="PATH")
    return {"given photos": photos}


def _drawn() -> dict[str, list[Path]]:
    """The fixed photos by their size, drawn where an earlier run has not left them."""
    folder = _cache()
    sets: dict[str, list[Path]] = {}
    for width, height, count in DRAWN:
        files = [folder / f"{width}x{height}-{number}.jpg" for number in range(count)]
        for number, file in enumerate(files):
            if not file.is_file():
                _say(f"drawing {file.name}")
                _draw(file, number, width, height)
        sets[f"{width}x{height}"] = files
    return sets


def _draw(file: Path, number: int, width: int, height: int) -> None:
    from PIL import Image as Pillow

    from platelight.synth.scene import draw_photo

    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    Pillow.fromarray(draw_photo(number, width, height)[0]).save(unfinished, "JPEG", quality=JPEG_QUALITY)
    unfinished.replace(file)


def _cache() -> Path:
    """A folder for the drawn photos: in the user's cache, or a temporary one where that cannot be written."""
    from platelight import __version__

    name = f"platelight/bench-{__version__}"
    for place in _caches():
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place / name, os.W_OK):
            return place / name
    raise OSError("no folder can be written for the drawn photos: give some of your own")


def _caches() -> Iterator[Path]:
    if given := os.environ.get("XDG_CACHE_HOME"):
        yield Path(given)
    elif local := os.environ.get("LOCALAPPDATA"):
        yield Path(local)
    with suppress(RuntimeError):  # a user without a home
        yield Path.home() / ".cache"
    yield Path(tempfile.gettempdir())


def _fingerprint(sets: dict[str, list[Path]]) -> str:
    """How many photos of which sets, and a hash: equal figures are only comparable where it is equal."""
    digest = hashlib.sha256(b"".join(hashlib.sha256(photo.read_bytes()).digest() for photos in sets.values() for photo in photos)).hexdigest()
    return f"{', '.join(f'{len(photos)} {name}' for name, photos in sets.items())} (sha256 {digest[:12]})"


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say(what: str) -> None:
    """What is being done, on stderr, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)


def _complain(message: str) -> None:
    from platelight.formats import one_line

    print(f"platelight: {one_line(message)}", file=sys.stderr)
