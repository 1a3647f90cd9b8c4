"""Cameras watched: video in, one event for every vehicle that passes."""

from platelight.watch.config import Camera, Settings, load, settings_of
from platelight.watch.gate import MotionGate
from platelight.watch.looking import Looker, Models, Seen
from platelight.watch.receivers import Receivers
from platelight.watch.reporting import Event
from platelight.watch.stats import CameraStats, clock
from platelight.watch.turns import Turns
from platelight.watch.values import ConfigError
from platelight.watch.watcher import STOP_S, Watcher
from platelight.watch.zones import Zones

__all__ = [
    "STOP_S", "Camera", "CameraStats", "ConfigError", "Event", "Looker", "Models", "MotionGate", "Receivers", "Seen", "Settings", "Turns", "Watcher", "Zones",
    "clock", "load", "settings_of",
]  # fmt: skip
