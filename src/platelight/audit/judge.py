"""One advert and its photos as read, against the register: one finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from platelight.audit.choose import choose, prominence
from platelight.audit.records import Advert, Car, Choice, Find, Finding, Seen, Shown, Verdict
from platelight.register.compare import compare
from platelight.register.posterior import Joint, Lookup, Settings, join
from platelight.register.records import Comparison, Registration

SURE = 0.9
"""Chance that the plate is read rightly from which its record may speak against an advert."""

LIKELY = 0.5
"""The same from which a record that agrees with the advert confirms it, and from which a plate counts as missing in the register."""

FAR = 0.03
"""Prominence below which it is not said that the plate's car is the advert's: a long plate of 6 % of the photo's width in the
middle, of 8 % at the side. The plate of a car that fills a quarter of the photo's width is larger."""

NEARER = 1.6
"""An unreadable plate this many times as prominent as the one that was read leaves open whether both are of one car."""


@dataclass(frozen=True, slots=True)
class _Checked:
    """One car of the photos with its text decided, looked up and compared."""

    car: Car
    joint: Joint
    records: tuple[Registration, ...]
    comparison: Comparison | None
    verdict: Verdict
    reason: str


class Judge:
    """Callable: an advert and its photos as read, to a finding.

    `sure` and `far` take the place of `SURE` and `FAR`; `settings` are those of the joint reading.
    """

    def __init__(self, register: Lookup, sure: float = SURE, settings: Settings | None = None, far: float = FAR) -> None:
        if not LIKELY <= sure < 1:
            raise ValueError(f"sure must lie between {LIKELY} and 1, got {sure!r}")
        self.register, self.sure, self.settings, self.far = register, sure, settings or Settings(), far

    def __call__(self, advert: Advert, seen: Sequence[Seen]) -> Finding:
        if all(photo.error is not None for photo in seen):
            return _finding(advert, "no_photo", "none of its photos could be read" if seen else "the advert has no photo", seen)
        choice = choose(seen)
        if choice.car is None:
            return _finding(advert, "no_plate", choice.reason, seen, choice)
        checked = [self._checked(advert, car, choice) for car in (choice.car, *choice.rivals)]
        meant = checked[0] if len(checked) == 1 else self._among(checked)
        return _finding(advert, meant.verdict, meant.reason, seen, choice, meant)

    def _checked(self, advert: Advert, car: Car, choice: Choice) -> _Checked:
        joint = join(car.candidates, self.register, advert.claim, self.settings)
        records = () if joint.chosen is None else joint.chosen.registrations
        comparisons = [compare(advert.claim, record) for record in records]
        verdict, reason = self._verdict(car, joint.confidence, comparisons, choice)
        return _Checked(car, joint, records, comparisons[0] if comparisons else None, verdict, reason)

    def _verdict(self, car: Car, chance: float, comparisons: Sequence[Comparison], choice: Choice) -> tuple[Verdict, str]:
        if not comparisons:
            return self._unknown(car, chance, choice)
        doubt = self._doubt(car, chance, choice, self.sure)
        newest = comparisons[0]
        if newest.verdict == "mismatch":
            older = next((item for item in comparisons[1:] if item.verdict == "match"), None)
            if older is not None:
                return "unsure", f"{_differences(newest)}; but the registration of {older.registration.date or 'unknown date'} agrees"
            return ("unsure", f"{_differences(newest)}; but {doubt}") if doubt else ("contradicted", _differences(newest))
        if chance < LIKELY:
            return "unsure", _misread(chance)
        if newest.verdict == "match":
            return "confirmed", _agreements(newest)
        return "unchecked", "nothing was claimed" if all(item.claimed is None for item in newest.fields) else "nothing claimed could be compared"

    def _unknown(self, car: Car, chance: float, choice: Choice) -> tuple[Verdict, str]:
        """The verdict on a plate that the register does not hold."""
        if not any(find.template for find in car.finds):
            return "no_plate", "the text on the plate fits none of the plate types and is not in the register: a dealer's plate, a foreign one, or none"
        doubt = self._doubt(car, chance, choice, LIKELY)
        return ("unsure", f"not in the register, but {doubt}") if doubt else ("not_in_register", "the register does not hold this plate")

    def _doubt(self, car: Car, chance: float, choice: Choice, least: float) -> str | None:
        """Why this plate must not speak against the advert, if there is a reason."""
        if chance < least:
            return _misread(chance)
        if choice.unread is not None and prominence(choice.unread) > NEARER * prominence(car.best):
            return "a nearer plate could not be read, and may be another car's"
        if max(prominence(find) for find in car.finds) < self.far:
            return "the plate is so small that its car may stand in the background"
        return None

    def _among(self, checked: Sequence[_Checked]) -> _Checked:
        """Of several cars about as prominent: the one whose record bears the whole advert out, or the first if all say the same.

        A dealer's plate beside a real one on other photos is no other car: it was taken off, or put on, between the photos.
        """
        real = [item for item in checked if item.verdict != "no_plate"]
        first, *rest = [item for item in checked if item in real or not real or _share_a_photo(item, real)]
        for item in checked:
            if item.verdict == "confirmed" and item.comparison is not None and _bears_out(item.comparison):
                return item
        if all(item.verdict == first.verdict for item in rest):
            return first
        verdicts = ", ".join(item.verdict.replace("_", " ") for item in checked)
        return replace(first, verdict="unsure", reason=f"it is not clear which car is meant ({verdicts})")


