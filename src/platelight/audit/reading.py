"""The adverts' photos read, each advert's together and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platelight import batch
from platelight.audit.records import Advert, Find, Seen
from platelight.geometry import Quad
from platelight.register.posterior import Candidate

if TYPE_CHECKING:
    from platelight.batch import Progress, RunInfo, Settings


def seen_of(row: Mapping[str, Any], number: int) -> Seen:
    """A photo in the shape of `platelight read --format jsonl` as the advert's photo of that number."""
    width, height = row["width"], row["height"]
    if row["error"] is not None:
        return Seen(row["source"], error=row["error"])
    return Seen(row["source"], tuple(_find(plate, number, width, height) for plate in row["plates"]))


def by_advert(adverts: Sequence[Advert], rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Advert, list[Seen]]]:
    """Adverts with their photos as read; `rows` are those of `sources(adverts)`, in that order."""
    stream = iter(rows)
    for advert in adverts:
        yield advert, [seen_of(next(stream), number) for number in range(len(advert.photos))]


def sources(adverts: Iterable[Advert]) -> Iterator[str]:
    """The photos of all adverts, one after the other."""
    return (photo for advert in adverts for photo in advert.photos)


def read_all(adverts: Sequence[Advert], folder: Path, settings: Settings, workers: int | None, progress: Callable[[Progress], None]) -> RunInfo | None:
    """Read the adverts' photos into `folder` as `batch.run` does, resumable; None where no advert has a photo.

    Raises `BatchError`, where the folder holds the photos of another list too, and OSError.
    """
    if not any(advert.photos for advert in adverts):
        return None
    listing = batch.list_paths(lambda: sources(adverts), "the adverts' photos")
    try:
        return batch.run(listing, folder, settings, workers, progress=progress)
    except batch.BatchError as error:
        if "holds a run" not in str(error):
            raise
        message = f"{folder}: keeps what an earlier audit read, of other photos or with other settings: give another --out, or remove that folder"
        raise batch.BatchError(message) from error


def rows(folder: Path, run: RunInfo | None) -> Iterator[dict[str, Any]]:
    """What was read, in order. Raises `BatchError`."""
    return iter(()) if run is None else batch.iter_results(folder)


def _find(plate: Mapping[str, Any], photo: int, width: int, height: int) -> Find:
    candidates = tuple(Candidate(item["text"], float(item["confidence"]), item["country"]) for item in plate["candidates"])
    return Find(
        photo, Quad.from_array(plate["corners"]), width, height, plate["text"], float(plate["confidence"]), plate["country"], plate["template"],
        float(plate["score"]), tuple(plate["flags"]), candidates,
    )  # fmt: skip
