"""The record of a session: who came, what was agreed, what it came to, and private notes. For its two participants."""

from domain.accounts.account import Identity
from domain.calls.evidence import Evidence
from domain.calls.session import Proofs
from domain.errors import Conflict
from domain.ids import BookingId
from domain.ports import Transactions, Tx
from domain.scheduled.flow import SessionFlow
from domain.scheduled.ports import ScheduledSessionStore
from signaling.video.showing import meter_view, segment_view
from signaling.video.views import SessionRecord


class SessionRecords:
    """Anybody else learns nothing, not even that there is a session."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: SessionFlow,
        sessions: ScheduledSessionStore,
        evidence: Evidence,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._sessions = sessions
        self._evidence = evidence

    async def one(self, who: Identity, booking_id: BookingId) -> SessionRecord:
        """The session of a booking, at any time.

        Raises:
            NotFound: no such session, or not the asker's.
        """

        async def work(tx: Tx) -> SessionRecord:
            return await self._record(tx, who, booking_id)

        return await self._transact(work)

    async def write_notes(self, who: Identity, booking_id: BookingId, notes: str) -> SessionRecord:
        """Replace one's own notes, which nobody else reads.

        Raises:
            NotFound: no such session, or not the asker's.
            Conflict: a group session has no notes of its clients.
        """

        async def work(tx: Tx) -> SessionRecord:
            session = await self._sessions.of_booking(tx, booking_id)
            guest = session.guest(session.side_of(who.user_id))
            if len(notes) > NOTES_MAX:
                raise Conflict("These notes are too long.")
            if guest.notes != notes:
                guest.notes = notes
                await self._sessions.save(tx, session)
            return await self._record(tx, who, booking_id)

        return await self._transact(work)

    async def _record(self, tx: Tx, who: Identity, booking_id: BookingId) -> SessionRecord:
        session = await self._sessions.of_booking(tx, booking_id)
        side = session.side_of(who.user_id)
        call = await self._flow.overtime_of(tx, session)
        now = self._flow.clock.now()
        proofs: Proofs = {}
        if call is not None and call.final is None:
            proofs = await self._evidence.of(session.room)
        client, coach = call.closed_intervals(now, proofs) if call is not None else ([], [])
        return SessionRecord(
            session=session,
            side=side,
            segments=tuple(segment_view(session, one, side, call) for one in session.overtime_segments),
            meter=meter_view(self._flow.calls_flow, call, proofs, now),
            call=call,
            connected=(tuple(client), tuple(coach)),
            at=now,
        )


#: Characters.
NOTES_MAX = 10_000
