"""Pictures of every kind in, upright RGB arrays out; and the resizing that runtime and training share.

A picture's header is read before its pixels, so that a small file which would unpack to gigabytes is refused unread.
"""

from __future__ import annotations

import ctypes
import io
import os
import stat
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from platelight.modes import has_transparency, orientation_of, to_rgb, upright
from platelight.records import Image
from platelight.signatures import count_scans, is_heic, is_plain_pnm, looks_like

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Pillow.Image | NDArray[Any]
"""What a picture can be given as: a path, the bytes of a file, a PIL image, or an RGB array."""

Order = Literal["RGB", "BGR"]

MAX_PIXELS = 80_000_000
"""Pictures with more pixels are refused: the hungriest decoders take about 12 bytes a pixel, and the limit of memory is 1.5 GB."""

PIXELS_BY_FORMAT = {"JPEG2000": 40_000_000, "PNM in digits": 10_000_000}
"""Formats whose decoders need more memory or time a pixel than the rest."""

MAX_BYTES = 400_000_000
"""Larger files are refused; more than this and the pixels do not fit into the limit of memory together."""

MAX_SCAN_PIXELS = 6_000_000_000
"""Limit of a JPEG's pixels times its scans: a small progressive file can ask for hours of work."""

EXTENSIONS = frozenset((
    ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg",
    ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp",
))  # fmt: skip
"""File names that a search through a folder takes for pictures."""

PADDING = 114
"""Grey value of the strip beside a picture that does not fill the network's input."""

MAX_UPSCALE = 2.0
"""Small pictures are enlarged at most this much."""

KEPT_BYTES = 128_000_000
"""Unused memory that a program keeps for the next photos after `keep_memory`."""

_AVIF = ("AVIF",) if find_spec("PIL.AvifImagePlugin") else ()  # Pillow before 11.3 has none
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "PPM", "TIFF", "WEBP", *_AVIF, "JPEG2000")  # not EPS, for which Pillow starts Ghostscript
_FAST_FORMATS = frozenset({"JPEG", "MPO", "PNG", "WEBP"})  # MPO: a JPEG with more pictures behind it, as many phones write
_TO_RGB: int | None = getattr(cv2, "IMREAD_COLOR_RGB", None)  # OpenCV before 4.11 has none
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of malloc.h
_CV2_REPORTS_TRUNCATION = int(cv2.__version__.split(".")[0]) >= 5  # older ones return half a picture as if it were whole
_open_lock = threading.Lock()


class ImageError(ValueError):
    """A picture that cannot be used; the message names it and the cause."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A picture resized into the top-left corner of `pixels`; multiply its coordinates by the scales to get there."""

    pixels: Image
    x_scale: float
    y_scale: float


def use_threads(count: int) -> None:
    """Let OpenCV use this many threads in this process; of its own accord it takes all CPUs, in every worker."""
    cv2.setNumThreads(count)


def load(source: Source, order: Order = "RGB", max_pixels: int = MAX_PIXELS) -> Image:
    """Decode `source` to upright RGB pixels, uint8 (H, W, 3), contiguous.

    `order` is the channel order of an array; it changes nothing for files and PIL images. Raises `ImageError`.
    """
    if order not in ("RGB", "BGR"):
        raise ValueError(f"order must be 'RGB' or 'BGR', got {order!r}")
    name = name_of(source)
    if isinstance(source, np.ndarray):
        return _from_array(source, order, name, max_pixels)
    if isinstance(source, Pillow.Image):
        _check_size(name, source.size, source.format or "", max_pixels)
        return _from_pillow(source, name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), name, max_pixels)
    if isinstance(source, (str, os.PathLike)):
        return _from_bytes(_file_bytes(name), name, max_pixels)
    raise ImageError(f"{name}: give a path, bytes, a PIL image or an RGB uint8 array, not {type(source).__name__}")


def name_of(source: object) -> str:
    """What to call a source in results and messages: its path, or its kind."""
    if isinstance(source, (str, os.PathLike)):
        return os.fsdecode(source)
    if isinstance(source, Pillow.Image):
        return str(getattr(source, "filename", "") or "PIL image")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "bytes"
    return "array" if isinstance(source, np.ndarray) else type(source).__name__


