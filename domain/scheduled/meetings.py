"""What booking does to the meeting, in the transaction in which the booking changes."""

from domain.booking.booking import Booking
from domain.booking.ports import BookingStore
from domain.booking.session_type import SessionType
from domain.events import rfc3339
from domain.ids import BookingId, SessionId
from domain.ports import Tx
from domain.pricing.base import overtime_rate
from domain.scheduled.flow import SessionFlow
from domain.scheduled.ports import ScheduledSessionStore
from domain.scheduled.session import Guest, ScheduledSession, SessionEnd
from domain.scheduled.states import SessionMove, SessionState


class Meetings:
    """Implements :class:`domain.scheduled.ports.ScheduledMeetings`."""

    def __init__(self, flow: SessionFlow, sessions: ScheduledSessionStore, bookings: BookingStore) -> None:
        self._flow = flow
        self._sessions = sessions
        self._bookings = bookings

    async def schedule(self, tx: Tx, session: ScheduledSession, *, confirmed: bool = False) -> None:
        """Write the meeting of a new booking; its timers are set once the booking is confirmed, as it may be already."""
        session.note("schedule", at=self._flow.clock.now(), by="client", process=self._flow.process)
        if confirmed:
            self._confirm(tx, session)
        await self._sessions.insert(tx, session)

    async def confirmed(self, tx: Tx, session_id: SessionId) -> None:
        """The booking is paid, or the group session stands: the meeting will take place. Twice is as once."""
        session = await self._sessions.get(tx, session_id)
        if session.over or session.confirmed_at is not None:
            return
        self._confirm(tx, session)
        await self._sessions.save(tx, session)

    def _confirm(self, tx: Tx, session: ScheduledSession) -> None:
        session.confirmed_at = self._flow.clock.now()
        session.note("confirm", at=session.confirmed_at, by="system", process=self._flow.process)
        self._flow.arm(tx, session)

    async def reschedule(self, tx: Tx, booking_id: BookingId) -> None:
        """The booking, already saved, has another time. Whoever waits in the room is told that it is not now.

        Raises:
            Conflict: the session is in progress, or over.
        """
        booking = await self._bookings.get(tx, booking_id)
        session = await self._sessions.of_booking(tx, booking_id)
        now, waited = self._flow.clock.now(), session.state is SessionState.OPEN
        session.move(
            SessionMove.RESCHEDULE, at=now, by="system", process=self._flow.process, start=_told(booking)
        )
        if waited:
            self._flow.tell_end(tx, session, SessionEnd.RESCHEDULED)
        for _, guest in session.guests:
            # Who came to the old time has not come to the new one; the timeline remembers.
            guest.depart(now)
            guest.visits.clear()
        session.start, session.end = booking.start, booking.end
        if session.confirmed_at is not None:
            self._flow.arm(tx, session)
        await self._sessions.save(tx, session)

    async def cancel(self, tx: Tx, session_id: SessionId, *, by: str) -> None:
        """There will be no meeting; overtime that was authorized is released. One that is over stays as it was."""
        session = await self._sessions.get(tx, session_id)
        if session.over:
            return
        await self._flow.stop(tx, session, SessionEnd.CANCELLED, by=by, move=SessionMove.CANCEL)


def meeting_of(booking: Booking, session_type: SessionType) -> ScheduledSession:
    """The meeting that belongs to a new booking. What overtime will cost is settled here, before anybody needs it."""
    client = booking.client
    return ScheduledSession(
        id=booking.session_id,
        booking_id=booking.id,
        coach_id=booking.coach_id,
        coach=Guest(booking.coach_user_id, booking.coach_name),
        client=Guest(client.user_id, client.name) if client else None,
        start=booking.start,
        end=booking.end,
        title=booking.title,
        overtime_rate=overtime_rate(session_type),
        fee_percent=booking.fee_percent,
    )


def _told(booking: Booking) -> str:
    return rfc3339(booking.start)
