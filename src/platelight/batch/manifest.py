"""`_run.json`: what a run's folder is the run of, so that it goes on only with the same list and the same settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from platelight.batch.errors import BatchError
from platelight.batch.listing import Digest, Listing
from platelight.batch.parquet import replacing, write_tables
from platelight.batch.schema import SCHEMA_VERSION

RUN, LIST, OPEN, LOCK = "_run.json", "_list.parquet", "_open", ".lock"
"""Files of a run beside its results. Readers of Parquet folders pass over names that begin with _ or a dot."""

SHARD_ROWS, CHUNK_ROWS = 1024, 16
"""Photos in one file of the results, and photos that a worker gets at a time."""


@dataclass(frozen=True)
class Manifest:
    """What the run is of. `settings` is the job's identity; `rows`, `sha256` and `root` are those of the list; `finished` its end."""

    settings: dict[str, Any]
    source: str
    root: str
    rows: int
    sha256: str
    shard_rows: int = SHARD_ROWS
    chunk_rows: int = CHUNK_ROWS
    schema_version: int = SCHEMA_VERSION
    started: str = field(default_factory=lambda: _now())
    finished: dict[str, Any] | None = None

    @property
    def shards(self) -> int:
        return -(-self.rows // self.shard_rows)

    def rows_of(self, shard: int) -> range:
        """The places in the list of a shard's photos."""
        return range(shard * self.shard_rows, min((shard + 1) * self.shard_rows, self.rows))

    def shard_path(self, out: Path, shard: int) -> Path:
        return out / f"photos-{shard:05d}.parquet"

    def metadata(self, errors: int, plates: int) -> dict[str, str]:
        """What stands in the metadata of a shard's file."""
        about = {
            "schema_version": self.schema_version, "version": self.settings.get("version"), "models": list(self.settings.get("models", {})),
            "settings": self.settings, "errors": errors, "plates": plates,
        }  # fmt: skip
        return {f"platelight.{name}": value if isinstance(value, str) else json.dumps(value) for name, value in about.items()}

    def finish(self, photos: int, errors: int, plates: int) -> Manifest:
        return replace(self, finished={"at": _now(), "photos": photos, "errors": errors, "plates": plates})

    def write(self, out: Path) -> None:
        """Raises `OSError` that names the file."""
        with replacing(out / RUN) as file:
            file.write(json.dumps(asdict(self), indent=1, ensure_ascii=False).encode())

    @classmethod
    def read(cls, out: Path) -> Manifest:
        """Raises `BatchError`, `FileNotFoundError` where there is none."""
        path = out / RUN
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            manifest = cls(**{item.name: values[item.name] for item in fields(cls)})
        except (ValueError, KeyError, TypeError) as error:
            raise BatchError(f"{path}: not what a run writes ({type(error).__name__}: {error})") from None
        if manifest.schema_version != SCHEMA_VERSION:
            raise BatchError(f"{path}: of schema version {manifest.schema_version}, this program writes {SCHEMA_VERSION}; give another --out")
        return manifest


def prepare(out: Path, listing: Listing, settings: dict[str, Any], shard_rows: int = SHARD_ROWS) -> Manifest:
    """The manifest of the run in `out`, begun if there is none or if nothing of it is done.

    Raises `BatchError` where the folder holds another run, or where the list names no photo.
    """
    _clear(out)
    if not (out / RUN).exists() or not _begun(out):
        digest = Digest(listing)
        write_tables(out / LIST, listing.schema, _digested(listing, digest, shard_rows))
        if not digest.rows:
            (out / LIST).unlink()
            raise BatchError(f"{listing.name}: no photos in it")
        manifest = Manifest(settings, listing.name, listing.root, digest.rows, digest.value(), shard_rows)
        manifest.write(out)
        return manifest
    manifest = Manifest.read(out)
    _compare_settings(out, manifest, settings)
    digest = Digest(listing)
    for _ in _digested(listing, digest, manifest.shard_rows):
        pass
    _compare_list(out, manifest, listing, digest)
    return manifest


def _begun(out: Path) -> bool:
    """Whether any photo is done."""
    return any(out.glob("photos-*.parquet")) or any(out.glob(f"{OPEN}/*"))


def _digested(listing: Listing, digest: Digest, rows: int) -> Iterator[pa.Table]:
    for table in listing.groups(rows):
        digest.add(table)
        yield table


def _clear(out: Path) -> None:
    """Remove what a killed run left half written."""
    for folder in (out, out / OPEN):
        for path in folder.glob(".*.tmp") if folder.is_dir() else ():
            if re.fullmatch(r"\..+\.\d+\.tmp", path.name):
                path.unlink()


def refuse_strangers(out: Path) -> None:
    """Raises `BatchError` where `out` holds anything but a run."""
    if (out / RUN).exists():
        return
    strangers = sorted(path.name for path in out.iterdir() if not path.name.startswith(".") and path.name not in (LIST, OPEN))
    if strangers:
        raise BatchError(f"{out}: holds {strangers[0]}" + (" and more" if strangers[1:] else "") + ", and no run; give an empty or a new folder as --out")


def _compare_settings(out: Path, manifest: Manifest, settings: dict[str, Any]) -> None:
    before, now = manifest.settings, json.loads(json.dumps(settings))
    differing = [name for name in dict.fromkeys([*before, *now]) if before.get(name) != now.get(name)]
    if differing:
        changes = "; ".join(f"{name} was {_shown(before.get(name))}, now {_shown(now.get(name))}" for name in differing)
        raise BatchError(f"{out}: holds a run with other settings: {changes}. Give the same to go on with it, or another --out")


def _compare_list(out: Path, manifest: Manifest, listing: Listing, digest: Digest) -> None:
    if digest.value() == manifest.sha256:
        if listing.root != manifest.root:
            raise BatchError(f"{out}: holds a run whose paths start from {manifest.root}, now {listing.root}. Give --root {manifest.root} to go on with it")
        return
    change = f"{manifest.rows} photos then, {digest.rows} now" if digest.rows != manifest.rows else f"as many photos, {digest.rows}, but not the same"
    earlier = f"platelight batch {out / LIST} --root {manifest.root} --out {out}"
    raise BatchError(f"{out}: holds a run over another list ({change}). Give another --out, or go on with the earlier list: {earlier}")


def _shown(value: Any) -> str:
    """A setting as it stands in a message: of models, names and the start of the hashes."""
    if isinstance(value, dict):
        return ", ".join(f"{name} ({str(part)[:8]})" for name, part in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "not set" if value is None else str(value)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
