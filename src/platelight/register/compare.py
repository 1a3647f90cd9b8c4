"""A claim about a car against what the register holds: make, model, year and color, each with a verdict and its reason.

`mismatch` is an accusation, so it is given only where both sides are understood and cannot mean one car. Whatever the tables
do not know, and whatever people often mix up, is `unknown` with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from platelight.register import colors, names
from platelight.register.names import Name
from platelight.register.records import Claim, Comparison, Field, FieldVerdict, Registration, Verdict

YEAR_TOLERANCE = 1
"""Years by which a claim may be off: sellers give the model year or that of the first registration, both up to a year later."""

YEARS = range(1886, 2101)
"""Years that a car can be from; anything else is no year."""


def compare(claim: Claim, registration: Registration, year_tolerance: int = YEAR_TOLERANCE) -> Comparison:
    """The claim against one registration, field by field; never raises on any text."""
    ours, theirs = _names(claim, registration)
    make = _make(claim, registration, ours, theirs)
    model = _model(claim, registration, ours, theirs, make.verdict)
    return Comparison(registration, (make, model, _year(claim.year, registration.year, year_tolerance), _color(claim.color, registration.color)))


def compare_all(claim: Claim, registrations: Sequence[Registration], year_tolerance: int = YEAR_TOLERANCE) -> Comparison | None:
    """The claim against all registrations of one plate, newest first; None if there are none.

    The newest decides. Where it contradicts but the claim fits an older one, the plate may have been on another car when the
    photo was taken: what contradicted becomes unknown, with that reason.
    """
    if not registrations:
        return None
    newest = compare(claim, registrations[0], year_tolerance)
    if newest.verdict != "mismatch":
        return newest
    for older in registrations[1:]:
        if compare(claim, older, year_tolerance).verdict == "match":
            return replace(newest, fields=tuple(_softened(item, older) for item in newest.fields))
    return newest


def _softened(item: FieldVerdict, older: Registration) -> FieldVerdict:
    if item.verdict != "mismatch":
        return item
    when = f" of {older.date}" if older.date else ""
    reason = f"{item.reason[:-1]}, but the claim fits an older registration{when} of the same plate."
    return replace(item, verdict="unknown", reason=reason)


def _names(claim: Claim, registration: Registration) -> tuple[Name, Name]:
    """Both cars' names; where only one names its make, the other's model is looked for among the models of that make."""
    said, held = (claim.make or "", claim.model or ""), (registration.make or "", registration.model or "")
    ours, theirs = names.parse(*said), names.parse(*held)
    if ours.make is None and theirs.make is not None:
        ours = names.parse(*said, theirs.make)
    elif theirs.make is None and ours.make is not None:
        theirs = names.parse(*held, ours.make)
    return ours, theirs


def _make(claim: Claim, registration: Registration, ours: Name, theirs: Name) -> FieldVerdict:
    claimed = _clean(claim.make) or (_shown(ours.make) if ours.make else None)
    registered = _clean(registration.make) or (_shown(theirs.make) if theirs.make else None)

    def say(verdict: Verdict, reason: str) -> FieldVerdict:
        return FieldVerdict("make", claimed, registered, verdict, reason)

    if missing := _missing("make", claimed, registered):
        return say("unknown", missing)
    if _same_text(claim.make, registration.make):
        return say("match", f"Both say {_quoted(claimed)}.")
    if ours.make is None or theirs.make is None:
        if _one_name(_sounds(claimed), _sounds(registered)):
            return say("match", f"{_quoted(claimed)} and {_quoted(registered)} are one name.")
        if known := _model_of(claimed, theirs.make) or _model_of(registered, ours.make):
            return say("match", known)
        strange = claimed if ours.make is None else registered
        return say(
            "unknown", f"{_quoted(strange)} is not in the table of makes, so it cannot be told from {_quoted(registered if strange == claimed else claimed)}."
        )
    if ours.make == theirs.make:
        return say("match", f"Both are {_shown(ours.make)}{_typing(ours.make_typo or theirs.make_typo)}.")
    if why := names.tables().makers.get(frozenset((ours.make, theirs.make))):
        return say("unknown", f"{_shown(ours.make)} and {_shown(theirs.make)} may be one car: {why}.")
    if why := names.tables().shared(ours.make, ours.model, theirs.make, theirs.model):
        return say("unknown", f"{_shown(ours.make)} and {_shown(theirs.make)} may be one car: {why}.")
    if ours.make_typo or theirs.make_typo:
        return say("unknown", f"{_quoted(claimed)} and {_quoted(registered)} seem to be different makes, but one of them is misspelled.")
    return say("mismatch", f"{_shown(ours.make)} is claimed; the register holds {_shown(theirs.make)}.")


def _model_of(text: str | None, make: str | None) -> str | None:
    """That a text given as a make is a model of the other side's make, or None."""
    model = names.parse(text or "", "", make).model if make else None
    return f"{_quoted(text)} is a model of {_shown(make)}." if model and make else None


