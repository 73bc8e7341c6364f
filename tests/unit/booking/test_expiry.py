"""How long a booking waits, and for whom."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.expiry import answer_until, minimum_at, pay_until

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LEADS = st.integers(1, 60 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_a_firm_booking_waits_fifteen_minutes_for_its_payment() -> None:
    assert pay_until(NOW, NOW + hours(1), agreed=False) == NOW + timedelta(minutes=15)


def test_one_that_the_coach_agreed_to_waits_a_day_but_is_paid_an_hour_before_its_start() -> None:
    assert pay_until(NOW, NOW + hours(100), agreed=True) == NOW + hours(24)
    assert pay_until(NOW, NOW + hours(20), agreed=True) == NOW + hours(19)


def test_an_agreement_in_the_last_hour_leaves_as_long_as_a_firm_booking_has() -> None:
    assert pay_until(NOW, NOW + hours(0.5), agreed=True) == NOW + timedelta(minutes=15)
    assert pay_until(NOW, NOW + timedelta(minutes=5), agreed=True) == NOW + timedelta(minutes=5)


def test_a_question_is_open_for_two_days_and_never_beyond_the_notice() -> None:
    assert answer_until(NOW, NOW + hours(100), hours(1)) == NOW + hours(48)
    assert answer_until(NOW, NOW + hours(30), hours(12)) == NOW + hours(18)


def test_a_group_is_counted_a_day_before_its_start() -> None:
    assert minimum_at(NOW, NOW + hours(100)) == NOW + hours(76)
    assert minimum_at(NOW, NOW + hours(5)) == NOW + hours(4)
    assert minimum_at(NOW, NOW + hours(0.5)) == NOW + hours(0.5)


@given(LEADS, st.booleans())
def test_nothing_is_paid_after_the_start_and_everybody_has_some_time(lead: timedelta, agreed: bool) -> None:
    start = NOW + lead
    until = pay_until(NOW, start, agreed=agreed)

    assert NOW < until <= start
    assert until >= min(NOW + timedelta(minutes=15), start)


@given(LEADS, st.integers(0, 90 * 24 * 60))
def test_no_question_is_open_after_the_start(lead: timedelta, notice: int) -> None:
    start = NOW + lead

    assert NOW < answer_until(NOW, start, timedelta(minutes=notice)) <= min(start, NOW + hours(48))


@given(LEADS)
def test_a_group_is_counted_before_it_begins(lead: timedelta) -> None:
    assert NOW < minimum_at(NOW, NOW + lead) <= NOW + lead
