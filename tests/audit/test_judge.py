from __future__ import annotations

from dataclasses import replace

import pytest
from made import BMW, OPEL, Records, advert, find, seen

from platelight.audit.judge import Judge
from platelight.register.posterior import Settings
from platelight.register.records import Claim, Registration

REGISTER = Records({BMW.plate: (BMW,), OPEL.plate: (OPEL,)})
LIE = Claim("Audi", "A6", 2015, "black")


def judge(register: Records = REGISTER) -> Judge:
    return Judge(register, settings=Settings(country="ua"))


def test_a_claim_that_agrees_is_confirmed() -> None:
    finding = judge()(advert(), [seen(find("AA1234BB"))])
    assert finding.verdict == "confirmed"
    assert finding.registration == BMW
    assert finding.reason == "make, model, year and color agree"
    assert (finding.plate, finding.plate_alone, finding.decided_by) == ("AA1234BB", "AA1234BB", "reading")


def test_a_claim_that_differs_is_contradicted_and_says_where() -> None:
    finding = judge()(advert(LIE), [seen(find("AA1234BB"))])
    assert finding.verdict == "contradicted"
    assert finding.reason == "make: advert Audi, register BMW; model: advert A6, register X5"
    item = finding.field("make")
    assert item is not None
    assert (item.verdict, item.registered) == ("mismatch", "BMW")


def test_a_doubtful_reading_accuses_nobody() -> None:
    doubtful = find("AA1234BB", chances=[("AA1234BB", 0.7), ("AA1234BE", 0.25)])
    finding = judge(REGISTER | {"AA1234BE": (replace(OPEL, plate="AA1234BE"),)})(advert(LIE), [seen(doubtful)])
    assert finding.verdict == "unsure"
    assert "misread" in finding.reason


def test_the_register_decides_between_candidates_and_says_so() -> None:
    slip = find("AA1234B8", chances=[("AA1234B8", 0.5), ("AA1234BB", 0.45)])
    finding = judge()(advert(), [seen(slip)])
    assert (finding.plate, finding.plate_alone) == ("AA1234BB", "AA1234B8")
    assert finding.decided_by in ("register", "claim")
    assert finding.verdict == "confirmed"
    assert "AA1234B8" in finding.reading_reason


def test_a_plate_that_the_register_lacks() -> None:
    finding = judge()(advert(), [seen(find("KA0001AA", chances=[("KA0001AA", 0.999)]))])
    assert (finding.verdict, finding.plate, finding.registration) == ("not_in_register", "KA0001AA", None)


def test_a_dealers_name_is_no_plate() -> None:
    finding = judge()(advert(), [seen(find("AUTOSALON", template=None, chances=[("AUTOSALON", 0.99)]))])
    assert finding.verdict == "no_plate"
    assert "dealer" in finding.reason


def test_a_registered_text_without_a_plate_type_is_still_looked_up() -> None:
    own = Registration("KOZAK", "2021-01-01", "BMW", "X5", 2015, "ЧОРНИЙ")
    finding = judge(Records({"KOZAK": (own,)}))(advert(), [seen(find("KOZAK", template=None, chances=[("KOZAK", 0.99)]))])
    assert finding.verdict == "confirmed"


def test_background_cars_do_not_speak_against_an_advert() -> None:
    finding = judge()(advert(LIE), [seen(find(None, wide=0.2), find("AA1234BB", x=0.9, wide=0.05))])
    assert finding.verdict == "no_plate"
    assert finding.shown is not None
    assert len(finding.shown.others) == 1


def test_a_tiny_plate_alone_does_not_speak_against_an_advert() -> None:
    finding = judge()(advert(LIE), [seen(find("AA1234BB", wide=0.03))])
    assert finding.verdict == "unsure"
    assert "background" in finding.reason


def test_a_nearer_plate_that_was_not_read_leaves_it_open() -> None:
    photos = [seen(find(None, wide=0.25)), seen(find("AA1234BB", wide=0.1, photo=1))]
    assert judge()(advert(LIE, photos=2), photos).verdict == "unsure"
    assert judge()(advert(photos=2), photos).verdict == "confirmed"


def test_of_two_cars_side_by_side_the_one_that_bears_the_claim_out_is_taken() -> None:
    both = seen(find("KA7777HX", x=0.45), find("AA1234BB", x=0.7))
    finding = judge()(advert(), [both])
    assert (finding.verdict, finding.plate) == ("confirmed", "AA1234BB")
    neither = judge()(advert(LIE), [both])
    assert neither.verdict == "contradicted"
    one_missing = judge(Records({BMW.plate: (BMW,)}))(advert(LIE), [both])
    assert one_missing.verdict == "unsure"
    assert "not clear which car" in one_missing.reason


def test_a_dealers_plate_on_another_photo_is_the_same_car() -> None:
    dealer, plate = find("AUTOSALON", wide=0.25, template=None, chances=[("AUTOSALON", 0.99)]), find("AA1234BB", photo=1)
    apart = judge()(advert(LIE, photos=2), [seen(dealer), seen(plate)])
    assert (apart.verdict, apart.plate) == ("contradicted", "AA1234BB")
    together = judge()(advert(LIE), [seen(replace(dealer, quad=find("A", x=0.3, wide=0.2).quad), find("AA1234BB", x=0.7, wide=0.17))])
    assert together.verdict == "unsure"


def test_an_older_registration_that_agrees_makes_it_unsure() -> None:
    moved = Records({BMW.plate: (replace(OPEL, plate=BMW.plate, date="2024-01-01"), BMW)})
    finding = judge(moved)(advert(), [seen(find("AA1234BB"))])
    assert finding.verdict == "unsure"
    assert "2020-05-01" in finding.reason
    assert finding.registrations == 2


@pytest.mark.parametrize("claim", [Claim(), Claim(None, None, None, "сонячний настрій")])
def test_nothing_to_compare(claim: Claim) -> None:
    assert judge()(advert(claim), [seen(find("AA1234BB"))]).verdict == "unchecked"


def test_photos_that_cannot_be_read() -> None:
    broken = seen(error="a.jpg: truncated")
    finding = judge()(advert(photos=2), [broken, broken])
    assert (finding.verdict, finding.photos_read, len(finding.photo_errors)) == ("no_photo", 0, 2)
    assert judge()(advert(photos=0), []).reason == "the advert has no photo"
    one = judge()(advert(photos=2), [broken, seen(find("AA1234BB", photo=1))])
    assert (one.verdict, one.photo_errors) == ("confirmed", ("a.jpg: truncated",))


def test_photos_without_a_plate_still_show_a_photo() -> None:
    finding = judge()(advert(), [seen()])
    assert finding.verdict == "no_plate"
    assert finding.shown is not None
    assert finding.shown.quad is None


@pytest.mark.parametrize("sure", [0.2, 1.0])
def test_a_wrong_threshold(sure: float) -> None:
    with pytest.raises(ValueError, match="sure must lie between"):
        Judge(REGISTER, sure)
