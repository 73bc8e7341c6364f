"""Tax inside a price: every rate that the sandbox knows, every amount from 1 to 100 000 minor units."""

from itertools import pairwise

import pytest

from domain.money import split_cumulatively
from sandbox.tax import RATES, tax_of

GROSS = range(1, 100_001)
BASIS_POINTS = sorted(set(RATES.values()))


@pytest.mark.parametrize("rate", BASIS_POINTS)
def test_net_is_the_nearest_whole_amount_and_tax_the_rest_of_an_unchanged_price(rate: int) -> None:
    whole = 10_000 + rate

    for gross in GROSS:
        tax = tax_of(gross, rate, inclusive=True)
        net = gross - tax
        assert 0 <= tax < gross or rate == 0 == tax, gross
        assert -whole < 2 * (net * whole - gross * 10_000) <= whole, gross


@pytest.mark.parametrize("rate", BASIS_POINTS)
def test_tax_never_falls_when_the_price_rises(rate: int) -> None:
    taxes = [tax_of(gross, rate, inclusive=True) for gross in GROSS]

    assert all(later >= earlier for earlier, later in pairwise(taxes))


@pytest.mark.parametrize("rate", BASIS_POINTS)
def test_what_goes_back_in_three_refunds_holds_all_of_the_tax(rate: int) -> None:
    for gross in range(1, 100_001, 997):
        tax, third = tax_of(gross, rate, inclusive=True), gross // 3
        parts = split_cumulatively(tax, [third, third, gross - 2 * third])
        assert sum(parts) == tax
        assert all(part >= 0 for part in parts)
