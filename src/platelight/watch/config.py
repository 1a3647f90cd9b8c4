"""What is watched, and where the events go: the settings of `platelight watch`, from a TOML file or from the command line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platelight.detect import Effort
from platelight.events import HookShape
from platelight.events.known import TOLERANCE
from platelight.track.tracker import MIN_CONFIDENCE
from platelight.watch import values
from platelight.watch.values import Check, ConfigError, checked
from platelight.watch.zones import Polygon, Zones

QUEUE = Path("platelight-queue")


@dataclass(frozen=True, slots=True)
class Camera:
    """One source and how it is watched.

    `fps` None: every frame of a file, some frames a second of a live source. `min_width` is the least width of a plate in pixels
    of the picture; `min_confidence` the least chance of the text being right from which a pass is reported. `start`: when a file's
    first frame was taken, UTC seconds. `webhooks` names those that get the events of this camera, None for all.
    """

    name: str
    source: str = field(repr=False)
    zones: tuple[Polygon, ...] = ()
    exclude: tuple[Polygon, ...] = ()
    min_width: float = 0.0
    countries: tuple[str, ...] | None = None
    fps: float | None = None
    every: int = 1
    effort: Effort = "normal"
    gate: bool = True
    min_confidence: float = MIN_CONFIDENCE
    parked_after_s: float | None = None
    hardware: str | None = None
    live: bool | None = None
    loop: bool = False
    start: float | None = None
    open_timeout_s: float = 10.0
    read_timeout_s: float = 10.0
    evidence: bool = True
    mqtt: bool = True
    webhooks: tuple[str, ...] | None = None

    @property
    def area(self) -> Zones:
        return Zones(self.zones, self.exclude)


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Where pictures are kept, for how many days, and how many megabytes at most; None for no limit."""

    folder: Path
    keep_days: float | None = 30.0
    keep_mb: float | None = 2000.0


@dataclass(frozen=True, slots=True)
class KnownSettings:
    """A list of known plates, and how far a reading may be from one of them."""

    file: Path
    tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """An address that gets every event by HTTP POST; `pictures` None: where the shape has a place for them."""

    name: str
    url: str = field(repr=False)
    shape: HookShape = "platelight"
    secret: str | None = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 15.0
    pictures: bool | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """A broker that gets every event. `frigate`: a topic that gets plates in Frigate's form too; `ca`: certificates to trust."""

    url: str = field(repr=False)
    topic: str = "platelight"
    discovery: bool = True
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    prefix: str = "homeassistant"
    frigate: str | None = None
    ca: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that watching needs to know. `queue` is the folder where events wait for their receivers."""

    cameras: tuple[Camera, ...]
    evidence: EvidenceSettings | None = None
    known: KnownSettings | None = None
    webhooks: tuple[WebhookSettings, ...] = ()
    mqtt: MqttSettings | None = None
    queue: Path = QUEUE

    def __post_init__(self) -> None:
        names = [camera.name for camera in self.cameras]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigError(f"two cameras are called {twice!r}; each needs a name of its own")
        if not self.cameras:
            raise ConfigError("there is no camera: give a SOURCE or a [[camera]] in the settings file")
        known = [webhook.name for webhook in self.webhooks]
        for camera in self.cameras:
            for name in camera.webhooks or ():
                if name not in known:
                    raise ConfigError(f"camera {camera.name!r}: webhooks: there is no webhook {name!r}; there are {', '.join(known) or 'none'}")


CAMERA: dict[str, Check] = {
    "zones": values.polygons, "exclude": values.polygons, "min_width": values.number(0), "countries": values.codes,
    "fps": values.number(0, 240, above=True), "every": values.whole(1), "effort": values.one_of("fast", "normal", "thorough"), "gate": values.flag,
    "min_confidence": values.number(0, 1), "parked_after_s": values.number(0, above=True), "hardware": values.text,
    "live": values.flag, "loop": values.flag, "start": values.moment,
    "open_timeout_s": values.number(0, 600, above=True), "read_timeout_s": values.number(0, 600, above=True),
    "evidence": values.flag, "mqtt": values.flag,
    "webhooks": lambda value: tuple(values.name(part) for part in value) if isinstance(value, list) else _wrong_webhooks(value),
}  # fmt: skip
"""Keys of a camera, which [defaults] may hold too."""

PARTS: dict[str, dict[str, Check]] = {
    "evidence": {"folder": values.text, "keep_days": values.number(0, above=True), "keep_mb": values.number(0, above=True)},
    "known": {"file": values.text, "tolerance": values.number(0, 4)},
    "webhook": {
        "name": values.name, "url": values.secret, "shape": values.one_of("platelight", "platerecognizer", "openalpr"), "secret": values.secret,
        "headers": values.headers, "pictures": values.flag, "ca": values.text, "timeout_s": values.number(0, 600, above=True),
    },
    "mqtt": {
        "url": values.secret, "topic": values.text, "discovery": values.flag, "user": values.text, "password": values.secret, "prefix": values.text,
        "frigate": values.text, "ca": values.text,
    },
    "queue": {"folder": values.text},
}  # fmt: skip
REQUIRED = {"evidence": ("folder",), "known": ("file",), "webhook": ("url",), "mqtt": ("url",), "queue": ("folder",)}


def load(path: Path, sources: Sequence[str] = (), keys: Mapping[str, Any] | None = None, parts: Mapping[str, Any] | None = None) -> Settings:
    """The settings that a TOML file holds, with what a command line adds, see `settings_of`. Raises `ConfigError` and OSError.

    Relative folders and files in it are beside the settings file.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from None
    given = _options(keys or {}, parts or {})
    try:
        return _together(*_of_table(table, path.parent), sources, *given)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def settings_of(sources: Sequence[str], keys: Mapping[str, Any] | None = None, parts: Mapping[str, Any] | None = None) -> Settings:
    """Settings from a command line: `keys` of every camera, and `parts` named like the sections of a file. Raises `ConfigError`."""
    return _together([], {}, sources, *_options(keys or {}, parts or {}))


