"""The weekly schedule: expanded date by date, with exceptions, and refused when it makes no sense."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.booking.calendar import DateException, Schedule, Weekday, check_exception, check_schedule
from domain.booking.spans import Span, clipped, merged, total
from domain.booking.zones import WallWindow
from domain.errors import Invalid

HOUR = timedelta(hours=1)
TODAY = date(2026, 3, 2)
NINE_TO_FIVE, NIGHT = WallWindow(9 * 60, 17 * 60), WallWindow(22 * 60, 6 * 60)
TUESDAY = DateException(date(2026, 3, 3), (NIGHT, WallWindow(300, 600)))
WEEK = dict.fromkeys((Weekday.MON, Weekday.TUE, Weekday.WED), (NINE_TO_FIVE,))


def utc(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_a_week_is_expanded_in_the_zone_of_the_coach() -> None:
    schedule = Schedule("America/New_York", WEEK)

    found = schedule.expanded(Span(utc(3, 2), utc(3, 16)))

    # Clocks changed on the 8th: nine o'clock is an hour earlier in UTC from then on.
    assert [span.start for span in found] == [utc(3, day, 14) for day in (2, 3, 4)] + [
        utc(3, day, 13) for day in (9, 10, 11)
    ]
    assert {span.length for span in found} == {8 * HOUR}


def test_an_exception_replaces_the_windows_of_its_date() -> None:
    away, longer = DateException(date(2026, 3, 3)), DateException(date(2026, 3, 5), (WallWindow(600, 720),))

    schedule = Schedule("UTC", WEEK, exceptions=(away, longer))

    assert schedule.expanded(Span(utc(3, 2), utc(3, 7))) == [
        Span(utc(3, 2, 9), utc(3, 2, 17)),
        Span(utc(3, 4, 9), utc(3, 4, 17)),
        Span(utc(3, 5, 10), utc(3, 5, 12)),
    ]


def test_a_night_belongs_to_the_date_on_which_it_begins() -> None:
    schedule = Schedule("UTC", {Weekday.MON: (NIGHT,)}, exceptions=(DateException(date(2026, 3, 3)),))

    # Being away on Tuesday does not end Monday's night at midnight.
    assert schedule.expanded(Span(utc(3, 2), utc(3, 6))) == [Span(utc(3, 2, 22), utc(3, 3, 6))]
    assert schedule.expanded(Span(utc(3, 3), utc(3, 6))) == [Span(utc(3, 3), utc(3, 3, 6))]


def test_whole_days_are_one_stretch_also_when_clocks_change() -> None:
    always = Schedule("Australia/Lord_Howe", {day: (WallWindow(0, 1440),) for day in Weekday})

    window = Span(utc(3, 25), utc(4, 20))

    assert always.expanded(window) == [window]


windows = st.lists(st.tuples(st.integers(0, 47), st.integers(1, 48)), max_size=3).map(
    lambda edges: tuple(WallWindow(a * 30, b * 30) for a, b in edges if a != b)
)
schedules = st.builds(
    Schedule,
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tokyo"]),
    st.dictionaries(st.sampled_from(Weekday), windows),
)
hours = st.integers(0, 24 * 400)


@given(schedules, hours, st.integers(1, 24 * 30), st.integers(0, 24 * 30))
def test_it_is_the_same_in_one_piece_and_in_two(schedule: Schedule, first: int, one: int, more: int) -> None:
    start = utc(1, 1) + first * HOUR
    middle, end = start + one * HOUR, start + (one + more + 1) * HOUR

    whole = schedule.expanded(Span(start, end))
    parts = schedule.expanded(Span(start, middle)) + schedule.expanded(Span(middle, end))

    assert merged(parts) == whole
    assert clipped(whole, Span(start, end)) == whole
    assert total(whole) <= end - start


@pytest.mark.parametrize(
    ("schedule", "path"),
    [
        (Schedule("Mars/Olympus"), "timeZone"),
        (Schedule("UTC", {Weekday.MON: (NINE_TO_FIVE, WallWindow(16 * 60, 18 * 60))}), "weekly.mon"),
        (Schedule("UTC", {Weekday.MON: (WallWindow(600, 600),)}), "weekly.mon"),
        (Schedule("UTC", {Weekday.MON: (WallWindow(600, 1441),)}), "weekly.mon"),
        (Schedule("UTC", {Weekday.MON: (WallWindow(-1, 60),)}), "weekly.mon"),
        (
            Schedule("UTC", {Weekday.MON: tuple(WallWindow(n * 60, n * 60 + 30) for n in range(13))}),
            "weekly.mon",
        ),
        (Schedule("UTC", {Weekday.SUN: (NIGHT,), Weekday.MON: (WallWindow(300, 600),)}), "weekly"),
        (
            Schedule("UTC", exceptions=(DateException(TODAY), DateException(TODAY, (NINE_TO_FIVE,)))),
            "exceptions",
        ),
        (Schedule("UTC", exceptions=(DateException(date(2029, 1, 1)),)), "exceptions.2029-01-01"),
        (Schedule("UTC", exceptions=(DateException(date(2025, 1, 1)),)), "exceptions.2025-01-01"),
        (
            Schedule("UTC", {Weekday.MON: (NIGHT,)}, exceptions=(TUESDAY,)),
            "exceptions.2026-03-03",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_field(schedule: Schedule, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_schedule(schedule, TODAY)

    assert refused.value.details["fields"][0]["path"] == path  # type: ignore[index]


def test_what_makes_sense_is_taken() -> None:
    sunday = DateException(date(2026, 3, 8), (NIGHT,))
    schedule = Schedule("Europe/Berlin", WEEK | {Weekday.FRI: (NINE_TO_FIVE, NIGHT)}, exceptions=(sunday,))

    check_schedule(schedule, TODAY)
    check_exception(schedule, DateException(date(2026, 3, 7), (WallWindow(6 * 60, 9 * 60),)), TODAY)
