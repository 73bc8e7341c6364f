"""What every move of a call carries with it: the coach's claim, timers, and who is told.

The aggregate knows its own state; a :class:`CallFlow` keeps the rest of the house in step, in the caller's transaction. Both
``signaling`` and ``billing`` move calls, and only through here.
"""

from datetime import datetime, timedelta

from domain.calls.overtime import OvertimeRoom
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession, Proofs, Side
from domain.calls.states import Move
from domain.calls.terms import CallTerms
from domain.calls.views import Pause
from domain.clock import Clock, real_seconds
from domain.coaching.coach import ABSENCE_SECONDS, ClaimState, Coach
from domain.coaching.ports import CoachStore
from domain.events import (
    Event,
    LiveSessionEnded,
    LiveSessionRinging,
    LiveSessionUpdated,
    RingingClient,
    ToCall,
    ToUser,
    ToWatchers,
)
from domain.ids import CoachId, SessionId
from domain.notifications.ports import Notifier
from domain.ports import Tx
from domain.timers import TimerKind

#: Timers that stand for a call that is not over.
_RUNNING_TIMERS = (
    TimerKind.RESERVATION_TIMEOUT,
    TimerKind.RING_TIMEOUT,
    TimerKind.JOIN_TIMEOUT,
    TimerKind.MEDIA_DENIED,
    TimerKind.GRACE,
    TimerKind.TICK,
    TimerKind.AUTHORIZE,
    TimerKind.LIMIT,
)
#: A call that moved is news for this long (domain time); a tab that returns later reads its history instead.
_UPDATE_KEPT = timedelta(hours=24)


