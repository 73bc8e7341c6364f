"""The last hour as series for charts, from small samples that every process writes.

A sample says what one process had (sockets), what it counted since its sample before, and, of a server, what it last
read of the whole house. Gauges of processes are added up at an instant, counts are spread over the time in which they were
counted, and of the house's own numbers the newest is taken: several servers read the same ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: Real seconds between two samples of a process.
SAMPLE_PERIOD = 10.0
#: A gauge is believed for so long: a process that died is gone from the chart after that.
GAUGE_FRESH = timedelta(seconds=16)
#: A chart has about so many points.
POINTS = 120
#: The newest point is so old, because processes may not have written their samples before.
LAG = timedelta(seconds=SAMPLE_PERIOD + 2)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a process has counted; every number only ever rises."""

    ticks: int = 0
    #: client events answered, and events queued for clients
    events_in: int = 0
    events_out: int = 0
    #: webhooks that were new
    webhooks: int = 0
    #: faults of ours: answers 5xx, events that failed for our part, timers that failed
    errors: int = 0

    def since(self, before: "Counted") -> "Counted":
        """What came to it after ``before``."""
        return Counted(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class HouseSample:
    """What a server last read of the whole house."""

    open_calls: int
    timers_due: int
    #: domain seconds
    timers_late: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at ``at`` (wall), and what it counted in the ``seconds`` before."""

    process: str
    kind: str
    at: datetime
    seconds: float
    sockets: int
    counted: Counted
    house: HouseSample | None = None


class SampleStore(Protocol):
    """Samples, kept for some hours."""

    async def write(self, number: int, sample: Sample) -> None:
        """Keep the ``number``-th sample of its process; again replaces it."""
        ...

    async def between(self, first: datetime, last: datetime) -> Sequence[Sample]:
        """Samples of all processes after ``first`` and up to ``last``, oldest first."""
        ...


Points = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Points ``step`` apart, the first at ``first``. None where nobody wrote a sample: nothing is known then."""

    first: datetime
    step: timedelta
    sockets: Points
    open_calls: Points
    ticks_per_minute: Points
    events_in_per_second: Points
    events_out_per_second: Points
    timers_due: Points
    timers_late_seconds: Points
    webhooks_per_minute: Points
    errors_per_minute: Points


@dataclass(frozen=True, slots=True)
class Grid:
    """The instants of a chart: ends of equal steps, at round times, so that a chart read again does not tremble."""

    start: datetime
    step: timedelta
    count: int

    @classmethod
    def of(cls, now: datetime, minutes: int) -> "Grid":
        """The last ``minutes`` before ``now`` (wall), as far as samples can be there."""
        seconds = max(round(minutes * 60 / POINTS), round(SAMPLE_PERIOD))
        step, count = timedelta(seconds=seconds), minutes * 60 // seconds
        epoch = datetime.fromtimestamp(0, UTC)
        end = epoch + (now - LAG - epoch) // step * step
        return cls(end - count * step, step, count)

    def points(self, after: datetime, until: datetime) -> Iterator[int]:
        """Indexes of the instants in ``[after, until)``."""
        first = -((self.start - after) // self.step) - 1
        for index in range(max(first, 0), self.count):
            at = self.start + (index + 1) * self.step
            if at >= until:
                return
            if at >= after:
                yield index

    def shares(self, begin: datetime, end: datetime) -> Iterator[tuple[int, float]]:
        """Which part of ``(begin, end]`` lies in which step; what lies outside is left out."""
        if end <= begin:
            begin = end - timedelta(microseconds=1)
        index = max((begin - self.start) // self.step, 0)
        while index < self.count:
            left = self.start + index * self.step
            if left >= end:
                return
            inside = min(end, left + self.step) - max(begin, left)
            yield index, inside / (end - begin)
            index += 1


def series(samples: Sequence[Sample], grid: Grid) -> Series:
    """All series of a chart. ``samples`` are oldest first, and may begin before the grid and end after it."""
    sockets: list[dict[str, int]] = [{} for _ in range(grid.count)]
    houses: list[HouseSample | None] = [None] * grid.count
    counts: list[dict[str, float] | None] = [None] * grid.count
    for sample in samples:
        for index in grid.points(sample.at, sample.at + GAUGE_FRESH):
            sockets[index][sample.process] = sample.sockets
            houses[index] = sample.house or houses[index]
        for index, share in grid.shares(sample.at - timedelta(seconds=sample.seconds), sample.at):
            counts[index] = _added(counts[index], sample.counted, share)
    minutes, seconds = grid.step / timedelta(minutes=1), grid.step / timedelta(seconds=1)

    def rate(name: str, per: float) -> Points:
        return tuple(None if one is None else one[name] / per for one in counts)

    return Series(
        first=grid.start + grid.step,
        step=grid.step,
        sockets=tuple(sum(one.values()) if one else None for one in sockets),
        open_calls=tuple(one.open_calls if one else None for one in houses),
        ticks_per_minute=rate("ticks", minutes),
        events_in_per_second=rate("events_in", seconds),
        events_out_per_second=rate("events_out", seconds),
        timers_due=tuple(one.timers_due if one else None for one in houses),
        timers_late_seconds=tuple(one.timers_late if one else None for one in houses),
        webhooks_per_minute=rate("webhooks", minutes),
        errors_per_minute=rate("errors", minutes),
    )


def ticks_between(samples: Sequence[Sample], begin: datetime, end: datetime) -> float:
    """Ticks in ``(begin, end]``, of all processes."""
    grid = Grid(begin, end - begin, 1)
    shares = (
        (sample.counted.ticks, share)
        for sample in samples
        for _, share in grid.shares(sample.at - timedelta(seconds=sample.seconds), sample.at)
    )
    return sum(ticks * share for ticks, share in shares)


def _added(sums: dict[str, float] | None, counted: Counted, share: float) -> dict[str, float]:
    sums = sums or {one.name: 0.0 for one in fields(Counted)}
    return {name: value + getattr(counted, name) * share for name, value in sums.items()}
