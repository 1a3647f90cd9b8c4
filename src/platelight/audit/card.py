"""One advert in the report, as HTML."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from pathlib import PurePath
from urllib.parse import urlsplit

from platelight.audit.evidence import Evidence, Thumb
from platelight.audit.records import Finding
from platelight.register.records import FIELDS, FieldVerdict, Registration

MASK = "••••••"
LEAST = 4
"""A shorter text is not masked within other texts: it would black out half of them."""

Words = Callable[[str], str]
"""Text to HTML with its plates masked."""

WORDS = {"match": "agrees", "mismatch": "differs", "unknown": "open"}
_TWINS = dict(zip("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ", strict=True))


def masked(text: str, plates: Iterable[str], redacted: bool) -> str:
    """`text` as HTML, with the plates that occur in it (however spaced, Latin or Cyrillic) masked until they are shown."""
    pattern = _pattern(tuple(sorted({plate for plate in plates if len(plate) >= LEAST})))
    if pattern is None:
        return escape(text)
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts += [escape(text[end : found.start()]), _secret(found.group(), redacted)]
        end = found.end()
    return "".join([*parts, escape(text[end:])])


def without(text: str, plates: Iterable[str]) -> str:
    """`text` with the plates that occur in it replaced by dots for good."""
    pattern = _pattern(tuple(sorted({plate for plate in plates if len(plate) >= LEAST})))
    return text if pattern is None else pattern.sub(MASK, text)


def plates_of(finding: Finding) -> set[str]:
    return {plate for plate in (finding.plate, finding.plate_alone) if plate}


def searched(finding: Finding, redacted: bool) -> str:
    """What the search looks through, in lower case."""
    advert, claim = finding.advert, finding.advert.claim
    registered = [item.registered for item in finding.fields]
    values = [advert.id, advert.title, claim.make, claim.model, advert.year_text, claim.color, *registered, finding.reason, *advert.photo_names]
    text = " ".join(str(value) for value in values if value)
    plates = plates_of(finding)
    return (without(text, plates) if redacted else " ".join([text, *sorted(plates)])).lower()


def card(finding: Finding, thumb: Thumb | None, evidence: Evidence | None, crop: bytes | None, redacted: bool) -> str:
    """One `article`; `crop` is the plate by itself as JPEG bytes, `evidence` the files to link to."""
    advert, plates = finding.advert, plates_of(finding)

    def text(value: str) -> str:
        return masked(value, plates, redacted)

    differs = " ".join(item.field for item in finding.fields if item.verdict == "mismatch")
    key = without(advert.id, plates) if redacted else advert.id
    verdict, line = finding.verdict, advert.line
    return f"""
<article class="advert" id="advert-{line}" tabindex="-1" aria-labelledby="title-{line}" data-plates="hidden" data-id="{escape(key)}"
 data-verdict="{verdict}" data-differs="{differs}" data-search="{escape(searched(finding, redacted))}">
<div class="photo">{_photo(finding, thumb)}{_below(finding, evidence, text, redacted)}</div>
<div>
<div class="head"><span class="badge {verdict}">{verdict.replace("_", " ")}</span><h2 id="title-{line}">{_title(finding, text, redacted)}</h2></div>
<p class="why">{text(finding.reason)}</p>
{_plate(finding, crop, redacted)}
{_table(finding, text)}
{_details(finding, text)}
{_actions()}
</div>
</article>"""


def _secret(text: str, redacted: bool) -> str:
    mask = f'<span class="mask" role="img" aria-label="hidden plate">{MASK}</span>'
    return mask if redacted else f'{mask}<span class="secret" hidden>{escape(text)}</span>'


@lru_cache(maxsize=64)
def _pattern(plates: tuple[str, ...]) -> re.Pattern[str] | None:
    if not plates:
        return None
    spelled = (r"[\s\-.·]*".join(f"[{character}{_TWINS.get(character, '')}]" for character in plate) for plate in plates)
    return re.compile("|".join(sorted(spelled, key=len, reverse=True)), re.IGNORECASE)


def _image(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode("ascii")


def _photo(finding: Finding, thumb: Thumb | None) -> str:
    if thumb is None:
        return f'<div class="nothing">{"no photo could be read" if finding.verdict == "no_photo" else "no picture"}</div>'
    x, y, width, height = thumb.place
    patch = f'<image class="secret" hidden href="{_image(thumb.patch)}" x="{x}" y="{y}" width="{width}" height="{height}"/>' if thumb.patch else ""
    label = "photo with the plate outlined" if finding.shown is not None else "photo of the advert"
    return (
        f'<svg viewBox="0 0 {thumb.width} {thumb.height}" role="img" aria-label="{label}">'
        f'<image href="{_image(thumb.hidden)}" width="{thumb.width}" height="{thumb.height}"/>{patch}</svg>'
    )


def _below(finding: Finding, evidence: Evidence | None, text: Words, redacted: bool) -> str:
    total = len(finding.advert.photos)
    plates = f"{finding.plates_found} plate{'' if finding.plates_found == 1 else 's'} found"
    parts = [f"{finding.photos_read} of {total} photo{'' if total == 1 else 's'} read, {plates}"]
    if finding.shown is not None:
        parts.append(text(PurePath(finding.shown.source).name))
    link = ""
    if evidence is not None and not redacted:
        link = f' <span class="secret" hidden><a href="../{escape(evidence.picture)}">whole picture</a></span>'
    return f"<p>{' · '.join(parts)}{link}</p>"


def _title(finding: Finding, text: Words, redacted: bool) -> str:
    advert, url = finding.advert, finding.advert.url
    name = text(advert.id) + (f" · {text(advert.title)}" if advert.title else "")
    if url is None or not is_web(url) or (redacted and without(url, plates_of(finding)) != url):
        return name
    return f'<a href="{escape(url)}" rel="noreferrer noopener" target="_blank">{name}</a>'


def is_web(address: str) -> bool:
    """Whether it is an http(s) address: `javascript:` and the like must not become links."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _plate(finding: Finding, crop: bytes | None, redacted: bool) -> str:
    if finding.plate is None:
        return ""
    parts = [f'<span class="plate">{_secret(finding.plate, redacted)}</span>']
    if finding.country:
        parts.append(f'<span class="soft">{escape(finding.country.upper())}</span>')
    if finding.confidence is not None and finding.verdict != "no_plate":
        parts.append(f'<span class="soft">{percent(finding.confidence)} sure</span>')
    if finding.decided_by not in (None, "reading") and finding.plate_alone is not None and finding.confidence_alone is not None:
        alone = f"{_secret(finding.plate_alone, redacted)}, {percent(finding.confidence_alone)}"
        parts.append(f'<span class="soft">decided by the {finding.decided_by}; the reading alone: {alone}</span>')
    if not redacted:
        parts.append('<button type="button" class="reveal" aria-pressed="false">Show plate</button>')
    shown = f'<div class="secret" hidden><img class="crop" alt="the plate" src="{_image(crop)}"></div>' if crop and not redacted else ""
    return f'<div class="plate-line">{"".join(parts)}</div>{shown}'


