"""The room around overtime: what its live session asks of the scheduled session, in the transaction in which it changes.

Overtime is a live session whose holds are the segments that both sides agreed to. It begins where the booked time ends, takes
the seats of the session over, and its end is the session's.
"""

from dataclasses import replace
from datetime import timedelta

from domain.calls.holds import Hold
from domain.calls.session import EndReason, LiveSession, Proofs
from domain.calls.states import UNCHARGED, Move
from domain.errors import NotFound
from domain.events import Event, LiveSessionPaused, LiveSessionResumed, LiveSessionStarted, ToCall, rfc3339
from domain.notifications.ports import Notifier
from domain.payments.refusals import TOLD_TO_COACH
from domain.ports import Tx
from domain.scheduled.flow import SessionFlow
from domain.scheduled.ports import ScheduledSessionStore
from domain.scheduled.session import ROLES, OvertimeSegment, ScheduledSession, SessionEnd
from domain.scheduled.states import OvertimeMove, OvertimeState, SessionMove
from domain.session_events import OvertimeMetered, OvertimeUpdated
from domain.timers import TimerKind

_AS_SESSION_ENDS = {
    EndReason.ENDED_BY_CLIENT: (SessionEnd.ENDED_BY_CLIENT, "client"),
    EndReason.ENDED_BY_COACH: (SessionEnd.ENDED_BY_COACH, "coach"),
    EndReason.AUTHORIZATION_EXHAUSTED: (SessionEnd.TIME_IS_UP, "system"),
    EndReason.SUSPENDED: (SessionEnd.SUSPENDED, "admin"),
    EndReason.CANCELLED: (SessionEnd.CANCELLED, "system"),
}


