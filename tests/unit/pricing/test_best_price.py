"""The lowest of all candidates wins, and nothing else decides."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.currencies import CHARGE_MINIMUM, Movement, step_of
from domain.money import Money, charge_minimum
from domain.pricing.base import base_price, overtime_rate
from domain.pricing.calculation import best_price
from domain.pricing.codes import DiscountCode
from domain.pricing.quote import PriceReason, Quote
from domain.pricing.rules import PriceRule
from tests.unit.pricing.offers import MONDAY_EVENING, code, evening, holidays, offer

currencies = st.sampled_from(sorted(CHARGE_MINIMUM))
amounts = st.integers(0, 2_000_000)
percents = st.integers(1, 100)
minutes = st.integers(3, 48).map(lambda n: 5 * n)
ORDER = list(PriceReason)


def quoted(
    amount: int, *rules: PriceRule, code: DiscountCode | None = None, minutes: int = 60, currency: str = "USD"
) -> Quote:
    """The price of an hour on a Monday evening in Berlin."""
    return best_price(
        offer(amount, currency),
        start=MONDAY_EVENING,
        minutes=minutes,
        zone="Europe/Berlin",
        rules=rules,
        code=code,
    )


@given(amounts, st.integers(1, 480), st.integers(1, 96).map(lambda n: 5 * n))
def test_the_base_is_prorated_exactly_and_rounded_once(amount: int, asked: int, usual: int) -> None:
    exact = (Decimal(amount) * asked / usual).quantize(Decimal(1), ROUND_HALF_UP)

    assert base_price(offer(amount, minutes=usual), asked).amount == int(exact)


@st.composite
def codes_in(draw: st.DrawFn, currency: str) -> DiscountCode:
    """A code with per cents or an amount, with or without a budget that may be partly used."""
    budget = draw(st.none() | st.integers(1, 100_000))
    discounted = draw(st.integers(0, 100_000))
    limits = {"budget": None if budget is None else Money(budget, currency), "discounted": discounted}
    if draw(st.booleans()):
        return code(percent=draw(percents), **limits)
    return code(off=Money(draw(st.integers(1, 100_000)), currency), **limits)


@given(
    st.data(), currencies, amounts, minutes, st.lists(percents, max_size=4), st.lists(percents, max_size=3)
)
def test_a_price_is_the_lowest_candidate_never_above_the_base_and_never_below_zero(
    data: st.DataObject, currency: str, amount: int, asked: int, rates: list[int], periods: list[int]
) -> None:
    rules = [evening(percent) for percent in rates] + [holidays(percent) for percent in periods]
    given_code = data.draw(st.none() | codes_in(currency))

    quote = quoted(amount, *rules, code=given_code, minutes=asked, currency=currency)

    assert len(quote.candidates) == 1 + len(rules) + (given_code is not None)
    assert quote.amount == min(one.amount for one in quote.candidates)
    assert 0 <= quote.amount <= quote.base == base_price(offer(amount, currency), asked).amount
    assert quote.amount == 0 or quote.amount >= charge_minimum(currency)
    assert quote.amount % step_of(currency, Movement.CHARGE) == 0
    assert (quote.code_id is not None) is (quote.reason is PriceReason.CODE)


@given(st.lists(percents, min_size=1, max_size=4), percents)
def test_one_more_rule_never_makes_it_dearer(rates: list[int], more: int) -> None:
    rules = [evening(percent) for percent in rates]

    assert quoted(9000, *rules, holidays(more)).amount <= quoted(9000, *rules).amount


@given(percents, percents)
def test_rules_never_add_up(one: int, other: int) -> None:
    both = quoted(9000, evening(one), holidays(other))

    assert both.amount == min(quoted(9000, evening(one)).amount, quoted(9000, holidays(other)).amount)


def test_ties_go_to_the_first_kind_and_then_by_label_whatever_the_order() -> None:
    rules = [holidays(20, "B"), holidays(20, "A"), evening(20, "Z")]

    quotes = [quoted(9000, *some, code=code()) for some in permutations(rules)]

    assert {(one.reason, one.label, one.amount, one.code_id) for one in quotes} == {
        (PriceReason.TIME_RATE, "Z", 7200, None)
    }
    assert [one.label for one in quotes[0].candidates] == ["Z", "A", "B", "WELCOME", ""]
    assert len({one.candidates for one in quotes}) == 1


def test_a_code_that_gives_the_price_is_named_by_it() -> None:
    welcome = code(percent=30)

    quote = quoted(9000, evening(20), code=welcome)

    assert (quote.reason, quote.label, quote.amount, quote.code_id) == (
        PriceReason.CODE, "WELCOME", 6300, welcome.id,
    )  # fmt: skip


@pytest.mark.parametrize("currency", sorted(CHARGE_MINIMUM))
def test_what_is_too_small_to_be_charged_is_waived(currency: str) -> None:
    least, step = charge_minimum(currency), step_of(currency, Movement.CHARGE)
    base = 100 * least

    def with_off(remaining: int) -> int:
        return quoted(base, code=code(off=Money(base - remaining, currency)), currency=currency).amount

    assert [with_off(rest) for rest in (0, step, least - step, least)] == [0, 0, 0, least]


def test_an_amount_larger_than_the_price_makes_it_free_and_not_negative() -> None:
    assert quoted(9000, code=code(off=Money(100_000, "USD"))).amount == 0


@pytest.mark.parametrize(("left", "amount"), [(5000, 7200), (1800, 7200), (1000, 8000), (1, 8999)])
def test_a_code_takes_off_no_more_than_is_left_of_its_budget(left: int, amount: int) -> None:
    welcome = code(percent=20, budget=Money(5000, "USD"), discounted=5000 - left)

    assert quoted(9000, code=welcome).amount == amount


def test_what_is_free_already_uses_no_code_up() -> None:
    quote = quoted(0, code=code(percent=100))

    assert (quote.amount, quote.reason, quote.code_id) == (0, PriceReason.BASE, None)


@pytest.mark.parametrize(
    ("amount", "usual", "own", "rate"), [(9000, 60, None, 150), (5000, 45, None, 111), (9000, 60, 400, 400)]
)
def test_a_minute_of_overtime_costs_what_is_said_or_what_a_booked_one_does(
    amount: int, usual: int, own: int | None, rate: int
) -> None:
    overtime = None if own is None else Money(own, "USD")

    assert overtime_rate(offer(amount, minutes=usual, overtime_rate=overtime)) == Money(rate, "USD")
