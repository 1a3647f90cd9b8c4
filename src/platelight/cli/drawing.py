"""Annotated photos in a folder, for `--draw`."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from platelight.files import write_whole

if TYPE_CHECKING:
    from platelight.records import Photo

DRAWN = b"drawn by platelight"
"""JPEG comment by which a later run knows the pictures it may replace."""

LONGEST_STEM = 200
"""Bytes of a photo's name that its drawing's name keeps; file systems allow 255 in all."""


class Drawing:
    """Writes annotated photos into `folder`. Of the files there it replaces only those that an earlier run drew.

    What cannot be drawn is told to `fail` and stops nothing. Raises typer.BadParameter where the folder cannot be made.
    """

    def __init__(self, folder: Path, crops: bool, fail: Callable[[str], None]) -> None:
        self.folder, self.crops, self.fail = folder, crops, fail
        self.taken: set[Path] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise typer.BadParameter(f"--draw {folder}: cannot make this folder ({error.strerror})") from None

    def write(self, photo: Photo) -> None:
        from platelight.images import ImageError

        path = self._free(Path(photo.source).stem)
        try:
            write_whole(path, self._drawn(photo))
        except ImageError as error:  # the photo was there when it was read
            self.fail(str(error))
        except OSError as error:
            self.fail(f"{photo.source}: cannot write the drawing {path} ({error.strerror or error})")

    def _drawn(self, photo: Photo) -> bytes:
        from PIL import Image

        from platelight import images
        from platelight.draw import annotate, with_room

        pixels = images.load(photo.source)
        if self.crops:
            pixels = with_room(pixels)
        pixels = annotate(pixels, photo.plates)  # always the same name, so that a large photo is not held three times
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=92, comment=DRAWN)
        return file.getvalue()

    def _free(self, stem: str) -> Path:
        """A path that neither this run nor somebody else has used."""
        while len(os.fsencode(stem)) > LONGEST_STEM:
            stem = stem[:-1]
        names = chain([f"{stem}-plates.jpg"], (f"{stem}-plates-{number}.jpg" for number in count(2)))
        path = next(path for path in map(self.folder.joinpath, names) if path not in self.taken and _is_ours(path))
        self.taken.add(path)
        return path


def _is_ours(path: Path) -> bool:
    """Whether nothing is lost by writing there: there is no file, or it is a drawing of an earlier run."""
    from PIL import Image

    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            return picture.info.get("comment") == DRAWN
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
