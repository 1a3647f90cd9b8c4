"""What the detector takes for plates in pictures that hold none, cut out for the reader to learn to refuse.

A random part of a picture without plates is easily told from a plate; what the detector finds there is not.

    python -m platelight.train.false_finds MODELS OUT LABELS...

writes OUT/train.jsonl and its pictures: the finds with a margin around them (`cuts.MARGIN`), which `platelight train reader --drawn OUT`
cuts again with the errors of a detector. OUT/places.jsonl says where in which picture each was found, for the refiner, which sees more of
what is around. Every picture in LABELS that holds a plate is passed over.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2

from platelight.bundle import ModelSpec
from platelight.dataset import LabelledImage, PlateLabel, read_labels, write_labels
from platelight.detect import Detector
from platelight.images import load
from platelight.pipeline import Platelight
from platelight.records import Image
from platelight.session import Session
from platelight.train.cuts import cut_out
from platelight.train.plates import FALSE_FINDS
from platelight.train.quads import NO_PLATE, PLACES

LEAST_SCORE = 0.12
"""Finds are taken from this score on, lower than the runtime's threshold: the next detector will make other mistakes."""

MOST = 6
"""So many finds of one picture at most."""


def finds(reader: Platelight, labels: Path) -> Iterator[tuple[LabelledImage, list[Image]]]:
    """What is found in every picture of a labelled file that holds no plate, the surest first: labelled in its place, and cut out."""
    for image in read_labels(labels):
        if not image.plates:
            picture = load(image.path)
            quads = [detection.quad for detection in reader.find_plates([picture])[0][:MOST]]
            places = tuple(PlateLabel(corners=quad, flags=(NO_PLATE,)) for quad in quads)
            yield replace(image, path=image.path.resolve(), source=FALSE_FINDS, plates=places), [cut_out(picture, quad) for quad in quads]


def main(models: Path, out: Path, labels: list[Path]) -> None:
    reader = Platelight(models=models)
    spec = ModelSpec.of("detector", models)
    reader.detector = Detector(Session(spec.network()), replace(spec, threshold=LEAST_SCORE))
    (out / "images").mkdir(parents=True, exist_ok=True)
    lines: list[LabelledImage] = []
    places: list[LabelledImage] = []
    for place, cuts in (found for path in labels for found in finds(reader, path)):
        places.append(place)
        for cut in cuts:
            name = out / "images" / f"{len(lines):06}.jpg"
            cv2.imwrite(str(name), cv2.cvtColor(cut, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
            lines.append(LabelledImage(name, cut.shape[1], cut.shape[0], FALSE_FINDS))
    write_labels(out / "train.jsonl", lines)
    write_labels(out / PLACES, [place for place in places if place.plates])
    print(f"{len(lines)} false finds in {len(places)} pictures without plates: {out / 'train.jsonl'}")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: python -m platelight.train.false_finds MODELS OUT LABELS...")
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
