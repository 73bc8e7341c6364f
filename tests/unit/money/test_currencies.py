"""Every currency by every movement: what can be moved, and that nothing is lost of the rest."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.payments.stripe_amounts import from_wire, to_wire
from domain.currencies import CHARGE_MINIMUM, Movement, charge_maximum, movable, step_of
from domain.money import Money, charge_minimum, round_to_movable
from sandbox.currencies import MINIMUM as GATEWAY_MINIMUM
from sandbox.currencies import check_amount

MATRIX = [(currency, movement) for currency in sorted(CHARGE_MINIMUM) for movement in Movement]
CHARGE, REFUND, TRANSFER, PAYOUT = Movement
#: What is odd, by hand; everything else moves in single minor units.
ODD = {
    ("KWD", CHARGE): 10,
    ("KWD", REFUND): 10,
    ("KWD", TRANSFER): 10,
    ("KWD", PAYOUT): 10,
    ("HUF", PAYOUT): 100,
    ("TWD", PAYOUT): 100,
}


@pytest.mark.parametrize(("currency", "movement"), MATRIX)
def test_every_currency_moves_in_its_own_steps(currency: str, movement: Movement) -> None:
    step = ODD.get((currency, movement), 1)

    assert step_of(currency, movement) == step
    for amount in [0, 1, step - 1, step, step + 1, 12_345, 99_999]:
        moved = movable(amount, currency, movement)
        assert moved % step == 0
        assert 0 <= amount - moved < step


@pytest.mark.parametrize("currency", sorted(CHARGE_MINIMUM))
def test_the_gateway_takes_our_smallest_and_our_largest_charge(currency: str) -> None:
    least, most = charge_minimum(currency), charge_maximum(currency)

    assert to_wire(Money(least, currency)) == GATEWAY_MINIMUM[currency.lower()]
    assert movable(least, currency, CHARGE) == least
    check_amount(to_wire(Money(least, currency)), currency.lower(), "amount")
    check_amount(to_wire(Money(movable(most, currency, CHARGE), currency)), currency.lower(), "amount")


@pytest.mark.parametrize("currency", sorted(CHARGE_MINIMUM))
def test_whatever_was_charged_can_be_given_back_whole(currency: str) -> None:
    assert step_of(currency, CHARGE) % step_of(currency, REFUND) == 0


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4), st.sampled_from(MATRIX))
def test_rounding_to_what_can_be_moved_is_off_by_half_a_step_at_most(
    numerator: int, denominator: int, way: tuple[str, Movement]
) -> None:
    rounded, step = round_to_movable(numerator, denominator, *way), step_of(*way)

    assert rounded % step == 0
    assert abs(rounded - Fraction(numerator, denominator)) * 2 <= step


@given(st.lists(st.integers(0, 10**6), max_size=20), st.sampled_from(MATRIX))
def test_what_cannot_be_moved_yet_counts_the_next_time(earned: list[int], way: tuple[str, Movement]) -> None:
    left = moved = 0
    for amount in earned:
        now = movable(left + amount, *way)
        left, moved = left + amount - now, moved + now

    assert moved + left == sum(earned)
    assert left < step_of(*way)


@pytest.mark.parametrize(
    ("currency", "wire"), [("ISK", 70_000), ("UGX", 70_000), ("JPY", 700), ("KWD", 700), ("USD", 700)]
)
def test_the_gateway_writes_two_currencies_with_decimals_that_they_do_not_have(
    currency: str, wire: int
) -> None:
    assert to_wire(Money(700, currency)) == wire
    assert from_wire(wire, currency.lower()) == 700


def test_tax_that_the_gateway_computes_on_its_wire_is_rounded_once() -> None:
    assert [from_wire(amount, "isk") for amount in (1935, 1949, 1950, 0)] == [19, 19, 20, 0]
