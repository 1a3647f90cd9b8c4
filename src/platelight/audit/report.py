"""The report that a moderator works from: an overview and pages of adverts, each a file of its own that needs nothing else.

Plates are covered in the pictures and masked in the texts until the button shows them; with `redacted` they are not in the files
at all. Every text from outside is escaped, and a content policy lets the pages run no script but their own and load nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

from platelight.audit.card import card, plates_of, searched, without
from platelight.audit.evidence import Evidence, thumb
from platelight.audit.records import MEANINGS, VERDICTS, Finding, Verdict
from platelight.files import write_whole
from platelight.images import ImageError
from platelight.register.records import FIELDS

PER_PAGE = 50
OURS = re.compile(rf"(?:{'|'.join(VERDICTS)})-\d+\.html")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the overview says about the run: names of the files, when, the settings in words, and the program's version."""

    adverts: str
    register: str
    made: datetime
    settings: str
    version: str

    @property
    def run(self) -> str:
        """A name under which a browser keeps the moderator's decisions, the same for another audit of the same list."""
        return hashlib.blake2b(self.adverts.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Style:
    """`redacted` leaves plates out of the files; adverts with a verdict of `skip` get no pages; `per_page` is how many a page has."""

    redacted: bool = False
    skip: frozenset[Verdict] = frozenset()
    per_page: int = PER_PAGE


PLAIN = Style()
Entry = tuple[Finding, Evidence | None]


def write(folder: Path, entries: Sequence[Entry], facts: Facts, style: Style = PLAIN, progress: Callable[[], None] = lambda: None) -> Path:
    """Write the report into `folder`/report and return its overview; pages of an earlier report are replaced or removed.

    Adverts stand by verdict, those first that are surest; those with a verdict of `style.skip` are only counted. Raises OSError.
    """
    place = folder / "report"
    place.mkdir(parents=True, exist_ok=True)
    by_verdict = {verdict: sorted((entry for entry in entries if entry[0].verdict == verdict), key=_order) for verdict in VERDICTS}
    pages: dict[str, list[Entry]] = {}
    for verdict, chosen in by_verdict.items():
        if verdict in style.skip:
            continue
        for number, start in enumerate(range(0, len(chosen), style.per_page), start=1):
            pages[f"{verdict}-{number}.html"] = chosen[start : start + style.per_page]
    counts = Counter(finding.verdict for finding, _ in entries)
    for name, chosen in pages.items():
        articles = []
        for finding, evidence in chosen:
            articles.append(_card(folder, finding, evidence, style.redacted))
            progress()
        _write(place / name, _page(name, articles, pages, counts, facts, style.redacted))
    _write(place / "index.html", _overview(pages, counts, facts, style.redacted))
    for path in place.iterdir():
        if OURS.fullmatch(path.name) and path.name not in pages:
            path.unlink()
    return place / "index.html"


def _order(entry: Entry) -> tuple[float, int, int]:
    finding = entry[0]
    mismatches = sum(item.verdict == "mismatch" for item in finding.fields)
    return -round(finding.confidence or 0.0, 2), -mismatches, finding.advert.line


def _card(folder: Path, finding: Finding, evidence: Evidence | None, redacted: bool) -> str:
    small = crop = None
    if evidence is not None:
        try:
            small = thumb(folder, evidence, redacted)
            crop = None if redacted or evidence.crop is None else (folder / evidence.crop).read_bytes()
        except (ImageError, OSError):  # somebody removed the evidence while the run went on
            small = None
    return card(finding, small, evidence if small is not None else None, crop, redacted)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def _page(name: str, articles: Sequence[str], pages: dict[str, list[Entry]], counts: Counter[Verdict], facts: Facts, redacted: bool) -> str:
    verdict = next(verdict for verdict in VERDICTS if OURS.fullmatch(name) and name.rpartition("-")[0] == verdict)
    own = [page for page in pages if page.rpartition("-")[0] == verdict]
    place = own.index(name)
    title = verdict.replace("_", " ")
    options = "".join(f'<option value="{field}">{field} differs</option>' for field in FIELDS)
    show = "" if redacted else '<button type="button" id="plates" aria-pressed="false">Show plates</button>'
    tools = f"""<div class="tools" role="search"><input type="search" id="search" placeholder="Search this page" aria-label="search this page">
<select id="differs" aria-label="which field differs"><option value="">any field</option>{options}</select>
<select id="state" aria-label="decision"><option value="">decided or not</option><option value="open">not decided</option><option value="agree">agreed</option>
<option value="disagree">disagreed</option><option value="later">later</option></select>
{show}<button type="button" id="save">Save decisions</button><span class="shown-count" id="count"></span></div>"""
    show_keys = "" if redacted else ", <kbd>p</kbd> shows the plate, <kbd>P</kbd> all"
    keys = f"""<kbd>j</kbd> and <kbd>k</kbd> move{show_keys}, <kbd>a</kbd> agrees, <kbd>d</kbd> disagrees, <kbd>l</kbd> is for later,
<kbd>/</kbd> searches."""
    main = f"""<h1>{title.capitalize()} <span class="soft">page {place + 1} of {len(own)}</span></h1>
<p class="lead">{escape(MEANINGS[verdict]).capitalize()}. <span class="keys">{keys}</span></p>
{"".join(articles)}<p class="empty" id="none" hidden>Nothing on this page fits the filters.</p>{_pager(own, place)}"""
    return _document(f"{title}, page {place + 1}", _tabs(pages, counts, verdict) + tools, main, facts)


def _pager(own: Sequence[str], place: int) -> str:
    if len(own) == 1:
        return ""
    near = sorted({0, len(own) - 1, *range(max(place - 3, 0), min(place + 4, len(own)))})
    links = [f"<strong>{n + 1}</strong>" if n == place else f'<a href="{own[n]}">{n + 1}</a>' for n in near]
    before = f'<a rel="prev" href="{own[place - 1]}">previous</a>' if place else ""
    after = f'<a rel="next" href="{own[place + 1]}">next</a>' if place + 1 < len(own) else ""
    return f'<nav class="pager" aria-label="pages">{before}{" ".join(links)}{after}</nav>'


def _tabs(pages: dict[str, list[Entry]], counts: Counter[Verdict], current: Verdict | None) -> str:
    links = [f'<a href="index.html"{_current(current is None)}>overview</a>']
    for verdict in VERDICTS:
        if f"{verdict}-1.html" in pages:
            count = f'<span class="count">{counts[verdict]:,}</span>'
            links.append(f'<a href="{verdict}-1.html"{_current(verdict == current)}>{verdict.replace("_", " ")} {count}</a>')
    return f'<nav class="tabs" aria-label="verdicts">{"".join(links)}</nav>'


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def _overview(pages: dict[str, list[Entry]], counts: Counter[Verdict], facts: Facts, redacted: bool) -> str:
    rows = "".join(_share(verdict, counts, f"{verdict}-1.html" in pages) for verdict in VERDICTS)
    options = "".join(f'<option value="{verdict}">{verdict.replace("_", " ")}</option>' for verdict in VERDICTS if f"{verdict}-1.html" in pages)
    hidden = "Plates are hidden until you show them, but they are in these files: treat them as personal data."
    made = f"{facts.made:%Y-%m-%d %H:%M} UTC, platelight {escape(facts.version)}"
    main = f"""<h1>Adverts against the register</h1>
<p class="lead">{sum(counts.values()):,} adverts of {escape(facts.adverts)}, register {escape(facts.register)}; {made}.
{"Plates are not in this report." if redacted else hidden}</p>
<div class="panel bars">{rows}</div>
<div class="panel"><div class="tools" role="search"><input type="search" id="find" placeholder="Search all adverts" aria-label="search all adverts">
<select id="verdict" aria-label="verdict"><option value="">every verdict</option>{options}</select><span class="shown-count" id="found"></span></div>
<table class="list"><thead><tr><th>advert</th><th>verdict</th><th>claims</th><th>why</th></tr></thead><tbody id="rows"></tbody></table></div>
<p class="soft">{escape(facts.settings)}</p>
<script type="application/json" id="adverts">{_listed(pages, redacted)}</script>"""
    return _document("adverts against the register", _tabs(pages, counts, None), main, facts)


def _share(verdict: Verdict, counts: Counter[Verdict], has_pages: bool) -> str:
    name = f'<span class="badge {verdict}">{verdict.replace("_", " ")}</span>'
    link = f'<a href="{verdict}-1.html">{name}</a>' if has_pages else name
    part = 100 * counts[verdict] / max(sum(counts.values()), 1)
    bar = f'<svg class="share {verdict}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="{part:.2f}" height="8"/></svg>'
    number = f'<span class="number">{counts[verdict]:,}</span><span class="number soft">{part:.1f} %</span>'
    return f'<div class="row"><span>{link}</span>{number}{bar}<span class="soft">{escape(MEANINGS[verdict])}</span></div>'


def _listed(pages: dict[str, list[Entry]], redacted: bool) -> str:
    """All adverts as JSON that cannot end the element it stands in."""
    items = []
    for name, entries in pages.items():
        for finding, _ in entries:
            plates, claim = plates_of(finding), finding.advert.claim
            claims = " ".join(str(value) for value in (claim.make, claim.model, finding.advert.year_text, claim.color) if value)
            items.append({
                "i": without(finding.advert.id, plates), "v": finding.verdict, "n": finding.verdict.replace("_", " "), "c": without(claims, plates),
                "r": without(finding.reason, plates), "p": f"{name}#advert-{finding.advert.line}", "s": searched(finding, redacted),
            })  # fmt: skip
    text = json.dumps(items, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _document(title: str, bar: str, main: str, facts: Facts) -> str:
    style, script = _asset("style.css"), _asset("report.js")
    policy = f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    return f"""<!doctype html>
<html lang="en" data-run="{facts.run}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>{escape(title)} - platelight audit</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#main">to the adverts</a>
<header class="bar">{bar}</header>
<main id="main">{main}</main>
<p id="status" role="status" class="visually-hidden"></p>
<script>{script}</script>
</body>
</html>
"""


@cache
def _asset(name: str) -> str:
    return files("platelight.audit").joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
