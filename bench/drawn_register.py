"""A register of vehicles that does not exist, in the form in which Ukraine publishes its own: one CSV file a year.

Makes, models, colors and operations are spelled as in the published files; which car has which plate is chance. A car keeps
its make, model, year and mass over its registrations; some are repainted. The files differ as the published ones do: before 2021
there is no VIN, the make repeats the model and dates are YYYY-MM-DD; then DD.MM.YYYY; since 2023 DD.MM.YY.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

YEARS = tuple(range(2015, 2026))
COLUMNS = (
    "PERSON", "REG_ADDR_KOATUU", "OPER_CODE", "OPER_NAME", "D_REG", "DEP_CODE", "DEP", "BRAND", "MODEL", "VIN", "MAKE_YEAR", "COLOR", "KIND", "BODY",
    "PURPOSE", "FUEL", "CAPACITY", "OWN_WEIGHT", "TOTAL_WEIGHT", "N_REG_NEW",
)  # fmt: skip

CARS = {
    "VOLKSWAGEN": "PASSAT GOLF JETTA TIGUAN TOUAREG POLO SHARAN TOURAN CADDY TRANSPORTER", "SKODA": "OCTAVIA FABIA SUPERB RAPID KODIAQ KAROQ ROOMSTER",
    "ВАЗ": "2101 2103 2104 2105 2106 2107 2108 2109 21093 21099 2110 2111 2112 2115 2121 1118 2170 2190", "ЗАЗ": "1102 1103 110307 LANOS SENS VIDA FORZA",
    "DAEWOO": "LANOS NEXIA MATIZ NUBIRA SENS", "RENAULT": "MEGANE LOGAN DUSTER KANGOO SCENIC CLIO LAGUNA TRAFIC MASTER FLUENCE ZOE",
    "FORD": "FOCUS FIESTA FUSION MONDEO KUGA ESCAPE TRANSIT CONNECT C-MAX EDGE SCORPIO SIERRA", "OPEL": "ASTRA VECTRA OMEGA ZAFIRA VIVARO COMBO INSIGNIA KADETT CORSA",
    "BMW": "X5 X3 X6 320I 320D 520I 520D 525D 530D 730D 118I I3 X1", "AUDI": "A4 A6 A3 Q5 Q7 A8 80 100 E-TRON ALLROAD",
    "MERCEDES-BENZ": "SPRINTER VITO E220 E200 C180 C220 GLE GLS S500 ML350 ACTROS ATEGO A180", "TOYOTA": "CAMRY COROLLA RAV4 LAND_CRUISER PRADO AVENSIS AURIS YARIS HIGHLANDER PRIUS",
    "HYUNDAI": "ACCENT ELANTRA SONATA TUCSON SANTA_FE I30 GETZ IX35 KONA IONIQ", "KIA": "SPORTAGE CEED RIO SORENTO CERATO OPTIMA PICANTO NIRO",
    "NISSAN": "LEAF QASHQAI X-TRAIL ROGUE JUKE NOTE PRIMERA ALMERA TIIDA PATHFINDER", "MAZDA": "3 6 CX-5 CX-7 CX-9 626 323 MX-5", "HONDA": "CIVIC ACCORD CR-V HR-V JAZZ PILOT",
    "MITSUBISHI": "LANCER OUTLANDER PAJERO ASX GALANT COLT L200", "CHEVROLET": "AVEO LACETTI CRUZE VOLT BOLT CAPTIVA EPICA TACUMA", "GEELY": "CK MK EMGRAND",
    "ГАЗ": "2410 31029 3110 2705 3302 3307 53 66", "TESLA": "MODEL_3 MODEL_S MODEL_X MODEL_Y", "PEUGEOT": "206 207 307 308 3008 406 407 PARTNER BOXER EXPERT",
    "CITROEN": "BERLINGO C4 C5 JUMPER JUMPY C3 XSARA", "FIAT": "DOBLO DUCATO SCUDO TIPO PUNTO 500E", "LEXUS": "RX350 NX200 ES350 GX460 LX570", "УАЗ": "469 31512 3303 3741",
    "VOLVO": "XC90 XC60 S60 S80 V50 FH", "SUBARU": "FORESTER OUTBACK LEGACY IMPREZA", "SUZUKI": "VITARA GRAND_VITARA SX4 SWIFT", "CHERY": "AMULET TIGGO QQ ELARA", "JEEP": "CHEROKEE COMPASS RENEGADE",
    "МОСКВИЧ": "412 2140 2141", "DAF": "XF_105.460 XF_95.430 CF", "МАЗ": "5336 5551 6422", "КРАЗ": "255 256", "ИЖ": "ЮПИТЕР 2125 2717", "ЯВА": "350", "ДНЕПР": "МТ-10 К-750", "LAND_ROVER": "DISCOVERY RANGE_ROVER FREELANDER",
}  # fmt: skip
TRIMS = (
    "",
    "",
    "",
    " 1.6",
    " 2.0",
    " 1.9 TDI",
    " 2.0 TDI",
    " CLASSIC",
    " COMFORT",
    " 3.0D",
    " HYBRID",
    " VARIANT",
    " COMBI",
    " PLUS",
    " 4X4",
    " SPORT",
    " LUX",
)
COLORS = (
    ("СІРИЙ", 22), ("ЧОРНИЙ", 17), ("БІЛИЙ", 20), ("СИНІЙ", 13), ("ЧЕРВОНИЙ", 11), ("ЗЕЛЕНИЙ", 7), ("БЕЖЕВИЙ", 4), ("КОРИЧНЕВИЙ", 3), ("ЖОВТИЙ", 2),
    ("ОРАНЖЕВИЙ", 1.5), ("ФІОЛЕТОВИЙ", 0.7), ("НЕВИЗНАЧЕНИЙ", 0.3),
)  # fmt: skip
BODIES = (
    ("ЛЕГКОВИЙ", "СЕДАН"), ("ЛЕГКОВИЙ", "УНІВЕРСАЛ"), ("ЛЕГКОВИЙ", "ХЕТЧБЕК"), ("ЛЕГКОВИЙ", "ЗАГАЛЬНИЙ"), ("ЛЕГКОВИЙ", "КУПЕ"), ("ВАНТАЖНИЙ", "ФУРГОН"),
    ("ВАНТАЖНИЙ", "БОРТОВИЙ"), ("ВАНТАЖНИЙ", "САМОСКИД"), ("АВТОБУС", "ПАСАЖИРСЬКИЙ"), ("МОТОЦИКЛ", "МОТОЦИКЛ"), ("ПРИЧІП", "ПРИЧІП"),
)  # fmt: skip
FUELS = ("БЕНЗИН", "ДИЗЕЛЬНЕ ПАЛИВО", "БЕНЗИН АБО ГАЗ", "ЕЛЕКТРО", "ГАЗ", "БЕНЗИН, ГАЗ ТА ЕЛЕКТРО", "NULL")
OPERATIONS = (
    (100, "ПЕРВИННА РЕЄСТРАЦІЯ Б/В ТЗ ПРИДБАНОГО В ТОРГ. ОРГ. (ВВ. З-ЗА КОРДОНУ ФО)"), (99, "ПЕРВИННА РЕЄСТРАЦІЯ НОВОГО ТЗ ПРИДБАНОГО В ТОРГ. ОРГ., ЯКИЙ ВВЕЗЕНО З-ЗА КОРДОНУ"),
    (315, "ПЕРЕРЕЄСТРАЦІЯ ТЗ НА НОВ. ВЛАСН. ПО ДОГОВОРУ УКЛАДЕНОМУ В ТСЦ"), (308, "ПЕРЕРЕЄСТРАЦІЯ НА НОВОГО ВЛАСНИКА ЗА ДОГ. КУПІВЛІ-ПРОДАЖУ (СГ)"),
    (440, "ПЕРЕРЕЄСТРАЦІЯ ПРИ ВТРАТІ СВІДОЦТВА ПРО РЕЄСТРАЦІЮ"), (410, "ПЕРЕРЕЄСТРАЦІЯ ПРИ ЗАМІНІ НОМЕРНОГО ЗНАКУ"), (70, "РЕЄСТРАЦІЯ ТЗ ПРИВЕЗЕНОГО З-ЗА КОРДОНУ"),
    (530, "ЗНЯТТЯ З ОБЛІКУ ДЛЯ РЕАЛІЗАЦІЇ"), (560, "ЗНЯТТЯ З ОБЛІКУ У ЗВ`ЯЗКУ З ВИБРАКУВАННЯМ"), (430, "ПЕРЕРЕЄСТРАЦІЯ ПРИ ЗМІНІ КОЛЬОРУ"),
)  # fmt: skip
REGIONS = "AA AB AC AE AH AI AM AO AP AT AX BA BB BC BE BH BI BK BM BO BT BX CA CB CE KA HH HI IA".split()
LETTERS = "ABCEHIKMOPTX"
_TO_CYRILLIC = str.maketrans("ABCEHIKMOPTX", "АВСЕНІКМОРТХ")


@dataclass(frozen=True)
class Kind:
    """A model as it is registered: brand, model, and what the columns after the color say."""

    brand: str
    model: str
    rest: str


def kinds(rng: np.random.Generator) -> list[Kind]:
    """All that may be registered, some thousands, each make's first models the most common."""
    made = []
    for brand, models in CARS.items():
        for model in models.split():
            for trim in dict.fromkeys(TRIMS):
                kind, body = BODIES[int(rng.integers(5)) if rng.random() < 0.85 else int(rng.integers(len(BODIES)))]
                for _ in range(int(rng.integers(2, 8))):
                    electric = brand == "TESLA" or model in ("LEAF", "ZOE", "I3", "E-TRON", "BOLT", "KONA")
                    fuel = "ЕЛЕКТРО" if electric else FUELS[int(rng.choice(len(FUELS), p=(0.5, 0.3, 0.13, 0.01, 0.01, 0.01, 0.04)))]
                    capacity = "NULL" if electric else str(int(rng.choice((998, 1197, 1299, 1390, 1461, 1499, 1568, 1598, 1798, 1896, 1968, 1995, 2143, 2993))))
                    own = int(rng.integers(700, 2600))
                    purpose = "СПЕЦІАЛІЗОВАНИЙ" if rng.random() < 0.03 else "ЗАГАЛЬНИЙ"
                    rest = ";".join((kind, body, purpose, fuel, capacity, str(own), str(own + int(rng.integers(300, 900)))))
                    made.append(Kind(brand.replace("_", " "), model.replace("_", " ") + trim, rest))
    return made


