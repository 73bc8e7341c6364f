"""The search for a ceiling, on a server that is a formula."""

from collections.abc import Awaitable, Callable

import pytest

from loadtests.load.seek import NEAR, STEPS, Ceiling, Probe, seek

LIMIT = 20.0


def server(capacity: float, *, generator: float = float("inf")) -> Callable[[float], Awaitable[Probe]]:
    """Waiting times of a queue that is served ``capacity`` times a second; beyond it, messages are lost. From
    ``generator`` a second on it is the generator that is late."""

    async def measure(rate: float) -> Probe:
        if rate >= generator:
            return Probe(rate, 500.0, True, saturated=True)
        if rate >= capacity:
            return Probe(rate, 5_000.0, False)
        return Probe(rate, 1_000 / (capacity - rate), True)

    return measure


async def found(capacity: float, first: float, **options: float) -> Ceiling:
    return await seek(server(capacity), first, LIMIT, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("capacity", [700.0, 5_000.0, 26_000.0])
async def test_the_ceiling_is_found_from_below(capacity: float) -> None:
    ceiling = await found(capacity, 500.0, steps=20)

    # At 20 ms the queue has 50 a second to spare.
    true = capacity - 50
    assert ceiling.rate <= true
    assert ceiling.rate >= true * (1 - 2 * NEAR)
    assert ceiling.beyond is not None
    assert ceiling.beyond >= true
    assert ceiling.because == "near enough"


async def test_the_ceiling_is_found_from_above() -> None:
    ceiling = await found(1_000.0, 40_000.0, steps=20)

    assert 950 * (1 - 2 * NEAR) <= ceiling.rate <= 950


async def test_the_search_is_bounded() -> None:
    ceiling = await found(1e12, 1.0)

    assert len(ceiling.probes) == STEPS
    assert ceiling.rate == 2.0 ** (STEPS - 1)
    assert ceiling.beyond is None


async def test_a_server_that_never_keeps_up_has_no_ceiling() -> None:
    ceiling = await found(0.0, 1_000.0)

    assert ceiling.rate == 0.0
    assert len(ceiling.probes) == STEPS


async def test_no_more_is_asked_than_the_connections_may_send() -> None:
    ceiling = await found(10_000.0, 400.0, most=900.0)

    assert ceiling.rate == 900.0
    assert max(probe.rate for probe in ceiling.probes) == 900.0
    assert "more --sockets" in ceiling.because


async def test_a_busy_generator_ends_the_search_and_is_not_taken_for_the_server() -> None:
    ceiling = await seek(server(100_000.0, generator=3_000.0), 1_000.0, LIMIT)

    assert ceiling.rate == 2_000.0
    assert ceiling.beyond is None
    assert "generator" in ceiling.because


async def test_a_quick_server_that_loses_messages_does_not_hold() -> None:
    assert not Probe(100.0, 0.1, complete=False).holds(LIMIT)
    assert Probe(100.0, LIMIT, complete=True).holds(LIMIT)


async def test_a_latency_beside_that_does_not_keep_its_own_target_bounds_the_ceiling_too() -> None:
    async def measure(rate: float) -> Probe:
        return Probe(rate, 1.0, True, beside=rate <= 300)

    ceiling = await seek(measure, 100.0, LIMIT)

    assert 300 * (1 - NEAR) <= ceiling.rate <= 300
