"""Where scheduled sessions are kept, what booking does to them, and what they ask of it."""

from datetime import datetime
from typing import Protocol

from domain.ids import BookingId, SessionId, UserId
from domain.ports import Tx
from domain.scheduled.session import ScheduledSession


class ScheduledSessionStore(Protocol):
    """Scheduled sessions by their own id or their booking's."""

    async def insert(self, tx: Tx, session: ScheduledSession) -> None:
        """Write a new one, in the transaction that writes its booking."""
        ...

    async def get(self, tx: Tx, session_id: SessionId) -> ScheduledSession:
        """Read in the transaction.

        Raises:
            NotFound: no such session.
        """
        ...

    async def of_booking(self, tx: Tx, booking_id: BookingId) -> ScheduledSession:
        """The session of a booking, read in the transaction.

        Raises:
            NotFound: no such session.
        """
        ...

    async def save(self, tx: Tx, session: ScheduledSession) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def seated_at(self, process: str) -> list[BookingId]:
        """Sessions with a seat whose socket was held by ``process``, by their bookings."""
        ...

    async def running_of(self, user_id: UserId) -> list[BookingId]:
        """Sessions of a person, at either end, that may be joined or are in progress, by their bookings."""
        ...


class TimeAfterwards(Protocol):
    """The coach's calendar, as far as overtime concerns it."""

    async def require_free(self, tx: Tx, session: ScheduledSession, until: datetime) -> None:
        """Raise if something else of the coach is booked before ``until``.

        Raises:
            Conflict: SLOT_TAKEN; ``details.until`` says from when on.
        """
        ...

    async def extend(self, tx: Tx, session: ScheduledSession, until: datetime) -> None:
        """Keep the time up to ``until`` from others; as :meth:`require_free` if it is not free (any more)."""
        ...


class ScheduledMeetings(Protocol):
    """What booking does to the meeting, in the transaction in which the booking changes. Timers are set and removed here."""

    async def schedule(self, tx: Tx, session: ScheduledSession, *, confirmed: bool = False) -> None:
        """Write the meeting of a new booking; its timers are set once the booking is confirmed, as it may be already."""
        ...

    async def confirmed(self, tx: Tx, session_id: SessionId) -> None:
        """The booking is paid, or the group session stands: the meeting will take place."""
        ...

    async def reschedule(self, tx: Tx, booking_id: BookingId) -> None:
        """The booking, already saved, has another time."""
        ...

    async def cancel(self, tx: Tx, session_id: SessionId, *, by: str) -> None:
        """There will be no meeting; overtime that was authorized is released."""
        ...
