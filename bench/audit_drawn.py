"""How well an audit tells lying adverts from honest ones: python bench/audit_drawn.py [--adverts N] [--keep DIR]

Draws adverts with photos and a register that knows their cars, lets some of them lie, audits them with the program as it is,
and prints date, machine and commit, the verdicts by what the adverts are, and precision and recall of `contradicted`.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from audit_photos import dealers_plate, draw_photo, new_plate, text_of

from platelight.audit.adverts import load
from platelight.audit.judge import FAR, SURE, Judge
from platelight.audit.reading import by_advert
from platelight.audit.records import VERDICTS
from platelight.batch import iter_results, read_rows
from platelight.register import Register, build
from platelight.register.posterior import Settings
from platelight.synth.plate import PlateParams

ROOT = Path(__file__).parents[1]
T = TypeVar("T")
SHARES = {"honest": 0.50, "other car": 0.10, "other model": 0.07, "other year": 0.08, "other color": 0.07, "not registered": 0.10, "no plate": 0.08}
COVERAGE, DEALERS = 0.9, 0.1
"""Share of other people's cars that the register knows; share of adverts of two photos whose first shows a dealer's plate."""

EXPECTED = {"honest": "confirmed", "not registered": "not_in_register", "no plate": "no_plate"}
CONTRADICTED = "contradicted"
DIGITS, LETTERS = "0123456789", "ABCEHIKMOPTX"

CARS: dict[tuple[str, tuple[str, ...]], dict[str, tuple[str, ...]]] = {
    ("BMW", ("BMW", "БМВ", "бмв", "Bmw")): {"X5": ("X5", "Х5", "X5 3.0D", "x5 xDrive30d"), "320D": ("320d", "320 d", "320D M-Sport"), "520I": ("520i", "520")},
    ("AUDI", ("Audi", "Ауди", "ауді")): {"A6": ("A6", "А6", "a6 2.0 TDI"), "Q7": ("Q7", "q7 quattro"), "A4": ("A4", "А4 Avant", "a4")},
    ("VOLKSWAGEN", ("Volkswagen", "VW", "Фольксваген", "volkswagen")): {"PASSAT": ("Passat", "Пассат", "Passat B7"), "GOLF": ("Golf", "гольф", "Golf VII")},
    ("MERCEDES-BENZ", ("Mercedes-Benz", "Mercedes", "Мерседес")): {"E 220": ("E 220", "E220", "E 220 CDI"), "VITO": ("Vito", "Віто", "Vito 111")},
    ("ВАЗ", ("ВАЗ", "VAZ", "Lada", "ваз")): {"2106": ("2106", "2106 Жигули"), "2109": ("2109",), "2170": ("2170", "2170 Priora")},
    ("ЗАЗ", ("ЗАЗ", "ZAZ", "заз")): {"LANOS": ("Lanos", "Ланос", "LANOS 1.5"), "SENS": ("Sens", "Сенс")},
    ("DAEWOO", ("Daewoo", "Деу", "daewoo")): {"NEXIA": ("Nexia", "Нексія", "NEXIA 1.5"), "MATIZ": ("Matiz", "Матіз")},
    ("SKODA", ("Skoda", "Шкода", "Škoda")): {"OCTAVIA": ("Octavia", "Октавія", "Octavia A7", "октавия"), "FABIA": ("Fabia", "Фабія")},
    ("TOYOTA", ("Toyota", "Тойота", "toyota")): {"CAMRY": ("Camry", "Камрі", "Camry 50"), "RAV 4": ("RAV4", "Rav-4"), "COROLLA": ("Corolla", "Королла")},
    ("HYUNDAI", ("Hyundai", "Хюндай", "Хундай")): {"TUCSON": ("Tucson", "Туксон"), "ACCENT": ("Accent", "Акцент"), "ELANTRA": ("Elantra", "Елантра")},
    ("KIA", ("Kia", "КИА", "Кіа")): {"SPORTAGE": ("Sportage", "Спортейдж", "Sportage 2.0"), "RIO": ("Rio", "Ріо")},
    ("RENAULT", ("Renault", "Рено", "RENAULT")): {"LOGAN": ("Logan", "Логан"), "DUSTER": ("Duster", "Дастер", "Duster 1.5 dCi"), "MEGANE": ("Megane", "Меган")},
    ("FORD", ("Ford", "Форд")): {"FOCUS": ("Focus", "Фокус", "Focus III"), "FIESTA": ("Fiesta", "Фієста"), "MONDEO": ("Mondeo", "Мондео")},
    ("OPEL", ("Opel", "Опель")): {"ASTRA": ("Astra", "Астра", "Astra H"), "VECTRA": ("Vectra", "Вектра"), "ZAFIRA": ("Zafira", "Зафіра")},
    ("NISSAN", ("Nissan", "Ніссан", "Ниссан")): {"QASHQAI": ("Qashqai", "Кашкай"), "LEAF": ("Leaf", "Ліф"), "X-TRAIL": ("X-Trail", "X Trail")},
    ("MITSUBISHI", ("Mitsubishi", "Мітсубісі", "Митсубиси")): {"LANCER": ("Lancer", "Лансер", "Lancer X"), "OUTLANDER": ("Outlander", "Аутлендер")},
    ("TESLA", ("Tesla", "Тесла")): {"MODEL 3": ("Model 3", "model 3 LR"), "MODEL S": ("Model S", "S")},
}  # fmt: skip
"""Makes and models as the register writes them, and how adverts write them."""

COLORS = {
    "ЧОРНИЙ": ("чорний", "черный", "black", "Чорний металік"), "БІЛИЙ": ("білий", "белый", "white", "Білий перламутр"), "СІРИЙ": ("сірий", "серый", "gray"),
    "ЧЕРВОНИЙ": ("червоний", "красный", "red"), "СИНІЙ": ("синій", "синий", "blue", "темно-синій"), "ЗЕЛЕНИЙ": ("зелений", "зеленый", "green"),
    "ЖОВТИЙ": ("жовтий", "желтый", "yellow"), "КОРИЧНЕВИЙ": ("коричневий", "коричневый", "brown"),
}  # fmt: skip
UNLIKE = {"ЧОРНИЙ": ("БІЛИЙ", "ЧЕРВОНИЙ", "ЖОВТИЙ"), "БІЛИЙ": ("ЧОРНИЙ", "СИНІЙ", "ЧЕРВОНИЙ"), "СІРИЙ": ("ЧЕРВОНИЙ", "ЖОВТИЙ", "ЗЕЛЕНИЙ"),
          "ЧЕРВОНИЙ": ("ЧОРНИЙ", "БІЛИЙ", "СИНІЙ"), "СИНІЙ": ("БІЛИЙ", "ЧЕРВОНИЙ", "ЖОВТИЙ"), "ЗЕЛЕНИЙ": ("БІЛИЙ", "ЧЕРВОНИЙ", "ЧОРНИЙ"),
          "ЖОВТИЙ": ("ЧОРНИЙ", "СИНІЙ", "СІРИЙ"), "КОРИЧНЕВИЙ": ("БІЛИЙ", "СИНІЙ", "ЖОВТИЙ")}  # fmt: skip
"""Colors that nobody takes for this one."""


@dataclass(frozen=True)
class Car:
    """A car as the register holds it."""

    make: tuple[str, tuple[str, ...]]
    model: str
    year: int
    color: str
    plate: PlateParams
    text: str


@dataclass(frozen=True)
class Drawn:
    """One advert: what it is (see `SHARES`), its row in the table, and its photos' names."""

    kind: str
    id: str
    row: dict[str, str]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--adverts", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--density", type=float, default=0.4, help="share of the plates one character off that the register holds too")
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--keep", type=Path, help="folder to keep everything in")
    given = arguments.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary)
        drawn = draw(folder, given.seed, given.adverts, given.density)
        print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, Python {platform.python_version()}, commit {commit()}")
        before, started = os.times(), time.perf_counter()
        audit(folder, given.workers)
        used = os.times()
        cpu = sum(used[:4]) - sum(before[:4])
        wall = time.perf_counter() - started
        print(f"\naudit: {1000 * cpu / len(drawn):.0f} ms of processor time an advert, {1000 * wall / len(drawn):.0f} ms of wall time\n")
        report(drawn, {row["id"]: str(row["verdict"]) for row in read_rows(folder / "out" / "adverts.parquet")})
        judge_again(folder, drawn)


