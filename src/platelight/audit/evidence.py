"""The pictures that prove a finding: the photo with the plate outlined, the plate by itself, and small ones for the report."""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from platelight import images
from platelight.audit.records import Shown
from platelight.batch import places
from platelight.files import write_whole
from platelight.geometry import Box, Quad
from platelight.records import Image
from platelight.rectify import rectify

LONG_SIDE, CROP_WIDTH, THUMB_WIDTH, THUMB_HEIGHT = 1280, 320, 400, 300
"""Pixels: the evidence picture's long side at most, the crop's width, and what the report's small picture must fit into."""

COVER_OF_HEIGHT, COVER_OF_WIDTH, COVER_LEAST_PX = 0.2, 0.04, 2.0
"""How far a cover reaches beyond the plate: the largest of these shares of its height and width, and of these pixels."""

OUTLINE_MARGIN = 0.06
"""How far the outline stands off the plate, as a share of its size."""

SHOWN, INK = (0, 224, 96), (12, 12, 12)
SUBPIXEL = 4
"""Binary digits of a pixel's fraction that OpenCV draws with."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An evidence picture on disk: its file and the crop's, relative to the output folder; its size; the shown plate's quad
    and those of the other plates, in its pixels. Without a plate to show, `quad` and `crop` are None."""

    picture: str
    crop: str | None
    width: int
    height: int
    quad: Quad | None
    others: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True)
class Thumb:
    """A small picture as JPEG bytes: `hidden` has every plate covered; `patch` shows the one plate and belongs at `place`."""

    hidden: bytes
    patch: bytes
    width: int
    height: int
    place: tuple[int, int, int, int]  # x, y, width, height


def write(folder: Path, shown: Shown) -> Evidence:
    """Write the evidence picture and the crop of the plate below `folder`; what an earlier run wrote is kept.

    Raises `ImageError` where the photo cannot be read any more, OSError where the files cannot be written.
    """
    pixels = _loaded(shown.source)
    name = _name(shown, pixels)
    small, scale = _at_most(pixels, LONG_SIDE, LONG_SIDE)
    quad = None if shown.quad is None else shown.quad.scaled(scale)
    picture = _kept(folder, f"{name}-photo", lambda: small if quad is None else outlined(small, quad))
    whole = shown.quad
    crop = None if whole is None else _kept(folder, f"{name}-plate", lambda: cut(pixels, whole))
    return Evidence(picture, crop, small.shape[1], small.shape[0], quad, tuple(other.scaled(scale) for other in shown.others))


def _loaded(source: str) -> Image:
    try:
        return images.load(places.source(source))
    except places.PlaceError as error:
        raise images.ImageError(str(error)) from None


def _kept(folder: Path, name: str, draw: Callable[[], Image]) -> str:
    path = Path("evidence") / name[:2] / f"{name}.jpg"
    if not (folder / path).exists():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / path, jpeg(draw(), 85))
    return path.as_posix()


def _at_most(image: Image, width: int, height: int) -> tuple[Image, float]:
    """The picture fitted into `width` x `height`, never enlarged, and by how much it was scaled."""
    scale = min(width / image.shape[1], height / image.shape[0], 1.0)
    if scale == 1.0:
        return image, scale
    return images.resize(image, max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)).pixels, scale


def outlined(image: Image, quad: Quad) -> Image:
    """A copy of `image` (H, W, 3) with the plate's outline, which leaves its characters free."""
    canvas = image.copy()
    points = np.rint((quad.grown(OUTLINE_MARGIN).array() - 0.5) * (1 << SUBPIXEL)).astype(np.int32)
    unit = max(round(max(image.shape[:2]) / 400), 1)
    for colour, width in ((INK, unit + 2), (SHOWN, unit)):
        cv2.polylines(canvas, [points], True, colour, width, cv2.LINE_AA, SUBPIXEL)
    return canvas