def _options(keys: Mapping[str, Any], parts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a command line gives, checked."""
    own = checked(dict(keys), CAMERA, "the options")
    single = {name: checked(parts[name], PARTS[name], f"the option --{name}") for name in ("evidence", "known", "mqtt", "queue") if parts.get(name)}
    return own, single | {"webhook": [checked({"url": url}, PARTS["webhook"], "the option --webhook")["url"] for url in parts.get("webhook", ())]}


def _together(
    cameras: list[dict[str, Any]], found: dict[str, Any], sources: Sequence[str], own: dict[str, Any], parts: Mapping[str, Any]
) -> Settings:  # fmt: skip
    for source in sources:
        where = checked({"source": source}, {"source": values.secret}, "SOURCE")["source"]
        cameras = [*cameras, {"name": _name_of(where, [camera["name"] for camera in cameras]), "source": where}]
    found = dict(found)
    for name in ("evidence", "known", "mqtt", "queue"):
        if name in parts:
            found[name] = _complete(name, found.get(name, {}) | parts[name])
    webhooks: list[WebhookSettings] = list(found.get("webhook", ()))
    for url in parts["webhook"]:
        webhooks.append(WebhookSettings(_name_of(url, [webhook.name for webhook in webhooks]), url))
    return Settings(
        tuple(Camera(**camera | own) for camera in cameras),
        EvidenceSettings(**found["evidence"] | {"folder": Path(found["evidence"]["folder"])}) if "evidence" in found else None,
        KnownSettings(Path(found["known"]["file"]), found["known"].get("tolerance", TOLERANCE)) if "known" in found else None,
        tuple(webhooks), MqttSettings(**found["mqtt"]) if "mqtt" in found else None,
        Path(found["queue"]["folder"]) if "queue" in found else QUEUE,
    )  # fmt: skip


def _complete(name: str, keys: dict[str, Any]) -> dict[str, Any]:
    for key in REQUIRED[name]:
        if key not in keys:
            raise ConfigError(f"[{name}]: the key {key!r} is missing")
    return keys


def _of_table(table: dict[str, Any], beside: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The keys of the cameras, and of the other sections by name."""
    sections = ("camera", "defaults", *PARTS)
    for section in table:
        if section not in sections:
            raise ConfigError(f"there is no section [{section}]; sections are {', '.join(sections)}")
    defaults = checked(table.get("defaults", {}), CAMERA, "[defaults]")
    cameras = [_camera(entry, number, defaults, beside) for number, entry in enumerate(_many(table, "camera"), 1)]
    found: dict[str, Any] = {name: checked(table[name], PARTS[name], f"[{name}]") for name in ("evidence", "known", "mqtt", "queue") if name in table}
    found.setdefault("queue", {"folder": str(QUEUE)})
    for keys in found.values():
        keys.update({key: str(beside / keys[key]) for key in ("folder", "file", "ca") if key in keys})
    return cameras, {name: _complete(name, keys) for name, keys in found.items()} | {"webhook": _webhooks(_many(table, "webhook"))}


def _camera(entry: Any, number: int, defaults: dict[str, Any], beside: Path) -> dict[str, Any]:
    called = entry.get("name") if isinstance(entry, dict) else None
    where = f"camera {number}" + (f" ({called!r})" if isinstance(called, str) else "")
    own = checked(entry, {"name": values.name, "source": values.secret} | CAMERA, where, ("name", "source"))
    if "://" not in own["source"] and not own["source"].isdigit():  # a file or a device; one that begins with / stays
        own["source"] = str(beside / own["source"])
    return defaults | own


def _name_of(source: str, taken: Sequence[str]) -> str:
    """What a camera without a name is called: the file's name, the stream's host or the device's number."""
    if "://" in source:
        called = urlsplit(source).hostname or "stream"
    else:
        called = f"camera{source}" if source.isdigit() else Path(source).stem
    called = re.sub(r"[^A-Za-z0-9_.-]+", "_", called).strip("._") or "camera"
    return called if called not in taken else next(name for name in (f"{called}-{n}" for n in range(2, len(taken) + 3)) if name not in taken)


def _webhooks(entries: list[Any]) -> tuple[WebhookSettings, ...]:
    found: list[WebhookSettings] = []
    for number, entry in enumerate(entries, 1):
        keys = checked(entry, PARTS["webhook"], f"webhook {number}", REQUIRED["webhook"])
        webhook = WebhookSettings(**{"name": f"webhook{number}"} | keys)
        if any(webhook.name == other.name for other in found):
            raise ConfigError(f"webhook {number}: another webhook is called {webhook.name!r} too")
        found.append(webhook)
    return tuple(found)


def _many(table: dict[str, Any], name: str) -> list[Any]:
    entries = table.get(name, [])
    if isinstance(entries, dict):
        raise ConfigError(f"write [[{name}]] with two brackets: there may be several")
    if not isinstance(entries, list):
        raise ConfigError(f"[[{name}]] must be a table, got {entries!r}")
    return entries


def _wrong_webhooks(value: Any) -> tuple[str, ...]:
    raise ValueError(f"must be a list of names of webhooks, [] for none, got {value!r}")
