"""Domain time: one origin, any speed, never back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ClockOrigin, SystemClock, VirtualClock, real_seconds, to_milliseconds

WALL = datetime(2026, 1, 1, tzinfo=UTC)
speeds = st.one_of(st.sampled_from([0.5, 1.0, 10.0, 60.0]), st.floats(0.01, 1000.0))


@given(st.lists(st.tuples(st.integers(0, 10**7), speeds), max_size=8), st.integers(0, 10**6))
def test_rebasing_to_any_speed_never_jumps_nor_runs_back(
    changes: list[tuple[int, float]], later: int
) -> None:
    origin, wall, seen = ClockOrigin(WALL, WALL, 1.0), WALL, [WALL]
    for waited, speed in changes:
        wall += timedelta(milliseconds=waited)
        before = origin.domain_at(wall)
        origin = origin.rebased(wall, speed)
        seen += [before, origin.domain_at(wall)]
        assert origin.domain_at(wall) == before
    seen.append(origin.domain_at(wall + timedelta(milliseconds=later)))

    assert seen == sorted(seen)


@given(st.integers(0, 10**6), speeds)
def test_domain_time_runs_at_its_speed(milliseconds: int, speed: float) -> None:
    passed = ClockOrigin(WALL, WALL, speed).domain_at(WALL + timedelta(milliseconds=milliseconds)) - WALL

    assert passed / timedelta(milliseconds=1) == pytest.approx(milliseconds * speed, abs=1)


def test_two_processes_with_one_origin_read_the_same_instant() -> None:
    origin = ClockOrigin(WALL, WALL + timedelta(days=3), 60.0)

    assert origin.domain_at(WALL + timedelta(seconds=10)) == WALL + timedelta(days=3, minutes=10)


@given(st.integers(0, 999_999))
def test_instants_are_whole_milliseconds(microsecond: int) -> None:
    cut = to_milliseconds(WALL.replace(microsecond=microsecond))

    assert cut.microsecond == microsecond - microsecond % 1000


def test_the_system_clock_starts_at_its_origin_and_goes_on() -> None:
    clock = SystemClock(ClockOrigin(to_milliseconds(datetime.now(UTC)), WALL, 60.0))

    first, second = clock.now(), clock.now()

    assert WALL <= first <= second < WALL + timedelta(hours=1)


def test_a_virtual_clock_moves_only_when_told_and_never_back() -> None:
    clock = VirtualClock(WALL, speed=10.0)
    clock.advance(100)

    assert (clock.now(), clock.wall()) == (WALL + timedelta(seconds=100), WALL + timedelta(seconds=10))
    with pytest.raises(ValueError, match="does not run back"):
        clock.advance(-1)


def test_real_seconds_last_longer_in_domain_time_when_it_runs_fast() -> None:
    assert real_seconds(VirtualClock(WALL, speed=60.0), 2) == timedelta(minutes=2)