def _model(claim: Claim, registration: Registration, ours: Name, theirs: Name, makes: Verdict) -> FieldVerdict:
    claimed = _clean(claim.model) or _left_over(claim.make, ours)
    registered = _clean(registration.model) or _left_over(registration.make, theirs)

    def say(verdict: Verdict, reason: str) -> FieldVerdict:
        return FieldVerdict("model", claimed, registered, verdict, reason)

    if missing := _missing("model", claimed, registered):
        return say("unknown", missing)
    if makes == "mismatch" and ours.make and theirs.make:
        if ours.model_key == theirs.model_key:
            return say("unknown", "The model has the same name, but the makes differ.")
        return say("mismatch", f"{_quoted(claimed)} is claimed of {_shown(ours.make)}; the register holds {_quoted(registered)} of {_shown(theirs.make)}.")
    if _same_text(claim.model, registration.model) or ours.model_key == theirs.model_key != "":
        return say("match", f"Both say {_quoted(claimed)}.")
    return say(*_models(claimed or "", registered or "", ours, theirs))


def _models(claimed: str, registered: str, ours: Name, theirs: Name) -> tuple[Verdict, str]:
    """Two models of one make, or of makes that may be one or are not known."""
    if ours.model is None or theirs.model is None:
        return _unlisted(claimed, registered, ours, theirs)
    typing = _typing(ours.model_typo or theirs.model_typo)
    if names.key(ours.model) == names.key(theirs.model):
        return "match", f"{_quoted(claimed)} and {_quoted(registered)} are both the {ours.model}{typing}."
    if ours.make and theirs.make and (why := names.tables().shared(ours.make, ours.model, theirs.make, theirs.model)):
        return "unknown", f"{ours.model} and {theirs.model} may be one car: {why}."
    if _part(ours.model, theirs.model):
        return "unknown", f"{ours.model} and {theirs.model} are different models, but adverts often shorten the one to the other."
    if typing:
        return "unknown", f"{_quoted(claimed)} and {_quoted(registered)} seem to be different models, but one of them is misspelled."
    if ours.make != theirs.make:
        return "unknown", f"{ours.model} and {theirs.model} are names of different makes that may be one car."
    return "mismatch", f"{ours.model} is claimed; the register holds {theirs.model}."


def _unlisted(claimed: str, registered: str, ours: Name, theirs: Name) -> tuple[Verdict, str]:
    """Two models of which the tables know one at most: the same by their text, or not known."""
    if _one_name(ours.model_words, theirs.model_words):
        return "match", f"{_quoted(claimed)} and {_quoted(registered)} are one name, one of them with more detail."
    if names.mistyped(ours.model_key, theirs.model_key):
        return "match", f"{_quoted(claimed)} and {_quoted(registered)} differ by a typing error only."
    return "unknown", _strange("model", claimed, registered, ours.model is None)


