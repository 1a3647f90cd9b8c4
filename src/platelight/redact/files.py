"""From picture file to picture file with its plates hidden."""

from __future__ import annotations

import io
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from platelight import images
from platelight.geometry import Quad
from platelight.images import ImageError
from platelight.pipeline import Platelight
from platelight.records import Image, Plate
from platelight.redact.encode import WRITTEN_AS, encode, in_own_colours
from platelight.redact.hide import MARGIN, Method, MethodName, hide
from platelight.redact.metadata import Metadata, kept
from platelight.signatures import is_heic

__all__ = ["Metadata", "RedactError", "Redacted", "redact_bytes", "redact_file"]

_FIRST_ONLY = ("MPO", "HEIF")  # phones: behind the photo come previews and depth maps, which are left out


class RedactError(ValueError):
    """A picture that cannot be written with its plates hidden; the message names it and the cause."""


@dataclass(frozen=True, slots=True, eq=False)
class Redacted:
    """A picture file with its plates hidden.

    `format` as Pillow calls it (JPEG, PNG, ...); for each of `plates` the place covered, in pixels of the upright picture,
    and the method that covered it. `path` where `redact_file` wrote it.
    """

    data: bytes
    format: str
    width: int
    height: int
    plates: tuple[Plate, ...]
    places: tuple[Quad, ...]
    methods: tuple[str, ...]
    path: Path | None = None

    @property
    def media_type(self) -> str:
        return Pillow.MIME.get(self.format, "application/octet-stream")


def redact_bytes(
    data: bytes, platelight: Platelight, method: Method | MethodName = "blur", metadata: Metadata = "keep-safe", margin: float = MARGIN,
    seed: int | None = None,
) -> Redacted:  # fmt: skip
    """Hide the plates in the picture file `data`; the result is upright and in the same format (HEIC: a JPEG).

    `platelight` finds them: give what `recall_first` makes. The other arguments are those of `hide` and of `kept`. Raises
    ImageError for what is no picture, RedactError for one that cannot be written again, such as an animation.
    """
    return _redact(images.load(data), data, "bytes", platelight, method, metadata, margin, seed)


def redact_file(
    source: str | os.PathLike[str], target: str | os.PathLike[str], platelight: Platelight, method: Method | MethodName = "blur",
    metadata: Metadata = "keep-safe", margin: float = MARGIN, seed: int | None = None, replace: bool = False,
) -> Redacted:  # fmt: skip
    """Like `redact_bytes`, from file to file; folders are made, `.jpg` is added to the name of a HEIC.

    The file appears whole or not at all. One that is there already raises RedactError, unless `replace`; `target` may then
    be `source`. Raises also ImageError and OSError.
    """
    name = images.name_of(source)
    pixels = images.load(source)
    data = Path(source).read_bytes()
    path = Path(target)
    if is_heic(data):
        path = path.with_name(path.name + ".jpg")
    if not replace and path.exists():
        raise RedactError(f"{name}: {path} is there already and is not replaced")
    found = _redact(pixels, data, name, platelight, method, metadata, margin, seed)
    if replace and path.exists():
        path = path.resolve()  # of a link, the file it leads to is replaced
        _check(found.data, pixels, name)
    _write_whole(path, found.data)
    return Redacted(found.data, found.format, found.width, found.height, found.plates, found.places, found.methods, path)


def _redact(
    pixels: Image, data: bytes, name: str, platelight: Platelight, method: Method | MethodName, metadata: Metadata, margin: float, seed: int | None
) -> Redacted:  # fmt: skip
    try:
        with Pillow.open(io.BytesIO(data)) as original:
            _check_kind(original, name)
            along = kept(original, metadata)
            plates = platelight.read(pixels).plates
            hidden = hide(pixels, plates, method, margin, seed)
            picture = in_own_colours(original, hidden.picture, hidden.mask)
            if picture.size != (pixels.shape[1], pixels.shape[0]):
                raise RedactError(f"{name}: changed while it was read")
            written = encode(picture, original, data, along)
    except (RedactError, ImageError):
        raise
    except MemoryError:
        raise RedactError(f"{name}: not enough memory to hide its plates") from None
    except (OSError, ValueError, KeyError, SyntaxError, TypeError) as error:  # what Pillow's formats raise for a picture they cannot hold
        raise RedactError(f"{name}: cannot be written again ({error})") from error
    return Redacted(written, WRITTEN_AS[original.format or ""], pixels.shape[1], pixels.shape[0], plates, hidden.places, hidden.methods)


def _check_kind(original: Pillow.Image, name: str) -> None:
    if original.format not in WRITTEN_AS:
        raise RedactError(f"{name}: a {original.format} picture can be read but not written")
    frames = getattr(original, "n_frames", 1)
    if frames > 1 and original.format not in _FIRST_ONLY:
        raise RedactError(f"{name}: holds {frames} pictures (an animation or pages); give each as a file of its own, so that none is left as it is")


def _check(data: bytes, pixels: Image, name: str) -> None:
    """That the new file can be read, before an original is given up for it."""
    try:
        if images.load(data).shape != pixels.shape:
            raise ImageError("another size")
    except ImageError as error:
        raise RedactError(f"{name}: not replaced, because what would take its place cannot be read ({error})") from None


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            partial.chmod(path.stat().st_mode & 0o7777)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
