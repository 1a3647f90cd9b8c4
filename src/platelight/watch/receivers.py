"""Where events go: known plates to look them up in, evidence to keep, and the receivers of each camera's events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from platelight.events import Delivery, EventsError, Evidence, KnownPlates, Mqtt, Outbox, Target, Webhook
from platelight.records import Pass
from platelight.video.address import check_file, parse
from platelight.video.errors import VideoError
from platelight.watch.config import Camera, Settings

MQTT = "mqtt"


class Receivers:
    """All that settings name besides cameras, opened. Raises `EventsError` for what cannot be used."""

    def __init__(self, settings: Settings) -> None:
        self.known = KnownPlates.from_file(settings.known.file, settings.known.tolerance) if settings.known else None
        self.names = {camera.name: _names(camera, settings) for camera in settings.cameras}
        self._targets = _targets(settings)
        self._delivery: Delivery | None = None
        self._outbox = Outbox(settings.queue) if self._targets else None
        needed = self._outbox.needed if self._outbox else None
        limits = settings.evidence
        self.evidence = Evidence(limits.folder, limits.keep_days, limits.keep_mb, needed=needed) if limits else None
        if self._outbox is not None:
            self._delivery = Delivery(self._outbox, self._targets)

    @staticmethod
    def problems(settings: Settings) -> list[str]:
        """What would not work, as far as that can be told without connecting to anything or writing."""
        found: list[str] = []
        for camera in settings.cameras:
            address = parse(camera.source)
            if address.kind == "file":
                found += _trouble(lambda address=address: check_file(address))  # type: ignore[misc]
        if settings.known:
            listed = settings.known
            found += _trouble(lambda: KnownPlates.from_file(listed.file, listed.tolerance))
        return found + _trouble(lambda: _targets(settings))

    def put(self, camera: str, event: dict[str, Any], passed: Pass) -> None:
        """Keep an event for the receivers of its camera."""
        if self._delivery is not None and self.names[camera]:
            self._delivery.put(event, passed, self.names[camera])

    def lines(self) -> list[str]:
        """How it goes, a few words for each receiver."""
        if self._delivery is None:
            return []
        return [_line(name, stats) for name, stats in self._delivery.stats.items()]

    def close(self, timeout_s: float) -> int:
        """Give the receivers so long, then let go; gives how many events stay in the queue."""
        if self._delivery is None or self._outbox is None:
            return 0
        self._delivery.close(timeout_s)
        return sum(stats["waiting"] for stats in self._delivery.stats.values())


def _targets(settings: Settings) -> list[Target]:
    targets: list[Target] = [
        Webhook(hook.url, hook.shape, hook.secret, hook.headers, hook.timeout_s, ca=hook.ca, pictures=hook.pictures, name=hook.name)
        for hook in settings.webhooks
    ]
    if (broker := settings.mqtt) is not None:
        cameras = [camera.name for camera in settings.cameras if camera.mqtt]
        targets.append(Mqtt(
            broker.url, broker.topic, broker.discovery, user=broker.user, password=broker.password, cameras=cameras, prefix=broker.prefix,
            frigate=broker.frigate, ca=broker.ca, name=MQTT,
        ))  # fmt: skip
    return targets


def _names(camera: Camera, settings: Settings) -> tuple[str, ...]:
    """The receivers of a camera's events."""
    hooks = tuple(hook.name for hook in settings.webhooks) if camera.webhooks is None else camera.webhooks
    return (*hooks, MQTT) if settings.mqtt and camera.mqtt else hooks


def _line(name: str, stats: Mapping[str, Any]) -> str:
    trouble = f", failing for {stats['failing_s']:.0f} s ({stats['last_error']})" if stats["failing_s"] else ""
    lost = "".join(f", {stats[kind]} {kind}" for kind in ("refused", "dropped", "expired") if stats[kind])
    return f"{name} {stats['delivered']} delivered, {stats['waiting']} waiting{lost}{trouble}"


def _trouble(attempt: Callable[[], object]) -> list[str]:
    try:
        attempt()
    except (EventsError, VideoError, OSError) as error:
        return [str(error)]
    return []
