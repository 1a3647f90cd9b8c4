"""New real plates out of real ones: the left of one plate joined to the right of another of its kind, with the joined text.

A network that sees the same few thousand real plates again and again learns their texts by heart. Joined at a gap between two
characters, they show real characters, grounds and lighting under texts that it has never seen (the idea is that of Yun et al. 2019,
"CutMix", with whole characters for patches).

    python -m platelight.train.splice MODELS OUT COUNT LABELS...

writes OUT/train.jsonl and its pictures, the plates with a margin around them, for `platelight train reader --drawn OUT`. The gaps are
found by reading: a plate whose reading is not its label is passed over.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from platelight.bundle import ModelSpec
from platelight.dataset import LabelledImage, PlateLabel, write_labels
from platelight.geometry import FloatArray, Quad
from platelight.records import Image
from platelight.session import Session
from platelight.train.cuts import SIZE, cut_out, inner_box
from platelight.train.plates import MAX_TEXT, SPLICED, PlatePool, PlateSource, cut, load_rgb, plate_corners
from platelight.train.scores import LENIENT

APART = 0.04
"""Cuts of two plates that are joined lie at most so far apart, in shares of the width."""

PITCH = 1.15
"""The distance of characters differs at most by this factor."""

TRIES, FITTING = 60, 5
"""So many others are looked at, and of so many that fit the one whose light and sharpness are most alike is taken."""

FEATHER_PX = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A plate with a margin around it.

    `cuts` (n - 1,) are its gaps from left to right in pixels, `split` the row between two lines, or 0; `look`: see `_look`.
    """

    pixels: Image
    label: PlateLabel
    source: str
    cuts: FloatArray
    split: int
    look: FloatArray

    @property
    def lines(self) -> tuple[str, ...]:
        return self.label.text_lines or (self.label.text or "",)

    @property
    def kind(self) -> tuple[str | None, ...]:
        """Plates are joined to others of the same kind only."""
        dark = "dark" if _dark(self.pixels) else "light"
        hugging = "text_box" if "text_box" in self.label.flags else None
        return (self.source, self.label.country, str(len(self.lines)), dark, hugging)


def _dark(pixels: Image) -> bool:
    """Whether light characters stand on a dark ground: most of the plate is then darker than its mean."""
    grey = cv2.cvtColor(_inner(pixels), cv2.COLOR_RGB2GRAY)
    return bool(np.median(grey) < grey.mean())


def _look(pixels: Image) -> FloatArray:
    """Colour cast (3,), contrast and sharpness: numbers that differ by about one between plates nobody would take for one."""
    inner = _inner(pixels)
    mean = inner.reshape(-1, 3).mean(0) + 8.0
    sharpness = np.log(cv2.Laplacian(cv2.cvtColor(inner, cv2.COLOR_RGB2GRAY), cv2.CV_32F).var() + 4.0)
    return np.array([*(np.log(mean / mean.mean()) * 4), np.log(inner.std() + 4.0), 0.5 * sharpness])


def _inner(pixels: Image) -> Image:
    box = inner_box()
    return pixels[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]


class Gaps:
    """Finds the gaps between the characters of plates by where the reader sees each of them."""

    def __init__(self, models: Path) -> None:
        self.spec = ModelSpec.of("reader", models)
        self.session = Session(self.spec.network())

    def centres(self, plates: list[Image]) -> list[tuple[list[str], list[FloatArray]]]:
        """For every plate (64, 160, 3) its lines' texts and the centre of each character, in shares of the width."""
        frames = self.session.run({"plates": np.stack(plates)})["log_probs"]
        return [self._lines(best) for best in frames.argmax(axis=3)]

    def _lines(self, best: np.ndarray) -> tuple[list[str], list[FloatArray]]:
        texts, places = [], []
        for row in best:
            edges = [0, *(np.flatnonzero(np.diff(row)) + 1)]
            spans = [(a, b) for a, b in zip(edges, [*edges[1:], len(row)], strict=True) if row[a]]
            if spans:
                texts.append("".join(self.spec.alphabet[row[a] - 1] for a, _ in spans))
                places.append(np.array([(a + b) / 2 / len(row) for a, b in spans]))
        return texts, places


