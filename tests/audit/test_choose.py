from __future__ import annotations

import pytest
from made import find, seen

from platelight.audit.choose import choose, fused, prominence


def test_the_largest_and_most_central_plate_is_the_adverts() -> None:
    choice = choose([seen(find("FAR1111AA", x=0.1, wide=0.06), find("AA1234BB"), find("FAR2222AA", x=0.9, wide=0.07))])
    assert choice.car is not None
    assert choice.car.text == "AA1234BB"
    assert choice.rivals == ()
    assert "largest and most central" in choice.reason


def test_prominence_falls_towards_the_sides_and_with_size() -> None:
    middle = prominence(find("A"))
    assert prominence(find("A", x=0.95)) < 0.7 * middle
    assert prominence(find("A", wide=0.07)) < 0.5 * middle
    assert prominence(find("A", flags=("cut_off",))) == pytest.approx(middle / 2)


def test_the_plate_that_comes_back_wins_over_one_that_is_larger_once() -> None:
    photos = [seen(find("KA7777HX", wide=0.2, photo=0))] + [seen(find("AA1234BB", wide=0.13, photo=n)) for n in (1, 2)]
    choice = choose(photos)
    assert choice.car is not None
    assert (choice.car.text, choice.car.photos) == ("AA1234BB", 2)


def test_a_readable_plate_behind_an_unreadable_one_is_not_taken() -> None:
    choice = choose([seen(find(None, wide=0.2), find("KA7777HX", x=0.9, wide=0.05))])
    assert choice.car is None
    assert choice.unread is not None
    assert "other cars" in choice.reason


def test_an_unreadable_plate_does_not_hide_the_same_car_on_another_photo() -> None:
    choice = choose([seen(find(None, wide=0.2)), seen(find("AA1234BB", photo=1))])
    assert choice.car is not None
    assert choice.car.text == "AA1234BB"


def test_two_cars_side_by_side_are_rivals() -> None:
    choice = choose([seen(find("AA1234BB", x=0.4), find("KA7777HX", x=0.65))])
    assert choice.car is not None
    assert [car.text for car in choice.rivals] == ["KA7777HX"]
    assert "equally" in choice.reason


def test_a_dealers_name_gives_way_to_a_plate() -> None:
    choice = choose([seen(find("AUTOSALON", template=None)), seen(find("AA1234BB", wide=0.12, photo=1))])
    assert choice.car is not None
    assert choice.car.text == "AA1234BB"


def test_readings_of_one_plate_are_joined() -> None:
    first = find("AA1234B8", chances=[("AA1234B8", 0.5), ("AA1234BB", 0.4)])
    second = find("AA1234BB", photo=1, chances=[("AA1234BB", 0.8), ("AA1234B8", 0.1)])
    choice = choose([seen(first), seen(second)])
    assert choice.car is not None
    assert choice.car.text == "AA1234BB"
    assert choice.car.chance > 0.75
    assert choice.car.photos == 2


def test_plates_of_one_photo_that_differ_by_a_character_are_two_cars() -> None:
    pair = [find("AA1234BB", x=x, chances=[("AA1234BB", 0.6), ("AA1234B8", 0.3)]) for x in (0.4,)]
    other = find("AA1234B8", x=0.65, chances=[("AA1234B8", 0.6), ("AA1234BB", 0.3)])
    assert len(choose([seen(*pair, other)]).rivals) == 1


def test_joined_chances_stay_chances() -> None:
    finds = [find("AA1234BB", chances=[("AA1234BB", 0.9), ("AA1234B8", 0.05)]), find("AA1234BB", photo=1, chances=[("AA1234BB", 0.7)])]
    candidates = fused(finds)
    assert [candidate.text for candidate in candidates] == ["AA1234BB", "AA1234B8"]
    assert 0.9 < candidates[0].probability < 0.998  # more than either alone, less than if they were independent
    assert sum(candidate.probability for candidate in candidates) <= 1


def test_one_reading_is_left_as_it_is() -> None:
    only = find("AA1234BB", chances=[("AA1234BB", 0.6), ("AA1234B8", 0.2)])
    assert fused([only]) == only.candidates


def test_nothing_found_and_nothing_readable() -> None:
    assert choose([seen()]).reason == "no plate was found on the photos"
    assert choose([seen(find(None))]).reason == "a plate was found, and it cannot be read"
