"""Ranges of time in a query, and times of day, as several endpoints take them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.booking.spans import Span
from domain.booking.zones import WallWindow
from domain.errors import Invalid
from rest.payloads import Moment, Payload, Query

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

WallTime = Annotated[
    str,
    StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"),
    Field(description="By the clock on the wall, 00:00 to 24:00.", examples=["09:00"]),
]


class WindowQuery(Query):
    """A range of time."""

    from_: Moment = Field(alias="from")
    to: Moment


class WindowBody(Payload):
    """A part of a day. One that ends at or before its beginning ends on the next day."""

    from_: WallTime = Field(alias="from")
    to: WallTime

    def window(self) -> WallWindow:
        """As the domain knows it."""
        return WallWindow(_minutes(self.from_), _minutes(self.to))


def window_of(query: WindowQuery, days: int) -> Span:
    """The range, of at most so many days.

    Raises:
        Invalid: longer, backwards, or of no year that anybody plans for.
    """
    if query.to <= query.from_:
        raise _wrong("to", "The range ends before it begins.")
    if query.to - query.from_ > timedelta(days=days):
        raise _wrong("to", f"The range has at most {days} days.")
    if query.from_ < _FIRST or query.to > _LAST:
        raise _wrong("from", f"The range lies between {_FIRST.year} and {_LAST.year}.")
    return Span(query.from_, query.to)


def clock(minutes: int) -> str:
    """A time of day as it goes over the wire."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