def percent(chance: float) -> str:
    """The chance in per cent, never rounded up to certainty."""
    return "over 99.9 %" if chance > 0.999 else f"{100 * chance:.1f} %"


def _table(finding: Finding, text: Words) -> str:
    advert, claim = finding.advert, finding.advert.claim
    claims = {"make": claim.make, "model": claim.model, "year": advert.year_text, "color": claim.color}
    if not finding.fields:
        said = ", ".join(f"{name} {text(value)}" for name, value in claims.items() if value)
        return f'<p class="soft">The advert claims {said or "nothing"}.</p>'
    rows = [_row(name, claims[name], finding.field(name), text) for name in FIELDS]
    head = "<thead><tr><th></th><th>advert</th><th>register</th><th></th><th>why</th></tr></thead>"
    return f'<table class="claims">{head}<tbody>{"".join(rows)}</tbody></table>'


def _row(name: str, claimed: str | None, item: FieldVerdict | None, text: Words) -> str:
    verdict, registered, says, why = "unknown", None, "", ""
    if item is not None:
        verdict, registered, says, why = item.verdict, item.registered, WORDS[item.verdict], item.reason
        claimed = claimed or item.claimed  # a make's cell may hold the model too
    cells = f'<td data-label="advert">{text(claimed or "–")}</td><td data-label="register">{text(registered or "–")}</td>'
    return f'<tr class="{verdict}"><th scope="row">{name}</th>{cells}<td class="says">{says}</td><td class="soft">{text(why)}</td></tr>'


def _details(finding: Finding, text: Words) -> str:
    lines = []
    if finding.car_reason:
        lines.append(f"Which car: {finding.car_reason}")
    if finding.reading_reason:
        lines.append(f"Which text: {finding.reading_reason}")
    if finding.registration is not None:
        more = f"; {finding.registrations} registrations of this plate" if finding.registrations > 1 else ""
        lines.append(f"Register: {described(finding.registration)}{more}")
    lines += [f"Note: {note}" for note in finding.advert.notes]
    lines += [f"Photo: {error}" for error in finding.photo_errors]
    lines += [f"{name}: {value}" for name, value in finding.advert.extra.items() if value]
    if not lines:
        return ""
    return f"<details><summary>How this was found</summary><ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul></details>"


def described(registration: Registration) -> str:
    """The registration's known values in one line."""
    values = (
        registration.date, registration.make, registration.model, registration.year, registration.color, registration.kind, registration.body,
        registration.fuel, None if registration.capacity_cm3 is None else f"{registration.capacity_cm3} cm³", registration.operation,
    )  # fmt: skip
    return ", ".join(str(value) for value in values if value)


def _actions() -> str:
    buttons = "".join(
        f'<button type="button" data-decide="{name}" aria-pressed="false">{label}</button>'
        for name, label in (("agree", "Agree"), ("disagree", "Disagree"), ("later", "Later"))
    )
    return f'<div class="acts" role="group" aria-label="decision">{buttons}</div>'
