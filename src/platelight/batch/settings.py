"""What a run does with each photo: the options of reading, as a value that can be compared, stored and sent to a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from platelight.detect import Effort
    from platelight.session import Runtime

Read = Callable[[Iterable[str]], Iterator[Mapping[str, Any]]]
"""Places (paths or addresses) in, one row of the columns `schema.READ` out for each, in order."""


class Job(Protocol):
    """What the workers of a run do. It is pickled, so its class must be importable by name."""

    def identity(self) -> dict[str, Any]:
        """Everything that the rows depend on, as JSON values: a run goes on only where it is the same. Raises where the job cannot be done."""
        ...

    def open(self) -> Read:
        """Called once in each worker; loads what reading needs."""
        ...


@dataclass(frozen=True)
class Settings:
    """The job of reading plates: options as those of `Platelight`, one thread a worker."""

    effort: Effort = "normal"
    countries: tuple[str, ...] | None = None
    top: int = 5
    crops: bool = False
    runtime: Runtime = "onnxruntime"
    models: str | None = None

    def identity(self) -> dict[str, Any]:
        """The options, the models by their hashes and the version of the program. Raises `ModelError`, `ValueError`."""
        from platelight import __version__
        from platelight.bundle import ModelSpec, Role, has_model

        roles: tuple[Role, ...] = ("detector", "refiner", "reader")
        specs = [ModelSpec.of(role, self.models) for role in roles if role != "refiner" or has_model(role, self.models)]
        return {
            "version": __version__,
            "models": {spec.name: spec.sha256 for spec in specs},
            "effort": self.effort, "countries": None if self.countries is None else list(self.countries), "top": self.top,
            "crops": self.crops, "runtime": self.runtime,
        }  # fmt: skip

    def open(self) -> Read:
        import warnings

        from platelight.images import keep_memory
        from platelight.pipeline import Platelight

        warnings.filterwarnings("ignore", module=r"PIL\.")  # odd metadata of a photo that can be read all the same
        keep_memory()
        reader = Platelight(self.effort, self.countries, self.top, self.runtime, threads=1, models=self.models)
        return lambda places: _read(reader, places, self.crops)


def _read(reader: Any, places: Iterable[str], crops: bool) -> Iterator[dict[str, Any]]:
    """Photos at addresses are fetched and handed on as bytes; where that fails, the cause is the photo's error."""
    from platelight.batch.places import PlaceError, source

    fetched: list[tuple[str, str | None]] = []

    def sources() -> Iterator[str | bytes]:
        for place in places:
            try:
                given: str | bytes = source(place)
                fetched.append((place, None))
            except PlaceError as error:
                given = b""
                fetched.append((place, str(error)))
            yield given

    for photo in reader.read_many(sources(), crops=crops):
        row = photo.to_dict()
        place, error = fetched[photo.index]
        if row["error"] is not None:
            row["error"] = error or row["error"].replace("bytes: ", f"{place}: ", 1) if photo.source == "bytes" else row["error"]
        del row["source"]
        yield row
