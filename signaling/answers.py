"""The coach answers, or nobody does."""

from datetime import timedelta

from domain.accounts.account import Identity
from domain.calls.flow import CallFlow
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession, Side
from domain.calls.states import SEATED, CallState, Move
from domain.coaching.coach import ClaimState
from domain.coaching.ports import CoachStore
from domain.errors import Code, Conflict, Forbidden, NotFound
from domain.ids import SessionId
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

_BEFORE_RINGING = (CallState.RESERVING, CallState.REQUIRES_ACTION)


class Answers:
    """Accept, decline, cancel, and the two timeouts on the way to an answer."""

    def __init__(
        self, *, transact: Transactions, flow: CallFlow, calls: CallStore, coaches: CoachStore
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._calls = calls
        self._coaches = coaches

    async def accept(self, who: Identity, session_id: SessionId, device_id: str) -> None:
        """Take the call on this device; the first accept wins.

        Accepting again on the device that won changes nothing, so that a lost reply can be repeated.

        Raises:
            Conflict: ANSWERED_ELSEWHERE or GONE.
        """

        async def work(tx: Tx) -> None:
            call = await self._ringing_to(tx, who, session_id)
            if call.state in SEATED:
                if call.accepted_by != device_id:
                    raise Conflict("Another device answered this call.", code=Code.ANSWERED_ELSEWHERE)
                return
            _require_ringing(call)
            await self._accepted(tx, call, device_id)

        await self._transact(work)

    async def _accepted(self, tx: Tx, call: LiveSession, device_id: str) -> None:
        flow, now = self._flow, self._flow.clock.now()
        call.move(Move.ACCEPT, at=now, by="callee", process=flow.process, device=device_id)
        call.accepted_at, call.accepted_by = now, device_id
        coach = await flow.claim(tx, call, ClaimState.BUSY)
        if coach.missed_in_a_row:
            coach.missed_in_a_row = 0
            await self._coaches.save(tx, coach)
        tx.disarm(TimerKind.RING_TIMEOUT, call.id)
        tx.arm(TimerKind.JOIN_TIMEOUT, call.id, now + timedelta(seconds=flow.terms.join))
        await flow.moved(tx, call, accepted_device=device_id)

    async def decline(self, who: Identity, session_id: SessionId, reason: str | None) -> None:
        """The coach does not want this call now.

        Raises:
            Conflict: ANSWERED_ELSEWHERE or GONE.
        """

        async def work(tx: Tx) -> None:
            call = await self._ringing_to(tx, who, session_id)
            if call.state is CallState.DECLINED:
                return
            if call.state in SEATED:
                raise Conflict("Another device answered this call.", code=Code.ANSWERED_ELSEWHERE)
            _require_ringing(call)
            if reason:
                call.note(
                    "reason", at=self._flow.clock.now(), by="callee", process=self._flow.process, text=reason
                )
            await self._flow.give_up(tx, call, Move.DECLINE, EndReason.DECLINED, by="callee")

        await self._transact(work)

    async def cancel(self, who: Identity, session_id: SessionId) -> None:
        """The client thought better of it, at any time before talk.

        Raises:
            Conflict: GONE, the call is live or over.
        """

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.side_of(who.user_id) is not Side.CALLER:
                raise Forbidden("Only the caller can cancel a call.")
            if call.overtime:
                raise NotFound("There is no such call.")
            if call.state is CallState.CANCELLED:
                return
            if call.state not in (*_BEFORE_RINGING, CallState.RINGING, CallState.READY):
                raise Conflict("This call cannot be cancelled any more.", code=Code.GONE)
            await self._flow.give_up(tx, call, Move.CANCEL, EndReason.CANCELLED, by="caller")

        await self._transact(work)

    async def reservation_timed_out(self, session_id: SessionId) -> None:
        """The gateway, or the client's bank, took too long: nobody was disturbed, whatever is held goes back."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.state in _BEFORE_RINGING and call.expires_at <= self._flow.clock.now():
                await self._flow.give_up(tx, call, Move.REFUSED, EndReason.AUTHORIZATION_TIMEOUT, by="system")

        await self._transact(work)

    async def ring_timed_out(self, session_id: SessionId) -> None:
        """Nobody answered: a missed call, which the coach can read about later."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.state is CallState.RINGING and call.expires_at <= self._flow.clock.now():
                await self._flow.give_up(tx, call, Move.MISS, EndReason.NO_ANSWER, by="system")

        await self._transact(work)

    async def _ringing_to(self, tx: Tx, who: Identity, session_id: SessionId) -> LiveSession:
        call = await self._calls.get(tx, session_id)
        if call.side_of(who.user_id) is not Side.CALLEE:
            raise Forbidden("Only the coach who is called can answer.")
        return call


def _require_ringing(call: LiveSession) -> None:
    if call.state is not CallState.RINGING:
        raise Conflict(
            "This call does not ring any more.", code=Code.GONE, details={"state": call.state.value}
        )