def draw(folder: Path, seed: int, count: int, density: float) -> list[Drawn]:
    """Write photos/, adverts.csv and the register; photos that are there already from the same command are kept."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    adverts, held, missing = [], [], set()
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        car = new_car(rng)
        names, behind = draw_photos(folder, rng, index, None if kind == "no plate" else car)
        adverts.append(advert(rng, kind, index, car, names))
        for other in [car, *(replace(new_car(rng), text=text) for text in behind)]:
            if (other is car and kind == "not registered") or (other is not car and rng.random() >= COVERAGE):
                missing.add(other.text)
            else:
                held.append(other)
    write_adverts(folder / "adverts.csv", adverts)
    write_register(folder, held, missing, density, np.random.default_rng([seed, count, 7]))
    return adverts


def new_car(rng: np.random.Generator) -> Car:
    make = list(CARS)[int(rng.integers(len(CARS)))]
    model = list(CARS[make])[int(rng.integers(len(CARS[make])))]
    plate = new_plate(rng)
    return Car(make, model, int(rng.integers(2004, 2024)), list(COLORS)[int(rng.integers(len(COLORS)))], plate, text_of(plate))


def draw_photos(folder: Path, rng: np.random.Generator, index: int, car: Car | None) -> tuple[list[str], list[str]]:
    """The names of one or two photos, the first of which may show a dealer's plate; and the plates of other people's cars there."""
    names, behind = [], []
    count = int(rng.integers(1, 3))
    dealer = count == 2 and rng.random() < DEALERS
    for number in range(count):
        own = np.random.default_rng(int(rng.integers(1 << 40)))
        name = f"photos/{index:05d}-{number}.jpg"
        names.append(name)
        told = (folder / name).with_suffix(".txt")  # what stands behind, beside the photo
        if not told.exists():
            main = None if car is None else dealers_plate(own) if dealer and number == 0 else car.plate
            data, others = draw_photo(own, main)
            (folder / name).write_bytes(data)
            told.write_text("\n".join(others))
        behind += told.read_text().split()
    return names, behind


def advert(rng: np.random.Generator, kind: str, index: int, car: Car, photos: Sequence[str]) -> Drawn:
    """What the advert says of the car, as people write it."""
    make, model, year, color = car.make, car.model, car.year, car.color
    if kind == "other car":
        make = pick(rng, [other for other in CARS if other != make])
        model = pick(rng, list(CARS[make]))
    elif kind == "other model":
        model = pick(rng, [other for other in CARS[make] if other != model])
    elif kind == "other year":
        year += int(rng.choice((-8, -6, -4, -3, 3, 4, 6, 8)))
    elif kind == "other color":
        color = pick(rng, list(UNLIKE[color]))
    elif rng.random() < 0.1:
        year += 1  # the model year is often the next one
    written = {"make": pick(rng, list(make[1])), "model": pick(rng, list(CARS[make][model])), "year": str(year), "color": pick(rng, list(COLORS[color]))}
    for name, share in (("color", 0.1), ("year", 0.05)):
        if rng.random() < share and kind != f"other {name}":
            written[name] = ""
    if rng.random() < 0.15:  # the make's cell holds the model too
        written |= {"make": f"{written['make']} {written['model']}", "model": ""}
    identity = f"A{index:05d}"
    return Drawn(
        kind, identity, {"id": identity, "photo": ";".join(photos), **written, "title": f"{written['make']} {written['model']} {written['year']}".strip()}
    )


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def write_adverts(path: Path, adverts: Sequence[Drawn]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(adverts[0].row))
        table.writeheader()
        table.writerows(item.row for item in adverts)


def write_register(folder: Path, held: Sequence[Car], missing: set[str], density: float, rng: np.random.Generator) -> None:
    """A register that is as crowded around the plates of the photos as a country's is: what is misread is often another car's plate."""
    taken = {car.text for car in held} | missing
    with (folder / "register.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["D_REG", "BRAND", "MODEL", "MAKE_YEAR", "COLOR", "KIND", "N_REG_NEW"])
        for car in held:
            rows.writerow([day(rng, car.year), f"{car.make[0]} {car.model}", car.model, car.year, car.color, "ЛЕГКОВИЙ", car.text])
        for text in (text for plate in sorted(taken) for text in neighbours(plate)):
            if text not in taken and rng.random() < density:
                taken.add(text)
                make, year = pick(rng, list(CARS)), int(rng.integers(2004, 2024))
                model = pick(rng, list(CARS[make]))
                rows.writerow([day(rng, year), f"{make[0]} {model}", model, year, pick(rng, list(COLORS)), "ЛЕГКОВИЙ", text])
    (folder / "cars.sqlite").unlink(missing_ok=True)
    build([folder / "register.csv"], folder / "cars.sqlite")


def neighbours(plate: str) -> Iterator[str]:
    """The plates of the same form that differ in one character."""
    for place, own in enumerate(plate):
        for other in DIGITS if own.isdigit() else LETTERS:
            if other != own:
                yield plate[:place] + other + plate[place + 1 :]


def day(rng: np.random.Generator, year: int) -> str:
    return f"{int(rng.integers(1, 29)):02d}.{int(rng.integers(1, 13)):02d}.{min(year + int(rng.integers(0, 6)), 2024)}"


def audit(folder: Path, workers: int) -> None:
    options = f"--register cars.sqlite --out out --country ua --workers {workers}".split()
    command = [sys.executable, "-m", "platelight", "audit", "adverts.csv", *options]
    paths = os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))
    ended = subprocess.run(command, cwd=folder, check=False, env=os.environ | {"PYTHONPATH": paths}).returncode
    if ended:
        sys.exit(f"the audit ended with status {ended}")


def report(drawn: Sequence[Drawn], found: dict[str, str]) -> None:
    counts = Counter((item.kind, found[item.id]) for item in drawn)
    shown = [verdict for verdict in VERDICTS if any(counts[kind, verdict] for kind in SHARES)]
    print(f"{'advert':<16}" + "".join(f"{verdict.replace('_', ' '):>17}" for verdict in shown))
    for kind in SHARES:
        print(f"{kind:<16}" + "".join(f"{counts[kind, verdict]:>17}" for verdict in shown))
    others = [item for item in drawn if item.kind in EXPECTED]
    agreed = sum(found[item.id] == EXPECTED[item.kind] for item in others)
    print(f"\ncontradicted: {score(drawn, found)}; the others as expected: {agreed}/{len(others)} = {agreed / max(len(others), 1):.3f}")


def score(drawn: Sequence[Drawn], found: dict[str, str]) -> str:
    """Precision and recall of `contradicted`."""
    lies = {item.id for item in drawn if item.kind.startswith("other")}
    said = {item.id for item in drawn if found[item.id] == CONTRADICTED}
    right = len(lies & said)
    return f"precision {right}/{len(said)} = {right / max(len(said), 1):.3f}, recall {right}/{len(lies)} = {right / max(len(lies), 1):.3f}"


def judge_again(folder: Path, drawn: Sequence[Drawn]) -> None:
    """What other thresholds would have given on the same readings."""
    listed = load(folder / "adverts.csv")
    seen = list(by_advert(listed, iter_results(folder / "out" / "photos")))
    with Register(folder / "cars.sqlite") as register:
        for name, sure, far in (("sure 0.5", 0.5, FAR), ("sure 0.99", 0.99, FAR), ("small plates may accuse", SURE, 0.0)):
            judge = Judge(register, sure, Settings(country="ua"), far)
            print(f"{name}: {score(drawn, {item.id: judge(item, photos).verdict for item, photos in seen})}")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    result = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


if __name__ == "__main__":
    main()
