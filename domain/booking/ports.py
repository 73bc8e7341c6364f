"""Where calendars and bookings are kept, and what booking asks of the rest of the house."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.booking.booking import Booking, TakenPiece
from domain.booking.session_type import SessionType
from domain.booking.spans import Span
from domain.ids import BookingId, CoachId, SessionTypeId, UserId
from domain.ports import Tx


class SessionTypeStore(Protocol):
    """What coaches offer."""

    async def get(self, tx: Tx, session_type_id: SessionTypeId) -> SessionType:
        """Read in the transaction; archived ones too.

        Raises:
            NotFound: no such session type.
        """
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a time came to: whether the availability allows a firm booking, and what was cut out of slot documents."""

    instant: bool
    pieces: tuple[TakenPiece, ...]


class FreeTime(Protocol):
    """A coach's time, inside a transaction that increments the calendar's version: two of them about one coach conflict."""

    async def take(
        self,
        tx: Tx,
        coach_id: CoachId,
        session_type: SessionType,
        span: Span,
        *,
        instead_of: BookingId | None = None,
    ) -> Taken:
        """Make sure that ``span`` can be booked, cut it out of the slot documents that cover it, increment the version.

        ``instead_of`` is a booking that gives its own time up for this (a reschedule): it does not stand in the way.
        Neither notice nor step are asked for: a coach may suggest what clients cannot pick.

        Raises:
            Conflict: SLOT_TAKEN, not free (any more).
        """
        ...

    async def require_bookable(
        self, tx: Tx, coach_id: CoachId, session_type: SessionType, span: Span
    ) -> None:
        """Raise unless a client may pick this start: on the step, with notice, of an allowed duration.

        Raises:
            Invalid: a duration or a start that is not offered.
            Conflict: TOO_LATE, within the notice.
        """
        ...

    async def give_back(self, tx: Tx, coach_id: CoachId, pieces: Sequence[TakenPiece], now: datetime) -> None:
        """Coalesce and restore: what of ``pieces`` is still to come is slots again, merged with neighbours of the same kind.

        The booking itself must not occupy its time any more. Increments the version.
        """
        ...

    async def occupy(self, tx: Tx, coach_id: CoachId, session_type: SessionType, span: Span) -> Taken:
        """As :meth:`take`, for the coach's own group session: outside their availability too, but never twice.

        Raises:
            Conflict: SLOT_TAKEN, something else is booked then.
        """
        ...


class BookingStore(Protocol):
    """Bookings; slots of availability are in the same collection, and not seen here."""

    async def insert(self, tx: Tx, booking: Booking) -> None:
        """Write a new one."""
        ...

    async def get(self, tx: Tx, booking_id: BookingId) -> Booking:
        """Read in the transaction.

        Raises:
            NotFound: no such booking.
        """
        ...

    async def save(self, tx: Tx, booking: Booking) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def occupying(self, tx: Tx, coach_id: CoachId, span: Span) -> Sequence[Booking]:
        """Those that keep time inside ``span``, buffers and wished-for times included; read in the transaction."""
        ...

    async def count_unpaid(self, tx: Tx, user_id: UserId, now: datetime) -> int:
        """How many unpaid ones of a client start after ``now``."""
        ...


class Calendars(Protocol):
    """Who may see, and so book, a coach's calendar."""

    async def require_visible(self, tx: Tx, viewer: UserId, coach_id: CoachId) -> None:
        """Raise unless ``viewer`` may see it: public, or connected, or their own; and neither blocked the other.

        Raises:
            Forbidden: CALENDAR_PRIVATE or BLOCKED.
            NotFound: no such coach.
        """
        ...