def fit(image: Image, long_side: int, multiple: int = 32, max_upscale: float = MAX_UPSCALE) -> Fitted:
    """Resize `image` (H, W, 3) so that its long side is `long_side`, padded right and bottom to multiples of `multiple`."""
    height, width = image.shape[:2]
    scale = min(long_side / max(height, width), max_upscale)
    new_width, new_height = max(round(width * scale), 1), max(round(height * scale), 1)
    resized = resize(image, new_width, new_height)
    padded_width, padded_height = -(-new_width // multiple) * multiple, -(-new_height // multiple) * multiple
    if (padded_width, padded_height) == (new_width, new_height):
        return resized
    canvas = np.full((padded_height, padded_width, 3), PADDING, dtype=np.uint8)
    canvas[:new_height, :new_width] = resized.pixels
    return Fitted(canvas, resized.x_scale, resized.y_scale)


def resize(image: Image, width: int, height: int) -> Fitted:
    """Resize (H, W, 3) without aliasing: halved as often as it goes, the rest bilinear; an odd last row or column is cut off.

    One step by area takes several times longer for large pictures and shows a network nothing more.
    """
    times = 0
    while image.shape[1] >> times >= 2 * width and image.shape[0] >> times >= 2 * height:
        times += 1
    whole_width, whole_height = (side >> times << times for side in (image.shape[1], image.shape[0]))
    small = image[:whole_height, :whole_width]
    for _ in range(times):
        small = cast(Image, cv2.resize(small, (small.shape[1] // 2, small.shape[0] // 2), interpolation=cv2.INTER_AREA))
    if small.shape[:2] != (height, width):
        small = cast(Image, cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))
    return Fitted(small, width / whole_width, height / whole_height)


def keep_memory() -> None:
    """Let the C library keep the memory of photos for those that follow; for programs whose work is reading photos.

    A block as large as a photo goes back to the system each time, and touching the next one costs as much as decoding into it.
    glibc keeps smaller ones since this module is loaded (see `_keep_some`), and all after this call, up to `KEPT_BYTES` that are
    unused (mallopt(3)). Under other C libraries this does nothing.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return
    mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)
    mallopt(_M_MMAP_MAX, 0)


def _keep_some() -> None:
    """The same for blocks up to 31 MB: freeing one makes glibc keep others of its size. It decides so by itself sooner or later."""
    np.empty(31_000_000, np.uint8)


_keep_some()


def _file_bytes(name: str) -> bytes:
    if not name:
        raise ImageError("a picture's path is empty")
    try:
        found = Path(name).stat()
        if not stat.S_ISREG(found.st_mode):  # reading a pipe may wait for ever, and some devices never end
            raise ImageError(f"{name}: is {_other_kind(found.st_mode)}, not a picture")
        if found.st_size > MAX_BYTES:
            raise ImageError(f"{name}: too large, the file has {found.st_size / 1e6:.0f} MB and the limit is {MAX_BYTES / 1e6:.0f} MB")
        return Path(name).read_bytes()
    except ImageError:
        raise
    except FileNotFoundError:
        hint = " (it is an address: download the picture first)" if "://" in name else ""
        raise ImageError(f"{name}: no such file{hint}") from None
    except PermissionError:
        raise ImageError(f"{name}: no permission to read it") from None
    except (OSError, ValueError) as error:
        raise ImageError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from None


def _other_kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"


def _from_bytes(data: bytes, name: str, max_pixels: int) -> Image:
    if not data:
        raise ImageError(f"{name}: the file is empty")
    picture = _open(data, name)
    _check_size(name, picture.size, "PNM in digits" if is_plain_pnm(data) else picture.format or "", max_pixels)
    scans = count_scans(data)
    if scans * picture.width * picture.height > MAX_SCAN_PIXELS:
        raise ImageError(f"{name}: a JPEG of {picture.width} x {picture.height} in {scans} scans would take too long to decode")
    if _is_plain(picture):
        pixels = _decode_fast(data)
        if pixels is not None and pixels.shape[1::-1] == picture.size:
            return upright(pixels, orientation_of(picture))
    return _from_pillow(picture, name)


def _open(data: bytes, name: str) -> Pillow.Image:
    """The picture's header. Pillow's own limit is lifted for the moment, so that the message can name the size."""
    if is_heic(data):
        _register_heic(name)
    try:
        with _open_lock:
            limit, Pillow.MAX_IMAGE_PIXELS = Pillow.MAX_IMAGE_PIXELS, None
            try:
                return Pillow.open(io.BytesIO(data), formats=(*_FORMATS, "HEIF") if is_heic(data) else _FORMATS)
            finally:
                Pillow.MAX_IMAGE_PIXELS = limit
    except UnidentifiedImageError:
        raise ImageError(f"{name}: not a picture, {looks_like(data)}") from None
    except Exception as error:  # Pillow's format plugins raise whatever a broken header makes them trip over
        raise ImageError(f"{name}: broken picture ({error})") from None


def _check_size(name: str, size: tuple[int, int], kind: str, max_pixels: int) -> None:
    width, height = size
    limit = min(max_pixels, PIXELS_BY_FORMAT.get(kind, max_pixels))
    if width * height > limit:
        raise ImageError(f"{name}: too large, {width} x {height} is {width * height / 1e6:.0f} million pixels and the limit is {limit / 1e6:.0f} million")
    if width < 1 or height < 1:
        raise ImageError(f"{name}: holds no pixels ({width} x {height})")


def _is_plain(picture: Pillow.Image) -> bool:
    """Whether OpenCV, which is twice as fast, decodes this picture exactly as Pillow would."""
    if picture.format not in _FAST_FORMATS or picture.mode not in ("RGB", "L") or has_transparency(picture):
        return False
    if picture.format in ("JPEG", "MPO"):
        return _CV2_REPORTS_TRUNCATION
    return not getattr(picture, "is_animated", False)


def _decode_fast(data: bytes) -> Image | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_IGNORE_ORIENTATION | (_TO_RGB or cv2.IMREAD_COLOR))
    except cv2.error:
        return None
    if pixels is None or _TO_RGB:
        return cast("Image | None", pixels)
    return cast(Image, cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels))


def _from_pillow(picture: Pillow.Image, name: str) -> Image:
    try:
        picture.load()  # a TIFF is turned upright by this, and then says so
        return upright(to_rgb(picture), orientation_of(picture))
    except MemoryError:
        raise ImageError(f"{name}: not enough memory to decode it") from None
    except Exception as error:  # as in _open: the plugins' errors have no common type
        cause = "truncated" if _is_truncation(error) else "broken picture"
        raise ImageError(f"{name}: {cause} ({error})") from None


def _from_array(array: NDArray[Any], order: Order, name: str, max_pixels: int) -> Image:
    shape = "x".join(map(str, array.shape))
    if array.dtype != np.uint8:
        raise ImageError(f"{name}: values must be uint8 from 0 to 255, not {array.dtype}{_dtype_hint(array)}")
    if array.ndim == 4:
        raise ImageError(f"{name}: shape {shape} is a batch; give a list of arrays (H, W, 3)")
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3):
        hint = "; channels come last here: use array.transpose(1, 2, 0)" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else ""
        hint = "; drop the fourth channel: array[:, :, :3]" if array.ndim == 3 and array.shape[2] == 4 else hint
        raise ImageError(f"{name}: shape must be (H, W, 3), not {shape}{hint}")
    _check_size(name, (array.shape[1], array.shape[0]), "", max_pixels)
    if array.shape[2] == 1:
        return np.repeat(array, 3, axis=2)
    return np.ascontiguousarray(array[:, :, ::-1] if order == "BGR" else array)


def _dtype_hint(array: NDArray[Any]) -> str:
    if array.dtype.kind != "f" or array.size == 0:
        return ""
    if np.isnan(array).any():
        return ", and it holds NaN"
    return "; for values from 0 to 1 use (array * 255).round().astype(numpy.uint8)" if array.max() <= 1 else "; use array.round().astype(numpy.uint8)"


def _is_truncation(error: Exception) -> bool:
    return isinstance(error, EOFError) or any(word in str(error).lower() for word in ("truncated", "unexpected end", "eof", "not enough image data"))


def _register_heic(name: str) -> None:
    try:
        import pillow_heif
    except ImportError:
        raise ImageError(f"{name}: a HEIC picture; to read it: pip install 'platelight[heif]'") from None
    pillow_heif.register_heif_opener()
