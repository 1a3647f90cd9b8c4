"""Plate texts as registers and people write them, brought to the one form that the reader gives and the register holds."""

from __future__ import annotations

import re
import unicodedata

from platelight.records import ALPHABET

LONGEST = 12
"""Characters of the longest text that is taken for a plate."""

_CYRILLIC = ("АВЕЅІЈКМНОРСТУХҮ", "ABESIJKMHOPCTYXY")
_GREEK = ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX")
_SEPARATORS = " \t\n\r\v\f\u00a0\u2007\u2009\u202f-‐‑‒–—―−.·•∙,_/\\|'’`\"«»\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_TABLE = (
    {ord(small): large for large in ALPHABET for small in (large.lower(), large)}
    | {ord(mark): None for mark in _SEPARATORS}
    | {ord(form): latin for script, looks in (_CYRILLIC, _GREEK) for letter, latin in zip(script, looks, strict=True) for form in (letter, letter.lower())}
)
_PLAIN = re.compile(r"[A-Z0-9]{2,12}")
_PLACEHOLDERS = frozenset({"NULL", "NONE", "NAN", "NA"})


def normalize_plate(text: str) -> str:
    """The text in capital Latin letters and digits, Cyrillic and Greek letters as the Latin ones they look like, separators dropped.

    Raises ValueError, saying why, for what cannot be a plate: nothing left, a letter without a Latin look-alike (Б, Д, Ж ...), a
    masked or foreign character, zeros or the letter X only, a word such as NULL, fewer than 2 or more than 12 characters.
    """
    if _PLAIN.fullmatch(text) is None:
        plain = text.translate(_TABLE)
        text = plain if _PLAIN.fullmatch(plain) else _spelled(text)
    if (text[0] in "0X" and not text.strip(text[0])) or text in _PLACEHOLDERS:
        raise ValueError(f"{text!r} stands for no plate")
    return text


def _spelled(text: str) -> str:
    """The rare spellings: letters of full width, dots apart from their letters."""
    plain = unicodedata.normalize("NFKC", text).translate(_TABLE)
    shown = f"{text[:40]!r}"
    if not plain:
        raise ValueError("no plate")
    strange = next((character for character in plain if character not in ALPHABET), None)
    if strange is not None:
        kind = "letter" if strange.isalpha() else "character"
        raise ValueError(f"{shown} holds the {kind} {strange!r}, which no plate that can be read has")
    if not 2 <= len(plain) <= LONGEST:
        raise ValueError(f"{shown} has {len(plain)} character{'' if len(plain) == 1 else 's'}; plates have 2 to {LONGEST}")
    return plain
