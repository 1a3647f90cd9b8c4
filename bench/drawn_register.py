"""A register of vehicles that does not exist, in the form in which Ukraine publishes its own: one CSV file a year.

Makes, models, colors and operations are spelled in the manner of the published files; which car has which plate is chance. A car
keeps its make, model, year and mass over its registrations; some are repainted. The files differ as the published ones do: before 2021
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

_CARS = """
car 1995-2024 VOLKSWAGEN: PASSAT GOLF JETTA TIGUAN TOUAREG POLO SHARAN TOURAN CADDY T5_(TRANSPORTER)
car 1998-2024 SKODA: OCTAVIA FABIA SUPERB RAPID KODIAQ KAROQ ROOMSTER
car 1975-2012 ВАЗ: 2101 2103 2104 2105 2106 2107 2108 2109 21093 21099 2110 2111 2112 2115 2121 1118 2170 2190
car 1988-2012 ЗАЗ: 1102 1103 110307 LANOS SENS VIDA FORZA
car 1997-2010 DAEWOO: LANOS NEXIA MATIZ NUBIRA SENS
car 1998-2024 RENAULT: MEGANE LOGAN DUSTER KANGOO SCENIC CLIO LAGUNA TRAFIC MASTER FLUENCE
car 1990-2024 FORD: FOCUS FIESTA FUSION MONDEO KUGA ESCAPE TRANSIT_CONNECT C-MAX EDGE SCORPIO SIERRA
car 1988-2022 OPEL: ASTRA VECTRA OMEGA ZAFIRA VIVARO COMBO INSIGNIA KADETT CORSA
car 1988-2024 BMW: X5 X3 X6 320I 320D 520I 520D 525D 530D 730D 118I X1
car 1986-2024 AUDI: A4 A6 A3 Q5 Q7 A8 80 100 A6_ALLROAD
car 1986-2024 MERCEDES-BENZ: SPRINTER VITO E_220 E_200 C_180 C_220 GLE_350 GLS_450 S_500 ML_350 A_180
car 1992-2024 TOYOTA: CAMRY COROLLA RAV4 LAND_CRUISER LAND_CRUISER_PRADO AVENSIS AURIS YARIS HIGHLANDER PRIUS
car 2000-2024 HYUNDAI: ACCENT ELANTRA SONATA TUCSON SANTA_FE I30 GETZ IX35
car 2002-2024 KIA: SPORTAGE CEED RIO SORENTO CERATO OPTIMA PICANTO NIRO
car 1994-2023 NISSAN: QASHQAI X-TRAIL ROGUE JUKE NOTE PRIMERA ALMERA TIIDA PATHFINDER
car 1990-2024 MAZDA: 3 6 CX-5 CX-7 CX-9 626 323 MX-5
car 1992-2023 HONDA: CIVIC ACCORD CR-V HR-V JAZZ PILOT
car 1990-2022 MITSUBISHI: LANCER OUTLANDER PAJERO ASX GALANT COLT L200
car 2004-2020 CHEVROLET: AVEO LACETTI CRUZE CAPTIVA EPICA TACUMA
car 2006-2018 GEELY: CK-2 MK EMGRAND_7
car 2004-2015 CHERY: AMULET TIGGO QQ ELARA
car 1998-2023 PEUGEOT: 206 207 307 308 3008 406 407 PARTNER EXPERT
car 1998-2023 CITROEN: BERLINGO C4 C5 JUMPY C3 XSARA
car 1998-2022 FIAT: DOBLO SCUDO TIPO PUNTO
car 2003-2024 LEXUS: RX_350 NX_200 ES_350 GX_460 LX_570
car 1995-2023 VOLVO: XC90 XC60 S60 S80 V50
car 1998-2024 SUBARU: FORESTER OUTBACK LEGACY IMPREZA
car 1999-2023 SUZUKI: VITARA GRAND_VITARA SX4 SWIFT
car 2005-2023 JEEP: GRAND_CHEROKEE COMPASS RENEGADE
car 2000-2023 LAND_ROVER: DISCOVERY RANGE_ROVER FREELANDER
car 1975-1998 МОСКВИЧ: 412 2140 2141
car 1980-2010 УАЗ: 469 31512 3303 3741
electric 2012-2024 NISSAN: LEAF E-NV200
electric 2013-2024 TESLA: MODEL_3 MODEL_S MODEL_X MODEL_Y
electric 2013-2024 RENAULT: ZOE KANGOO_Z.E.
electric 2014-2022 BMW: I3
electric 2016-2024 CHEVROLET: BOLT_EV
electric 2018-2024 HYUNDAI: KONA_ELECTRIC IONIQ_5
electric 2019-2024 AUDI: E-TRON
truck 1998-2023 DAF: XF_105.460 XF_95.430 CF_85
truck 1975-2015 МАЗ: 5336 5551 6422
truck 1975-2005 КРАЗ: 255 256
truck 1975-2015 ГАЗ: 2410 31029 3110 2705 3302 3307 53 66
truck 1996-2022 MERCEDES-BENZ: ACTROS_1844 ATEGO_815 SPRINTER_313_CDI SPRINTER_316_CDI
truck 2000-2022 RENAULT: MASTER PREMIUM_460
motorcycle 1975-1992 ИЖ: ЮПИТЕР-5 ПЛАНЕТА-5
motorcycle 1975-1990 ЯВА: 350
motorcycle 1975-1995 ДНЕПР: МТ-10 МТ-11
motorcycle 2000-2023 HONDA: CBR_600 CB_500 DIO
trailer 1990-2024 КРД: 050100 050122
trailer 1990-2024 SCHMITZ: SKO_24 S01
"""  # of each model, trims and engines are made up below
_TRIMS = ("", "", "", "", " 1.6", " 2.0", " CLASSIC", " COMFORT", " VARIANT", " COMBI", " PLUS", " 4X4", " SPORT", " LUX")
_DIESEL_TRIMS = (" 1.9 TDI", " 2.0 TDI", " 3.0D", " 1.5 DCI")
_BODIES = {
    "car": (("ЛЕГКОВИЙ", "СЕДАН"), ("ЛЕГКОВИЙ", "УНІВЕРСАЛ"), ("ЛЕГКОВИЙ", "ХЕТЧБЕК"), ("ЛЕГКОВИЙ", "КУПЕ"), ("ЛЕГКОВИЙ", "ПАСАЖИРСЬКИЙ")),
    "electric": (("ЛЕГКОВИЙ", "ХЕТЧБЕК"), ("ЛЕГКОВИЙ", "СЕДАН")),
    "truck": (("ВАНТАЖНИЙ", "ФУРГОН"), ("ВАНТАЖНИЙ", "БОРТОВИЙ"), ("ВАНТАЖНИЙ", "САМОСКИД"), ("ВАНТАЖНИЙ", "СІДЛОВИЙ ТЯГАЧ"), ("АВТОБУС", "ПАСАЖИРСЬКИЙ")),
    "motorcycle": (("МОТОЦИКЛ", "МОТОЦИКЛ"), ("МОПЕД", "МОПЕД")),
    "trailer": (("ПРИЧІП", "БОРТОВИЙ"), ("НАПІВПРИЧІП", "БОРТОВИЙ-ТЕНТОВАНИЙ")),
}
_OWN_KG = {"car": (800, 2600), "electric": (1300, 2500), "truck": (1800, 9000), "motorcycle": (90, 350), "trailer": (150, 7000)}
_ENGINES_CM3 = (998, 1197, 1299, 1390, 1461, 1499, 1568, 1598, 1798, 1896, 1968, 1995, 2143, 2993)
COLORS = (
    ("СІРИЙ", 22), ("ЧОРНИЙ", 17), ("БІЛИЙ", 20), ("СИНІЙ", 13), ("ЧЕРВОНИЙ", 11), ("ЗЕЛЕНИЙ", 7), ("БЕЖЕВИЙ", 4), ("КОРИЧНЕВИЙ", 3), ("ЖОВТИЙ", 2),
    ("ОРАНЖЕВИЙ", 1.5), ("ФІОЛЕТОВИЙ", 0.7), ("НЕВИЗНАЧЕНИЙ", 0.3),
)  # fmt: skip
_OPERATIONS = """
0.10 99 ПЕРВИННА РЕЄСТРАЦІЯ НОВОГО ТЗ ПРИДБАНОГО В ТОРГ. ОРГ., ЯКИЙ ВВЕЗЕНО З-ЗА КОРДОНУ
0.12 100 ПЕРВИННА РЕЄСТРАЦІЯ Б/В ТЗ ПРИДБАНОГО В ТОРГ. ОРГ. (ВВ. З-ЗА КОРДОНУ ФО)
0.34 315 ПЕРЕРЕЄСТРАЦІЯ ТЗ НА НОВ. ВЛАСН. ПО ДОГОВОРУ УКЛАДЕНОМУ В ТСЦ
0.12 308 ПЕРЕРЕЄСТРАЦІЯ НА НОВОГО ВЛАСНИКА ЗА ДОГ. КУПІВЛІ-ПРОДАЖУ (СГ)
0.05 440 ПЕРЕРЕЄСТРАЦІЯ ПРИ ВТРАТІ СВІДОЦТВА ПРО РЕЄСТРАЦІЮ
0.05 410 ПЕРЕРЕЄСТРАЦІЯ ПРИ ЗАМІНІ НОМЕРНОГО ЗНАКУ
0.05 70 РЕЄСТРАЦІЯ ТЗ ПРИВЕЗЕНОГО З-ЗА КОРДОНУ
0.07 530 ЗНЯТТЯ З ОБЛІКУ ДЛЯ РЕАЛІЗАЦІЇ
0.05 560 ЗНЯТТЯ З ОБЛІКУ У ЗВ`ЯЗКУ З ВИБРАКУВАННЯМ
0.05 430 ПЕРЕРЕЄСТРАЦІЯ ПРИ ЗМІНІ КОЛЬОРУ
"""
REGIONS = "AA AB AC AE AH AI AM AO AP AT AX BA BB BC BE BH BI BK BM BO BT BX CA CB CE KA HH HI IA".split()
LETTERS = "ABCEHIKMOPTX"
_TO_CYRILLIC = str.maketrans("ABCEHIKMOPTX", "АВСЕНІКМОРТХ")


@dataclass(frozen=True)
class Kind:
    """A model as it is registered: make, model, the years it was made in, and what the columns after the color say."""

    make: str
    model: str
    first: int
    last: int
    rest: str


def kinds(rng: np.random.Generator) -> list[Kind]:
    """All that may be registered, some thousands."""
    made = []
    for line in _CARS.strip().splitlines():
        head, _, models = line.partition(": ")
        sort, years, make = head.split(" ", 2)
        first, last = map(int, years.split("-"))
        for model in models.split():
            trims = dict.fromkeys((*_TRIMS, *_DIESEL_TRIMS) if sort == "car" else [""])
            for trim in trims:
                diesel = trim in _DIESEL_TRIMS or sort == "truck"
                for _ in range(int(rng.integers(2, 8))):
                    made.append(Kind(make.replace("_", " "), model.replace("_", " ") + trim, first, last, _rest(rng, sort, diesel)))
    return made


def _rest(rng: np.random.Generator, sort: str, diesel: bool) -> str:
    kind, body = _BODIES[sort][int(rng.integers(len(_BODIES[sort])))]
    fuel, capacity = "ДИЗЕЛЬНЕ ПАЛИВО", str(int(rng.choice(_ENGINES_CM3)))
    if sort in ("electric", "trailer"):
        fuel, capacity = "ЕЛЕКТРО" if sort == "electric" else "NULL", "NULL"
    elif not diesel:
        fuel = ("БЕНЗИН", "БЕНЗИН АБО ГАЗ", "ГАЗ", "БЕНЗИН, ГАЗ ТА ЕЛЕКТРО")[int(rng.choice(4, p=(0.74, 0.22, 0.02, 0.02)))]
    own = int(rng.integers(*_OWN_KG[sort]))
    purpose = "СПЕЦІАЛІЗОВАНИЙ" if rng.random() < 0.03 else "ЗАГАЛЬНИЙ"
    return f"{kind};{body};{purpose};{fuel};{capacity};{own};{own + int(rng.integers(150, 900))}"


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
    popular = 1 / np.arange(1, len(models) + 1) ** 0.7  # a few models are half of all cars
    car = rng.permutation(len(models))[rng.choice(len(models), size=plates, p=popular / popular.sum())].astype(np.int32)
    first, last = (np.array([getattr(model, name) for model in models], np.int16)[car] for name in ("first", "last"))
    made = np.clip(2024 - rng.gamma(2.2, 6.0, plates), first, last).astype(np.int16)
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
    """Quoted and in small letters at first; with the VIN since 2021."""
    if year < 2018:
        return ";".join(f'"{name.lower()}"' for name in COLUMNS if name != "VIN")
    return ";".join(COLUMNS if year >= 2021 else [name for name in COLUMNS if name != "VIN"])


def _lines(
    rng: np.random.Generator, year: int, count: int, models: list[Kind], car: np.ndarray, made: np.ndarray, color: np.ndarray, bad: float
) -> Iterator[str]:
    operations = [line.split(" ", 2) for line in _OPERATIONS.strip().splitlines()]
    which = rng.choice(np.flatnonzero(made <= year), size=count)
    days = np.datetime64(f"{year}-01-01") + rng.integers(365, size=count)
    operation = rng.choice(len(operations), size=count, p=[float(share) for share, _, _ in operations])
    person, repainted, cyrillic = rng.random(count) < 0.9, rng.random(count) < 0.02, rng.random(count) < (0.9 if year < 2021 else 0.3)
    wrong, place, new_color = rng.random(count) < bad, rng.integers(1000, size=count), rng.integers(len(COLORS), size=count)
    for index, number in enumerate(which):
        kind = models[car[number]]
        _, code, name = operations[operation[index]]
        text = plate(int(number))
        if cyrillic[index]:
            text = text.translate(_TO_CYRILLIC)
        if wrong[index]:
            text = ("", "NULL", "Б/Н", "12345ЛЖ")[number % 4]
        iso = str(days[index])
        date = iso if year < 2021 else f"{iso[8:]}.{iso[5:7]}.{iso[:4] if year < 2023 else iso[2:4]}"
        brand = f"{kind.make}  {kind.model}" if year < 2021 else kind.make
        vin = f"WVWZZZ{number:011};" if year >= 2021 else ""
        shown = COLORS[new_color[index] if repainted[index] else color[number]][0]
        office = 1000 + place[index] % 160
        yield (
            f"{'P' if person[index] else 'J'};{8_000_000_000 + place[index] * 100};{code};{code} - {name};{date};{office};ТСЦ {office};"
            f"{brand};{kind.model};{vin}{made[number]};{shown};{kind.rest};{text}\r\n"
        )
