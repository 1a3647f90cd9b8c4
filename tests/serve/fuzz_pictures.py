"""Loaded by schemathesis: half of the uploads it makes are pictures, whole, cut off or with damaged bytes, rather than noise."""

from __future__ import annotations

import io

import schemathesis
from hypothesis import strategies as st
from PIL import Image as Pillow
from schemathesis.transport.serialization import Binary


def _pictures() -> list[bytes]:
    found = []
    for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"):
        file = io.BytesIO()
        plate = Pillow.new("RGB", (120, 90), "gray")
        plate.paste("white", (30, 40, 90, 55))
        plate.save(file, kind)
        found.append(file.getvalue())
    return found


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(_pictures())))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.sampled_from((len(data), len(data) // 2, 20)))])


schemathesis.openapi.format("binary", st.one_of(st.binary(max_size=200), st.sampled_from(_pictures()), _damaged()).map(Binary))