def plate(number: int) -> str:
    """The plate of that number, of about 120,000,000; each number another."""
    number = number * 48_271 % 120_268_789  # so that neighbours do not look alike; the modulus is prime
    number, digits = divmod(number, 9999)
    number, last = divmod(number, 12)
    region, before = divmod(number, 12)
    return f"{REGIONS[region % len(REGIONS)]}{digits + 1:04}{LETTERS[before]}{LETTERS[last]}"


def draw(folder: Path, rows: int, encoding: str = "utf-8", seed: int = 1, plates: int | None = None, bad: float = 0.0005) -> list[Path]:
    """Write about `rows` registrations of `plates` plates (two fifths of `rows` unless given) into one file a year.

    `bad`: the share of rows that cannot be used, as published files have them.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    models = kinds(rng)
    plates = plates or max(1, rows * 2 // 5)
    popular = 1 / np.arange(1, len(models) + 1) ** 0.7
    order = rng.permutation(len(models))
    car = order[rng.choice(len(models), size=plates, p=popular / popular.sum())].astype(np.int32)
    made = np.clip(2024 - rng.gamma(2.2, 6.0, plates).astype(int), 1960, 2024).astype(np.int16)
    shares = np.array([share for _, share in COLORS])
    color = rng.choice(len(COLORS), size=plates, p=shares / shares.sum()).astype(np.int8)
    paths = []
    for year in YEARS:
        path = folder / f"tz_opendata_z0101{year}_po3112{year}.csv"
        share = rows // len(YEARS) + (rows % len(YEARS) if year == YEARS[-1] else 0)
        with path.open("w", encoding=encoding, newline="") as file:
            file.write(header(year) + "\r\n")
            for start in range(0, share, 50_000):
                file.writelines(_lines(rng, year, min(50_000, share - start), models, car, made, color, bad))
        paths.append(path)
    return paths


def header(year: int) -> str:
    """Quoted and in small letters at first; VIN since 2021; the last years in another order."""
    if year < 2018:
        return ";".join(f'"{name.lower()}"' for name in COLUMNS if name != "VIN")
    return ";".join(COLUMNS if year >= 2021 else [name for name in COLUMNS if name != "VIN"])


def _lines(
    rng: np.random.Generator, year: int, count: int, models: list[Kind], car: np.ndarray, made: np.ndarray, color: np.ndarray, bad: float
) -> Iterator[str]:
    which = rng.integers(len(car), size=count)
    days = np.datetime64(f"{year}-01-01") + rng.integers(365, size=count)
    operation, person = rng.choice(len(OPERATIONS), size=count, p=(0.12, 0.1, 0.34, 0.12, 0.05, 0.05, 0.05, 0.07, 0.05, 0.05)), rng.random(count) < 0.9
    repainted, cyrillic, worse = rng.random(count) < 0.02, rng.random(count) < (0.9 if year < 2021 else 0.3), rng.random(count)
    place, new_color = rng.integers(1000, size=count), rng.integers(len(COLORS), size=count)
    for index in range(count):
        number = int(which[index])
        kind = models[car[number]]
        code, name = OPERATIONS[operation[index]]
        text = plate(number)
        if cyrillic[index]:
            text = text.translate(_TO_CYRILLIC)
        iso = str(days[index])
        date = iso if year < 2021 else f"{iso[8:]}.{iso[5:7]}.{iso[:4] if year < 2023 else iso[2:4]}"
        brand = f"{kind.brand}  {kind.model}" if year < 2021 else kind.brand
        vin = f"WVWZZZ{number:011};" if year >= 2021 else ""
        shown = COLORS[new_color[index] if repainted[index] else color[number]][0]
        town = place[index]
        if worse[index] < bad:
            text = ("", "NULL", "Б/Н", "12345ЛЖ")[number % 4]
        yield (
            f"{'P' if person[index] else 'J'};{8_000_000_000 + town * 100};{code};{code} - {name};{date};{1000 + town % 160};ТСЦ {1000 + town % 160};"
            f"{brand};{kind.model};{vin}{made[number]};{shown};{kind.rest};{text}\r\n"
        )
