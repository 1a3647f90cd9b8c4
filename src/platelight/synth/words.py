"""Made-up words, names and numbers for lettering that is not a plate."""

from __future__ import annotations

import numpy as np


def _words(text: str) -> list[str]:
    return text.split()


SYLLABLES = _words(
    "ba be bi bo bra ca cha co da de di do dor el en er fa fe fi fo ga gen gra ha hol im in ka ke ki ko kra la le li lo lu ma me mi mo mu na ne ni no nor "
    "o or pa pe pi po pra ra re ri ro ros sa se si so sta ta te ti to tra u ur va ve vi vo wa we wi za ze zo"
)
ENDINGS = _words("burg dorf stadt heim ville ton ham ford pol ow ice ovo sk berg au ach ino ano ia")
TRADES = _words("AUTO TAXI GARAGE MARKET BAKERY CAFE PIZZA HOTEL BANK PHARMACY TYRES SERVICE CLEANING TRANSPORT EXPRESS CARGO BUILD PLUMBING FLOWERS RENTAL")
SLOGANS = (
    "call us",
    "open 24 h",
    "since 1987",
    "we deliver",
    "best price",
    "free parking",
    "for sale",
    "baby on board",
    "no entry",
    "keep distance",
    "exit",
    "sale",
)
MODELS = _words("TDI GTI GLX SPORT TURBO HYBRID 4x4 4WD AWD XL LX SE GT RS CDI DCI HDI V6 V8 ECO PLUS LIMITED CROSS")


def digits(rng: np.random.Generator, count: int) -> str:
    """`count` random digits."""
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def letters(rng: np.random.Generator, count: int) -> str:
    """`count` random capital letters."""
    return "".join(chr(65 + letter) for letter in rng.integers(0, 26, count))


def pick(rng: np.random.Generator, options: tuple[str, ...] | list[str]) -> str:
    """One of the options."""
    return options[int(rng.integers(len(options)))]


def name(rng: np.random.Generator) -> str:
    """A word that could be a name, first letter capital."""
    word = "".join(pick(rng, SYLLABLES) for _ in range(int(rng.integers(2, 4))))
    return word.capitalize()


def place(rng: np.random.Generator) -> str:
    """A place name, sometimes of two words."""
    word = name(rng) + (pick(rng, ENDINGS) if rng.random() < 0.5 else "")
    if rng.random() < 0.15:
        word = pick(rng, ["Bad", "San", "Nova", "Upper", "St.", "Port"]) + " " + word
    return word.upper() if rng.random() < 0.3 else word


def street(rng: np.random.Generator) -> str:
    """A street's name."""
    kind = rng.random()
    if kind < 0.4:
        return name(rng) + pick(rng, ["straße", "weg", "gasse", "platz", "straat", "laan"])
    if kind < 0.7:
        return pick(rng, ["Rue", "Via", "Calle", "Rua", "ul.", "Str."]) + " " + name(rng)
    return name(rng) + " " + pick(rng, ["Street", "Road", "Ave", "Lane", "St", "Blvd"])


def phone(rng: np.random.Generator) -> str:
    """A telephone number in one of the usual groupings."""
    pattern = pick(rng, ["0### ### ###", "0## ### ## ##", "### ### ####", "###-####", "(0##) ###-##-##", "+## ### ### ###", "0####/######", "0800 ######"])
    return "".join(str(int(rng.integers(10))) if symbol == "#" else symbol for symbol in pattern)


def web(rng: np.random.Generator) -> str:
    """A web address."""
    return pick(rng, ["www.", ""]) + name(rng).lower() + pick(rng, ["-auto", "", "24", "express"]) + pick(rng, [".com", ".net", ".org", ".eu", ".info"])


def stamp(rng: np.random.Generator) -> str:
    """A time stamp as recorders write it into the picture."""
    year, month, day = int(rng.integers(2005, 2027)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    hour, minute, second = int(rng.integers(24)), int(rng.integers(60)), int(rng.integers(60))
    date = pick(rng, [f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day:02d}.{month:02d}.{year}", f"{year}/{month:02d}/{day:02d}"])
    clock = f"{hour:02d}:{minute:02d}:{second:02d}" if rng.random() < 0.7 else f"{hour:02d}:{minute:02d}"
    return pick(rng, [f"{date} {clock}", f"{date}  {clock} CAM{int(rng.integers(1, 20)):02d}", clock, date, f"{int(rng.integers(10, 130))} km/h {clock}"])
