"""What the measurement of slow consumers makes of its figures."""

from dataclasses import replace

import pytest

from loadtests.slow import EACH_AT_MOST, Found, Result

FOUND = Found(
    alone=[10.0, 20.0, 30.0],
    beside_readers=[20.0, 20.0, 20.0],
    beside_slow=[10.0, 21.0, 60.0],
    grown=100,
    grown_system=200,
)


def test_ratios_are_taken_inside_one_alternation() -> None:
    result = Result.of(FOUND, slow=10)

    assert (result.added.median, result.added.low, result.added.high) == (1.05, 1.0, 2.0)
    assert (result.unread.median, result.unread.low, result.unread.high) == (1.05, 0.5, 3.0)
    assert result.met


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(replace(FOUND, beside_slow=[12.0, 24.0, 36.0]), id="readers waited"),
        pytest.param(replace(FOUND, lost=1), id="an event was lost"),
        pytest.param(replace(FOUND, grown=10 * EACH_AT_MOST), id="the server grew"),
        pytest.param(replace(FOUND, grown_system=10 * EACH_AT_MOST), id="the system grew"),
    ],
)
def test_what_misses_the_target(found: Found) -> None:
    assert not Result.of(found, slow=10).met