def pieces(gaps: Gaps, labels: Path, batch: int = 32) -> Iterator[Piece]:
    """The plates of a labelled file that can be joined: straightened or tight, read right, with one line, or with two whose texts are known."""
    pool = PlatePool(PlateSource(labels, 1.0), ())
    items = [(image, plate) for image, plate in pool.items if plate.lines == 1 or len(plate.text_lines) == 2]
    items = [(image, plate) for image, plate in items if plate.corners is not None or plate.box is None]
    for start in range(0, len(items), batch):
        part = items[start : start + batch]
        pictures = [load_rgb(image.path) for image, _ in part]
        corners = [plate_corners(image, plate) for image, plate in part]
        read = gaps.centres([cut(picture, quad) for picture, quad in zip(pictures, corners, strict=True)])
        for (image, plate), picture, quad, (texts, places) in zip(part, pictures, corners, read, strict=True):
            wanted = plate.text_lines or (plate.text or "",)
            if [text.translate(LENIENT) for text in texts] == [text.translate(LENIENT) for text in wanted]:
                pixels = cut_out(picture, Quad.from_array(quad))
                cuts, split = (_cuts(pixels, places[0]), 0) if len(texts) == 1 else (np.zeros(0), _split(pixels))
                yield Piece(pixels, plate, image.path.name.split("-")[0], cuts, split, _look(pixels))


def _cuts(pixels: Image, centres: FloatArray) -> FloatArray:
    """Between every two characters the column with the least ink, in pixels of the picture with its margin."""
    box = inner_box()
    x = box.x0 + centres * SIZE[0]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)[int(box.y0 + 0.2 * SIZE[1]) : int(box.y0 + 0.8 * SIZE[1])]
    ink = cv2.GaussianBlur(grey.std(axis=0)[None], (0, 0), 1.5)[0]
    found = []
    for left, right in pairwise(x):
        low, high = int(left + 0.25 * (right - left)), int(right - 0.25 * (right - left)) + 1
        found.append(low + int(ink[low:high].argmin()))
    return np.array(found, dtype=np.float64)


def _split(pixels: Image) -> int:
    """The row between two lines: that with the least ink near the middle."""
    box = inner_box()
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)[:, int(box.x0 + 0.15 * SIZE[0]) : int(box.x1 - 0.15 * SIZE[0])]
    ink = cv2.GaussianBlur(grey.std(axis=1)[:, None], (0, 0), 1.5)[:, 0]
    low, high = int(box.y0 + 0.33 * SIZE[1]), int(box.y0 + 0.62 * SIZE[1])
    return low + int(ink[low:high].argmin())


def splice(first: Piece, others: list[Piece], rng: np.random.Generator) -> tuple[Image, tuple[str, ...]] | None:
    """`first` with its right part, a middle part or its lower line from another plate of its kind, and the text by lines; None where none fits."""
    found: list[tuple[float, Image, tuple[str, ...]]] = []
    for index in rng.permutation(len(others))[:TRIES].tolist():
        other = others[index]
        made = None if other is first else _stacked(first, other) if first.split else _side_by_side(first, other, rng)
        if made is not None:
            found.append((float(np.abs(first.look - other.look).sum()), *made))
        if len(found) == FITTING:
            break
    return min(found, key=lambda made: made[0])[1:] if found else None


def _stacked(top: Piece, bottom: Piece) -> tuple[Image, tuple[str, ...]]:
    like = _toned(bottom.pixels, top.pixels)
    height, width = top.pixels.shape[:2]
    lower = cv2.resize(like[bottom.split :], (width, height - top.split), interpolation=cv2.INTER_LINEAR)
    upper = cv2.resize(like[: bottom.split], (width, top.split), interpolation=cv2.INTER_LINEAR)
    moved = np.asarray(np.concatenate([upper, lower]), dtype=np.uint8)
    return _mixed(top.pixels, moved, _step(np.arange(height, dtype=np.float64), top.split)[:, None, None]), (top.lines[0], bottom.lines[1])


def _side_by_side(left: Piece, right: Piece, rng: np.random.Generator) -> tuple[Image, tuple[str, ...]] | None:
    """`left` with what stands in `right` after a gap, or between two gaps, at the same place."""
    if min(len(left.cuts), len(right.cuts)) < 2 or not 1 / PITCH < _pitch(left) / _pitch(right) < PITCH:
        return None
    near = np.argwhere(np.abs(left.cuts[:, None] - right.cuts[None]) <= APART * SIZE[0])
    chosen = near[np.sort(rng.permutation(len(near))[: int(rng.integers(1, 3))])].tolist()
    if not chosen or (len(chosen) == 2 and (chosen[0][0] >= chosen[1][0] or chosen[0][1] >= chosen[1][1])):
        return None
    a, b = left.lines[0], right.lines[0]
    (i, j), (k, m) = chosen[0], chosen[-1]
    text = a[: i + 1] + b[j + 1 : m + 1] + a[k + 1 :] if len(chosen) == 2 else a[: i + 1] + b[j + 1 :]
    columns = np.arange(left.pixels.shape[1], dtype=np.float64)
    share = _step(columns, left.cuts[i])
    if len(chosen) == 2:
        share = np.minimum(share, 1 - _step(columns, left.cuts[k]))
    ends = [0.0, float(len(columns))]
    here, there = sorted([*ends, *(left.cuts[gap] for gap, _ in chosen)]), sorted([*ends, *(right.cuts[gap] for _, gap in chosen)])
    moved = _across(_toned(right.pixels, left.pixels), np.interp(columns, here, there))
    return _mixed(left.pixels, moved, share[None, :, None]), (text,)


