"""Price, blocks and the capture plan, against exact decimals and brute force."""

from decimal import ROUND_HALF_UP, Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calls.pricing import CapturePlan, Take, block_amount, plan_capture, price
from domain.currencies import CHARGE_MINIMUM, Movement, step_of
from domain.money import Money, charge_minimum

MINIMUM = 50
currencies = st.sampled_from(sorted(CHARGE_MINIMUM))
rates = st.integers(1, 100_000)


@given(rates, st.integers(0, 100_000))
def test_a_price_is_the_exact_prorated_amount_rounded_half_up_once(rate: int, seconds: int) -> None:
    exact = Decimal(rate) * Decimal(seconds) / Decimal(60)

    assert price(Money(rate, "USD"), seconds) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@pytest.mark.parametrize(
    ("rate", "seconds", "amount"),
    [(250, 600, 2500), (1, 30, 1), (1, 29, 0), (250, 1, 4), (99, 59, 97), (333, 90, 500), (250, 0, 0)],
)
def test_prices_that_were_calculated_by_hand(rate: int, seconds: int, amount: int) -> None:
    assert price(Money(rate, "EUR"), seconds) == amount


@given(rates, st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_talk_never_costs_less(rate: int, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))

    assert price(Money(rate, "USD"), shorter) <= price(Money(rate, "USD"), longer)


@given(rates, st.integers(1, 10_000), st.integers(0, 500))
def test_any_talk_costs_at_least_the_minimum_and_no_talk_nothing(
    rate: int, seconds: int, minimum: int
) -> None:
    assert price(Money(rate, "USD"), seconds, minimum) == max(price(Money(rate, "USD"), seconds), minimum)
    assert price(Money(rate, "USD"), 0, minimum) == 0


@given(rates, st.integers(1, 120), currencies)
def test_a_block_pays_for_its_talk_and_can_be_charged(rate: int, minutes: int, currency: str) -> None:
    held = block_amount(Money(rate, currency), minutes * 60)

    assert held >= charge_minimum(currency)
    assert held % step_of(currency, Movement.CHARGE) == 0
    assert abs(held - max(rate * minutes, charge_minimum(currency))) * 2 <= step_of(currency, Movement.CHARGE)


def test_the_last_part_is_lifted_to_the_minimum_by_the_one_before() -> None:
    plan = plan_capture(3760, [(1, 3750), (2, 3750)], MINIMUM)

    assert plan == CapturePlan((Take(1, 3710), Take(2, 50)), written_off=0)


def test_a_total_below_the_minimum_is_written_off_and_every_hold_released() -> None:
    assert plan_capture(49, [(1, 3750), (2, 3750)], MINIMUM) == CapturePlan((Take(1, 0), Take(2, 0)), 49)


@pytest.mark.parametrize("holds", [(3750,), (3750, 3750), (60, 60, 60), (50, 50, 50), (120, 120, 99)])
def test_every_total_is_taken_in_legal_parts(holds: tuple[int, ...]) -> None:
    numbered = list(enumerate(holds, start=1))

    for total in range(sum(holds) + 120):
        plan = plan_capture(total, numbered, MINIMUM)
        assert [take.number for take in plan.takes] == [number for number, _ in numbered]
        assert all(
            take.amount == 0 or MINIMUM <= take.amount <= held
            for take, held in zip(plan.takes, holds, strict=True)
        )
        assert plan.captured + plan.written_off == total
        assert plan.written_off >= max(total - sum(holds), 0)


@pytest.mark.parametrize("holds", [(50, 50), (60, 60), (60, 60, 60), (75,) * 3, (99, 99)])
def test_no_plan_takes_more_out_of_equal_blocks(holds: tuple[int, ...]) -> None:
    possible = {sum(parts) for parts in product(*([0, *range(MINIMUM, held + 1)] for held in holds))}

    for total in range(sum(holds) + 10):
        best = max(amount for amount in possible if amount <= total)
        assert plan_capture(total, list(enumerate(holds, start=1)), MINIMUM).captured == best


@given(
    st.integers(0, 60_000),
    st.lists(st.integers(0, 20_000), max_size=6),
    st.sampled_from(sorted(set(CHARGE_MINIMUM.values()))),
)
def test_nothing_is_lost_or_invented_whatever_is_held(total: int, above: list[int], minimum: int) -> None:
    holds = [minimum + more for more in above]

    plan = plan_capture(total, list(enumerate(holds, start=1)), minimum)

    assert plan.captured + plan.written_off == total
    assert all(
        take.amount == 0 or minimum <= take.amount <= held
        for take, held in zip(plan.takes, holds, strict=True)
    )


def test_nothing_held_means_everything_written_off() -> None:
    assert plan_capture(500, [], MINIMUM) == CapturePlan((), 500)
