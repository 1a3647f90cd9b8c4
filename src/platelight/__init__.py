"""platelight finds the number plates in photos and reads them, offline on a CPU.

    from platelight import Platelight
    for plate in Platelight().read("a.jpg").plates:
        print(plate.text, plate.country, plate.confidence)

The names below are the public ones; everything else may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from platelight.bundle import ModelError
    from platelight.geometry import Box, Quad
    from platelight.images import ImageError
    from platelight.pipeline import Platelight
    from platelight.records import Candidate, Decoding, Detection, Photo, Plate, PlateImage, Reading
    from platelight.session import SessionError

__all__ = [
    "Box",
    "Candidate",
    "Decoding",
    "Detection",
    "ImageError",
    "ModelError",
    "Photo",
    "Plate",
    "PlateImage",
    "Platelight",
    "Quad",
    "Reading",
    "SessionError",
    "__version__",
]

__version__ = "0.1.0"

_HOMES = {
    "bundle": ("ModelError",),
    "geometry": ("Box", "Quad"),
    "images": ("ImageError",),
    "pipeline": ("Platelight",),
    "records": ("Candidate", "Decoding", "Detection", "Photo", "Plate", "PlateImage", "Reading"),
    "session": ("SessionError",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `import platelight` costs next to nothing."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'platelight' has no attribute {name!r}")
    value = getattr(import_module(f"platelight.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