def cut(image: Image, quad: Quad) -> Image:
    """The plate straightened, `CROP_WIDTH` wide, with a little around it."""
    aspect = max(quad.width_px, 1.0) / max(quad.height_px, 1.0)
    return rectify(image, quad, CROP_WIDTH, int(np.clip(round(CROP_WIDTH / aspect), 24, CROP_WIDTH)), margin=0.06).pixels


def covered(image: Image, quads: Sequence[Quad]) -> Image:
    """A copy with every quad painted over in one colour: that of the ring around it, so nothing of the plate is left."""
    result = image.copy()
    for quad in quads:
        mask = _cover(quad, image.shape[:2], _reach(quad))
        ring = (_cover(quad, image.shape[:2], 2 * _reach(quad) + 1) > 0) & (mask == 0)
        result[mask > 0] = image[ring].mean(axis=0) if ring.any() else image.mean(axis=(0, 1))
    return result


def _cover(quad: Quad, shape: tuple[int, ...], reach_px: int) -> Image:
    """The quad and what lies within `reach_px` of it as a mask (H, W) of 0 and 255."""
    mask = np.zeros(shape[:2], np.uint8)
    points = np.rint(quad.array() - 0.5).astype(np.int32)
    cv2.fillConvexPoly(mask, points, 255)
    cv2.polylines(mask, [points], True, 255, 2 * reach_px + 1)
    return mask


def _reach(quad: Quad) -> int:
    """How far a cover reaches beyond the plate, in pixels: corners are found to a few per cent of the plate's width."""
    return round(max(COVER_LEAST_PX, COVER_OF_HEIGHT * quad.height_px, COVER_OF_WIDTH * quad.width_px))


def thumb(folder: Path, evidence: Evidence, redacted: bool = False) -> Thumb:
    """The report's small picture, made of the evidence picture; `redacted` leaves the patch out. Raises `ImageError`."""
    small, scale = _at_most(images.load(folder / evidence.picture), THUMB_WIDTH, THUMB_HEIGHT)
    height, width = small.shape[:2]
    quads = [quad.scaled(scale) for quad in (*evidence.others, evidence.quad) if quad is not None]
    hidden = covered(small, quads)
    if evidence.quad is None:
        return Thumb(jpeg(hidden, 74), b"", width, height, (0, 0, width, height))
    box, reach = quads[-1].box, _reach(quads[-1]) + 3.0
    x, y, right, bottom = _inside(Box(box.x0 - reach, box.y0 - reach, box.x1 + reach, box.y1 + reach), width, height)
    patch = b"" if redacted else jpeg(small[y:bottom, x:right], 84)
    return Thumb(jpeg(outlined(hidden, quads[-1]), 74), patch, width, height, (x, y, right - x, bottom - y))


def jpeg(image: Image, quality: int) -> bytes:
    """The picture as a JPEG file, without metadata."""
    file = io.BytesIO()
    Pillow.fromarray(image).save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def sweep(folder: Path, kept: set[str]) -> None:
    """Remove evidence that earlier runs wrote and this one does not use, so that no picture outlives its finding."""
    ours = chain.from_iterable((folder / "evidence").glob(f"[0-9a-f][0-9a-f]/{name}") for name in ("*-p*.jpg", ".*-p*.jpg.part"))
    for path in ours:
        if path.relative_to(folder).as_posix() not in kept:
            path.unlink(missing_ok=True)


def _inside(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels of the box that lie in the picture, at least one."""
    x, y = int(np.clip(math.floor(box.x0), 0, width - 1)), int(np.clip(math.floor(box.y0), 0, height - 1))
    return x, y, int(np.clip(math.ceil(box.x1), x + 1, width)), int(np.clip(math.ceil(box.y1), y + 1, height))


def _name(shown: Shown, pixels: Image) -> str:
    """A name that is the same for the same picture and plate, and tells nothing about either."""
    corners = () if shown.quad is None else tuple(round(value, 1) for corner in shown.quad.corners for value in corner)
    known = f"{shown.source}\0{pixels.shape}\0{corners}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(known + pixels[::16, ::16].tobytes(), digest_size=12).hexdigest()