class Overtime:
    """Implements :class:`domain.calls.overtime.OvertimeRoom`."""

    def __init__(self, flow: SessionFlow, sessions: ScheduledSessionStore, notifier: Notifier) -> None:
        self._flow = flow
        self._sessions = sessions
        self._notifier = notifier

    # --- the card answers -------------------------------------------------------------------------------------

    async def authorized(self, tx: Tx, call: LiveSession, hold: Hold, proofs: Proofs) -> None:
        """A segment is paid for. If the booked time is over already, it begins at once."""
        session = await self._of(tx, call)
        segment = session.segment_of(hold.operation_id)
        if segment is None or not segment.pending or session.over:
            # Refused, withdrawn or expired meanwhile: what the client let go of is not what overtime is charged to.
            hold.unwanted = True
            return
        now = self._flow.clock.now()
        segment.move(OvertimeMove.AUTHORIZE)
        session.note(
            "overtime_authorized", at=now, by="gateway", process=self._flow.process,
            number=segment.number, minutes=segment.minutes,
        )  # fmt: skip
        tx.disarm(TimerKind.OVERTIME_CONFIRMATION, session.id)
        if call.accepted_at is None and session.end <= now < session.ends_at:
            self.begin(tx, session, call)
        session.activate(now)
        self._flow.arm(tx, session)
        self.tell(tx, session, segment)
        if call.accepted_at is not None:
            self._meter(tx, call, running=call.counting(), billable=call.billable_seconds(now, proofs))
        await self._sessions.save(tx, session)

    async def action_required(self, tx: Tx, call: LiveSession, hold: Hold) -> None:
        """The bank wants to see the client, who alone learns how."""
        session = await self._of(tx, call)
        segment = session.segment_of(hold.operation_id)
        if segment is None or not segment.pending or session.over:
            return
        self.tell(tx, session, segment, secret=hold.client_secret)
        await self._sessions.save(tx, session)

    async def refused(self, tx: Tx, call: LiveSession, hold: Hold, reason: str) -> None:
        """The card does not pay: the wish came to nothing. The client reads why, the coach that it was the payment."""
        session = await self._of(tx, call)
        segment = session.segment_of(hold.operation_id)
        if segment is None or not segment.pending or session.over:
            return
        await self.fail(tx, session, segment, reason, by="gateway")
        await self._sessions.save(tx, session)

    async def fail(
        self, tx: Tx, session: ScheduledSession, segment: OvertimeSegment, reason: str, *, by: str
    ) -> None:
        """A segment cannot be paid. The caller saves the session."""
        now = self._flow.clock.now()
        segment.move(OvertimeMove.FAIL)
        segment.refusal = reason
        session.note("overtime_failed", at=now, by=by, process=self._flow.process, number=segment.number)
        tx.disarm(TimerKind.OVERTIME_CONFIRMATION, session.id)
        if session.ends_at <= now:
            # Only the card was waited for.
            tx.arm(TimerKind.SESSION_END, session.id, now)
        self.tell(tx, session, segment)
        client = session.client
        if client is not None:
            params = {
                "bookingId": session.booking_id,
                "title": session.title,
                "start": rfc3339(session.start),
                "personName": session.coach.name,
                "minutes": str(segment.minutes),
            }
            await self._notifier.notify(tx, client.user_id, "overtime_failed", params=params, priority="high")

    # --- its time ---------------------------------------------------------------------------------------------

    def begin(self, tx: Tx, session: ScheduledSession, call: LiveSession) -> None:
        """The booked time is over: the seats are the call's now, and media that is proven from here on counts.

        The caller saves both.
        """
        now = self._flow.clock.now()
        call.epoch = session.epoch
        for side, guest in session.guests:
            participant = call.participant(side)
            participant.seat = replace(guest.seat) if guest.seat is not None else None
            participant.arrived_at = now if guest.present else None
        call.move(Move.BEGIN, at=now, by="system", process=self._flow.process)
        call.accepted_at = now
        session.note("overtime_begin", at=now, by="system", process=self._flow.process)
        tx.arm(TimerKind.JOIN_TIMEOUT, call.id, now + timedelta(seconds=self._flow.terms.join))

    async def over(self, tx: Tx, call: LiveSession) -> None:
        """With overtime that had begun, the session is over. One that had not is the affair of whoever gave it up."""
        if call.accepted_at is None:
            return
        session = await self._of(tx, call)
        if session.over:
            return
        reason, by = (SessionEnd.CONNECTION_LOST, "system")
        if call.end_reason is not None:
            reason, by = _AS_SESSION_ENDS.get(call.end_reason, (reason, by))
        move = SessionMove.CANCEL if reason is SessionEnd.CANCELLED else SessionMove.END
        at = call.ended_at or self._flow.clock.now()
        await self._flow.finish(tx, session, reason, at=at, by=by, move=move, call=call)
        if call.state in UNCHARGED:
            self._finalize(session)
        await self._sessions.save(tx, session)

    async def settled(self, tx: Tx, call: LiveSession) -> None:
        """What was used of it is captured, the rest released."""
        session = await self._of(tx, call)
        self._finalize(session)
        await self._sessions.save(tx, session)

    def _finalize(self, session: ScheduledSession) -> None:
        now = self._flow.clock.now()
        for segment in session.overtime_segments:
            if segment.state in (OvertimeState.AUTHORIZED, OvertimeState.ACTIVE):
                segment.move(OvertimeMove.FINALIZE)
                segment.finalized_at = now

    # --- telling ----------------------------------------------------------------------------------------------

    def tell(
        self, tx: Tx, session: ScheduledSession, segment: OvertimeSegment, *, secret: str | None = None
    ) -> None:
        """Both sides hear where a segment is; what concerns the card, the client alone."""
        event = OvertimeUpdated(
            booking_id=session.booking_id,
            version=session.version + 1,
            number=segment.number,
            minutes=segment.minutes,
            state=segment.state.value,
            requested_by=ROLES[session.side_of(segment.requested_by)],
            expires_at=segment.expires_at,
            confirmed=segment.confirmed_at is not None,
            price=session.price_of(segment),
            ends_at=session.ends_at,
        )
        if segment.refusal is None and secret is None:
            self._flow.tell(tx, session, event)
            return
        to_coach = TOLD_TO_COACH if segment.refusal is not None else None
        self._flow.tell(tx, session, replace(event, reason=to_coach), only="callee")
        self._flow.tell(
            tx, session, replace(event, reason=segment.refusal, client_secret=secret), only="caller"
        )

    def told(self, tx: Tx, call: LiveSession, event: Event) -> None:
        """What the meter does, in the words of a session. Its end is told by the session."""
        match event:
            case LiveSessionStarted():
                self._meter(tx, call, running=True, billable=0)
            case LiveSessionResumed(billable_seconds=seconds):
                self._meter(tx, call, running=True, billable=seconds)
            case LiveSessionPaused(billable_seconds=seconds):
                self._meter(tx, call, running=False, billable=seconds, paused=event)
            case _:
                return

    def _meter(
        self,
        tx: Tx,
        call: LiveSession,
        *,
        running: bool,
        billable: int,
        paused: LiveSessionPaused | None = None,
    ) -> None:
        if call.booking_id is None or not call.processes():
            return
        event = OvertimeMetered(
            booking_id=call.booking_id,
            running=running,
            authorized_seconds=call.authorized_seconds,
            billable_seconds=billable,
            amount=call.rate.with_amount(call.price_of(billable)),
            reason=paused.reason if paused else None,
            grace_ends_at=paused.grace_ends_at if paused else None,
        )
        tx.emit(ToCall(call.id, call.processes()), event)

    async def _of(self, tx: Tx, call: LiveSession) -> ScheduledSession:
        if call.booking_id is None:
            raise NotFound("This call belongs to no session.")
        return await self._sessions.of_booking(tx, call.booking_id)
