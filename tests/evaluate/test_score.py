from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from platelight.dataset import LabelledImage, PlateLabel, read_labels
from platelight.evaluate.score import group, judge_picture, lines_of, source_of, summarise
from platelight.geometry import Box, Quad

SHARED = Path(__file__).parents[3] / "shared"
SCORER = SHARED / "score.py"
DATA = SHARED / "data"
ALPHABET = "ABCO01IXÄ"


def picture(*plates: PlateLabel, name: str = "a-1.jpg", source: str = "set") -> LabelledImage:
    return LabelledImage(Path(name), 100, 100, source, plates)


def predicted(text: str | None, box: list[float] | None = None, **more: Any) -> dict[str, Any]:
    return {"text": text, "box": box, "score": 0.5, "confidence": 0.5, **more}


def test_the_prediction_that_overlaps_most_is_judged_and_not_the_one_that_is_right() -> None:
    label = PlateLabel(box=Box(10, 10, 50, 20), text="AB12")
    near, far = predicted("XX99", [10, 10, 40, 10]), predicted("AB12", [12, 12, 40, 10])
    (plate,) = judge_picture(picture(label), [far, near]).plates
    assert plate.read == "XX99"
    assert not plate.exact


@pytest.mark.parametrize("flag", ["show", "cut", "amb"])
def test_plates_without_a_certain_text_are_not_counted(flag: str) -> None:
    outcome = judge_picture(picture(PlateLabel(text="AB12", flags=(flag,))), [])
    assert summarise([outcome]).texts == 0


def test_the_published_text_counts_as_right_too() -> None:
    (plate,) = judge_picture(picture(PlateLabel(text="AB12", alt="A812")), [predicted("a8-12")]).plates
    assert plate.exact


def test_a_right_text_among_the_candidates_is_a_top5_hit() -> None:
    candidates = [{"text": text} for text in ("AB12", "A812", "A8I2", "AB1Z", "ABIZ", "HB12")]
    label = PlateLabel(text="ABIZ")
    (plate,) = judge_picture(picture(label), [predicted("AB12", candidates=candidates)]).plates
    assert (plate.exact, plate.in_top5) == (False, True)
    (plate,) = judge_picture(picture(PlateLabel(text="HB12")), [predicted("AB12", candidates=candidates)]).plates
    assert not plate.in_top5


def test_false_plates_are_not_counted_where_labelled_plates_have_no_box() -> None:
    elsewhere = predicted("AB12", [60, 60, 20, 10])
    assert judge_picture(picture(), [elsewhere]).false == 1
    assert judge_picture(picture(PlateLabel(box=Box(0, 0, 20, 10))), [elsewhere]).false == 1
    assert judge_picture(picture(PlateLabel(text="AB12")), [elsewhere]).false is None


def test_corner_error_is_a_share_of_the_plate_width() -> None:
    corners = Quad(((10, 10), (50, 10), (50, 20), (10, 20)))
    label = PlateLabel(box=corners.box, corners=corners)
    moved = [[x + 4, y] for x, y in corners.corners]
    summary = summarise([judge_picture(picture(label), [predicted("A", [14, 10, 40, 10], corners=moved)])])
    assert summary.corner_errors == pytest.approx((0.1, 0.1))


def test_a_picture_that_could_not_be_read_counts_as_nothing_found() -> None:
    summary = summarise([judge_picture(picture(PlateLabel(text="AB12")), [], error="empty file")])
    assert (summary.failed, summary.exact.value) == (1, 0.0)


def test_groups_come_largest_first_and_name_what_is_unknown() -> None:
    outcomes = [
        judge_picture(picture(PlateLabel(text="A1", lines=2), name="ro-1.jpg", source=""), []),
        judge_picture(picture(PlateLabel(text="A1"), PlateLabel(text="A2"), name="b.jpg", source=""), []),
    ]
    plates = [plate for outcome in outcomes for plate in outcome.plates]
    assert list(group(plates, source_of)) == ["?", "ro"]
    assert {key: len(value) for key, value in group(plates, lines_of).items()} == {"?": 2, "2": 1}


