"""The billable clock: pure functions of proven intervals.

Billable time is the overlap of the two participants' *proven connected* intervals. The server's clock alone counts.
Milliseconds are summed, and floored to seconds once.

An interval that is still open counts up to now while its proof is fresh, and up to its last proof when it is not:
whoever computes late, after any crash, gets what a punctual observer got.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)
#: milliseconds
MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Interval:
    """Proven connected from ``start`` to ``end`` (None: still), half-open, domain time."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The last instant at which media was proven, and how long (domain time) one proof is believed."""

    at: datetime
    fresh_for: timedelta

    def believed_until(self, now: datetime) -> datetime:
        """``now`` while the proof is fresh, else the instant of the proof itself."""
        return now if now - self.at <= self.fresh_for else self.at


def closed(intervals: Sequence[Interval], proof: Proof | None, now: datetime) -> list[Interval]:
    """The intervals with an open one closed at what its proof supports at ``now``.

    An open interval without any proof counts for nothing beyond its start.
    """
    result: list[Interval] = []
    for interval in intervals:
        if interval.end is None:
            until = proof.believed_until(now) if proof else interval.start
            interval = replace(interval, end=max(interval.start, min(until, now)))
        result.append(interval)
    return result


def overlap_ms(one: Iterable[Interval], other: Iterable[Interval]) -> int:
    """Milliseconds in both of two sets of closed intervals; doubled and overlapping ones count once."""
    return sum((end - start) // MILLISECOND for start, end in _intersections(one, other))


def billable_seconds(one: Iterable[Interval], other: Iterable[Interval]) -> int:
    """Whole seconds in both of two sets of closed intervals, floored once."""
    return overlap_ms(one, other) // 1000


def instant_at(one: Iterable[Interval], other: Iterable[Interval], seconds: int) -> datetime | None:
    """When the overlap reached ``seconds``; None if it never did."""
    wanted = seconds * 1000
    if wanted <= 0:
        return None
    for start, end in _intersections(one, other):
        length = (end - start) // MILLISECOND
        if length >= wanted:
            return start + wanted * MILLISECOND
        wanted -= length
    return None


def running(one: Sequence[Interval], other: Sequence[Interval]) -> tuple[int, datetime] | None:
    """The overlap of two sets whose last intervals are both open, as a line: (milliseconds before, growing since).

    At any instant from ``since`` on, as long as both sides go on, the overlap is what was before and the time since. None
    if one of them is closed.
    """
    if not all(any(interval.end is None for interval in side) for side in (one, other)):
        return None
    ends = datetime.max.replace(tzinfo=UTC)
    pieces = _intersections(*([replace(i, end=i.end or ends) for i in side] for side in (one, other)))
    *before, (since, _) = pieces
    return sum((end - start) // MILLISECOND for start, end in before), since


def full_minutes(one: Iterable[Interval], other: Iterable[Interval]) -> list[datetime]:
    """The instants at which the first, second, … minute of the overlap was full."""
    found: list[datetime] = []
    passed = 0
    for start, end in _intersections(one, other):
        length = (end - start) // MILLISECOND
        first = passed // MINUTE + 1
        found += [
            start + (n * MINUTE - passed) * MILLISECOND for n in range(first, (passed + length) // MINUTE + 1)
        ]
        passed += length
    return found


def open_interval(intervals: Sequence[Interval], at: datetime) -> list[Interval]:
    """Start counting at ``at``; nothing changes when it counts already. Never reaches back into what was counted."""
    if intervals and intervals[-1].end is None:
        return list(intervals)
    floor = max((i.end for i in intervals if i.end is not None), default=at)
    return [*intervals, Interval(max(at, floor))]


def close_interval(intervals: Sequence[Interval], at: datetime) -> list[Interval]:
    """Stop counting at ``at``; nothing changes when nothing counts."""
    if not intervals or intervals[-1].end is not None:
        return list(intervals)
    last = intervals[-1]
    return [*intervals[:-1], replace(last, end=max(last.start, at))]


def _intersections(one: Iterable[Interval], other: Iterable[Interval]) -> list[tuple[datetime, datetime]]:
    left, right = _merged(one), _merged(other)
    found: list[tuple[datetime, datetime]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return found


def _merged(intervals: Iterable[Interval]) -> list[tuple[datetime, datetime]]:
    merged: list[tuple[datetime, datetime]] = []
    spans = sorted((i.start, i.end) for i in intervals if i.end is not None and i.start < i.end)
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
