"""What a booking is called."""

import pytest

from domain.booking.titles import title_of
from tests.unit.booking.made import an_offer


@pytest.mark.parametrize("given", [None, "", "  ", "Availability", "available", "SLOT", "Verfügbarkeit"])
def test_a_title_that_says_nothing_becomes_the_name_of_what_is_booked(given: str | None) -> None:
    assert title_of(given, an_offer(), "de-AT") == "Tiefgang"
    assert title_of(given, an_offer(), "fr") == "Deep dive"


def test_a_title_that_says_something_stays() -> None:
    assert title_of("  Salary   talk ", an_offer(), "de") == "Salary talk"
    assert title_of("Availability of my team", an_offer(), "de") == "Availability of my team"


def test_without_english_any_name_is_better_than_none() -> None:
    assert title_of(None, an_offer(names={"de": "Tiefgang"}), "fr") == "Tiefgang"