def score_with_script(labels: Path, predictions: Path) -> dict[str, Any]:
    command = [sys.executable, str(SCORER), str(labels), str(predictions), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    measured: dict[str, Any] = json.loads(result.stdout)
    return measured


def score_here(labels: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    by_name = {Path(row["source"]).name: row["plates"] for row in rows}
    summary = summarise([judge_picture(image, by_name.get(image.path.name, [])) for image in read_labels(labels)])
    shares = {name: getattr(summary, name).value for name in ("exact", "lenient", "chars", "recall50", "precision", "country", "false")}
    return {"pictures": summary.pictures, "texts": summary.texts, **shares}


def random_text(rng: random.Random) -> str:
    return "".join(rng.choices(ALPHABET, k=rng.randint(1, 8)))


def mistaken(text: str, rng: random.Random) -> str | None:
    kind = rng.random()
    if kind < 0.5:
        return text
    if kind < 0.6:
        return None
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(["", rng.choice(ALPHABET)]) + text[at + 1 :] or None


def random_box(rng: random.Random) -> list[float]:
    return [rng.randint(0, 320) / 4, rng.randint(0, 320) / 4, rng.randint(8, 160) / 4, rng.randint(8, 80) / 4]


def random_label(rng: random.Random) -> dict[str, Any]:
    label: dict[str, Any] = {"flags": rng.choices(["show", "cut", "amb", "blur"], k=rng.choice([0, 0, 0, 1, 2]))}
    if rng.random() < 0.8:
        label["box"] = random_box(rng)
    if rng.random() < 0.8:
        label["text"] = random_text(rng)
        if rng.random() < 0.2:
            label["alt"] = random_text(rng)
    if rng.random() < 0.7:
        label["country"] = rng.choice(["de", "ua", "gb"])
    return label


def predictions_for(labels: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    found = []
    for label in labels:
        for _ in range(rng.choice([0, 1, 1, 1, 2, 7])):
            box = [value + rng.choice([0, 0, 0.25, 1, 3]) for value in label.get("box") or random_box(rng)]
            plate = {"text": mistaken(label.get("text") or random_text(rng), rng), "box": box, "country": rng.choice(["de", "ua", None])}
            plate |= {"score": rng.choice([0.0, 0.25, 0.5, rng.random()]), "confidence": rng.random()}
            if rng.random() < 0.1:
                plate["box"] = None
            found.append(plate)
    if rng.random() < 0.3:
        found.append({"text": random_text(rng), "box": random_box(rng), "score": rng.random()})
    rng.shuffle(found)
    return found


def random_set(folder: Path, rng: random.Random) -> tuple[Path, Path, list[dict[str, Any]]]:
    images, rows = [], []
    for index in range(rng.randint(1, 60)):
        plates = [random_label(rng) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
        images.append({"image": f"images/p-{index}.jpg", "width": 100, "height": 100, "source": "x", "plates": plates})
        if rng.random() < 0.9:
            rows.append({"source": f"p-{index}.jpg", "plates": predictions_for(plates, rng)})
    return write(folder, images, rows)


def write(folder: Path, images: list[dict[str, Any]], rows: list[dict[str, Any]]) -> tuple[Path, Path, list[dict[str, Any]]]:
    labels, predictions = folder / "dev.jsonl", folder / "read.jsonl"
    labels.write_text("".join(json.dumps(image, ensure_ascii=False) + "\n" for image in images), encoding="utf-8")
    predictions.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return labels, predictions, rows


@pytest.mark.skipif(not SCORER.exists(), reason="needs ../shared/score.py")
@pytest.mark.parametrize("seed", range(25))
def test_agrees_to_the_digit_with_the_neutral_scorer_on_random_sets(seed: int, tmp_path: Path) -> None:
    labels, predictions, rows = random_set(tmp_path, random.Random(seed))
    assert score_here(labels, rows) == score_with_script(labels, predictions)


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["openalpr-eu", "openalpr-br", "openalpr-us", "scenes", "plates", "backgrounds"])
def test_agrees_to_the_digit_with_the_neutral_scorer_on_real_labels(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    labels = DATA / name / "dev.jsonl"
    images = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
    rows = [{"source": image["image"], "plates": predictions_for(image["plates"], rng)} for image in images]
    _, predictions, _ = write(tmp_path, images, rows)
    assert score_here(labels, rows) == score_with_script(labels, predictions)
