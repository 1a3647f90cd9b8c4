"""What the reader mistakes, how honest its confidence is, what plate types and corners do to it: tables, and two pictures.

    python training/reader_study.py MODELS DATA DRAWN PICTURES [BEFORE]
    python training/reader_study.py MODELS DRAWN...                         # only how many drawn plates are read right

MODELS is a folder of models, DATA the labelled photos (its dev sets are read), DRAWN a folder of `platelight synth --kind plates`
that no training saw, PICTURES where reliability.png and corner-error.png go, BEFORE a folder of older models to compare
look-alikes with. The tables are printed as Markdown.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from copy import copy
from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from rapidfuzz.distance import Levenshtein

from platelight import Detection, Platelight, Quad, images, templates
from platelight.dataset import find_split, read_labels
from platelight.decode import Decoder
from platelight.evaluate.calibrate import isotonic
from platelight.evaluate.measure import TOP, measure, measure_hinted
from platelight.evaluate.metrics import accepted_at, calibration_error, normal, reliability, wilson
from platelight.evaluate.score import PlateOutcome

PHOTOS = ("openalpr-eu", "openalpr-br", "openalpr-us", "scenes")
ERRORS = (0.0, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1)
DRAWN_PLATES = 400
CHARACTER_BINS = (0.5, 0.8, 0.95, 0.99)
LOOK_ALIKES = ("0O", "1I", "8B", "0D", "OQ", "5S", "2Z", "6G", "MNHW", "VYU")
CUT_AWAY = (0.2, 0.35)
"""Shares of a plate's width that are cut off with the photo, more than any band or rim."""


def outcomes_of(reader: Platelight, data: Path, *, hinted: bool = False) -> dict[str, list[PlateOutcome]]:
    """The judged plates of every dev set: crops, and the whole photos."""
    run = measure_hinted if hinted else measure
    found = {}
    for name in ("plates", *PHOTOS):
        measured = run(reader, read_labels(find_split(data / name, "dev")), name, crops=name == "plates")
        found[name] = [plate for picture in measured.outcomes for plate in picture.plates if plate.counted]
    return found


def share(hits: int, total: int) -> str:
    low, high = wilson(hits, total) or (0.0, 0.0)
    return f"{hits / max(total, 1):.3f} [{low:.3f}, {high:.3f}]"


def print_types(reader: Platelight, guessed: dict[str, list[PlateOutcome]], data: Path) -> None:
    """Templates off, the country guessed, the country given."""
    off = copy(reader)
    off.decoder = Decoder(templates.load(), None, TOP, use_templates=False)
    ways = {"off": outcomes_of(off, data), "country guessed": guessed, "country given": outcomes_of(reader, data, hinted=True)}
    print("\n| set | texts | " + " | ".join(ways) + " |\n|---|---|" + "---|" * len(ways))
    for name in guessed:
        cells = [f"{np.mean([plate.exact for plate in way[name]]):.3f} / {np.mean([plate.lenient for plate in way[name]]):.3f}" for way in ways.values()]
        print(f"| {name} | {len(guessed[name])} | " + " | ".join(cells) + " |")
    print("\n(exact / lenient)")


def print_mistakes(plates: Sequence[PlateOutcome]) -> None:
    """Which characters are taken for which, over the texts that were read wrong."""
    pairs: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for plate in plates:
        true = normal(plate.label.text)
        for kind, start, to in Levenshtein.editops(true, plate.read):
            if kind == "replace":
                pairs[f"{true[int(start)]} read as {plate.read[int(to)]}"] += 1
            else:
                other["character missed" if kind == "delete" else "character invented"] += 1
    wrong = sum(not plate.exact for plate in plates)
    print(f"\n{wrong} of {len(plates)} texts wrong; " + ", ".join(f"{name}: {count}" for name, count in other.most_common()))
    print("\n| confusion | times |\n|---|---|")
    for name, count in pairs.most_common(15):
        print(f"| {name} | {count} |")


