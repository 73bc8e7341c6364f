"""Calendar months of UTC: the pages in which a coach's time is remembered, and the grain in which changes of it are noted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.booking.booking import LONGEST
from domain.booking.spans import Span


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One month."""

    year: int
    month: int

    @property
    def span(self) -> Span:
        """From its first instant to that of the next one."""
        return Span(_first(self), _first(self.next))

    @property
    def around(self) -> Span:
        """With as much before and after it as a session may reach beyond: what has to be known to say what is free in it."""
        return self.span.widened(LONGEST, LONGEST)

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def months_of(window: Span) -> Iterator[Month]:
    """The months that ``window`` overlaps."""
    at = Month(window.start.year, window.start.month)
    while _first(at) < window.end:
        yield at
        at = at.next


def concerned(spans: Iterable[Span]) -> list[Month]:
    """The months of which something may be different when a session, with its buffers, comes to ``spans`` or leaves them."""
    # Once for the buffers, once for what a month has to know of its neighbours.
    wide = [span.widened(2 * LONGEST, 2 * LONGEST) for span in spans]
    return sorted({month for span in wide for month in months_of(span)})


def _first(month: Month) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)
