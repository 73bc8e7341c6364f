"""What every move of a scheduled session carries with it: the coach, timers, overtime, and who is told.

The aggregate knows its own state; a :class:`SessionFlow` keeps the rest of the house in step, in the caller's transaction.
"""

from datetime import datetime

from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession
from domain.calls.states import CallState, Move
from domain.events import Event, ToCall
from domain.money import Money
from domain.ports import Tx
from domain.scheduled.ports import ScheduledSessionStore
from domain.scheduled.session import WARNS_BEFORE, ScheduledSession, SessionEnd
from domain.scheduled.states import OvertimeMove, OvertimeState, SessionMove, SessionState
from domain.session_events import SessionEnded
from domain.timers import TimerKind

_TIMERS = (
    TimerKind.SESSION_OPEN,
    TimerKind.SESSION_ENDING_SOON,
    TimerKind.SESSION_END,
    TimerKind.OVERTIME_CONFIRMATION,
)
_AS_CALL_ENDS = {
    SessionEnd.ENDED_BY_CLIENT: EndReason.ENDED_BY_CLIENT,
    SessionEnd.ENDED_BY_COACH: EndReason.ENDED_BY_COACH,
    SessionEnd.TIME_IS_UP: EndReason.AUTHORIZATION_EXHAUSTED,
    SessionEnd.SUSPENDED: EndReason.SUSPENDED,
    SessionEnd.CANCELLED: EndReason.CANCELLED,
}


class SessionFlow:
    """Moves sessions together with everything that depends on them."""

    def __init__(
        self, *, calls_flow: CallFlow, calls: CallStore, evidence: Evidence, sessions: ScheduledSessionStore
    ) -> None:
        self.clock = calls_flow.clock
        self.process = calls_flow.process
        self.terms = calls_flow.terms
        self.calls_flow = calls_flow
        self._calls = calls
        self._evidence = evidence
        self._sessions = sessions

    # --- timers -----------------------------------------------------------------------------------------------

    def arm(self, tx: Tx, session: ScheduledSession) -> None:
        """Set the timers of a confirmed session to where they belong now."""
        now = self.clock.now()
        if session.state is SessionState.SCHEDULED:
            tx.arm(TimerKind.SESSION_OPEN, session.id, session.opens_at)
        warned = session.ends_at - WARNS_BEFORE
        if warned > now:
            tx.arm(TimerKind.SESSION_ENDING_SOON, session.id, warned)
        tx.arm(TimerKind.SESSION_END, session.id, session.boundary_after(now))

    # --- moves ------------------------------------------------------------------------------------------------

    def open(self, session: ScheduledSession) -> None:
        """It may be joined from now on."""
        session.move(SessionMove.OPEN, at=self.clock.now(), by="system", process=self.process)

    async def begin(self, tx: Tx, session: ScheduledSession) -> None:
        """Both are there for the first time: nobody can call the coach now."""
        now = self.clock.now()
        session.move(SessionMove.BEGIN, at=now, by="system", process=self.process)
        session.begun_at = now
        await self.calls_flow.session_of_coach(tx, session.coach_id, session.id, in_progress=True)

    async def stop(
        self,
        tx: Tx,
        session: ScheduledSession,
        reason: SessionEnd,
        *,
        by: str,
        at: datetime | None = None,
        move: SessionMove = SessionMove.END,
    ) -> None:
        """End a session now, or at ``at``, with whatever overtime it has. Saves it, or another copy of it."""
        call = await self.overtime_of(tx, session)
        if call is not None and call.open and call.accepted_at is not None:
            # The end of running overtime ends its session (domain.scheduled.overtime).
            await self._end_overtime(tx, call, _AS_CALL_ENDS[reason], by=by, at=at)
            return
        if call is not None and call.open:
            # It never began: what is held for it goes back.
            await self.calls_flow.give_up(tx, call, Move.CANCEL, _AS_CALL_ENDS[reason], by=by)
        await self.finish(tx, session, reason, at=at or self.clock.now(), by=by, move=move, call=call)
        await self._sessions.save(tx, session)

    async def _end_overtime(
        self, tx: Tx, call: LiveSession, reason: EndReason, *, by: str, at: datetime | None
    ) -> None:
        if call.state is CallState.READY:
            await self.calls_flow.give_up(tx, call, Move.CANCEL, reason, by=by)
            return
        proofs = await self._evidence.of(call.id)
        ended = call.paused_at or at or self.clock.now()
        await self.calls_flow.end(tx, call, reason, at=ended, proofs=proofs, by=by)

    async def finish(
        self,
        tx: Tx,
        session: ScheduledSession,
        reason: SessionEnd,
        *,
        at: datetime,
        by: str,
        move: SessionMove = SessionMove.END,
        call: LiveSession | None = None,
    ) -> None:
        """The session itself is over; ``call`` is its overtime, which is over already. The caller saves it."""
        in_progress = session.state is SessionState.IN_PROGRESS
        session.move(move, at=at, by=by, process=self.process, reason=reason.value)
        session.ended_at, session.end_reason = at, reason
        for segment in session.overtime_segments:
            if segment.pending or (segment.state is OvertimeState.AUTHORIZED and not _used(call)):
                segment.move(OvertimeMove.EXPIRE)
        for kind in _TIMERS:
            tx.disarm(kind, session.id)
        self.tell_end(tx, session, reason, call)
        for _, guest in session.guests:
            guest.depart(at)
        if in_progress:
            await self.calls_flow.session_of_coach(tx, session.coach_id, session.id, in_progress=False)

    async def overtime_of(self, tx: Tx, session: ScheduledSession) -> LiveSession | None:
        """The live session of its overtime, read in the transaction; None without any."""
        return await self._calls.get(tx, session.overtime_id) if session.overtime_id else None

    # --- telling ----------------------------------------------------------------------------------------------

    def tell(self, tx: Tx, session: ScheduledSession, event: Event, *, only: str | None = None) -> None:
        """Tell the sockets in the session, or those of one side (``caller``, ``callee``) alone."""
        processes = session.processes()
        if processes:
            tx.emit(ToCall(session.room, processes, only), event)

    def tell_end(
        self, tx: Tx, session: ScheduledSession, reason: SessionEnd, call: LiveSession | None = None
    ) -> None:
        """Both hear that it is over, or will be at another time."""
        final = call.final if call is not None else None
        rate = session.overtime_rate
        self.tell(
            tx,
            session,
            SessionEnded(
                session.booking_id,
                session.version + 1,
                reason.value,
                final.billable_seconds if final else 0,
                Money(final.amount if final else 0, rate.currency),
            ),
        )


def _used(call: LiveSession | None) -> bool:
    return call is not None and call.accepted_at is not None