def _step(places: FloatArray, edge: float) -> FloatArray:
    """From 0 to 1 within `FEATHER_PX` about the edge."""
    return np.asarray(np.clip((places - edge) / FEATHER_PX + 0.5, 0, 1))


def _across(pixels: Image, columns: FloatArray) -> Image:
    """The picture with, in every place, the column that is named for it."""
    height = pixels.shape[0]
    x = np.ascontiguousarray(np.broadcast_to(columns.astype(np.float32), (height, len(columns))))
    y = np.repeat(np.arange(height, dtype=np.float32)[:, None], len(columns), axis=1)
    return np.asarray(cv2.remap(pixels, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.uint8)


def _pitch(piece: Piece) -> float:
    return float(np.median(np.diff(piece.cuts)))


def _toned(pixels: Image, like: Image) -> Image:
    """The picture with the mean and contrast that the other has, in every channel."""
    here, there = _inner(pixels).reshape(-1, 3).astype(np.float32), _inner(like).reshape(-1, 3).astype(np.float32)
    gain = np.clip((there.std(0) + 4) / (here.std(0) + 4), 0.4, 2.5)
    return np.asarray(np.clip((pixels - here.mean(0)) * gain + there.mean(0), 0, 255), dtype=np.uint8)


def _mixed(under: Image, over: Image, share: FloatArray) -> Image:
    return np.asarray(np.round(under * (1 - share) + over * share), dtype=np.uint8)


def spliced(gaps: Gaps, all_pieces: list[Piece], count: int, rng: np.random.Generator) -> Iterator[tuple[Image, PlateLabel]]:
    """Pictures and labels of new plates, of `count` tries; those that are not read as they should be are left out: a cut went wrong there."""
    kinds: dict[tuple[str | None, ...], list[Piece]] = defaultdict(list)
    for piece in all_pieces:
        kinds[piece.kind].append(piece)
    corners = inner_box().quad()
    for index in rng.integers(len(all_pieces), size=count).tolist():
        first = all_pieces[index]
        made = splice(first, kinds[first.kind], rng)
        if made is None or len("".join(made[1])) > MAX_TEXT:
            continue
        pixels, texts = made
        if _agree(gaps.centres([cut(pixels, corners.array())])[0][0], texts):
            yield pixels, replace(first.label, box=corners.box, corners=corners, text="".join(texts), text_lines=texts, lines=len(texts), region=None, alt=None)


def _agree(read: list[str], texts: tuple[str, ...]) -> bool:
    """Whether the texts are read with at most one character taken for another; where one is missing or added, a cut went wrong."""
    if [len(text) for text in read] != [len(text) for text in texts]:
        return False
    return sum(a != b for a, b in zip("".join(read).translate(LENIENT), "".join(texts).translate(LENIENT), strict=True)) <= 1


def main(models: Path, out: Path, count: int, labels: list[Path]) -> None:
    gaps = Gaps(models)
    all_pieces = [piece for path in labels for piece in pieces(gaps, path)]
    (out / "images").mkdir(parents=True, exist_ok=True)
    lines: list[LabelledImage] = []
    for pixels, label in spliced(gaps, all_pieces, count, np.random.default_rng(0)):
        name = out / "images" / f"{len(lines):06}.jpg"
        cv2.imwrite(str(name), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 93])
        lines.append(LabelledImage(name, pixels.shape[1], pixels.shape[0], SPLICED, (label,)))
    write_labels(out / "train.jsonl", lines)
    print(f"{len(lines)} plates of {len(all_pieces)} real ones: {out / 'train.jsonl'}")


if __name__ == "__main__":
    if len(sys.argv) < 5 or not sys.argv[3].isdigit():
        sys.exit("usage: python -m platelight.train.splice MODELS OUT COUNT LABELS...")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
