"""Hide the plates of photos: blurred, pixelated, filled, under a logo, or swapped for a drawn plate with a made-up number.

    from platelight import Platelight, images
    from platelight.redact import recall_first, redact
    picture = images.load("a.jpg")
    hidden = redact(picture, recall_first(Platelight()).read(picture).plates, "blur")

`redact_bytes` and `redact_file` do the same from file to file, with the metadata that may stay.
"""

from __future__ import annotations

from platelight.redact.files import Metadata, Redacted, RedactError, redact_bytes, redact_file
from platelight.redact.find import recall_first
from platelight.redact.hide import METHODS, Hidden, Method, MethodName, hide, method_of, redact
from platelight.redact.methods import Blur, Fill, Logo, Pixelate
from platelight.redact.swap import Swap

__all__ = [
    "METHODS", "Blur", "Fill", "Hidden", "Logo", "Metadata", "Method", "MethodName", "Pixelate", "RedactError", "Redacted", "Swap",
    "hide", "method_of", "recall_first", "redact", "redact_bytes", "redact_file",
]  # fmt: skip