class CallFlow:
    """Moves calls together with everything that depends on them."""

    def __init__(
        self,
        *,
        clock: Clock,
        terms: CallTerms,
        process: str,
        calls: CallStore,
        coaches: CoachStore,
        notifier: Notifier,
    ) -> None:
        self.clock = clock
        self.terms = terms
        self.process = process
        self._calls = calls
        self._coaches = coaches
        self._notifier = notifier
        self._overtime: OvertimeRoom | None = None

    def attach(self, room: OvertimeRoom) -> None:
        """Say where overtime takes place; the room itself is made of this flow."""
        self._overtime = room

    @property
    def overtime(self) -> OvertimeRoom:
        """The room of calls that are overtime."""
        if self._overtime is None:
            raise RuntimeError("this house has no scheduled sessions")
        return self._overtime

    @property
    def absence(self) -> float:
        """How long a coach may be without a socket before watchers are told, in domain seconds."""
        return ABSENCE_SECONDS * self.clock.speed

    # --- the coach --------------------------------------------------------------------------------------------

    async def save_coach(self, tx: Tx, coach: Coach, before: str) -> None:
        """Save a coach, and tell the watchers if what they see is not ``before`` any more."""
        now = self.clock.now()
        if coach.status(now, self.absence) != before:
            coach.status_since = now
            tx.emit(ToWatchers(coach.id), coach.status_event(now, self.absence))
        await self._coaches.save(tx, coach)

    async def claim(self, tx: Tx, call: LiveSession, state: ClaimState | None) -> Coach:
        """Move the call's claim on its coach, or let it go with None. Does nothing to another call's claim."""
        coach = await self._coaches.get(tx, call.coach_id)
        now = self.clock.now()
        before = coach.status(now, self.absence)
        if state is None:
            coach.release(call.id)
        else:
            coach.move_claim(call.id, state, now)
        await self.save_coach(tx, coach, before)
        return coach

    async def session_of_coach(
        self, tx: Tx, coach_id: CoachId, session_id: SessionId, *, in_progress: bool
    ) -> None:
        """A scheduled session of the coach is in progress, or not any more: it keeps new calls away, and ends none."""
        coach = await self._coaches.get(tx, coach_id)
        before = coach.status(self.clock.now(), self.absence)
        if in_progress:
            coach.enter_session(session_id)
        elif not coach.leave_session(session_id):
            return
        await self.save_coach(tx, coach, before)

    # --- on the way to an answer --------------------------------------------------------------------------------

    async def ring(self, tx: Tx, call: LiveSession) -> None:
        """The first block is held: ring at every tab of the coach."""
        now = self.clock.now()
        call.move(Move.AUTHORIZED, at=now, by="gateway", process=self.process)
        call.expires_at = now + timedelta(seconds=self.terms.ring)
        await self.claim(tx, call, ClaimState.RINGING)
        tx.disarm(TimerKind.RESERVATION_TIMEOUT, call.id)
        tx.arm(TimerKind.RING_TIMEOUT, call.id, call.expires_at)
        tx.emit(ToUser(call.callee.user_id), ringing_event(call), expires_at=call.expires_at)
        await self.moved(tx, call)

    async def require_action(self, tx: Tx, call: LiveSession) -> None:
        """The bank wants to see the client: wait for 3-D Secure."""
        now = self.clock.now()
        call.move(Move.ACTION_REQUIRED, at=now, by="gateway", process=self.process)
        call.expires_at = now + timedelta(seconds=self.terms.action)
        tx.arm(TimerKind.RESERVATION_TIMEOUT, call.id, call.expires_at)
        await self.moved(tx, call)

    # --- over -------------------------------------------------------------------------------------------------

    async def give_up(self, tx: Tx, call: LiveSession, move: Move, reason: EndReason, *, by: str) -> None:
        """Leave by an exit before ``live``: the coach is free at once, every hold is released."""
        call.give_up(move, reason, at=self.clock.now(), by=by, process=self.process)
        if call.overtime:
            await self._over(tx, call)
            return
        coach = await self.claim(tx, call, None)
        if move is Move.MISS:
            await self._missed(tx, call, coach)
        await self._over(tx, call)

    async def end(
        self, tx: Tx, call: LiveSession, reason: EndReason, *, at: datetime, proofs: Proofs, by: str
    ) -> None:
        """End a call that was accepted: its amount is final, settlement follows. After talk the coach cools down."""
        now = self.clock.now()
        call.finish(reason, at=at, now=now, proofs=proofs, by=by, process=self.process)
        if call.overtime:
            pass  # the coach belongs to the session
        elif call.live_at is None:
            await self.claim(tx, call, None)
        else:
            await self.claim(tx, call, ClaimState.COOLDOWN)
            tx.arm(TimerKind.COOLDOWN, call.coach_id, now + timedelta(seconds=self.terms.cooldown))
        await self._over(tx, call)

    async def _over(self, tx: Tx, call: LiveSession) -> None:
        for kind in _RUNNING_TIMERS:
            tx.disarm(kind, call.id)
        tx.arm(TimerKind.SETTLE, call.id, self.clock.now())
        if call.overtime:
            await self.overtime.over(tx, call)
        else:
            self.to_call(tx, call, ended_event(call))
        await self.moved(tx, call)

    async def _missed(self, tx: Tx, call: LiveSession, coach: Coach) -> None:
        now = self.clock.now()
        before = coach.status(now, self.absence)
        offline = coach.missed_a_call()
        await self.save_coach(tx, coach, before)
        params = {"sessionId": call.id, "clientName": call.caller.name}
        await self._notifier.notify(tx, coach.user_id, "missed_call", params=params, priority="high")
        if offline:
            await self._notifier.notify(tx, coach.user_id, "went_offline", params={}, priority="high")

    # --- telling ------------------------------------------------------------------------------------------------

    async def moved(self, tx: Tx, call: LiveSession, *, accepted_device: str | None = None) -> None:
        """Save the call and tell both participants' tabs where it is now. The coach does not hear of a reservation."""
        await self._calls.save(tx, call)
        if call.overtime:
            return  # the session tells of itself
        event = LiveSessionUpdated(
            session_id=call.id,
            state=call.state.value,
            version=call.version,
            reason=call.end_reason.value if call.end_reason else None,
            accepted_device_id=accepted_device,
        )
        expires = self.clock.now() + _UPDATE_KEPT
        tx.emit(ToUser(call.caller.user_id), event, expires_at=expires)
        if call.rang:
            tx.emit(ToUser(call.callee.user_id), event, expires_at=expires)

    def to_call(self, tx: Tx, call: LiveSession, event: Event) -> None:
        """Tell the sockets that are seated in the call, or in the session whose overtime it is."""
        if call.overtime:
            self.overtime.told(tx, call, event)
            return
        processes = call.processes()
        if processes:
            tx.emit(ToCall(call.id, processes), event)

    def pause_of(self, call: LiveSession) -> Pause | None:
        """The present pause, as the terms of calls limit it."""
        until = call.pause_ends_at(self.terms.grace, self.terms.pause_limit)
        if until is None:
            return None
        return Pause(call.pause_reason or "", until)

    def real(self, seconds: float) -> timedelta:
        """Domain time that passes in ``seconds`` of wall time."""
        return real_seconds(self.clock, seconds)


def ringing_event(call: LiveSession) -> LiveSessionRinging:
    """The ring as the coach's tabs hear it."""
    caller = call.participant(Side.CALLER)
    return LiveSessionRinging(
        session_id=call.id,
        client=RingingClient(caller.user_id, caller.name, caller.avatar_url),
        rate_per_minute=call.rate,
        expires_at=call.expires_at,
    )


def ended_event(call: LiveSession) -> LiveSessionEnded:
    """The end as both seats hear it; ``version`` is the one the save that follows will give it."""
    final = call.final
    return LiveSessionEnded(
        session_id=call.id,
        version=call.version + 1,
        reason=call.end_reason.value if call.end_reason else "",
        billable_seconds=final.billable_seconds if final else 0,
        amount=call.rate.with_amount(final.amount if final else 0),
    )