def _one_name(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether one text begins with all the words of the other, two characters at least."""
    shorter, longer = sorted((a, b), key=len)
    return len("".join(shorter)) >= 2 and longer[: len(shorter)] == shorter


def _sounds(text: str | None) -> tuple[str, ...]:
    return tuple(word.sound for word in names.words(text or ""))


def _part(a: str, b: str) -> bool:
    """Whether one model's name begins with the other's words (Golf, Golf Plus) or holds them (Vitara, Grand Vitara)."""
    shorter, longer = sorted((_sounds(a), _sounds(b)), key=len)
    if len(shorter) == len(longer):
        return False
    letters = sum(character.isalpha() for character in "".join(shorter))
    return longer[: len(shorter)] == shorter or (letters >= 4 and longer[-len(shorter) :] == shorter)


def _year(claimed: int | None, registered: int | None, tolerance: int) -> FieldVerdict:
    said, held = (None if year is None else str(year) for year in (claimed, registered))

    def say(verdict: Verdict, reason: str) -> FieldVerdict:
        return FieldVerdict("year", said, held, verdict, reason)

    if claimed is None or registered is None:
        return say("unknown", _missing("year", said, held))
    if claimed == registered:
        return say("match", f"Both say {claimed}.")
    strange = next((year for year in (claimed, registered) if year not in YEARS), None)
    if strange is not None:
        return say("unknown", f"{strange} is not the year of a car.")
    apart = abs(claimed - registered)
    if apart <= tolerance:
        return say("match", f"{claimed} is claimed, {registered} is registered: sellers often give the model year or that of the first registration.")
    return say("mismatch", f"{claimed} is claimed; the register holds {registered}, {apart} year{'s' if apart > 1 else ''} off.")


def _color(claimed: str | None, registered: str | None) -> FieldVerdict:
    said, held = _clean(claimed), _clean(registered)

    def say(verdict: Verdict, reason: str) -> FieldVerdict:
        return FieldVerdict("color", said, held, verdict, reason)

    if said is None or held is None:
        return say("unknown", _missing("color", said, held))
    if _same_text(said, held):
        return say("match", f"Both say {_quoted(said)}.")
    ours, theirs = colors.parse(said), colors.parse(held)
    for text, color in ((said, ours), (held, theirs)):
        if not color.colors:
            return say("unknown", f"{_quoted(text)} says that the color is not known." if color.unsaid else f"{_quoted(text)} is not in the table of colors.")
    if ours.colors == theirs.colors:
        return say("match", f"{_quoted(said)} and {_quoted(held)} are both {_listed(ours.colors)}.")
    if ours.colors & theirs.colors:
        return say("unknown", f"{_quoted(said)} ({_listed(ours.colors)}) and {_quoted(held)} ({_listed(theirs.colors)}) may be one color.")
    if why := colors.why_near(ours, theirs):
        return say("unknown", f"{_quoted(said)} and {_quoted(held)} differ, but {why}.")
    return say("mismatch", f"{_quoted(said)} is {_listed(ours.colors)}; the register holds {_quoted(held)}, {_listed(theirs.colors)}.")


def _missing(field: Field, claimed: str | None, registered: str | None) -> str:
    """Why there is nothing to compare, or an empty text."""
    if claimed is None:
        return f"No {field} is claimed."
    return f"The register holds no {field}." if registered is None else ""


def _strange(field: Field, claimed: str | None, registered: str | None, claim_is_strange: bool) -> str:
    """That the tables do not know one of the two, so that they cannot be told apart."""
    strange, other = (claimed, registered) if claim_is_strange else (registered, claimed)
    return f"{_quoted(strange)} is not in the table of {field}s, so it cannot be told from {_quoted(other)}."


def _left_over(text: str | None, name: Name) -> str | None:
    """The model that a make's text holds beside the make, as the text writes it, if there is one."""
    return _clean(text) if name.model_words else None


def _clean(text: str | None) -> str | None:
    """The text with single spaces, cut to a length that can be shown; None if nothing is left."""
    shown = " ".join((text or "").split())
    return (shown if len(shown) <= names.LONGEST else shown[: names.LONGEST - 1] + "…") or None


def _same_text(a: str | None, b: str | None) -> bool:
    return a is not None and b is not None and bool(a.strip()) and " ".join(a.split()).casefold() == " ".join(b.split()).casefold()


def _shown(make: str) -> str:
    return names.tables().make_names[make]


def _quoted(text: str | None) -> str:
    return f'"{text}"'


def _typing(typo: bool) -> str:
    return ", with a typing error" if typo else ""


def _listed(found: frozenset[str]) -> str:
    return "/".join(sorted(found))
