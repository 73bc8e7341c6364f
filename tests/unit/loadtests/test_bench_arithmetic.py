"""Ratios belong to one alternation; medians and spreads are taken of ratios, not the other way round."""

import pytest

from loadtests.bench.arithmetic import Spread, ratios, spread


def test_a_spread_is_median_least_and_greatest() -> None:
    assert spread([5.0, 1.0, 3.0]) == Spread(3.0, 1.0, 5.0)


def test_the_median_of_an_even_number_lies_between() -> None:
    assert spread([1.0, 2.0, 4.0, 8.0]).median == 3.0


def test_no_figures_have_no_spread() -> None:
    with pytest.raises(ValueError, match="no figures"):
        spread([])


def test_ratios_are_taken_inside_each_alternation() -> None:
    # The second alternation ran on a machine twice as slow: every ratio is two all the same.
    assert ratios([2.0, 4.0], [1.0, 2.0]) == Spread(2.0, 2.0, 2.0)


def test_the_median_of_ratios_is_not_the_ratio_of_medians() -> None:
    found = ratios([1.0, 10.0, 3.0], [1.0, 2.0, 6.0])
    assert found == Spread(1.0, 0.5, 5.0)  # medians: 3 over 2


def test_an_alternation_without_one_of_both_does_not_count() -> None:
    assert ratios([2.0, None, 9.0], [1.0, 1.0, None]) == Spread(2.0, 2.0, 2.0)


def test_nothing_in_common_has_no_ratio() -> None:
    assert ratios([None, 1.0], [1.0, None]) is None


def test_sequences_of_different_alternations_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])


def test_a_spread_changes_its_unit_as_a_whole() -> None:
    assert Spread(2e-6, 1e-6, 4e-6).scaled(1e6) == Spread(2.0, 1.0, 4.0)
