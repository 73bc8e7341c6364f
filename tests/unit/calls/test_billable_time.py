"""Billable time against a model that knows nothing of intervals: the set of milliseconds in which both sides were proven."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.calls.billable import (
    MINUTE,
    Interval,
    Proof,
    billable_seconds,
    close_interval,
    closed,
    full_minutes,
    instant_at,
    open_interval,
    overlap_ms,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
Span = tuple[int, int]
#: a report of one side: whether it connects, and the millisecond it is about, late and doubled ones among them
Report = tuple[bool, int]

spans = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=8)
reports = st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=14)
long_spans = st.lists(st.tuples(st.integers(0, 30_000), st.integers(0, 30_000)), min_size=1, max_size=6)


def at(millisecond: int) -> datetime:
    return START + timedelta(milliseconds=millisecond)


def intervals(of: Sequence[Span]) -> list[Interval]:
    return [Interval(at(start), at(end)) for start, end in of]


def milliseconds(of: Sequence[Span]) -> set[int]:
    return {one for start, end in of for one in range(start, end)}


def reported(history: Sequence[Report]) -> list[Interval]:
    """What the aggregate keeps of a history of reports."""
    kept: list[Interval] = []
    for connects, when in history:
        kept = open_interval(kept, at(when)) if connects else close_interval(kept, at(when))
    return kept


def proven(history: Sequence[Report], until: int) -> set[int]:
    """The model: counted milliseconds; nothing that was counted or left out is ever decided again."""
    counted: set[int] = set()
    since: int | None = None
    decided = 0
    for connects, when in history:
        if connects and since is None:
            since = max(when, decided)
        elif not connects and since is not None:
            counted |= set(range(since, when))
            decided, since = max(decided, since, when), None
    return counted | (set(range(since, until)) if since is not None else set())


def clipped(of: Sequence[Interval], until: datetime) -> list[Interval]:
    return [Interval(one.start, min(one.end, until)) for one in of if one.end is not None]


@given(spans, spans)
def test_the_overlap_is_what_both_sets_of_milliseconds_share(one: list[Span], other: list[Span]) -> None:
    assert overlap_ms(intervals(one), intervals(other)) == len(milliseconds(one) & milliseconds(other))


@given(spans, spans)
def test_the_overlap_does_not_care_which_side_is_which(one: list[Span], other: list[Span]) -> None:
    assert overlap_ms(intervals(one), intervals(other)) == overlap_ms(intervals(other), intervals(one))


@given(long_spans, long_spans)
def test_milliseconds_are_floored_to_seconds_once(one: list[Span], other: list[Span]) -> None:
    shared = len(milliseconds(one) & milliseconds(other))

    assert billable_seconds(intervals(one), intervals(other)) == shared // 1000


@given(reports, reports, st.integers(0, 450), st.integers(0, 450), st.integers(0, 100), st.integers(0, 500))
def test_any_interleaving_of_reports_counts_what_was_proven(
    one: list[Report], other: list[Report], one_seen: int, other_seen: int, fresh: int, now: int
) -> None:
    believed = timedelta(milliseconds=fresh)
    sides = [
        closed(reported(history), Proof(at(seen), believed), at(now))
        for history, seen in ((one, one_seen), (other, other_seen))
    ]
    until = [min(now if now - seen <= fresh else seen, now) for seen in (one_seen, other_seen)]

    assert overlap_ms(*sides) == len(proven(one, until[0]) & proven(other, until[1]))


@given(reports, st.integers(0, 500))
def test_an_open_interval_without_any_proof_counts_nothing(history: list[Report], now: int) -> None:
    everything = [Interval(at(0), at(1000))]

    assert overlap_ms(closed(reported(history), None, at(now)), everything) == len(proven(history, 0))


@given(reports, st.integers(0, 450), st.integers(0, 50), st.integers(1, 10_000))
def test_whoever_computes_late_gets_what_a_punctual_observer_got(
    history: list[Report], seen: int, fresh: int, later: int
) -> None:
    proof = Proof(at(seen), timedelta(milliseconds=fresh))
    expired = at(seen + fresh)

    punctual = close_interval(reported(history), at(seen))

    assert closed(reported(history), proof, expired + later * timedelta(milliseconds=1)) == punctual


@given(reports, reports, st.integers(0, 450))
def test_time_never_runs_back_while_proofs_are_fresh(
    one: list[Report], other: list[Report], now: int
) -> None:
    proof = Proof(at(now), timedelta(milliseconds=100))
    lengths = [
        overlap_ms(*(closed(reported(history), proof, at(now + later)) for history in (one, other)))
        for later in (0, 1, 50, 100)
    ]

    assert lengths == sorted(lengths)


@given(reports, st.booleans(), st.integers(0, 400))
def test_a_report_that_comes_twice_changes_nothing(history: list[Report], connects: bool, when: int) -> None:
    once = [*history, (connects, when)]

    assert reported([*once, once[-1]]) == reported(once)


@given(reports)
def test_intervals_of_one_side_never_overlap_and_stay_in_order(history: list[Report]) -> None:
    kept = reported(history)

    assert all(before.end is not None and before.end <= after.start for before, after in pairwise(kept))


@given(long_spans, long_spans, st.integers(1, 30))
def test_the_instant_of_a_second_is_the_inverse_of_the_overlap(
    one: list[Span], other: list[Span], seconds: int
) -> None:
    left, right = intervals(one), intervals(other)
    # One span in common makes the interesting case, a reached second, the usual one.
    left, right = [*left, Interval(at(0), at(9_000))], [*right, Interval(at(500), at(9_500))]
    reached = instant_at(left, right, seconds)
    total = overlap_ms(left, right)

    until = reached or at(100_000)
    at_it = overlap_ms(clipped(left, until), clipped(right, until))
    just_before = until - timedelta(milliseconds=1)
    before_it = overlap_ms(clipped(left, just_before), clipped(right, just_before))

    assert (reached is not None) == (total >= seconds * 1000)
    assert at_it == min(total, seconds * 1000)
    assert before_it == (at_it if reached is None else at_it - 1)


def test_no_second_is_reached_at_no_instant() -> None:
    assert instant_at([Interval(at(0), at(5000))], [Interval(at(0), at(5000))], 0) is None


@given(long_spans, long_spans)
def test_a_minute_is_full_when_the_meter_says_so(one: list[Span], other: list[Span]) -> None:
    ours, theirs = (intervals([(8 * start, 8 * end) for start, end in side]) for side in (one, other))

    found = full_minutes(ours, theirs)

    wanted = overlap_ms(ours, theirs) // MINUTE
    assert found == [instant_at(ours, theirs, 60 * number) for number in range(1, wanted + 1)]


def test_minutes_stand_still_in_a_pause() -> None:
    client = intervals([(0, 90_000), (130_000, 200_000)])
    coach = intervals([(0, 200_000)])

    assert full_minutes(client, coach) == [at(60_000), at(160_000)]
