"""Wall time in an IANA zone, and the UTC instants it stands for.

What is stored is wall time and zone, because "Mondays at nine" stays at nine when the clocks change. Two rules are enough:
a time that clocks skip has no instant, and a time that they show twice means the first (PEP 495, ``fold=0``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.booking.spans import Span, span_or_none

DAY = timedelta(days=1)
MINUTES_A_DAY = 1440
_SECOND = timedelta(seconds=1)


@cache
def zone_named(name: str) -> ZoneInfo:
    """The zone; names are validated at the door, against what this machine knows."""
    return ZoneInfo(name)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """The UTC instant of a naive wall time: the first if clocks show it twice, None if they skip it."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant if instant.astimezone(zone).replace(tzinfo=None) == wall else None


def instant_at_or_after(wall: datetime, zone: ZoneInfo) -> datetime:
    """The same, but for a skipped time the instant at which clocks jump over it."""
    exact = instant_of(wall, zone)
    if exact is not None:
        return exact
    return _jump_over(wall, zone)


def _jump_over(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the jump, by bisection to the second: gaps begin and end anywhere, not at full hours.

    A skipped time lies before the jump when it is read with the offset from after it (``fold=1``), and the other way round.
    """
    low = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high


def wall_of(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive wall time that clocks of the zone show."""
    return instant.astimezone(zone).replace(tzinfo=None)


def dates_of(window: Span, zone: ZoneInfo) -> Iterator[date]:
    """Every local date of which ``window`` may contain something, and the one before: windows may cross midnight."""
    at = wall_of(window.start, zone).date() - DAY
    last = wall_of(window.end, zone).date()
    while at <= last:
        yield at
        at += DAY


@dataclass(frozen=True, slots=True, order=True)
class WallWindow:
    """A part of a day by the clock on the wall, in minutes after midnight.

    ``start`` is in 0…1439, ``end`` in 1…1440. An ``end`` at or before ``start`` is on the next day.
    """

    start: int
    end: int

    @property
    def end_of_span(self) -> int:
        """``end`` in minutes after the midnight at which the day of ``start`` began: more than 1440 across midnight."""
        return self.end if self.end > self.start else self.end + MINUTES_A_DAY

    def on(self, day: date, zone: ZoneInfo) -> Span | None:
        """What it is on the date on which it begins; None if clocks skip all of it. A skipped edge is the jump itself."""
        midnight = datetime.combine(day, time())
        start = instant_at_or_after(midnight + timedelta(minutes=self.start), zone)
        end = instant_at_or_after(midnight + timedelta(minutes=self.end_of_span), zone)
        return span_or_none(start, end)

    def begins_on(self, day: date, zone: ZoneInfo) -> bool:
        """Whether its start exists on that date."""
        start = datetime.combine(day, time()) + timedelta(minutes=self.start)
        return instant_of(start, zone) is not None


def overlapping(windows: list[tuple[int, WallWindow]], length: int) -> bool:
    """Whether any two overlap, of windows by the number of their day in a cycle of ``length`` days (7: a week)."""
    edges = sorted(
        (day * MINUTES_A_DAY + one.start, day * MINUTES_A_DAY + one.end_of_span) for day, one in windows
    )
    if not edges:
        return False
    around = [*edges, (edges[0][0] + length * MINUTES_A_DAY, edges[0][1] + length * MINUTES_A_DAY)]
    return any(later[0] < earlier[1] for earlier, later in pairwise(around))
