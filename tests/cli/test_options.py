from __future__ import annotations

import pytest
import typer

from platelight.cli.options import country_codes


def test_codes_are_taken_as_people_write_them() -> None:
    assert country_codes("ua, PL,") == ["ua", "pl"]
    assert country_codes(None) is None


@pytest.mark.parametrize("text", ["", " ", ","])
def test_a_text_without_a_code_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="names no country"):
        country_codes(text)
