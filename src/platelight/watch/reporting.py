"""Passes become events: looked up among the known plates, their pictures saved, handed to the receivers, then printed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from platelight.events import event_dict
from platelight.records import Pass
from platelight.watch.config import Camera
from platelight.watch.receivers import Receivers

WAITING = 16
"""Passes that may wait with their frames, each some megabytes, before cameras wait too."""

PRINTED_WAITING = 20_000
"""Events that may wait to be taken by who prints them."""


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A pass and the JSON object that says it."""

    fields: dict[str, Any]
    passed: Pass
    camera: Camera


class Reporter(threading.Thread):
    """Works on passes in the order they come, beside the cameras.

    Finished events wait in `events` for who prints them. What cannot be saved or handed on is said, and the event is printed
    all the same.
    """

    def __init__(self, receivers: Receivers, say: Callable[[str, str], None]) -> None:
        super().__init__(name="watch-reporter", daemon=True)
        self.receivers, self.say = receivers, say
        self.events: queue.Queue[Event] = queue.Queue(PRINTED_WAITING)
        self._passes: queue.Queue[tuple[Camera, Pass] | None] = queue.Queue(WAITING)

    def put(self, camera: Camera, passed: Pass) -> None:
        self._passes.put((camera, passed))

    def finish(self) -> None:
        """Work on what has been put, then end."""
        self._passes.put(None)

    @property
    def waiting(self) -> int:
        return self._passes.qsize()

    def run(self) -> None:
        while (item := self._passes.get()) is not None:
            camera, passed = item
            self.events.put(self._event(camera, passed))
            del item, passed  # a frame is some megabytes, and the next pass may be hours away

    def _event(self, camera: Camera, passed: Pass) -> Event:
        listed, evidence, text = self.receivers.known, self.receivers.evidence, passed.plate.text
        known = listed.match(text) if listed is not None else None
        saved = None
        if evidence is not None and camera.evidence:
            try:
                saved = evidence.save(passed)
            except Exception as error:
                self.say(camera.name, f"the pictures of {text} were not saved: {error}")
        fields = event_dict(passed, known, saved, camera.source)
        try:
            self.receivers.put(camera.name, fields, passed)
        except Exception as error:
            self.say(camera.name, f"the event of {text} was not put into the queue: {error}")
        return Event(fields, passed, camera)
