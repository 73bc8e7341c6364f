"""Where scheduled sessions are kept."""

from typing import Protocol

from domain.ids import BookingId, SessionId
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


class ScheduledMeetings(Protocol):
    """What booking does to the meeting, in the transaction in which the booking changes. Timers are set and removed here."""

    async def schedule(self, tx: Tx, session: ScheduledSession) -> None:
        """Write the meeting of a new booking; its timers are set once the booking is confirmed."""
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
