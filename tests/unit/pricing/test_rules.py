"""When a rule holds: by the clock on the coach's wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.booking.calendar import Weekday
from domain.booking.zones import WallWindow
from domain.ids import SessionTypeId, new_id
from domain.pricing.rules import SpecialPeriod, TimeRate
from tests.unit.pricing.offers import MONDAY_EVENING, evening, holidays

FRIDAY = (Weekday.FRI,)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2027-01-08T17:59", False),
        ("2027-01-08T18:00", True),
        ("2027-01-08T21:59:59", True),
        ("2027-01-08T22:00", False),
        ("2027-01-07T19:00", False),
    ],
)
def test_a_rate_holds_from_its_start_up_to_its_end_on_its_days(at: str, holds: bool) -> None:
    assert TimeRate(FRIDAY, WallWindow(18 * 60, 22 * 60)).holds(local(at)) is holds


@pytest.mark.parametrize(
    ("at", "holds"),
    [
        ("2027-01-08T22:00", True),
        ("2027-01-09T01:59", True),
        ("2027-01-09T02:00", False),
        ("2027-01-08T01:00", False),
        ("2027-01-09T22:30", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(at: str, holds: bool) -> None:
    assert TimeRate(FRIDAY, WallWindow(22 * 60, 2 * 60)).holds(local(at)) is holds


@pytest.mark.parametrize(("end", "last"), [(1440, "2027-01-08T23:59"), (9 * 60, "2027-01-09T08:59")])
def test_a_rate_may_last_until_midnight_or_a_whole_day(end: int, last: str) -> None:
    rate = TimeRate(FRIDAY, WallWindow(9 * 60, end))

    assert rate.holds(local(last))
    assert not rate.holds(local(last) + timedelta(minutes=1))


def test_a_night_of_sunday_ends_on_monday() -> None:
    rate = TimeRate((Weekday.SUN,), WallWindow(23 * 60, 60))

    assert rate.holds(local("2027-01-11T00:30"))
    assert not rate.holds(local("2027-01-10T00:30"))


@pytest.mark.parametrize(
    ("day", "holds"),
    [("2026-12-23", False), ("2026-12-24", True), ("2027-01-06", True), ("2027-01-07", False)],
)
def test_a_period_contains_its_first_and_its_last_day(day: str, holds: bool) -> None:
    period = SpecialPeriod(date(2026, 12, 24), date(2027, 1, 6))

    assert period.holds(local(f"{day}T12:00")) is holds


@pytest.mark.parametrize(
    ("zone", "holds"),
    [("Europe/Berlin", True), ("UTC", False), ("America/New_York", False), ("Asia/Kolkata", False)],
)
def test_what_counts_is_the_clock_on_the_coachs_wall(zone: str, holds: bool) -> None:
    assert evening(20).applies(SessionTypeId(new_id()), MONDAY_EVENING, zone) is holds


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-10-04"),
    ],
)
def test_an_evening_stays_an_evening_when_the_clocks_change(zone: str, day: str) -> None:
    """Before, on and after the day of the change, 18:00 by the wall is inside and 17:59 is not."""
    for passed in (-1, 0, 1):
        wall = local(f"{day}T18:00") + timedelta(days=passed)
        start = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        assert evening(20).applies(SessionTypeId(new_id()), start, zone)
        assert not evening(20).applies(SessionTypeId(new_id()), start - timedelta(minutes=1), zone)


def test_a_rule_may_be_for_some_session_types_only() -> None:
    mine, other = SessionTypeId(new_id()), SessionTypeId(new_id())
    rule = holidays(10, session_type_ids=(mine,))

    assert rule.applies(mine, MONDAY_EVENING, "UTC")
    assert not rule.applies(other, MONDAY_EVENING, "UTC")
