"""Draw the pictures of the documentation: python docs/pictures.py. The same pictures every time, drawn backgrounds only."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from platelight.dataset import PlateLabel, read_labels
from platelight.geometry import Quad
from platelight.images import load
from platelight.records import ALPHABET, Candidate, Decoding, Detection, Image, Plate, Reading
from platelight.redact import Logo, Method, MethodName, redact
from platelight.synth.film import Film
from platelight.synth.film import sample as sample_film
from platelight.synth.generate import Options, all_templates, draw_nonplate, draw_plate
from platelight.synth.optics import jpeg_options
from platelight.synth.scene import draw_scene
from platelight.synth.sheet import template_sheet

FOLDER = Path(__file__).parent / "images"
EXAMPLES = Path(__file__).parents[1] / "examples"
PAPER = 226
GAP = 6
TYPES = (
    "ua-2015", "ua-2015-two-line", "ua-2015-us-size", "ua-2015-motorcycle", "de-car", "de-two-line", "de-historic", "de-electric",
    "gb-current", "gb-current-rear", "gb-current-square-rear", "gb-suffix-silver", "us-ca-1987", "us-tx-2012", "us-co-2000", "us-ny-2020",
)  # fmt: skip


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    save("drawn-plates.jpg", plates(seed=20, columns=8, rows=8), 84)
    save("plate-types.jpg", types(), 86)
    save("drawn-scenes.jpg", scenes(seed=6, columns=3, rows=3), 82)
    save("drawn-nonplates.jpg", nonplates(seed=4, columns=8, rows=5), 84)
    save("drawn-films.jpg", films(seed=2026, rows=((2, 86, 5), (5, 78, 14), (4, 90, 10))), 82)
    save("redacted.jpg", redacted(("germany-night.jpg", "britain-front-rear.jpg", "vietnam-motorbikes.jpg")), 84)


def save(name: str, picture: Image, quality: int) -> None:
    _, data = cv2.imencode(".jpg", picture[..., ::-1], jpeg_options(quality))
    (FOLDER / name).write_bytes(data.tobytes())


def plates(seed: int, columns: int, rows: int) -> Image:
    """One drawn and spoilt plate a country, in the order in which they come."""
    pictures: list[Image] = []
    seen = set()
    index = 0
    while len(pictures) < columns * rows:
        picture, record = draw_plate(seed, index)
        index += 1
        country = record.plates[0].country
        if country and country not in seen and picture.shape[1] >= 90:
            seen.add(country)
            pictures.append(picture)
    return sheet(pictures, columns, width=168, height=96)


def types() -> Image:
    """Some plate types as `platelight templates --draw` shows them."""
    known = {template.id: template for template in all_templates()}
    whole = template_sheet([known[name] for name in TYPES], np.random.default_rng(5))
    drawn = np.flatnonzero((whole != PAPER).any(axis=(0, 2)))
    return np.ascontiguousarray(whole[:, : drawn[-1] + 12])


def scenes(seed: int, columns: int, rows: int) -> Image:
    """Drawn scenes with the corners of their plates outlined; the plate's own top edge is red."""
    pictures: list[Image] = []
    index = 0
    while len(pictures) < columns * rows:
        picture, record = draw_scene(seed, index, Options(strength=0.6))
        index += 1
        if record.width < 480 or record.width * 3 < record.height * 4 or not any(found.box and found.box.width > record.width / 9 for found in record.plates):
            continue
        picture = picture.copy()
        for found in record.plates:
            if found.corners is not None:
                outline(picture, found.corners)
        pictures.append(picture)
    return sheet(pictures, columns, width=400, height=300)


def outline(picture: Image, corners: Quad) -> None:
    points = np.rint(corners.grown(0.03).array() * 16).astype(np.int32)
    cv2.polylines(picture, [points], True, (60, 255, 90), 2, cv2.LINE_AA, 4)
    cv2.line(picture, points[0].tolist(), points[1].tolist(), (255, 50, 40), 2, cv2.LINE_AA, 4)


