"""What becomes of a vehicle's pass: an event in JSON, pictures as evidence, and delivery to programs that want to know.

`event_dict` makes the event, `KnownPlates` names the plates on a list, `Evidence` saves pictures, `Outbox` keeps events until
they are delivered, `Delivery` brings them to each `Webhook` and `Mqtt`. Only `Mqtt` needs more than the core: the extra `mqtt`.
"""

from __future__ import annotations

from platelight.events.addresses import shown
from platelight.events.delivery import Delivery, Target
from platelight.events.errors import EventsError, NotNowError, RefusedError
from platelight.events.event import event_dict
from platelight.events.evidence import Evidence, Saved
from platelight.events.known import Known, KnownPlates, Match
from platelight.events.mqtt import Mqtt
from platelight.events.outbox import Outbox
from platelight.events.signing import is_genuine, sign
from platelight.events.store import Entry
from platelight.events.webhook import HookShape, Webhook

__all__ = [
    "Delivery", "Entry", "EventsError", "Evidence", "HookShape", "Known", "KnownPlates", "Match", "Mqtt", "NotNowError", "Outbox", "RefusedError", "Saved",
    "Target", "Webhook", "event_dict", "is_genuine", "shown", "sign",
]  # fmt: skip
