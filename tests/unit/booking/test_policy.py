"""What a client gets back: more the earlier, never more than was paid."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.changes import cancellation_of
from domain.booking.parties import Role
from domain.booking.policy import client_refund, full_refund_until, partial_refund_until, whole_refund
from domain.booking.session_type import CancellationPolicy
from domain.booking.states import BookingState
from domain.money import Money
from tests.unit.booking.made import NOW, START, a_booking

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = CancellationPolicy()
PRICES = st.integers(0, 1_000_000)
LEADS = st.integers(-(72 * 3600), 720 * 3600).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def policies(draw: st.DrawFn) -> CancellationPolicy:
    full = draw(st.integers(0, 720))
    return CancellationPolicy(full, draw(st.integers(0, full)), draw(st.integers(0, 100)))


def test_a_day_before_all_of_it_goes_back_two_hours_before_half_of_it_then_nothing() -> None:
    def percent(**before: float) -> int:
        return client_refund(POLICY, Money(9000, "USD"), AT + timedelta(**before), AT).percent

    assert (percent(hours=24), percent(hours=23, seconds=3599)) == (100, 50)
    assert (percent(hours=2), percent(hours=1, seconds=3599)) == (50, 0)


def test_half_a_cent_is_rounded_up() -> None:
    assert client_refund(POLICY, Money(8999, "USD"), AT + timedelta(hours=3), AT).amount == 4500


def test_a_share_is_what_can_be_given_back_in_its_currency() -> None:
    assert client_refund(POLICY, Money(12_350, "KWD"), AT + timedelta(hours=3), AT).amount == 6_180


@given(policies(), PRICES, LEADS)
def test_a_refund_is_never_more_than_the_price(
    policy: CancellationPolicy, price: int, lead: timedelta
) -> None:
    refund = client_refund(policy, Money(price, "USD"), AT + lead, AT)

    assert 0 <= refund.amount <= price == whole_refund(price).amount
    assert abs(refund.amount * 100 - price * refund.percent) <= 50


@given(policies(), PRICES, LEADS, LEADS)
def test_cancelling_later_never_gives_more(
    policy: CancellationPolicy, price: int, one: timedelta, other: timedelta
) -> None:
    sooner = client_refund(policy, Money(price, "USD"), AT + max(one, other), AT)
    later = client_refund(policy, Money(price, "USD"), AT + min(one, other), AT)

    assert later.amount <= sooner.amount


@given(policies(), st.integers(1, 1_000_000))
def test_the_limits_that_are_shown_are_those_that_count(policy: CancellationPolicy, price: int) -> None:
    start, tick = AT + timedelta(days=60), timedelta(milliseconds=1)
    full, partial = full_refund_until(policy, start), partial_refund_until(policy, start)

    assert client_refund(policy, Money(price, "USD"), start, full).percent == 100
    assert client_refund(policy, Money(price, "USD"), start, full + tick).percent in (
        policy.partial_refund_percent,
        0,
    )
    assert client_refund(policy, Money(price, "USD"), start, partial + tick).percent == 0


def test_what_is_not_paid_gives_nothing_back() -> None:
    pending = cancellation_of(a_booking(state=BookingState.PENDING_PAYMENT), Role.CLIENT, NOW)

    assert pending.allowed
    assert pending.refund.amount == 0


def test_a_coach_gives_all_of_it_back_until_the_start() -> None:
    booking = a_booking()
    shortly = cancellation_of(booking, Role.COACH, START - timedelta(minutes=1))
    begun = cancellation_of(booking, Role.COACH, START)

    assert (shortly.allowed, shortly.refund.amount) == (True, 9000)
    assert not begun.allowed


def test_what_is_over_cannot_be_cancelled() -> None:
    over = a_booking(state=BookingState.EXPIRED)

    assert not cancellation_of(over, Role.CLIENT, NOW).allowed
    assert not cancellation_of(over, Role.COACH, NOW).allowed
