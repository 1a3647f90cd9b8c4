"""Plates seen in one frame after another become passes of vehicles, their readings one text."""

from platelight.track.align import likeness
from platelight.track.join import joined, merged
from platelight.track.sighting import Sighting, sharpness_of
from platelight.track.trace import Track
from platelight.track.tracker import Tracker

__all__ = ["Sighting", "Track", "Tracker", "joined", "likeness", "merged", "sharpness_of"]
