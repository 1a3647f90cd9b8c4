"""How much of the labelled plates is hidden: python bench/redact_coverage.py DATA [DATA ...]

DATA are folders in the labelled format with a split `dev` (or --split). Every figure is against the labels, so a plate that is
not found counts as shown.

    --tradeoff        covered plates and needless covers for several scores, beliefs and margins
    --methods a,b     hide with each method, then try to read the labelled plates again
    --again           also search the whole photos again for the labelled texts
    --sheet DIR       also write what became of the first labelled plates, a PNG a method
    --misses          name the plates that are not covered
    --finds FILE      keep what was found in FILE, and take it from there if it is there already

Finding takes most of the time and is done once for all. Prints date, machine, commit and models.
"""

from __future__ import annotations

import argparse
import datetime
import io
import pickle
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from platelight import Platelight, images
from platelight.dataset import LabelledImage, PlateLabel, find_split, read_labels
from platelight.evaluate.metrics import lenient, normal, similarity, wilson
from platelight.geometry import Quad
from platelight.records import Image, Plate
from platelight.redact import Logo, Method, hide, method_of, recall_first
from platelight.redact.find import BELIEF, SCORE
from platelight.redact.hide import MARGIN
from platelight.redact.patch import spread
from platelight.verify import belief_in

LOOSEST = 0.05
SCORES, BELIEFS, MARGINS = (0.05, 0.1, 0.15, 0.25, 0.4), (-99.0, -8.0, -4.0, -2.0, -0.5), (0.0, 0.1, 0.15, 0.25, 0.4)
COVERED = 0.95
TOUCHES = 0.1
CORE = 0.15
"""Share of the box left out on each side for its inner part: boxes of tilted plates have corners where there is no plate."""


@dataclass(frozen=True, slots=True)
class Found:
    """A labelled photo and all that may be plates in it."""

    photo: LabelledImage
    plates: tuple[Plate, ...]

    def kept(self, score: float = SCORE, belief: float = BELIEF) -> list[Plate]:
        return [plate for plate in self.plates if plate.detection.score >= score and belief_in(plate.detection, plate.reading) >= belief]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--models")
    parser.add_argument("--effort", default="thorough", choices=("fast", "normal", "thorough"))
    parser.add_argument("--tradeoff", action="store_true")
    parser.add_argument("--methods", default="blur,pixelate,fill,logo,swap")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--finds", type=Path)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    reader = Platelight(models=given.models)
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}, models {', '.join(spec.name for spec in reader.specs)}")
    finder = recall_first(reader, given.effort, LOOSEST, -99.0)
    groups: dict[str, list[Found]] = pickle.loads(given.finds.read_bytes()) if given.finds and given.finds.exists() else {}
    for folder in given.data:
        if folder.name not in groups:
            groups[folder.name] = [Found(photo, finder.read(photo.path).plates) for photo in read_labels(find_split(folder, given.split))]
            if given.finds:
                given.finds.write_bytes(pickle.dumps(groups))
        print(f"{folder.name}: {len(groups[folder.name])} photos, {sum(len(boxed(found)) for found in groups[folder.name])} labelled plates", flush=True)
    print(f"\nEffort {given.effort}, score {SCORE}, belief {BELIEF}, margin {MARGIN}")
    for name, group in groups.items():
        print(f"{name:<14}{summary(group, SCORE, BELIEF, MARGIN)}")
    every = [found for group in groups.values() for found in group]
    print(f"{'all':<14}{summary(every, SCORE, BELIEF, MARGIN)}")
    if given.misses:
        misses(every)
    if given.tradeoff:
        tradeoff(every)
    if given.methods:
        hidden(every, given.methods.split(","), reader, given.sheet, given.again)


def tradeoff(group: list[Found]) -> None:
    print("\nDetector score at the default belief and margin")
    for score in SCORES:
        print(f"  {score:<8}{summary(group, score, BELIEF, MARGIN)}")
    print("Belief at the default score and margin (-0.5 is what reading asks for)")
    for belief in BELIEFS:
        print(f"  {belief:<8}{summary(group, SCORE, belief, MARGIN)}")
    print("Margin at the default score and belief")
    for margin in MARGINS:
        print(f"  {margin:<8}{summary(group, SCORE, BELIEF, margin)}")


def summary(group: list[Found], score: float, belief: float, margin: float) -> str:
    shares, cores, needless, area, labelled = [], [], 0, 0.0, 0.0
    for found in group:
        places = [spread(plate.detection.quad, margin) for plate in found.kept(score, belief)]
        shares += [covered_share(outline(label), places) for label in boxed(found)]
        cores += [covered_share(outline(label).grown(-CORE), places) for label in boxed(found)]
        needless += sum(not any(touches(place, label) for label in found.photo.plates) for place in places)
        area += sum(place.area for place in places) / (found.photo.width * found.photo.height)
        labelled += sum(label.box.area for label in boxed(found) if label.box) / (found.photo.width * found.photo.height)
    full, core, most = (sum(share >= least for share in some) for some, least in ((shares, COVERED), (cores, COVERED), (shares, 0.5)))
    low, high = wilson(full, len(shares)) or (0.0, 0.0)
    return (
        f"covered to 95 %: {full / len(shares):.3f} [{low:.3f}, {high:.3f}]   the inner part: {core / len(shares):.3f}   half: {most / len(shares):.3f}   "
        f"covers that touch no label, a photo: {needless / len(group):.2f}   "
        f"area covered: {100 * area / len(group):.2f} % (labelled {100 * labelled / len(group):.2f} %)"
    )


def boxed(found: Found) -> list[PlateLabel]:
    return [label for label in found.photo.plates if label.box is not None]


