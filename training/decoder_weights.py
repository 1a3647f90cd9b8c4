"""Try other weights of prior knowledge in the decoder (`platelight.decode.Weights`) on the dev sets, one after the other.

    python training/decoder_weights.py MODELS DATA

The networks run once; every line then decodes the same readings. Printed: texts exactly right / right with look-alikes merged,
per set and together, and the share of countries named rightly over the texts read exactly. The country is never given.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from platelight import Detection, Platelight, Reading, images, rectify, templates
from platelight.dataset import PlateLabel, find_split, read_labels
from platelight.decode import Decoder, Weights
from platelight.evaluate.metrics import lenient, normal
from platelight.evaluate.score import UNCERTAIN
from platelight.geometry import Box, Quad
from platelight.pipeline import LOOKS, SURE
from platelight.vote import pooled

SETS = ("plates", "openalpr-eu", "openalpr-br", "openalpr-us", "scenes")
TRIALS: dict[str, tuple[float, ...]] = {
    "country": (0.2, 0.5, 0.65, 0.8, 1.0), "frequency": (0.0, 0.1, 0.3, 0.5), "format": (0.0, 0.08, 0.25, 0.4), "stranger": (-1.5, -2.2, -4.0, -5.0),
    "shape": (0.0, 0.25, 0.8), "shape_floor": (-1.0, -4.0),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One labelled plate: the first look and the further ones."""

    name: str
    label: PlateLabel
    looks: Sequence[Reading]


def read_set(platelight: Platelight, data: Path, name: str) -> list[Read]:
    found = []
    for labelled in read_labels(find_split(data / name, "dev")):
        picture = images.load(labelled.path)
        for label in labelled.plates:
            quads = _quads(platelight, picture, label, crop=name == "plates")
            if label.text and quads and not UNCERTAIN & set(label.flags):
                found.append(Read(name, label, platelight.reader(platelight.rectifier([picture], [quads]))))
    return found


def _quads(platelight: Platelight, picture: images.Image, label: PlateLabel, crop: bool) -> list[Quad]:
    """Where the plate is first read and where again, as the pipeline does it."""
    if crop:
        quad = Box(0, 0, picture.shape[1], picture.shape[0]).quad()
        straight = [one.quad for one in platelight.refiner([picture], [[Detection(quad, 1.0)]])[0]] if platelight.refiner else []
        return [quad, *straight, *rectify.looks((straight or [quad])[0])[: LOOKS["normal"]]]
    box = label.box
    found = [one.quad for one in platelight.find_plates([picture])[0] if box is not None and one.quad.box.iou(box) > 0.1]
    if box is None or not found:
        return []
    quad = max(found, key=lambda one: one.box.iou(box))
    return [quad, *rectify.looks(quad)[: LOOKS["normal"]]]


def row(plates: Sequence[Read], decoder: Decoder) -> str:
    """The figures of one set of weights."""
    firsts = decoder([plate.looks[0] for plate in plates])
    right: dict[str, list[int]] = {name: [0, 0, 0] for name in SETS}
    named = countries = 0
    for plate, first in zip(plates, firsts, strict=True):
        decoding = pooled([first, *decoder(plate.looks[1:])]) if first.best and first.confidence < SURE else first
        text = decoding.best.text if decoding.best else ""
        truths = [truth for truth in (plate.label.text, plate.label.alt) if truth]
        exact = text in map(normal, truths)
        sums = right[plate.name]
        sums[0], sums[1], sums[2] = sums[0] + exact, sums[1] + (lenient(text) in map(lenient, truths)), sums[2] + 1
        if exact and plate.label.country and decoding.best:
            named, countries = named + (decoding.best.country == plate.label.country), countries + 1
    total = [sum(column) for column in zip(*right.values(), strict=True)]
    cells = [f"{name} {exact}/{loose}/{count}" for name, (exact, loose, count) in (("all", total), *right.items())]
    return f"{named / max(countries, 1):.3f} country | " + " | ".join(cells)


def main(models: str, data: Path) -> None:
    platelight = Platelight(models=models)
    plates = [plate for name in SETS for plate in read_set(platelight, data, name)]
    types = templates.load()
    print("off".ljust(18), row(plates, Decoder(types, use_templates=False)))
    print("as released".ljust(18), row(plates, Decoder(types)))
    for name, values in TRIALS.items():
        for value in values:
            print(f"{name} {value}".ljust(18), row(plates, Decoder(types, weights=replace(Weights(), **{name: value}))), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
