"""Integer minor units, one rounding, and shares that always add up."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import CHARGE_MINIMUM
from domain.money import CurrencyMismatch, Money, round_half_up, split_cumulatively

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)


@given(amounts, st.integers(1, 10_000).map(lambda n: 2 * n))
def test_rounding_agrees_with_exact_decimals_on_every_half(numerator: int, denominator: int) -> None:
    halves = Fraction(numerator, 2)

    assert round_half_up(halves) == int((Decimal(numerator) / 2).quantize(Decimal(1), ROUND_HALF_UP))
    assert abs(
        round_half_up(Fraction(numerator, denominator)) - Fraction(numerator, denominator)
    ) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("1/2", 1), ("-1/2", -1), ("3/2", 2), ("5/2", 3), ("49/100", 0), ("-149/100", -1), ("0", 0)],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Fraction(value)) == rounded


def test_no_digit_is_lost_in_a_number_larger_than_a_float_holds() -> None:
    assert round_half_up(Fraction(2 * 10**30 + 1, 2)) == 10**30 + 1


@given(amounts, weights.filter(any))
def test_shares_always_add_up_whatever_the_partition(total: int, parts: list[int]) -> None:
    assert sum(split_cumulatively(total, parts)) == total


@given(st.integers(0, 10**9), weights.filter(any))
def test_no_share_is_further_than_one_unit_from_its_exact_part(total: int, parts: list[int]) -> None:
    shares = split_cumulatively(total, parts)

    assert all(
        abs(share - Fraction(total * part, sum(parts))) <= 1
        for share, part in zip(shares, parts, strict=True)
    )


@given(st.integers(0, 10**6), weights.filter(any))
def test_who_weighs_nothing_gets_nothing(total: int, parts: list[int]) -> None:
    shares = split_cumulatively(total, parts)

    assert all(share == 0 for share, part in zip(shares, parts, strict=True) if part == 0)


def test_a_share_taken_in_three_equal_refunds_is_whole_at_the_end() -> None:
    assert split_cumulatively(850, [333, 333, 334]) == [283, 283, 284]


def test_money_without_anybody_to_take_it_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to share"):
        split_cumulatively(1, [0, 0])


def test_nothing_is_shared_over_nobody() -> None:
    assert split_cumulatively(0, [0, 0]) == [0, 0]
    assert split_cumulatively(0, []) == []


def test_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        split_cumulatively(10, [3, -1])


@given(amounts, amounts, st.sampled_from(sorted(CHARGE_MINIMUM)))
def test_one_currency_adds_and_subtracts(one: int, other: int, currency: str) -> None:
    assert Money(one, currency) + Money(other, currency) == Money(one + other, currency)
    assert Money(one, currency) - Money(other, currency) == Money(one - other, currency)


def test_two_currencies_never_meet_in_one_sum() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") - Money(1, "JPY")


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "US"])
def test_an_unknown_currency_is_no_money(currency: str) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money(1, currency)