def outline(label: PlateLabel) -> Quad:
    """The labelled corners, or the box where there are none."""
    assert label.box is not None
    return label.corners or label.box.quad()


def covered_share(quad: Quad, places: list[Quad]) -> float:
    """Share of the quad's area that lies under the places."""
    scale = 4.0
    box = quad.box
    size = (max(round(box.height * scale), 1), max(round(box.width * scale), 1))
    inside, under = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
    fill(inside, quad.moved(-box.x0, -box.y0), scale)
    for place in places:
        fill(under, place.moved(-box.x0, -box.y0), scale)
    return float((under & inside).sum() / max(inside.sum(), 1))


def fill(mask: np.ndarray, quad: Quad, scale: float) -> None:
    cv2.fillPoly(mask, [np.rint(quad.array() * scale).astype(np.int32)], 1)


def touches(place: Quad, label: PlateLabel) -> bool:
    return label.box is not None and place.box.iou(label.box) >= TOUCHES


def misses(group: list[Found]) -> None:
    print("\nNot covered to 95 %")
    for found in group:
        places = [spread(plate.detection.quad, MARGIN) for plate in found.kept()]
        for label in boxed(found):
            share, core = covered_share(outline(label), places), covered_share(outline(label).grown(-CORE), places)
            if share < COVERED:
                near = [round(belief_in(plate.detection, plate.reading), 1) for plate in found.plates if touches(plate.detection.quad, label)]
                flags = ",".join(label.flags)
                print(f"  {found.photo.path.name:<44} {label.text or '':<12} box {share:.2f}  inner part {core:.2f}  {flags:<10} belief of finds there: {near}")


def hidden(group: list[Found], names: list[str], reader: Platelight, sheet: Path | None, again: bool) -> None:
    """Hide, then read the labelled boxes again, and look at what changed outside of them."""
    results = {name: Result() for name in ("before", *names)}
    for index, found in enumerate(group):
        picture = images.load(found.photo.path)
        labels = [label for label in boxed(found) if normal(label.text)]
        outside = ~labelled(found, picture)
        for name, result in results.items():
            method: Method = Logo(logo()) if name == "logo" else method_of("fill" if name == "before" else name)
            after = picture if name == "before" else hide(picture, found.kept(), method, seed=index).picture
            result.changed.append(100 * float((after != picture).any(axis=2)[outside].mean()))
            answers = [photo.plates[0].text if photo.plates else None for photo in reader.read_crops([crop(after, label) for label in labels])]
            result.read += [same(answer, label) for answer, label in zip(answers, labels, strict=True)]
            result.similar += [similarity(normal(answer), normal(label.text)) for answer, label in zip(answers, labels, strict=True)]
            if again and labels:
                seen = [plate.text for plate in reader.read(after).plates]
                result.anywhere += sum(any(same(text, label) for text in seen) for label in labels)
            result.tiles += [crop(after, label, 1.0) for label in labels[:1]]
    print(f"\n{'':<12}{'labelled texts':>16}{'read in the box':>17}{'characters right':>18}{'changed outside boxes':>23}{'read anywhere':>16}")
    for name, result in results.items():
        changed, anywhere = f"{np.mean(result.changed):.2f} %", str(result.anywhere) if again else "-"
        print(f"{name:<12}{len(result.read):>16}{sum(result.read):>17}{np.mean(result.similar):>18.3f}{changed:>23}{anywhere:>16}")
        if sheet and name != "before":
            write_sheet(list(zip(results["before"].tiles, result.tiles, strict=True))[:: max(len(result.tiles) // 40, 1)][:40], sheet / f"{name}.png")


@dataclass(slots=True)
class Result:
    """What became of all labelled plates."""

    read: list[bool] = field(default_factory=list)
    similar: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    tiles: list[Image] = field(default_factory=list)
    anywhere: int = 0


def labelled(found: Found, picture: Image) -> np.ndarray:
    mask = np.zeros(picture.shape[:2], np.uint8)
    for label in boxed(found):
        if label.box:
            fill(mask, label.box.quad(), 1.0)
    return mask > 0


def same(text: str | None, label: PlateLabel) -> bool:
    """As forgiving as a person who knows what may be there."""
    return bool(text) and lenient(text) in {lenient(label.text), lenient(label.alt)}


def crop(picture: Image, label: PlateLabel, room: float = 0.0) -> Image:
    assert label.box is not None
    x, y = room * label.box.height, room * label.box.height
    left, top = max(round(label.box.x0 - x), 0), max(round(label.box.y0 - y), 0)
    return np.ascontiguousarray(picture[top : max(round(label.box.y1 + y), top + 2), left : max(round(label.box.x1 + x), left + 2)])


def logo() -> Image:
    art = np.zeros((60, 200, 4), np.uint8)
    cv2.circle(art, (30, 30), 26, (200, 60, 40, 255), -1)
    cv2.rectangle(art, (70, 20), (190, 40), (30, 50, 130, 255), -1)
    return art


def write_sheet(tiles: list[tuple[Image, Image]], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height, columns = 220, 110, 4
    rows = -(-len(tiles) // columns)
    paper = Pillow.new("RGB", (columns * (2 * width + 12), rows * (height + 8)), (90, 90, 90))
    for index, pair in enumerate(tiles):
        for side, tile in enumerate(pair):
            shown = Pillow.fromarray(tile)
            scale = min(width / shown.width, height / shown.height)
            paper.paste(
                shown.resize((max(int(shown.width * scale), 1), max(int(shown.height * scale), 1)), Pillow.Resampling.BICUBIC),
                ((index % columns) * (2 * width + 12) + side * width, (index // columns) * (height + 8)),
            )
    file = io.BytesIO()
    paper.save(file, "PNG")
    path.write_bytes(file.getvalue())


def commit() -> str:
    result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
