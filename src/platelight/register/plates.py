"""Plate texts as registers and people write them, brought to the one form that the reader gives and the register holds."""

from __future__ import annotations

import re
import unicodedata

from platelight.records import ALPHABET

LONGEST = 12
"""Characters of the longest text that is taken for a plate."""

_CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХҮ", "ABESIJKMHOPCTYXY")
_GREEK = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
_LOOK_ALIKES = _CYRILLIC | _GREEK
_SEPARATORS = re.compile(r"""[\s\-‐‑‒–—―−.·•∙,_/\\|'’`"«»\u00ad\u200b-\u200f\u2060\ufeff]+""")
_PLAIN = re.compile(r"[A-Z0-9]{2,12}")
_PLACEHOLDERS = frozenset({"NULL", "NONE", "NAN", "NA", "XXX", "XXXX"})
_NO_LETTER_OR_TWO = re.compile(r"0+|(.)\1*")


def normalize_plate(text: str) -> str:
    """The text in capital Latin letters and digits, Cyrillic and Greek letters as the Latin ones they look like, separators dropped.

    Raises ValueError, saying why, for what cannot be a plate: nothing left, a letter without a Latin look-alike (Б, Д, Ж ...), a
    masked or foreign character, one character only or the same one throughout, a word such as NULL, more than 12 characters.
    """
    if _PLAIN.fullmatch(text) is None:
        text = _spelled(text)
    if text in _PLACEHOLDERS or (text[0] == text[-1] and _NO_LETTER_OR_TWO.fullmatch(text)):
        raise ValueError(f"{text!r} stands for no plate")
    return text


def _spelled(text: str) -> str:
    shown = f"{text[:40]!r}"
    plain = _SEPARATORS.sub("", text).upper().translate(_LOOK_ALIKES)
    if not plain.isascii():  # letters of full width, letters and their dots apart
        plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", plain)).upper().translate(_LOOK_ALIKES)
    if not plain:
        raise ValueError("no plate")
    strange = next((character for character in plain if character not in ALPHABET), None)
    if strange is not None:
        kind = "letter" if strange.isalpha() else "character"
        raise ValueError(f"{shown} holds the {kind} {strange!r}, which no plate that can be read has")
    if not 2 <= len(plain) <= LONGEST:
        raise ValueError(f"{shown} has {len(plain)} character{'' if len(plain) == 1 else 's'}; plates have 2 to {LONGEST}")
    return plain
