"""Wall time in zones whose clocks change: by an hour and by half an hour, in the afternoon and across midnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.booking.spans import Span
from domain.booking.zones import WallWindow, instant_at_or_after, instant_of, overlapping, wall_of

HOUR = timedelta(hours=1)
NEW_YORK, BERLIN, LORD_HOWE = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
#: (zone, the day on which clocks jump forward, the first and the last minute that they skip, by how much)
FORWARD = [
    (NEW_YORK, date(2026, 3, 8), 120, 180, HOUR),
    (BERLIN, date(2026, 3, 29), 120, 180, HOUR),
    (LORD_HOWE, date(2026, 10, 4), 120, 150, HOUR / 2),
]
#: (zone, the day on which clocks are set back, the first and the last minute that they show twice, by how much)
BACK = [
    (NEW_YORK, date(2026, 11, 1), 60, 120, HOUR),
    (BERLIN, date(2026, 10, 25), 120, 180, HOUR),
    (LORD_HOWE, date(2026, 4, 5), 90, 120, HOUR / 2),
]
forward = pytest.mark.parametrize(("zone", "day", "first", "last", "by"), FORWARD)
back = pytest.mark.parametrize(("zone", "day", "first", "last", "by"), BACK)


def clock(hours: int, minutes: int = 0) -> int:
    return hours * 60 + minutes


def on(window: WallWindow, day: date, zone: str) -> Span:
    found = window.on(day, ZoneInfo(zone))
    assert found is not None
    return found


def walls(span: Span, zone: str) -> tuple[str, str]:
    """Its edges by the clock on the wall."""
    return tuple(f"{edge.astimezone(ZoneInfo(zone)):%d %H:%M}" for edge in (span.start, span.end))  # type: ignore[return-value]


@forward
def test_an_afternoon_stays_at_its_hours_when_clocks_jump_forward(
    zone: str, day: date, first: int, last: int, by: timedelta
) -> None:
    afternoon = WallWindow(clock(13), clock(17))

    before, after = on(afternoon, day - timedelta(days=1), zone), on(afternoon, day, zone)

    assert walls(after, zone) == (f"{day:%d} 13:00", f"{day:%d} 17:00")
    assert after.length == before.length == 4 * HOUR
    assert after.start - before.start == 24 * HOUR - by


@back
def test_an_afternoon_stays_at_its_hours_when_clocks_are_set_back(
    zone: str, day: date, first: int, last: int, by: timedelta
) -> None:
    afternoon = WallWindow(clock(13), clock(17))

    before, after = on(afternoon, day - timedelta(days=1), zone), on(afternoon, day, zone)

    assert walls(after, zone) == (f"{day:%d} 13:00", f"{day:%d} 17:00")
    assert after.length == 4 * HOUR
    assert after.start - before.start == 24 * HOUR + by


@forward
def test_a_night_across_a_jump_is_shorter_by_it(
    zone: str, day: date, first: int, last: int, by: timedelta
) -> None:
    night = on(WallWindow(clock(22), clock(6)), day - timedelta(days=1), zone)

    assert walls(night, zone) == (f"{day - timedelta(days=1):%d} 22:00", f"{day:%d} 06:00")
    assert night.length == 8 * HOUR - by


@back
def test_a_night_across_a_repetition_is_longer_by_it(
    zone: str, day: date, first: int, last: int, by: timedelta
) -> None:
    night = on(WallWindow(clock(22), clock(6)), day - timedelta(days=1), zone)

    assert walls(night, zone) == (f"{day - timedelta(days=1):%d} 22:00", f"{day:%d} 06:00")
    assert night.length == 8 * HOUR + by


@forward
def test_skipped_times_are_not_there(zone: str, day: date, first: int, last: int, by: timedelta) -> None:
    known, midnight = ZoneInfo(zone), datetime.combine(day, time())
    jump = instant_of(midnight + timedelta(minutes=last), known)

    for minute in range(first, last):
        wall = midnight + timedelta(minutes=minute)
        assert instant_of(wall, known) is None
        assert instant_at_or_after(wall, known) == jump
    assert WallWindow(first, last).on(day, known) is None
    assert not WallWindow(first, last).begins_on(day, known)
    assert instant_of(midnight + timedelta(minutes=first - 1), known) == jump - timedelta(minutes=1)  # type: ignore[operator]
    # Of a window that begins inside, the rest is there.
    assert on(WallWindow(first + 10, last + 60), day, zone) == Span(jump, jump + HOUR)  # type: ignore[arg-type, operator]


@back
def test_repeated_times_are_the_first(zone: str, day: date, first: int, last: int, by: timedelta) -> None:
    known, midnight = ZoneInfo(zone), datetime.combine(day, time())

    for minute in range(first, last):
        wall = midnight + timedelta(minutes=minute)
        instant = instant_of(wall, known)
        assert instant is not None
        assert wall_of(instant, known) == wall
        assert wall_of(instant + by, known) == wall
    # From the first beginning to an end that comes once: both passes.
    assert on(WallWindow(first, last), day, zone).length == timedelta(minutes=last - first) + by


def test_a_date_that_a_zone_skipped_altogether_has_nothing() -> None:
    # Samoa went from one side of the date line to the other.
    assert WallWindow(clock(9), clock(17)).on(date(2011, 12, 30), ZoneInfo("Pacific/Apia")) is None


zones = st.sampled_from([NEW_YORK, BERLIN, LORD_HOWE, "Asia/Kathmandu", "UTC", "Africa/Casablanca"])
#: Naive, as clocks on walls are.
FIRST, LAST = (datetime.combine(date(year, 1, 1), time()) for year in (2020, 2035))
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(zones, days, st.integers(0, 1439), st.integers(1, 1440))
def test_every_window_is_as_long_as_the_wall_says_give_or_take_one_change(
    zone: str, day: date, start: int, end: int
) -> None:
    window = WallWindow(start, end)
    said = timedelta(minutes=window.end_of_span - start)

    found = window.on(day, ZoneInfo(zone))

    assert abs((found.length if found else timedelta()) - said) <= HOUR
    assert found is None or (found.start.tzinfo is UTC and found.end.tzinfo is UTC)


@given(zones, st.datetimes(FIRST, LAST))
def test_wall_time_comes_back_unless_it_is_skipped(zone: str, wall: datetime) -> None:
    known, minute = ZoneInfo(zone), wall.replace(second=0, microsecond=0)
    instant = instant_of(minute, known)

    later = instant_at_or_after(minute, known)

    assert wall_of(later, known) == minute if instant else wall_of(later, known) > minute
    assert instant in (None, later)


def test_windows_overlap_across_midnight_and_around_the_week() -> None:
    night = WallWindow(clock(22), clock(6))

    assert overlapping([(0, night), (1, WallWindow(clock(5), clock(9)))], 7)
    assert not overlapping([(0, night), (1, WallWindow(clock(6), clock(9)))], 7)
    assert overlapping([(6, night), (0, WallWindow(clock(5), clock(9)))], 7)
    assert overlapping([(0, WallWindow(0, 1440)), (0, WallWindow(clock(23), 1440))], 7)
    assert not overlapping([], 7)
