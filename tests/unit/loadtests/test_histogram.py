"""Latencies: recorded cheaply, merged exactly."""

from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.load.histogram import LONGEST, Histogram, Latencies
from loadtests.load.tally import Recorder, Strain, Tally

values = st.lists(st.integers(min_value=1, max_value=LONGEST), min_size=1, max_size=40)


def histogram(microseconds: list[int]) -> Histogram:
    found = Latencies()
    for value in microseconds:
        found.record(value)
    return found.histogram()


@settings(max_examples=25)
@given(values, values)
def test_merging_equals_having_recorded_everything_in_one(one: list[int], other: list[int]) -> None:
    merged = Histogram.merged([histogram(one), Histogram.decoded(histogram(other).encoded())])
    whole = histogram(one + other)

    assert len(merged) == len(one) + len(other)
    assert merged.percentiles() == whole.percentiles()
    assert merged.longest == whole.longest


def test_percentiles_are_right_to_three_digits() -> None:
    found = histogram(list(range(1, 100_001)))

    for percent, expected in ((50.0, 50.0), (90.0, 90.0), (99.0, 99.0), (99.9, 99.9)):
        assert abs(found.percentile(percent) - expected) <= expected / 1000
    assert found.percentiles([50.0])[50.0] == found.percentile(50.0)


def test_what_takes_longer_than_a_minute_counts_as_a_minute_and_nothing_is_left_out() -> None:
    found = histogram([LONGEST * 10, 1_000, -5])

    assert len(found) == 3
    assert 60_000 <= found.longest <= 60_100


def test_an_empty_one_says_nothing() -> None:
    empty = Histogram()

    assert not empty
    assert (empty.percentile(99), empty.longest, empty.mean) == (0.0, 0.0, 0.0)
    assert set(empty.percentiles().values()) == {0.0}


def recorded(delivery: list[list[int]], sent: list[int]) -> Recorder:
    """A recorder after some seconds, each with these latencies and so many sent."""
    recorder = Recorder()
    for second, count in zip(delivery, sent, strict=True):
        recorder.counts["sent"] += count
        for value in second:
            recorder.series("delivery").now[value] += 1
        recorder.roll()
    return recorder


def test_tallies_of_processes_are_merged_second_by_second() -> None:
    one = recorded([[1_000], [2_000]], [10, 20]).tally(Strain(0.2, 0.1))
    other = recorded([[5_000], [], [9_000]], [1, 2, 3]).tally(Strain(0.9, 0.1))

    both = Tally.merged([one, Tally.from_wire(other.to_wire())])

    assert both.count("sent") == 36
    assert [second.counts["sent"] for second in both.seconds] == [11, 22, 3]
    assert [len(second.latencies["delivery"]) for second in both.seconds] == [2, 1, 1]
    assert len(both.latency("delivery")) == 4
    assert both.latencies == ["delivery"]
    assert both.saturated, "one of two generators was too busy"
    assert not one.saturated


def test_a_series_that_begins_late_belongs_to_its_own_seconds() -> None:
    recorder = Recorder()
    recorder.counts["sent"] += 1
    recorder.roll()
    recorder.series("late").now[7_000] += 1

    tally = recorder.tally()

    assert [list(second.latencies) for second in tally.seconds] == [[], ["late"]]


def test_the_worst_of_the_last_second_is_told_while_it_runs() -> None:
    recorder = recorded([[1_000] * 98 + [50_000] * 2], [100])

    assert recorder.late() == {"delivery": 50.0}


def test_a_generator_whose_messages_leave_late_is_at_its_limit_too() -> None:
    assert Strain(0.1, 12.0).saturated
    assert not Strain(0.84, 4.9).saturated


def test_a_generator_is_blamed_for_what_is_in_good_part_its_own_doing() -> None:
    assert Strain(0.1, 7.0).blamed(20.0)
    assert not Strain(0.1, 7.0).blamed(1_000.0), "seven milliseconds do not explain a second"
    assert not Strain(0.1, 1.0).blamed(2.0), "a millisecond is no matter"
    assert Strain(0.9, 0.0).blamed(1_000.0)
    assert Strain(0.1, 7.0).blamed(0.0)
