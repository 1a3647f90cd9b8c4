"""The labelled format: one JSON line per picture, pictures beside it. `synth` writes it, `train` and `evaluate` read it.

A data folder holds one `<split>.jsonl` per split (`train.jsonl`, `dev.jsonl`) and an `images/` folder. A line is
`{"image", "width", "height", "source", "plates": [{"box", "corners", "text", "text_lines", "lines", "country", "region",
"template", "flags", "alt"}]}`; `image` is relative to the file, and every key of a plate may be missing. A plate without
`box` and `corners` fills the whole picture.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platelight.geometry import Box, Quad


class LabelError(ValueError):
    """A label file that cannot be used; the message names the file, the line and the field."""


@dataclass(frozen=True, slots=True)
class PlateLabel:
    """What is known about one plate of a picture; pixels of that picture.

    `text` is A-Z, 0-9 and ÄÖÜ without separators, `text_lines` the same text by lines, `alt` a second text that also counts
    as right, `country` ISO 3166 alpha-2 in lower case, `template` the id of the plate type where it is known.
    """

    box: Box | None = None
    corners: Quad | None = None
    text: str | None = None
    text_lines: tuple[str, ...] = ()
    lines: int | None = None
    country: str | None = None
    region: str | None = None
    template: str | None = None
    flags: tuple[str, ...] = ()
    alt: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The plate as it stands in a label line; unknown keys are left out."""
        box = self.box or (self.corners.box if self.corners else None)
        values: dict[str, Any] = {
            "box": [round(value, 2) for value in box.xywh] if box else None,
            "corners": [[round(x, 2), round(y, 2)] for x, y in self.corners.corners] if self.corners else None,
            "text": self.text,
            "text_lines": list(self.text_lines) or None,
            "lines": self.lines,
            "country": self.country,
            "region": self.region,
            "template": self.template,
            "flags": list(self.flags) or None,
            "alt": self.alt,
        }
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture and its plates; no plates means that the picture holds none. `path` is where the picture file lies."""

    path: Path
    width: int
    height: int
    source: str
    plates: tuple[PlateLabel, ...] = ()

    def to_dict(self, folder: Path) -> dict[str, Any]:
        """The picture as a label line of a file in `folder`."""
        image = self.path.relative_to(folder) if self.path.is_absolute() == folder.is_absolute() and self.path.is_relative_to(folder) else self.path
        plates = [plate.to_dict() for plate in self.plates]
        return {"image": image.as_posix(), "width": self.width, "height": self.height, "source": self.source, "plates": plates}


def read_labels(path: Path | str) -> list[LabelledImage]:
    """Read one label file.

    Raises LabelError naming file, line and field where something is missing or of the wrong kind, or where the file itself
    cannot be read.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise LabelError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LabelError(f"{path}: not UTF-8 text") from error
    return [_parse_line(line, path, number) for number, line in enumerate(lines, 1) if line.strip()]


def write_labels(path: Path | str, images: Iterable[LabelledImage]) -> None:
    """Write one label file; pictures below its folder are named relative to it. The file appears whole or not at all."""
    path = Path(path)
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        for image in images:
            file.write(label_line(image, path.parent) + "\n")
    partial.replace(path)


def label_line(image: LabelledImage, folder: Path) -> str:
    """One line of a label file in `folder`, without the line end."""
    return json.dumps(image.to_dict(folder), ensure_ascii=False)


def find_splits(folder: Path | str) -> dict[str, Path]:
    """The label files of a data folder by split name. Raises LabelError where there is none."""
    folder = Path(folder)
    splits = {path.stem: path for path in sorted(folder.glob("*.jsonl"))}
    if not splits:
        raise LabelError(f"{folder}: no label file (such as train.jsonl) in this folder")
    return splits


def find_split(folder: Path | str, split: str) -> Path:
    """The label file `split` of a data folder. Raises LabelError that names the splits there are."""
    splits = find_splits(folder)
    if split not in splits:
        raise LabelError(f"{folder}: no split {split!r}; there are {', '.join(splits)}")
    return splits[split]


def _parse_line(line: str, path: Path, number: int) -> LabelledImage:
    where = f"{path}, line {number}"
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise LabelError(f"{where}: not JSON: {error.msg} at column {error.colno}") from error
    if not isinstance(record, dict):
        raise LabelError(f"{where}: expected an object, found {type(record).__name__}")
    name = _text(record, "image", where)
    if name is None:
        raise LabelError(f"{where}: 'image' is missing")
    plates = record.get("plates", [])
    if not isinstance(plates, list):
        raise LabelError(f"{where}: 'plates' must be a list, found {plates!r}")
    return LabelledImage(
        path=path.parent / name,
        width=_size(record, "width", where),
        height=_size(record, "height", where),
        source=_text(record, "source", where) or "",
        plates=tuple(_parse_plate(plate, f"{where}, plate {index}") for index, plate in enumerate(plates, 1)),
    )


def _parse_plate(plate: Any, where: str) -> PlateLabel:
    if not isinstance(plate, dict):
        raise LabelError(f"{where}: expected an object, found {plate!r}")
    text_lines = _texts(plate, "text_lines", where)
    text = _text(plate, "text", where)
    if text is not None and text_lines and "".join(text_lines) != text:
        raise LabelError(f"{where}: 'text_lines' {list(text_lines)} do not join to 'text' {text!r}")
    lines = plate.get("lines")
    if lines is not None and (not isinstance(lines, int) or isinstance(lines, bool) or not 1 <= lines <= 3):
        raise LabelError(f"{where}: 'lines' must be 1, 2 or 3, found {lines!r}")
    box = plate.get("box")
    corners = plate.get("corners")
    return PlateLabel(
        box=None if box is None else _box(box, where),
        corners=None if corners is None else _corners(corners, where),
        text=text,
        text_lines=text_lines,
        lines=lines,
        country=_text(plate, "country", where),
        region=_text(plate, "region", where),
        template=_text(plate, "template", where),
        flags=_texts(plate, "flags", where),
        alt=_text(plate, "alt", where),
    )


def _box(value: Any, where: str) -> Box:
    if not _numbers(value, 4) or value[2] <= 0 or value[3] <= 0:
        raise LabelError(f"{where}: 'box' must be [x, y, width, height] with positive size, found {value!r}")
    return Box.from_xywh(value)


def _corners(value: Any, where: str) -> Quad:
    if not isinstance(value, list) or len(value) != 4 or not all(_numbers(corner, 2) for corner in value):
        raise LabelError(f"{where}: 'corners' must be four [x, y] pairs, found {value!r}")
    return Quad.from_array(value)


def _numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e7 for v in value)


def _size(record: dict[str, Any], key: str, where: str) -> int:
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise LabelError(f"{where}: '{key}' must be a positive whole number, found {value!r}")
    return value


def _text(record: dict[str, Any], key: str, where: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise LabelError(f"{where}: '{key}' must be text, found {value!r}")
    return value


def _texts(record: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = record.get(key) or []
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise LabelError(f"{where}: '{key}' must be a list of texts, found {value!r}")
    return tuple(value)
