"""What a register and a claim do to reading: python bench/register_reading.py [--cache FILE]

Draws degraded Ukrainian plates (every second one twice as degraded), reads each once, gives each a car in a register of 1,000,000
plates (one of ten stays outside), and reads again with the register: without a claim, with a true claim, with false ones.
A register's plates stand in blocks, as they are issued: around each drawn plate 200 of the next 250 numbers are taken.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import random
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from platelight import Platelight
from platelight.evaluate.machine import commit, processor
from platelight.geometry import Quad
from platelight.records import Detection, Image
from platelight.register import Register
from platelight.register.compare import compare
from platelight.register.posterior import EVIDENCE, Candidate, Joint, Lookup, join
from platelight.register.records import Claim, Registration
from platelight.synth.generate import Options, draw_plate

SIZE = 1_000_000
BLOCK, TAKEN = 250, 0.8
COVERAGE = 0.9
LIES = 5
FIELDS = (1, 2, 4, 4)
"""How many of make, model, year and color a claim names: chosen evenly from these."""
CORNER_NOISE = 0.04
"""Standard deviation of the error of a corner, of the plate's height: about that of the detector on drawn scenes."""

CARS = """
VOLKSWAGEN:GOLF,PASSAT,CADDY,TRANSPORTER,POLO,JETTA,TIGUAN,TOUAREG;ВАЗ:2101,2106,2107,2109,21099,2110,2114,2115,2121;SKODA:OCTAVIA,FABIA,SUPERB;
OPEL:ASTRA,VECTRA,KADETT,OMEGA,VIVARO,ZAFIRA;RENAULT:MEGANE,KANGOO,TRAFIC,LOGAN,DUSTER,SCENIC;FORD:FOCUS,FIESTA,TRANSIT,MONDEO,FUSION,SIERRA;
BMW:X5,320,520,530,525,X3;MERCEDES-BENZ:E 220,SPRINTER 313,C 180,VITO,ML 350;AUDI:A6,A4,100,80,Q7;CHEVROLET:AVEO,LACETTI,CRUZE,CAPTIVA;
DAEWOO:LANOS,NEXIA,MATIZ;ЗАЗ:LANOS,SENS,1102,FORZA;TOYOTA:CAMRY,COROLLA,RAV4,LAND CRUISER,AVENSIS;HYUNDAI:ACCENT,TUCSON,ELANTRA,SANTA FE,SONATA;
KIA:SPORTAGE,CEED,RIO,CERATO,SORENTO;NISSAN:QASHQAI,X-TRAIL,LEAF,JUKE,ALMERA;MAZDA:6,3,CX-5,626;MITSUBISHI:LANCER,OUTLANDER,PAJERO,GALANT;
HONDA:CIVIC,ACCORD,CR-V;ГАЗ:3302,3110,24,2705;PEUGEOT:307,308,PARTNER,206;FIAT:DOBLO,DUCATO;CITROEN:BERLINGO,C4;GEELY:CK,EMGRAND;CHERY:AMULET,TIGGO;
SUZUKI:VITARA,SX4;LEXUS:RX 350;VOLVO:XC90,S60;МОСКВИЧ:412,2140
"""
COLORS = {"СІРИЙ": 27, "ЧОРНИЙ": 18, "БІЛИЙ": 17, "СИНІЙ": 13, "ЧЕРВОНИЙ": 9, "ЗЕЛЕНИЙ": 7, "КОРИЧНЕВИЙ": 3, "БЕЖЕВИЙ": 3, "ЖОВТИЙ": 2, "ФІОЛЕТОВИЙ": 1}
"""Own estimates of how common the cars are: makes and models stand in falling order, a make weighs 1 / (place + 6)."""

