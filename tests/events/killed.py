"""Puts events and delivers them until it is killed; prints each id, with a full stop, once the event is kept."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from passes import passed

from platelight.events import Delivery, Outbox, Webhook, event_dict

delivery = Delivery(Outbox(sys.argv[1]), [Webhook(sys.argv[2], name="a", secret="secret")])
for number in itertools.count():
    event = event_dict(passed(id=f"{number:06}"), None, None, "")
    if delivery.put(event):
        print(f"{number:06}.", flush=True)
