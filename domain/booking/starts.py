"""Where a session can begin: one sweep over free time and what is booked.

Between two sessions lies at least the larger of the buffer after the first and the buffer before the second: a plain span
never meets another's buffered one. So every booking, widened by what either side asks for, is taken off the offered time, and a
session fits wherever what is left is long enough.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from domain.booking.session_type import SessionType
from domain.booking.slots import Offer
from domain.booking.spans import Span, clipped, covers, merged, without
from domain.errors import Invalid
from domain.ids import SessionTypeId

#: Starts lie on quarter hours of UTC, so of every zone.
STEP = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Busy:
    """Time that a booking keeps, without and with its buffers."""

    plain: Span
    buffered: Span

    def widened(self, before: timedelta, after: timedelta) -> Span:
        """What a session with these buffers must stay out of.

        Its plain span must not meet ``buffered``; nor, widened by its own buffers, ``plain``, which is to say: its plain span
        must not meet ``plain`` widened the other way round.
        """
        start = min(self.buffered.start, self.plain.start - after)
        end = max(self.buffered.end, self.plain.end + before)
        known = self.buffered
        return known if start == known.start and end == known.end else Span(start, end)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to fit."""

    session_type_id: SessionTypeId | None
    length: timedelta
    buffer_before: timedelta
    buffer_after: timedelta


@dataclass(frozen=True, slots=True)
class Start:
    """A bookable start. ``instant``: whether the availability allows a firm booking."""

    span: Span
    instant: bool


def wanted_of(session_type: SessionType, minutes: int) -> Wanted:
    """What a session of so many minutes takes."""
    return Wanted(
        session_type.id,
        timedelta(minutes=minutes),
        session_type.buffer_before,
        session_type.buffer_after,
    )


def rounded_up(instant: datetime) -> datetime:
    """The first quarter hour at or after ``instant``."""
    return instant + (_EPOCH - instant) % STEP


def is_start(instant: datetime) -> bool:
    """Whether it lies on the step."""
    return (instant - _EPOCH) % STEP == timedelta()


def check_minutes(session_type: SessionType, minutes: int) -> None:
    """Raise unless sessions of this length are offered.

    Raises:
        Invalid: with the field ``minutes``.
    """
    if not session_type.offers(minutes):
        shortest, longest = session_type.duration_min, session_type.duration_max
        problem = f"Sessions of this type do not take {minutes} minutes; they take {shortest} to {longest}."
        raise Invalid(problem, details={"fields": [{"path": "minutes", "problem": problem}]})


def offered(offers: Iterable[Offer], session_type_id: SessionTypeId | None) -> tuple[list[Span], list[Span]]:
    """The time in which a session type can be booked, and the part of it where that may be firm; both in normal form."""
    allowed = [offer for offer in offers if offer.kind.allows(session_type_id)]
    whole = merged(offer.span for offer in allowed)
    firm = [offer.span for offer in allowed if offer.kind.instant]
    return whole, whole if len(firm) == len(allowed) else merged(firm)


def starts(
    offers: Iterable[Offer], busy: Iterable[Busy], wanted: Wanted, window: Span, limit: int
) -> list[Start]:
    """The first ``limit`` starts inside ``window`` at which what is wanted fits; the session may end after the window."""
    whole, firm = offered(offers, wanted.session_type_id)
    taken = merged(one.widened(wanted.buffer_before, wanted.buffer_after) for one in busy)
    reach = Span(window.start, window.end + wanted.length)
    left = without(whole, taken)
    left_firm = left if firm is whole else without(firm, taken)
    return _walk(clipped(left, reach), left_firm, wanted.length, window.end, limit)


def _walk(
    free: Sequence[Span], firm: Sequence[Span], length: timedelta, until: datetime, limit: int
) -> list[Start]:
    found: list[Start] = []
    place = 0
    for span in free:
        start = rounded_up(span.start)
        while start < until and start + length <= span.end:
            if len(found) == limit:
                return found
            end = start + length
            while place < len(firm) and firm[place].end < end:
                place += 1
            instant = place < len(firm) and firm[place].start <= start
            found.append(Start(Span(start, end), instant))
            start += STEP
    return found


def fits(
    offers: Iterable[Offer], busy: Iterable[Busy], wanted: Wanted, span: Span, *, anywhere: bool = False
) -> bool | None:
    """Whether ``span`` can be booked: None if not, else whether the availability allows a firm booking.

    ``anywhere``: outside the availability too, but never twice.
    """
    if any(one.widened(wanted.buffer_before, wanted.buffer_after).overlaps(span) for one in busy):
        return None
    whole, firm = offered(offers, wanted.session_type_id)
    if not covers(whole, span) and not anywhere:
        return None
    return covers(firm, span)
