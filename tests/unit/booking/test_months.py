"""Months in which a coach's time is remembered: none that a booking concerns is taken for unchanged."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.booking import LONGEST
from domain.booking.months import Month, concerned, months_of
from domain.booking.spans import Span

instants = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.integers(0, int(LONGEST / timedelta(hours=1)))


@given(instants, st.integers(1, 12), hours)
def test_every_month_that_knows_of_a_session_is_concerned_by_it(
    start: datetime, length: int, buffer: int
) -> None:
    span = Span(start, start + timedelta(hours=length))
    buffered = span.widened(timedelta(hours=buffer), timedelta(hours=buffer))
    near = months_of(span.widened(timedelta(days=62), timedelta(days=62)))

    knows = [month for month in near if month.around.overlaps(buffered)]

    assert set(knows) <= set(concerned([span]))
    assert len(concerned([span])) <= 2


@given(instants, st.integers(1, 400))
def test_the_months_of_a_window_cover_it_without_a_gap(start: datetime, days: int) -> None:
    window = Span(start, start + timedelta(days=days))

    months = list(months_of(window))

    assert months[0].span.start <= window.start
    assert window.end <= months[-1].span.end
    assert [month.next for month in months[:-1]] == months[1:]
    assert str(Month(2026, 3)) == "2026-03"