def _share_a_photo(one: _Checked, others: Sequence[_Checked]) -> bool:
    photos = {find.photo for find in one.car.finds}
    return any(find.photo in photos for other in others for find in other.car.finds)


def _misread(chance: float) -> str:
    return f"the plate may be misread (chance {chance:.2f} that it is right)"


def _bears_out(comparison: Comparison) -> bool:
    """Whether make and model agree: a car that happens to stand there agrees in them once in hundreds of times."""
    verdicts = {item.field: item.verdict for item in comparison.fields}
    return verdicts.get("make") == verdicts.get("model") == "match"


def _differences(comparison: Comparison) -> str:
    parts = [f"{item.field}: advert {item.claimed}, register {item.registered}" for item in comparison.fields if item.verdict == "mismatch"]
    return "; ".join(parts)


def _agreements(comparison: Comparison) -> str:
    agreeing = [item.field for item in comparison.fields if item.verdict == "match"]
    open_ = [item.field for item in comparison.fields if item.verdict == "unknown" and item.claimed is not None]
    return f"{_listed(agreeing)} agree{'s' if len(agreeing) == 1 else ''}" + (f"; {_listed(open_)} could not be compared" if open_ else "")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _finding(advert: Advert, verdict: Verdict, reason: str, seen: Sequence[Seen], choice: Choice | None = None, checked: _Checked | None = None) -> Finding:
    shown = checked.car.best if checked is not None else None if choice is None else choice.unread
    joint = None if checked is None else checked.joint
    return Finding(
        advert, verdict, reason, "" if choice is None or choice.car is None else choice.reason,
        plate=None if joint is None else joint.text, confidence=None if joint is None else joint.confidence,
        plate_alone=None if joint is None else joint.reading_text, confidence_alone=None if joint is None else joint.reading_confidence,
        decided_by=None if joint is None else joint.decided_by, reading_reason="" if joint is None else joint.reason,
        country=None if shown is None else shown.country, template=None if shown is None else shown.template,
        registration=checked.records[0] if checked is not None and checked.records else None, registrations=0 if checked is None else len(checked.records),
        fields=() if checked is None or checked.comparison is None else checked.comparison.fields,
        photos_read=sum(photo.error is None for photo in seen), photo_errors=tuple(photo.error for photo in seen if photo.error is not None),
        plates_found=sum(len(photo.finds) for photo in seen), seen_on=0 if checked is None else checked.car.photos,
        shown=_shown(shown, seen),
    )  # fmt: skip


def _shown(find: Find | None, seen: Sequence[Seen]) -> Shown | None:
    """The find's photo, or the first that could be read."""
    if find is None:
        photo = next((photo for photo in seen if photo.error is None), None)
        return None if photo is None else Shown(photo.source, None, tuple(other.quad for other in photo.finds))
    photo = seen[find.photo]
    return Shown(photo.source, find.quad, tuple(other.quad for other in photo.finds if other is not find))