def confusions(plates: Sequence[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """How often which character (true, read) was taken for which, over true and read texts."""
    pairs: Counter[tuple[str, str]] = Counter()
    for true, read in plates:
        pairs.update((true[int(start)], read[int(to)]) for kind, start, to in Levenshtein.editops(true, read) if kind == "replace")
    return pairs


def read_drawn(reader: Platelight, drawn: Path) -> list[tuple[str, str]]:
    """True and read texts of drawn plates, cut by their true corners; prints how many are right, and of how many the country is."""
    texts, countries = [], 0
    for image in read_labels(find_split(drawn, "train")):
        for plate in image.plates:
            if plate.text and plate.corners:
                picture = images.load(image.path)
                detection = Detection(plate.corners, 1.0)
                reading = reader.reader(reader.rectifier([picture], [[plate.corners]]))[0]
                best = reader.decode_plates([picture], [[(detection, reading)]])[0].best
                texts.append((plate.text, best.text if best else ""))
                countries += best is not None and best.country == plate.country
    right = sum(true == read for true, read in texts)
    print(f"\n{drawn.name}: read right {share(right, len(texts))}, country right {share(countries, len(texts))} of {len(texts)} drawn plates")
    return texts


def print_look_alikes(ways: dict[str, tuple[dict[str, list[PlateOutcome]], list[tuple[str, str]]]]) -> None:
    """Groups of characters that look alike: how often one was read as another of its group; per way its dev plates and its drawn ones."""
    columns: dict[str, Counter[tuple[str, str]]] = {}
    for name, (found, drawn) in ways.items():
        columns[f"dev, {name}"] = confusions([(normal(plate.label.text), plate.read) for plates in found.values() for plate in plates])
        columns[f"drawn, {name}"] = confusions(drawn)
    print("\n| look-alikes | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for group in LOOK_ALIKES:
        counts = [sum(count for (a, b), count in pairs.items() if a in group and b in group) for pairs in columns.values()]
        print(f"| {' '.join(group)} | " + " | ".join(map(str, counts)) + " |")
    print("| all | " + " | ".join(str(pairs.total()) for pairs in columns.values()) + " |")


def print_incomplete(reader: Platelight, data: Path) -> None:
    """Photos cut through a plate, so that characters are missing: how sure is what is still read?"""
    rng, kinds = np.random.default_rng(1), Counter[str]()
    for name in PHOTOS:
        for image in read_labels(find_split(data / name, "dev")):
            plate = image.plates[0] if len(image.plates) == 1 else None
            if plate is None or plate.box is None or not plate.text or plate.lines != 1 or plate.flags:
                continue
            picture, lost = images.load(image.path), rng.uniform(*CUT_AWAY) * plate.box.width
            part = picture[:, int(plate.box.x0 + lost) :] if rng.random() < 0.5 else picture[:, : int(plate.box.x1 - lost)]
            found = max(reader.read(np.ascontiguousarray(part)).plates, key=lambda seen: seen.detection.score, default=None)
            kinds["not found" if found is None else "no text" if not found.text else "below 0.5" if found.confidence < 0.5 else
                  "0.5 to 0.9" if found.confidence < 0.9 else "0.9 and more"] += 1  # fmt: skip
            kinds["flagged incomplete or cut off"] += found is not None and bool({"incomplete", "cut_off"} & set(found.flags))
            kinds["photos"] += 1
    print("\n| confidence of plates with characters cut off | photos |\n|---|---|")
    for kind in ("not found", "no text", "below 0.5", "0.5 to 0.9", "0.9 and more", "flagged incomplete or cut off", "photos"):
        print(f"| {kind} | {kinds[kind]} |")


def print_confidence(found: dict[str, list[PlateOutcome]], out: Path) -> None:
    """Expected calibration error and acceptance, raw and with a curve fitted on the other half; the reliability diagram."""
    print("\n| set | texts read | calibration error | accepted at 99 % precision | true text in top 5 |\n|---|---|---|---|---|")
    pooled = [plate for plates in found.values() for plate in plates]
    for name, part in [*found.items(), ("all", pooled)]:
        confidences, rights = [plate.confidence for plate in part], [plate.exact for plate in part]
        accepted, top = accepted_at(0.99, confidences, rights)[0], sum(plate.in_top5 for plate in part)
        error = calibration_error(reliability(confidences, rights)) or 0.0
        print(f"| {name} | {len(part)} | {error:.3f} | {share(accepted, len(part))} | {share(top, len(part))} |")
    plates = [plate for plate in pooled if plate.read]
    sure, right = np.array([plate.confidence for plate in plates]), np.array([float(plate.exact) for plate in plates])
    order = np.random.default_rng(0).permutation(len(sure))
    halves = order[::2], order[1::2]
    for number, (fit, check) in enumerate((halves, halves[::-1]), 1):
        curve = isotonic(sure[fit], right[fit])
        raw, fitted = (calibration_error(reliability(values, [bool(r) for r in right[check]])) for values in (sure[check], [curve(s) for s in sure[check]]))
        print(f"\ncurve fitted on half {number}, measured on the other: error {raw:.3f} without it, {fitted:.3f} with it ({len(check)} plates)")
    table = reliability(list(sure), [bool(value) for value in right])
    figure, axes = plt.subplots(figsize=(4.2, 4.2), dpi=110)
    axes.plot([0, 1], [0, 1], color="#aaaaaa", linewidth=1)
    axes.plot([row.confidence for row in table], [row.right for row in table], "o-", color="#1f5fa8")
    axes.set(xlabel="confidence", ylabel="share of the texts that are right", xlim=(0, 1.01), ylim=(0, 1.01), title=f"{len(plates)} dev plates, ten groups")
    figure.tight_layout()
    figure.savefig(out / "reliability.png")


def print_characters(plates: Sequence[PlateOutcome]) -> None:
    """How often a character is right that is given so much confidence."""
    confidences: list[float] = []
    rights: list[bool] = []
    for plate in plates:
        wrong = {int(to) for kind, _, to in Levenshtein.editops(normal(plate.label.text), plate.read) if kind != "delete"}
        confidences += (plate.answer or {}).get("char_confidences", ())
        rights += [place not in wrong for place in range(len(plate.read))]
    sure, right = np.array(confidences), np.array(rights)
    print(f"\ncharacters: calibration error {calibration_error(reliability(confidences, rights)):.4f}")
    print("\n| confidence of a character | characters | mean | right |\n|---|---|---|---|")
    for low, high in pairwise((0.0, *CHARACTER_BINS, 1.01)):
        part = (sure >= low) & (sure < high)
        if part.any():
            print(f"| {low:.2f} to {min(high, 1.0):.2f} | {part.sum()} | {sure[part].mean():.3f} | {right[part].mean():.3f} |")


def print_corners(reader: Platelight, drawn: Path, out: Path) -> None:
    """Exact match of drawn plates that are cut with corners so far from the true ones."""
    rng = np.random.default_rng(0)
    labelled = [(image, image.plates[0]) for image in read_labels(find_split(drawn, "train"))[:DRAWN_PLATES] if image.plates and image.plates[0].corners]
    rights: dict[str, list[float]] = {"one look": [], "with looks at doubtful plates": []}
    for error in ERRORS:
        hits = dict.fromkeys(rights, 0)
        for image, plate in labelled:
            assert plate.corners is not None
            quad = _displaced(plate.corners, error, rng)
            picture = images.load(image.path)
            reading = reader.reader(reader.rectifier([picture], [[quad]]))[0]
            first = reader.decoder([reading])[0]
            again = reader.decode_plates([picture], [[(Detection(quad, 1.0), reading)]])[0]
            for name, decoding in zip(rights, (first, again), strict=True):
                hits[name] += decoding.best is not None and decoding.best.text == plate.text
        for name, count in hits.items():
            rights[name].append(count / len(labelled))
    print(f"\n| mean corner error, % of the width | {' | '.join(rights)} |\n|---|" + "---|" * len(rights))
    for index, error in enumerate(ERRORS):
        print(f"| {100 * error:.0f} | " + " | ".join(f"{values[index]:.3f}" for values in rights.values()) + " |")
    figure, axes = plt.subplots(figsize=(5, 3.4), dpi=110)
    for name, values in rights.items():
        axes.plot([100 * error for error in ERRORS], values, "o-", label=name)
    axes.set(xlabel="mean corner error, % of the plate's width", ylabel="texts exactly right", ylim=(0, 1))
    axes.legend(frameon=False)
    axes.set_title(f"{len(labelled)} drawn plates")
    figure.tight_layout()
    figure.savefig(out / "corner-error.png")


def _displaced(quad: Quad, error: float, rng: np.random.Generator) -> Quad:
    """Every corner moved in a random direction, by `error` of the width on average."""
    steps = rng.normal(0, 1, (4, 2))
    mean = np.linalg.norm(steps, axis=1).mean()
    return Quad.from_array(quad.array() + steps / mean * error * quad.width_px)


def main(models: str, data: Path, drawn: Path, pictures: Path, before: Path | None = None) -> None:
    reader = Platelight(models=models)
    pictures.mkdir(parents=True, exist_ok=True)
    found = outcomes_of(reader, data)
    pooled = [plate for plates in found.values() for plate in plates]
    print("## Plate types")
    print_types(reader, found, data)
    print("\n## Mistakes")
    print_mistakes(pooled)
    ways = {"now": (found, read_drawn(reader, drawn))}
    if before:
        older = Platelight(models=str(before))
        ways = {"before": (outcomes_of(older, data), read_drawn(older, drawn)), **ways}
    print_look_alikes(ways)
    print("\n## Missing characters")
    print_incomplete(reader, data)
    print("\n## Confidence")
    print_confidence(found, pictures)
    print_characters(pooled)
    print("\n## Corners")
    print_corners(reader, drawn, pictures)


if __name__ == "__main__":
    if len(sys.argv) > 2 and all((Path(folder) / "train.jsonl").exists() for folder in sys.argv[2:]):
        released = Platelight(models=sys.argv[1])
        for folder in sys.argv[2:]:
            read_drawn(released, Path(folder))
        sys.exit()
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    main(sys.argv[1], *(Path(argument) for argument in sys.argv[2:]))
