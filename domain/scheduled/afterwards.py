"""What overtime asks of the coach's calendar: nobody else is booked into it, before or after it was agreed."""

from datetime import datetime
from typing import Protocol

from domain.booking.booking import Booking
from domain.booking.ports import BookingStore
from domain.booking.spans import Span
from domain.errors import Code, Conflict
from domain.events import AvailabilityUpdated, ToUser, ToWatchers, rfc3339
from domain.ids import CoachId
from domain.ports import Tx
from domain.scheduled.session import ScheduledSession


class CalendarVersions(Protocol):
    """Calendars, as far as two transactions about a coach's time have to conflict."""

    async def touch(self, tx: Tx, coach_id: CoachId) -> object:
        """Increment the version of a coach's calendar."""
        ...


class CoachTimeAfterwards:
    """Implements :class:`domain.scheduled.ports.TimeAfterwards`."""

    def __init__(self, bookings: BookingStore, calendars: CalendarVersions) -> None:
        self._bookings = bookings
        self._calendars = calendars

    async def require_free(self, tx: Tx, session: ScheduledSession, until: datetime) -> None:
        """Raise if something else of the coach begins before ``until``.

        What is kept free around another booking does not count: two sessions follow each other here because both wanted it.

        Raises:
            Conflict: SLOT_TAKEN; ``details.until`` says how long the coach is free.
        """
        wanted = Span(session.start, until)
        others = await self._bookings.occupying(tx, session.coach_id, wanted)
        taken = [span for one in others if one.id != session.booking_id for span in _spans(one)]
        starts = [span.start for span in taken if span.overlaps(wanted) and span.start >= session.start]
        if starts:
            raise Conflict(
                "The coach has another booking then.",
                code=Code.SLOT_TAKEN,
                details={"until": rfc3339(min(starts))},
            )

    async def extend(self, tx: Tx, session: ScheduledSession, until: datetime) -> None:
        """Keep the time up to ``until`` from others. Two transactions about the coach's time conflict.

        Raises:
            Conflict: SLOT_TAKEN, as above.
        """
        await self._calendars.touch(tx, session.coach_id)
        await self.require_free(tx, session, until)
        booking = await self._bookings.get(tx, session.booking_id)
        if until <= booking.busy_until:
            return
        gone = AvailabilityUpdated(session.coach_id, booking.busy_until, until)
        booking.busy_until = until
        await self._bookings.save(tx, booking)
        tx.emit(ToUser(session.coach.user_id), gone)
        tx.emit(ToWatchers(session.coach_id), gone)


def _spans(booking: Booking) -> list[Span]:
    wish = booking.rescheduling
    return [booking.span, *([Span(wish.start, wish.end)] if wish else [])]