def films(seed: int, rows: tuple[tuple[int, int, int], ...]) -> Image:
    """Four frames of each film: its number, the first frame, and how many frames lie between them; plates outlined as the truth has them."""
    pictures: list[Image] = []
    for index, first, step in rows:
        film = Film(sample_film(seed, index))
        for number in range(first, first + 4 * step, step):
            picture = film.frame(number)
            for place in (place for passed in film.passes for place in passed.seen if place.frame == number):
                outline(picture, place.quad)
            pictures.append(cv2.resize(picture, (320, 180), interpolation=cv2.INTER_AREA))
    return sheet(pictures, 4, width=320, height=180)


def nonplates(seed: int, columns: int, rows: int) -> Image:
    """Things that are taken for plates."""
    return sheet([draw_nonplate(seed, index)[0] for index in range(columns * rows)], columns, width=168, height=96)


def redacted(names: tuple[str, ...]) -> Image:
    """Plates of the examples as they were, then hidden in each way: one row a photo."""
    labels = {photo.path.name: photo for photo in read_labels(EXAMPLES / "labels.jsonl")}
    tiles: list[Image] = []
    for name in names:
        picture = load(EXAMPLES / name)
        plates = [known_plate(label) for label in labels[name].plates]
        ways: tuple[Method | MethodName, ...] = ("blur", "pixelate", "fill", Logo(shop(), (250, 246, 235)), "swap")
        pictures = [picture, *(redact(picture, plates, way, seed=3) for way in ways)]
        tiles += [around(each, plates[-1].detection.quad) for each in pictures]
    return sheet(tiles, 6, width=200, height=150)


def known_plate(label: PlateLabel) -> Plate:
    """A labelled plate as if it had been found and read rightly."""
    assert label.corners is not None
    best = Candidate(label.text or "", label.country, label.template, 0.0)
    reading = Reading(np.zeros((1, len(ALPHABET) + 1), np.float32), (0,), ALPHABET, np.zeros(1, np.float32), ("",), label.lines or 1, 1.0)
    return Plate(Detection(label.corners, 1.0), reading, Decoding(best, (best,), "AS_READ", 1.0, (1.0,)))


def around(picture: Image, quad: Quad) -> Image:
    """The part of a picture around a plate, 4 to 3."""
    width = min(2.2 * quad.width_px, picture.shape[1], picture.shape[0] * 4 / 3)
    x, y = quad.array().mean(axis=0)
    left, top = int(np.clip(x - width / 2, 0, picture.shape[1] - width)), int(np.clip(y - width * 3 / 8, 0, picture.shape[0] - width * 3 / 4))
    return np.ascontiguousarray(picture[top : top + int(width * 3 / 4), left : left + int(width)])


def shop() -> Image:
    """A logo: a wheel and two bars."""
    art = np.zeros((120, 420, 4), np.uint8)
    for radius, colour in ((54, (190, 50, 40, 255)), (30, (0, 0, 0, 0)), (12, (190, 50, 40, 255))):
        cv2.circle(art, (60, 60), radius, colour, -1, cv2.LINE_AA)
    cv2.rectangle(art, (145, 28), (400, 58), (40, 50, 90, 255), -1)
    cv2.rectangle(art, (145, 74), (330, 94), (40, 50, 90, 255), -1)
    return art


def sheet(pictures: list[Image], columns: int, width: int, height: int) -> Image:
    """Pictures in rows, each filling its place of `width` by `height` pixels as far as its shape allows."""
    rows = -(-len(pictures) // columns)
    paper = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), PAPER, np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        scale = min(width / picture.shape[1], height / picture.shape[0])
        size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
        shown = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        top, left = GAP + row * (height + GAP) + (height - size[1]) // 2, GAP + column * (width + GAP) + (width - size[0]) // 2
        paper[top : top + size[1], left : left + size[0]] = shown
    return paper


if __name__ == "__main__":
    main()
