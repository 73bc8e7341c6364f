"""Spans of time, half open, UTC: the algebra under free time.

The functions over many spans sweep once over sorted ones, so that a year of a busy coach costs as much as it is long. What they
return is in *normal form*: sorted, disjoint, and not touching.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

_START = attrgetter("start")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` up to, not including, ``end``. Aware UTC instants: subtracting wall times of one zone ignores DST."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a span ends after it starts")

    def overlaps(self, other: "Span") -> bool:
        """Whether they share an instant."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Whether ``other`` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    @property
    def length(self) -> timedelta:
        """How long it is, in real time."""
        return self.end - self.start

    def widened(self, before: timedelta, after: timedelta) -> "Span":
        """With so much more at either side."""
        return Span(self.start - before, self.end + after)

    def within(self, window: "Span") -> "Span | None":
        """The part that lies inside ``window``; None if there is none."""
        if window.contains(self):
            return self
        return span_or_none(max(self.start, window.start), min(self.end, window.end))


def span_or_none(start: datetime, end: datetime) -> Span | None:
    """The span between two instants, or None if nothing is between them."""
    return Span(start, end) if start < end else None


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, in normal form."""
    union: list[Span] = []
    for span in sorted(spans, key=_START):
        if union and span.start <= union[-1].end:
            if span.end > union[-1].end:
                union[-1] = Span(union[-1].start, span.end)
        else:
            union.append(span)
    return union


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is in ``spans`` and not in ``taken``, in normal form."""
    left: list[Span] = []
    gaps = merged(taken)
    next_gap = 0
    for span in merged(spans):
        start = span.start
        while next_gap < len(gaps) and gaps[next_gap].end <= start:
            next_gap += 1
        reached = next_gap
        while reached < len(gaps) and gaps[reached].start < span.end:
            if start < gaps[reached].start:
                left.append(Span(start, gaps[reached].start))
            start = gaps[reached].end
            reached += 1
        if start == span.start:
            left.append(span)
        elif start < span.end:
            left.append(Span(start, span.end))
        # The last gap may reach into the next span too.
        next_gap = max(next_gap, reached - 1)
    return left


def shared(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """What is in both, in normal form."""
    mine, theirs = merged(spans), merged(others)
    both: list[Span] = []
    at = 0
    for span in mine:
        while at < len(theirs) and theirs[at].end <= span.start:
            at += 1
        reached = at
        while reached < len(theirs) and theirs[reached].start < span.end:
            part = span.within(theirs[reached])
            if part is not None:
                both.append(part)
            reached += 1
    return both


def clipped(spans: Iterable[Span], window: Span) -> list[Span]:
    """The parts inside ``window``, in the given order, not merged."""
    return [part for span in spans if (part := span.within(window)) is not None]


def covers(spans: Sequence[Span], wanted: Span) -> bool:
    """Whether ``wanted`` lies inside one of ``spans``, which are in normal form."""
    return any(span.contains(wanted) for span in spans)


def total(spans: Iterable[Span]) -> timedelta:
    """How long the union is."""
    return sum((span.length for span in merged(spans)), timedelta())
