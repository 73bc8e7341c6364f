"""Samples of processes become series: summed rightly, without ghosts, and with a gap where nothing is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.operations.samples import (
    SAMPLE_PERIOD,
    Counted,
    Grid,
    HouseSample,
    Sample,
    Series,
    series,
    ticks_between,
)

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
GRID = Grid.of(NOW, 60)


def sample(process: str, ago: float, *, seconds: float = SAMPLE_PERIOD, **fields: object) -> Sample:
    """What a process wrote ``ago`` seconds before the last point."""
    end = GRID.start + GRID.count * GRID.step
    given: dict[str, object] = {"sockets": 0, "counted": Counted(), "house": None} | fields
    return Sample(process, "server", end - timedelta(seconds=ago), seconds, **given)  # type: ignore[arg-type]


def drawn(*samples: Sample) -> Series:
    return series(sorted(samples, key=lambda one: one.at), GRID)


def test_an_hour_is_a_hundred_and_twenty_points_at_round_times_that_end_before_now() -> None:
    chart = drawn()

    assert (len(chart.sockets), chart.step) == (120, timedelta(seconds=30))
    assert chart.first == datetime(2026, 1, 1, 11, 0, 0, tzinfo=UTC)
    assert chart.first + 119 * chart.step == datetime(2026, 1, 1, 11, 59, 30, tzinfo=UTC)


def test_a_chart_read_again_does_not_move_what_it_had() -> None:
    later = Grid.of(NOW + timedelta(seconds=7), 60)

    assert (later.start - GRID.start) % GRID.step == timedelta()


def test_sockets_of_several_processes_are_added_up() -> None:
    samples = [sample(process, ago, sockets=n) for process, n in (("a", 5), ("b", 7)) for ago in (1, 11, 21)]

    assert drawn(*samples).sockets[-1] == 12


def test_a_process_that_writes_often_counts_once() -> None:
    assert drawn(*(sample("a", ago, sockets=5) for ago in (0, 2, 4, 6, 8))).sockets[-1] == 5


def test_a_dead_process_leaves_no_ghost() -> None:
    alive = [sample("alive", ago, sockets=3) for ago in range(0, 120, 10)]

    chart = drawn(*alive, sample("dead", 61, sockets=100))

    assert chart.sockets[-3:] == (103, 3, 3)


def test_a_process_that_stopped_well_counts_until_it_said_so() -> None:
    assert drawn(sample("a", 12, sockets=100), sample("a", 3, sockets=0)).sockets[-1] == 0


def test_where_nobody_wrote_nothing_is_known() -> None:
    chart = drawn(sample("a", 1, sockets=3, counted=Counted(ticks=1)))

    assert chart.sockets[-2:] == (None, 3)
    assert (chart.ticks_per_minute[-2], chart.open_calls[-1]) == (None, None)


def test_the_houses_own_numbers_are_those_of_the_newest_reading_and_not_added_up() -> None:
    chart = drawn(
        sample("a", 9, house=HouseSample(4, 1, 0.5)),
        sample("b", 2, house=HouseSample(5, 0, 0.0)),
        sample("worker", 1),
    )

    assert (chart.open_calls[-1], chart.timers_due[-1], chart.timers_late_seconds[-1]) == (5, 0, 0.0)


def test_counts_are_rates_of_their_time() -> None:
    counted = Counted(ticks=2, events_in=100, events_out=300, webhooks=1, errors=1)

    chart = drawn(*(sample(process, ago, counted=counted) for process in "ab" for ago in (0, 10, 20)))

    assert chart.ticks_per_minute[-1] == pytest.approx(2 * 2 * 6)
    assert chart.events_in_per_second[-1] == pytest.approx(20)
    assert chart.events_out_per_second[-1] == pytest.approx(60)
    assert chart.webhooks_per_minute[-1] == chart.errors_per_minute[-1] == pytest.approx(12)


def test_what_an_outage_kept_back_is_spread_over_the_outage() -> None:
    chart = drawn(sample("a", 0, seconds=120, counted=Counted(events_in=1200)))

    assert chart.events_in_per_second[-5:] == (None, *[pytest.approx(10)] * 4)


def test_a_first_sample_that_covers_no_time_is_counted_where_it_is() -> None:
    chart = drawn(sample("a", 5, seconds=0, counted=Counted(events_in=30)))

    assert chart.events_in_per_second[-1] == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(0, 3000), st.floats(0, 500), st.integers(0, 50)), max_size=20))
def test_no_tick_within_the_chart_is_lost_or_told_twice(written: list[tuple[float, float, int]]) -> None:
    samples = [
        sample(str(n), ago, seconds=seconds, counted=Counted(ticks=ticks))
        for n, (ago, seconds, ticks) in enumerate(written)
    ]

    per_minute = drawn(*samples).ticks_per_minute

    told = sum(rate or 0 for rate in per_minute) * (GRID.step / timedelta(minutes=1))
    assert told == pytest.approx(sum(ticks for _, _, ticks in written), abs=1e-3)


def test_ticks_of_the_last_minutes_are_those_that_fall_into_them() -> None:
    end = GRID.start + GRID.count * GRID.step
    samples = [
        sample("a", 0, counted=Counted(ticks=3)),
        sample("b", 295, counted=Counted(ticks=2)),
        sample("c", 301, counted=Counted(ticks=7)),
    ]

    assert ticks_between(samples, end - timedelta(minutes=5), end) == pytest.approx(3 + 1)


@pytest.mark.parametrize(
    ("minutes", "step", "points"), [(1, 10, 6), (5, 10, 30), (60, 30, 120), (180, 90, 120)]
)
def test_a_shorter_view_has_finer_steps_but_none_finer_than_samples(
    minutes: int, step: int, points: int
) -> None:
    grid = Grid.of(NOW, minutes)

    assert (grid.step, grid.count) == (timedelta(seconds=step), points)
