from __future__ import annotations

import pytest

from platelight.records import Candidate, Decoding
from platelight.vote import pooled


def decoding(*texts: tuple[str, float], reason: str = "AS_READ", country: str = "gb") -> Decoding:
    candidates = tuple(Candidate(text, country, None, -1.0) for text, _ in texts)
    return Decoding(candidates[0] if candidates else None, candidates, reason, texts[0][1] if texts else 0.0, tuple(chance for _, chance in texts))  # type: ignore[arg-type]


def test_the_mean_of_the_chances_decides() -> None:
    joined = pooled([decoding(("AB1", 0.5), ("A81", 0.4)), decoding(("A81", 0.7), ("AB1", 0.2)), decoding(("A81", 0.6))])
    assert [candidate.text for candidate in joined.candidates] == ["A81", "AB1"]
    assert joined.confidences == pytest.approx((1.7 / 3, 0.7 / 3))
    assert joined.best is not None
    assert (joined.best.text, joined.confidence, joined.reason) == ("A81", pytest.approx(1.7 / 3), "CORRECTED")


def test_the_same_text_keeps_its_reason_and_the_surest_candidate() -> None:
    joined = pooled([decoding(("AB1", 0.5), ("X", 0.1), reason="NO_TEMPLATE", country="fr"), decoding(("AB1", 0.9), country="gb")])
    assert joined.reason == "NO_TEMPLATE"
    assert joined.best is not None
    assert joined.best.country == "gb"
    assert joined.confidence == pytest.approx(0.7)


def test_looks_that_see_nothing_lower_the_confidence() -> None:
    nothing = Decoding(None, (), "NO_TEMPLATE", 0.0)
    assert pooled([decoding(("AB1", 0.8)), nothing]).confidence == pytest.approx(0.4)
    assert pooled([nothing, nothing]) is nothing


def test_no_decodings_are_refused() -> None:
    with pytest.raises(ValueError, match="no decodings"):
        pooled([])