SELLERS_COLORS = {
    "СІРИЙ": ("сірий", "серый", "сріблястий", "silver"), "ЧОРНИЙ": ("чорний", "черный", "black"), "БІЛИЙ": ("білий", "белый", "white"),
    "СИНІЙ": ("темно-синій", "синий", "blue"),
}  # fmt: skip
SELLERS_MAKES = {
    "VOLKSWAGEN": ("VW", "Volkswagen"), "ВАЗ": ("Lada", "ВАЗ", "VAZ"), "MERCEDES-BENZ": ("Mercedes", "Мерседес"), "ГАЗ": ("GAZ", "ГАЗ"), "BMW": ("BMW", "БМВ"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """One drawn plate: its true text and what the reader made of it."""

    text: str
    candidates: tuple[Candidate, ...]

    @property
    def right(self) -> bool:
        return bool(self.candidates) and self.candidates[0].text == self.text


class DrawnRegister:
    """A set of plates; the car of each follows from its text, so that a million need not be kept."""

    def __init__(self, plates: set[str]) -> None:
        self.plates = plates
        self.makes = [(make, models.split(",")) for make, models in (entry.split(":") for entry in CARS.replace("\n", "").split(";"))]
        self.weights = [1 / (place + 6) for place in range(len(self.makes))]

    def car(self, rng: random.Random, plate: str) -> Registration:
        make, models = rng.choices(self.makes, self.weights)[0]
        model = models[min(int(rng.expovariate(0.5)), len(models) - 1)]
        return Registration(plate, "2020-01-01", make, model, int(rng.triangular(1985, 2024, 2009)), rng.choices(list(COLORS), list(COLORS.values()))[0])

    def other(self, rng: random.Random, car: Registration) -> Registration:
        """Any car of another model."""
        while (drawn := self.car(rng, car.plate)).model == car.model:
            pass
        return drawn

    def of(self, plate: str) -> Registration:
        return self.car(random.Random(zlib.crc32(plate.encode())), plate)

    def has(self, plates: Iterable[str], /) -> set[str]:
        return {plate for plate in plates if plate in self.plates}

    def lookup_many(self, plates: Iterable[str], /) -> Mapping[str, Sequence[Registration]]:
        return {plate: (self.of(plate),) if plate in self.plates else () for plate in plates}


class GivenCorners:
    """In the detector's place: the labelled corners, off by a little."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.waiting: list[Quad] = []

    def __call__(self, images: Sequence[Image], /) -> list[list[Detection]]:
        return [[Detection(self._off(self.waiting.pop(0)), 0.99)] for _ in images]

    def _off(self, quad: Quad) -> Quad:
        points = np.array(quad.corners) + self.rng.normal(0, CORNER_NOISE * quad.height_px, (4, 2))
        return Quad(tuple((float(x), float(y)) for x, y in points))


def read_plates(count: int, seed: int) -> Iterator[Read]:
    """Draw plates of Ukraine in the faces that training never sees, and read them; every second is degraded twice as much."""
    cv2.setNumThreads(1)
    reader = Platelight(top=10)
    corners = reader.detector = GivenCorners(seed)
    texts: list[str] = []

    def pictures() -> Iterator[Image]:
        for index in range(count):
            picture, label = draw_plate(seed, index, Options(("ua",), free=0.0, strength=1.0 + index % 2, holdout=True))
            texts.append(label.plates[0].text or "")
            corners.waiting.append(label.plates[0].corners)
            yield picture

    for index, photo in enumerate(reader.read_many(pictures())):
        decodings = [plate.decoding for plate in photo.plates]
        found = decodings[0] if decodings else None
        pairs = zip(found.candidates, found.confidences, strict=True) if found else ()
        yield Read(texts[index], tuple(Candidate(item.text, chance, item.country) for item, chance in pairs))


def cached(count: int, seed: int, cache: Path | None) -> list[Read]:
    """The plates as read, from the cache where it holds enough of them."""
    lines = cache.read_text(encoding="utf-8").splitlines() if cache and cache.exists() else []
    if len(lines) >= count:
        rows = [json.loads(line) for line in lines[:count]]
        return [Read(row["text"], tuple(Candidate(*item) for item in row["candidates"])) for row in rows]
    reads = []
    with (cache or Path(os.devnull)).open("w", encoding="utf-8") as file:
        for read in read_plates(count, seed):
            reads.append(read)
            candidates = [[item.text, item.probability, item.country] for item in read.candidates]
            print(json.dumps({"text": read.text, "candidates": candidates}), file=file, flush=True)
    return reads


def draw_register(reads: Sequence[Read], rng: random.Random, taken: float = TAKEN) -> tuple[DrawnRegister, list[bool]]:
    """A register around the plates, and which of them it holds."""
    plates: set[str] = set()
    inside = [rng.random() < COVERAGE for _ in reads]
    for read in reads:
        plates.update(plate for plate in _block(read.text, rng) if rng.random() < taken)
    for read, holds in zip(reads, inside, strict=True):
        (plates.add if holds else plates.discard)(read.text)
    letters = "ABCEHIKMOPTX"
    while len(plates) < SIZE:
        plates.add("".join(rng.choices(letters, k=2)) + f"{rng.randrange(10000):04d}" + "".join(rng.choices(letters, k=2)))
    for read, holds in zip(reads, inside, strict=True):
        if not holds:
            plates.discard(read.text)
    return DrawnRegister(plates), inside


def _block(text: str, rng: random.Random) -> list[str]:
    """The plates issued with this one: the next numbers in its longest run of digits."""
    runs = sorted(re.finditer(r"\d+", text), key=lambda run: len(run.group()))
    if not runs:
        return []
    run, size = runs[-1], 10 ** len(runs[-1].group())
    first = int(run.group()) - rng.randrange(BLOCK)
    return [f"{text[: run.start()]}{number % size:0{len(run.group())}d}{text[run.end() :]}" for number in range(first, first + min(BLOCK, size))]


def honest(car: Registration, rng: random.Random, fields: int) -> Claim:
    """What an honest seller says of the car: other spellings, the year off by one in 10 %, the color misjudged in 5 %, no model in 10 %."""
    make = rng.choice(SELLERS_MAKES.get(car.make or "", (car.make,)))
    model = None if rng.random() < 0.1 else car.model
    year = (car.year or 2000) + rng.choice((-1, 1)) if rng.random() < 0.1 else car.year
    color = rng.choice(list(COLORS)) if rng.random() < 0.05 else rng.choice(SELLERS_COLORS.get(car.color or "", (car.color,)))
    return Claim(make, model if fields > 1 else None, year if fields > 2 else None, color if fields > 3 else None)


def report(reads: Sequence[Read], inside: Sequence[bool], register: Lookup, drawn: DrawnRegister, rng: random.Random) -> None:
    """Count what happens to every plate with each kind of claim, and print it."""
    counts: Counter[tuple[bool, str]] = Counter()
    started, joins = time.process_time(), 0
    for read, holds in zip(reads, inside, strict=True):
        car = drawn.of(read.text)
        without = join(read.candidates, register)
        true = join(read.candidates, register, honest(car, rng, rng.choice(FIELDS)))
        lies = [join(read.candidates, register, honest(drawn.other(rng, car), rng, rng.choice(FIELDS))) for _ in range(LIES)]
        rival = next((item for item in without.candidates if item.text != read.text and item.registrations), None)
        planned = join(read.candidates, register, honest(rival.registrations[0], rng, rng.choice(FIELDS))) if rival else None
        joins += 2 + LIES + bool(planned)
        counts.update((holds, name) for name in _names(read, without, true, lies, planned))
    per_join = 1000 * (time.process_time() - started) / joins
    _exact(counts)
    _lies(counts)
    print(f"\n{per_join:.2f} ms of processor time a plate and claim, everything included")


def _names(read: Read, without: Joint, true: Joint, lies: Sequence[Joint], planned: Joint | None) -> Iterator[str]:
    """What to count of one plate."""
    held, right = without.text == read.text, read.right
    yield "plates"
    yield from ["alone"] * right + ["register"] * held + ["true"] * (true.text == read.text)
    yield from ["corrected"] * (held and not right) + ["spoiled"] * (right and not held)
    yield from ["true corrected"] * (true.text == read.text and not right) + ["true spoiled"] * (right and true.text != read.text)
    for joint in lies:
        wrong = joint.text != read.text
        yield from ["lies", *["false"] * (not wrong), *["astray"] * (wrong and right), *["by the lie"] * (wrong and right and held)]
        yield from ["lost"] * (wrong and held and not right)
    if planned:
        yield from ["rivals", *["rival wins"] * (right and held and planned.text != read.text)]


def _exact(counts: Counter[tuple[bool, str]]) -> None:
    print("\n| plates | number | reader alone | with register | and a true claim | and a false claim | corrected, spoiled | with a true claim |")
    print("|---|---|---|---|---|---|---|---|")
    for name, groups in (("in the register", (True,)), ("not in it", (False,)), ("all", (True, False))):
        of = {key: sum(counts[group, key] for group in groups) for key in {name for _, name in counts}}
        shares = [of.get(key, 0) / of["plates"] for key in ("alone", "register", "true")] + [of.get("false", 0) / of["lies"]]
        changed = [of.get(key, 0) for key in ("corrected", "spoiled", "true corrected", "true spoiled")]
        cells = [name, str(of["plates"]), *(f"{share:.3f}" for share in shares), f"{changed[0]}, {changed[1]}", f"{changed[2]}, {changed[3]}"]
        print("| " + " | ".join(cells) + " |")


def _lies(counts: Counter[tuple[bool, str]]) -> None:
    of = {key: counts[True, key] + counts[False, key] for _, key in list(counts)}
    lies = of["lies"]
    print(f"\n{lies} false claims (the make, make and model, or all four of another car drawn from the register):")
    for key, text in (
        ("by the lie", "a right reading became a wrong one because of the claim"),
        ("astray", "a right reading became a wrong one, with or without the claim's help"),
        ("lost", "a correction by the register was lost because of the claim"),
    ):
        print(f"- {text}: {of.get(key, 0)}, {1000 * of.get(key, 0) / lies:.2f} of 1,000")
    print(
        f"Claims made up to fit the car of the likeliest wrong candidate in the register, where there is one ({of.get('rivals', 0)} of {of['plates']} plates): "
        f"{of.get('rival wins', 0)} right readings became wrong, {1000 * of.get('rival wins', 0) / of['plates']:.1f} of 1,000 plates"
    )


def evidence(drawn: DrawnRegister, rng: random.Random, count: int = 4000) -> None:
    """How much likelier each verdict is for an honest claim about the car than about any car, beside what `posterior` assumes."""
    own: Counter[tuple[str, str]] = Counter()
    others: Counter[tuple[str, str]] = Counter()
    for index in range(count):
        car = drawn.of(f"AA{index:04d}AA")
        claim = honest(car, rng, 4)
        for counter, against in ((own, car), (others, drawn.car(rng, "X"))):
            verdicts = {item.field: item.verdict for item in compare(claim, against).fields}
            counter.update((field, verdict) for field, verdict in verdicts.items() if field != "model" or verdicts["make"] == "match")
    print("\n| field | verdict | own car | any car | ratio | assumed |\n|---|---|---|---|---|---|")
    for field, ratios in EVIDENCE.items():
        for verdict, assumed in ratios.items():
            a, b = (counter[field, verdict] / max(sum(counter[field, other] for other in ratios), 1) for counter in (own, others))
            print(f"| {field} | {verdict} | {a:.3f} | {b:.3f} | {a / b if b else float('inf'):.2f} | {assumed:g} |")


def write_csv(drawn: DrawnRegister, path: Path) -> None:
    """The drawn register as the Ukrainian one is published, the columns that matter."""
    with path.open("w", encoding="utf-8") as file:
        print("D_REG;BRAND;MODEL;MAKE_YEAR;COLOR;N_REG_NEW", file=file)
        for plate in sorted(drawn.plates):
            car = drawn.of(plate)
            print(f"01.01.2020;{car.make};{car.model};{car.year};{car.color};{plate}", file=file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plates", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--cache", type=Path, help="keeps what was read, so that a second run need not draw and read")
    parser.add_argument("--taken", type=float, default=TAKEN, help="share of the numbers of a block that are registered")
    parser.add_argument("--csv", type=Path, help="also write the drawn register, to build a real one from with: platelight register build")
    parser.add_argument("--register", type=Path, help="ask this register, built from that file, instead of the drawn one in memory")
    given = parser.parse_args()
    print(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {processor()}, commit {commit()}")
    reads = cached(given.plates, given.seed, given.cache)
    drawn, inside = draw_register(reads, random.Random(given.seed), given.taken)
    print(f"{len(reads)} plates, {sum(inside)} of them in a register of {len(drawn.plates):,}, {given.taken:.0%} of the numbers of a block registered")
    if given.csv:
        write_csv(drawn, given.csv)
        return
    rng = random.Random(given.seed + 1)
    report(reads, inside, Register(given.register) if given.register else drawn, drawn, rng)
    evidence(drawn, rng)


if __name__ == "__main__":
    main()
