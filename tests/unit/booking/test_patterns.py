"""Series of slots: rules of RFC 5545, in wall time, with an end."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.calendars import DateutilRecurrences
from domain.booking.patterns import OCCURRENCES, Series, parse_rule, pattern_of
from domain.booking.slots import Pattern
from domain.booking.spans import Span
from domain.booking.zones import WallWindow
from domain.errors import Invalid

SERIES = Series(DateutilRecurrences())
HOUR = timedelta(hours=1)
#: Naive, as rules are expanded.
MIDNIGHT = datetime.combine(date(2026, 1, 1), time())
NEW_YORK, BERLIN, LORD_HOWE = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def days_of(pattern: Pattern) -> list[date]:
    return [one.day for one in SERIES.occurrences(pattern)]


def test_a_series_stays_at_its_hour_when_clocks_change() -> None:
    pattern = Pattern("FREQ=WEEKLY;COUNT=3", NEW_YORK, date(2026, 3, 1), WallWindow(13 * 60, 14 * 60))

    spans = [one.span for one in SERIES.checked(pattern)]

    assert [span.start for span in spans] == [utc(2026, 3, 1, 18), utc(2026, 3, 8, 17), utc(2026, 3, 15, 17)]
    assert {span.length for span in spans} == {HOUR}


@pytest.mark.parametrize(
    ("zone", "first", "night"),
    [
        (NEW_YORK, date(2026, 3, 7), [8, 7, 8]),
        (NEW_YORK, date(2026, 10, 31), [8, 9, 8]),
        (BERLIN, date(2026, 3, 28), [8, 7, 8]),
        (LORD_HOWE, date(2026, 10, 3), [8, 7.5, 8]),
        (LORD_HOWE, date(2026, 4, 4), [8, 8.5, 8]),
    ],
)
def test_a_night_across_a_change_of_clocks_keeps_its_edges(
    zone: str, first: date, night: list[float]
) -> None:
    before = first - timedelta(days=1)
    pattern = Pattern("FREQ=DAILY;COUNT=3", zone, before, WallWindow(22 * 60, 6 * 60))

    assert [one.span.length / HOUR for one in SERIES.checked(pattern)] == night


@pytest.mark.parametrize(
    ("zone", "jump"),
    [(NEW_YORK, date(2026, 3, 8)), (BERLIN, date(2026, 3, 29)), (LORD_HOWE, date(2026, 10, 4))],
)
def test_a_start_that_clocks_skip_is_no_occurrence_and_is_not_counted(zone: str, jump: date) -> None:
    week = timedelta(weeks=1)
    pattern = Pattern("FREQ=WEEKLY;COUNT=3", zone, jump - week, WallWindow(2 * 60 + 15, 5 * 60))

    assert days_of(pattern) == [jump - week, jump + week, jump + 2 * week]


def test_an_occurrence_that_clocks_show_twice_is_the_first() -> None:
    pattern = Pattern("FREQ=DAILY;COUNT=1", BERLIN, date(2026, 10, 25), WallWindow(150, 180))

    # 02:30 summer time to 03:00 winter time.
    assert SERIES.checked(pattern)[0].span == Span(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 2))


rules = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 9)),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY=MO,FR".format, st.integers(1, 4)),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([1, 6, 28, 29, 30, 31, -1])),
    st.builds("FREQ=MONTHLY;BYDAY={}".format, st.sampled_from(["1MO", "-1FR", "5WE", "2TU,4TU"])),
    st.just("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    st.just("FREQ=DAILY;BYMONTH=2,11;BYDAY=SU"),
)


@given(rules, st.integers(1, 30), st.integers(0, 400))
def test_in_a_zone_without_changes_it_is_what_the_library_says(rule: str, count: int, day: int) -> None:
    begin = MIDNIGHT + timedelta(days=day)
    dates = [at.date() for at in rrulestr(rule + f";COUNT={count}", dtstart=begin)]
    pattern = Pattern(f"{rule};COUNT={count}", "UTC", dates[0], WallWindow(600, 660))
    within = [one for one in dates if one <= dates[0] + timedelta(days=731)]

    assert days_of(pattern) == within


@given(rules, st.integers(2, 30), st.data())
def test_cut_in_two_it_is_the_same_series(rule: str, count: int, data: st.DataObject) -> None:
    begin = rrulestr(rule, dtstart=MIDNIGHT)[0].date()
    pattern = Pattern(f"{rule};COUNT={count}", BERLIN, begin, WallWindow(600, 660))
    days = days_of(pattern)
    assume(len(days) == count)
    day = data.draw(st.sampled_from(days))

    before = SERIES.before(pattern, day)
    after = Pattern(SERIES.rest_of_rule(pattern, day), BERLIN, day, pattern.window)

    assert (days_of(before) if before else []) + days_of(after) == days


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU;COUNT=3",
        "FREQ=MONTHLY;BYDAY=1MO,-1FR;BYMONTH=2,11;UNTIL=20261231",
        "FREQ=MONTHLY;BYMONTHDAY=-1,15;UNTIL=20261231T225959Z",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1;COUNT=1",
    ],
)
def test_a_rule_is_written_as_it_was_read(rule: str) -> None:
    assert str(parse_rule(rule)) == str(parse_rule("RRULE:" + rule)) == rule


def test_until_is_inclusive_and_an_instant_or_a_date() -> None:
    first, window = date(2026, 3, 2), WallWindow(600, 660)

    by_date = Pattern("FREQ=DAILY;UNTIL=20260304", NEW_YORK, first, window)
    by_instant = Pattern("FREQ=DAILY;UNTIL=20260304T150000Z", NEW_YORK, first, window)
    just_before = Pattern("FREQ=DAILY;UNTIL=20260304T145959Z", NEW_YORK, first, window)

    assert days_of(by_date) == days_of(by_instant) == [date(2026, 3, day) for day in (2, 3, 4)]
    assert days_of(just_before) == [date(2026, 3, day) for day in (2, 3)]


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;COUNT=0",
        f"FREQ=DAILY;COUNT={OCCURRENCES + 1}",
        "FREQ=DAILY;COUNT=99999999999",
        "FREQ=WEEKLY;COUNT=3;UNTIL=20261231",
        "FREQ=WEEKLY;COUNT=3;COUNT=4",
        "FREQ=WEEKLY;COUNT",
        "FREQ=SECONDLY;COUNT=3",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=YEARLY;COUNT=3",
        "FREQ=DAILY;BYHOUR=1,2,3;COUNT=3",
        "FREQ=DAILY;BYEASTER=0;COUNT=3",
        "FREQ=DAILY;INTERVAL=0;COUNT=3",
        "FREQ=DAILY;INTERVAL=9999;COUNT=3",
        "FREQ=WEEKLY;BYDAY=1MO;COUNT=3",
        "FREQ=WEEKLY;BYDAY=XX;COUNT=3",
        "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=0;COUNT=3",
        "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=3",
        "FREQ=MONTHLY;BYMONTH=-1;COUNT=3",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5;COUNT=3",
        "FREQ=MONTHLY;BYSETPOS=1;COUNT=3",
        "FREQ=WEEKLY;WKST=8;COUNT=3",
        "FREQ=WEEKLY;UNTIL=20261331",
        "FREQ=WEEKLY;UNTIL=20261231T235959",
        "FREQ=WEEKLY;UNTIL=٢٠٢٦١٢٣١",
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(Invalid, match="This recurrence cannot be kept"):
        parse_rule(rule)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        # Not one of the rule's own days: the first Monday is the 5th.
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=3", date(2026, 1, 6)),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3", date(2026, 1, 5)),
        # These never match: the library alone would look for them until the year 9999.
        ("FREQ=DAILY;BYMONTH=2;COUNT=3", date(2026, 1, 5)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=3", date(2026, 2, 10)),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;COUNT=3", date(2026, 2, 10)),
        # Longer than two years.
        ("FREQ=MONTHLY;INTERVAL=3;COUNT=30", date(2026, 1, 5)),
        ("FREQ=WEEKLY;UNTIL=20300101", date(2026, 1, 5)),
        # More than a year of days.
        ("FREQ=DAILY;UNTIL=20271231", date(2026, 1, 5)),
        # Ends before it begins.
        ("FREQ=DAILY;UNTIL=20251231", date(2026, 1, 5)),
    ],
)
def test_a_series_that_cannot_be_kept_is_refused(rule: str, first: date) -> None:
    with pytest.raises(Invalid, match="This recurrence cannot be kept"):
        SERIES.checked(Pattern(rule, "UTC", first, WallWindow(600, 660)))


def test_the_pattern_of_a_span_knows_wall_time() -> None:
    night = pattern_of("FREQ=DAILY;COUNT=2", BERLIN, Span(utc(2026, 7, 1, 20), utc(2026, 7, 2, 4)))
    whole_day = pattern_of("FREQ=DAILY;COUNT=2", "UTC", Span(utc(2026, 7, 1), utc(2026, 7, 2)))

    assert (night.first, night.window) == (date(2026, 7, 1), WallWindow(22 * 60, 6 * 60))
    assert whole_day.window == WallWindow(0, 1440)
    for span in (
        Span(utc(2026, 7, 1), utc(2026, 7, 2, 1)),
        Span(utc(2026, 7, 1, 9), utc(2026, 7, 1, 10) + timedelta(seconds=1)),
        Span(utc(2026, 7, 1, 9), utc(2026, 7, 2, 9)),
    ):
        with pytest.raises(Invalid, match="This recurrence cannot be kept"):
            pattern_of("FREQ=DAILY;COUNT=2", "UTC", span)


def test_a_window_of_a_long_series_is_found_without_the_rest() -> None:
    pattern = Pattern("FREQ=DAILY;COUNT=366", BERLIN, date(2026, 1, 1), WallWindow(22 * 60, 6 * 60))

    found = SERIES.inside(pattern, Span(utc(2026, 6, 10, 3), utc(2026, 6, 11, 3)))

    assert [one.day for one in found] == [date(2026, 6, 9), date(2026, 6, 10)]
