"""A picture with hidden plates, written as its original was: format, colours, depth, quality."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import JpegImagePlugin, PngImagePlugin

from platelight.modes import has_transparency, orientation_of
from platelight.records import Image
from platelight.redact.metadata import Kept

WRITTEN_AS = {
    "JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "TIFF": "TIFF", "BMP": "BMP", "DIB": "BMP", "GIF": "GIF", "PPM": "PPM", "AVIF": "AVIF",
    "JPEG2000": "JPEG2000", "HEIF": "JPEG",
}  # fmt: skip
"""Format of a picture to the format it is written in again."""

QUALITY = {"WEBP": 92, "AVIF": 88, "JPEG": 93}
"""For lossy formats that do not tell how they were compressed."""

_TURNS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT, 3: Pillow.Transpose.ROTATE_180, 4: Pillow.Transpose.FLIP_TOP_BOTTOM, 5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270, 7: Pillow.Transpose.TRANSVERSE, 8: Pillow.Transpose.ROTATE_90,
}  # fmt: skip
_TIFF_COMPRESSIONS = frozenset({"tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "lzma", "zstd"})


def in_own_colours(original: Pillow.Image, redacted: Image, mask: Image) -> Pillow.Image:
    """`redacted` (H, W, 3) in the colours of `original`, upright, whose pixels are kept to the bit where `mask` (H, W) is 0.

    Under full transparency pixels may hold what nobody sees, a plate for one: they become black.
    """
    if original.mode in ("RGB", "P", "YCbCr", "LAB", "HSV") and not has_transparency(original):
        return Pillow.fromarray(redacted)
    original.load()  # turns a TIFF upright
    turn = _TURNS.get(orientation_of(original))
    own = original if turn is None else original.transpose(turn)
    touched = mask > 0
    if has_transparency(original):
        return _see_through(own, redacted, touched)
    patch = Pillow.fromarray(redacted)
    if own.mode in ("1", "L", "CMYK"):
        result = Pillow.new(own.mode, own.size)
        result.paste(own)
        result.paste(patch.convert(own.mode), mask=Pillow.fromarray(np.where(touched, np.uint8(255), np.uint8(0))))
        return result
    return _deep(own, patch, touched)


def encode(picture: Pillow.Image, original: Pillow.Image, data: bytes, metadata: Kept) -> bytes:
    """The file. `data` is that of `original`. Raises what Pillow raises where a format cannot hold the picture."""
    form = WRITTEN_AS[original.format or ""]
    picture.info.clear()  # Pillow writes some of it by itself
    options: dict[str, Any] = {key: value for key, value in (("icc_profile", _profile(picture, original)), ("dpi", _dpi(original))) if value}
    if metadata.exif is not None and form in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF"):
        options["exif"] = metadata.exif.tobytes()  # as an object, TIFF would lose what lies below its first level
    if metadata.xmp and form in ("JPEG", "WEBP", "AVIF"):
        options["xmp"] = metadata.xmp
    if metadata.comment and form in ("JPEG", "GIF"):
        options["comment"] = metadata.comment
    file = io.BytesIO()
    picture.save(file, form, **options, **_own_options(form, picture, original, data, metadata))
    return file.getvalue()


def _own_options(form: str, picture: Pillow.Image, original: Pillow.Image, data: bytes, metadata: Kept) -> dict[str, Any]:
    if form == "JPEG":
        return _as_compressed(picture, original)
    if form == "WEBP":
        return {"lossless": True} if _is_lossless_webp(data) else {"quality": QUALITY[form], "method": 4}
    if form == "AVIF":
        return {"quality": QUALITY[form]}
    if form == "TIFF":
        compression = original.info.get("compression")
        return {"compression": compression if compression in _TIFF_COMPRESSIONS else None if compression in (None, "raw") else "tiff_adobe_deflate"}
    if form == "PNG":
        texts = PngImagePlugin.PngInfo()
        for key, value in metadata.texts:
            texts.add_text(key, value)
        return {"pnginfo": texts}
    return {}


def _is_lossless_webp(data: bytes) -> bool:
    """Whether the first chunk of pixels is a lossless one."""
    place = 12  # behind RIFF, size, WEBP
    while place + 8 <= len(data):
        kind = data[place : place + 4]
        if kind in (b"VP8L", b"VP8 "):
            return kind == b"VP8L"
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + size + size % 2
    return False


def _as_compressed(picture: Pillow.Image, original: Pillow.Image) -> dict[str, Any]:
    """With the original's own tables, pixels that were not touched change by no more than rounding."""
    options: dict[str, Any] = {"progressive": bool(original.info.get("progressive")), "optimize": True}
    if isinstance(original, JpegImagePlugin.JpegImageFile) and original.quantization and picture.mode == original.mode:
        return options | {"qtables": original.quantization, "subsampling": JpegImagePlugin.get_sampling(original)}
    return options | {"quality": QUALITY["JPEG"], "subsampling": 0}


def _profile(picture: Pillow.Image, original: Pillow.Image) -> bytes | None:
    """The colour profile, if the picture is still in the colours it speaks of."""
    profile = original.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and _family(picture.mode) == _family(original.mode) else None


def _family(mode: str) -> str:
    if mode in ("CMYK", "LAB", "HSV"):
        return mode
    return "grey" if mode in ("1", "L", "LA", "La", "I", "F") or mode.startswith("I;16") else "RGB"


def _dpi(original: Pillow.Image) -> tuple[float, float] | None:
    dpi = original.info.get("dpi")
    return dpi if isinstance(dpi, tuple) and len(dpi) == 2 and all(0 < float(value) < 1e5 for value in dpi) else None


def _see_through(own: Pillow.Image, redacted: Image, touched: NDArray[np.bool_]) -> Pillow.Image:
    grey = own.mode in ("1", "L", "LA", "La") or own.mode.startswith("I")
    layer = own.convert("LA") if own.mode == "La" else own
    values = np.array(layer.convert("LA" if grey else "RGBA"))
    values[values[..., -1] == 0] = 0
    over = np.array(Pillow.fromarray(redacted).convert("L"))[..., None] if grey else redacted
    values[touched, :-1] = over[touched]
    values[touched, -1] = 255
    return Pillow.fromarray(values)


def _deep(own: Pillow.Image, patch: Pillow.Image, touched: NDArray[np.bool_]) -> Pillow.Image:
    """Grey with more than 8 bits."""
    values = np.array(own)
    shown = np.array(patch.convert("L")).astype(np.float64)
    outside = ~touched
    brightest = float(values[outside].max()) if outside.any() else 255.0
    white = brightest / max(float(shown[outside].max()), 1.0) if outside.any() else 1.0
    values[touched] = (shown[touched] * white).astype(values.dtype)
    return Pillow.fromarray(values)
