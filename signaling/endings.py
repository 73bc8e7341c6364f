"""How a call ends: by a participant, at the authorized limit, or because nobody came back."""

from datetime import timedelta

from domain.accounts.account import Identity
from domain.calls.billable import instant_at
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.meter import arm_meter, limit_at
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession, Proofs, Side
from domain.calls.states import SEATED, CallState, Move
from domain.errors import Code, Conflict
from domain.ids import SessionId, UserId
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

_BY_SIDE = {Side.CALLER: EndReason.ENDED_BY_CLIENT, Side.CALLEE: EndReason.ENDED_BY_COACH}


class Endings:
    """Every way out of an accepted call. All are idempotent: a call ends once."""

    def __init__(
        self, *, transact: Transactions, flow: CallFlow, calls: CallStore, evidence: Evidence
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._calls = calls
        self._evidence = evidence

    async def end(self, who: Identity, session_id: SessionId, reason: str | None) -> LiveSession:
        """A participant hangs up. Ending again answers with the call as it ended.

        Raises:
            NotFound: not a participant.
            Conflict: GONE, the call was never accepted.
        """
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> LiveSession:
            call = await self._calls.get(tx, session_id)
            side = call.side_of(who.user_id)
            if call.ended_at is not None and call.accepted_at is not None:
                return call
            if call.state not in SEATED:
                raise Conflict(
                    "This call is not in progress.", code=Code.GONE, details={"state": call.state.value}
                )
            if reason:
                note = call.note
                note(
                    "reason",
                    at=self._flow.clock.now(),
                    by=side.value,
                    process=self._flow.process,
                    text=reason,
                )
            await self._hang_up(tx, call, side, proofs)
            return call

        return await self._transact(work)

    async def _hang_up(self, tx: Tx, call: LiveSession, side: Side, proofs: Proofs) -> None:
        if call.state is CallState.READY:
            await self._flow.give_up(tx, call, Move.CANCEL, _BY_SIDE[side], by=side.value)
            return
        now = self._flow.clock.now()
        await self._flow.end(tx, call, _BY_SIDE[side], at=call.paused_at or now, proofs=proofs, by=side.value)

    async def limit_reached(self, session_id: SessionId) -> None:
        """The hard stop, at the very instant when the authorized seconds were used up, whenever this runs."""
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.state is not CallState.LIVE:
                return
            now = self._flow.clock.now()
            due = limit_at(call, now, proofs, self._flow.real(self._flow.terms.hold_margin))
            if due is None or due > now:
                # The proofs stopped (whoever notices pauses the call), or a new block moved the limit.
                arm_meter(tx, call, self._flow.clock, proofs, self._flow.terms)
                return
            caller, callee = call.closed_intervals(now, proofs)
            at = instant_at(caller, callee, call.authorized_seconds) or due
            await self._flow.end(
                tx, call, EndReason.AUTHORIZATION_EXHAUSTED, at=min(at, due), proofs=proofs, by="system"
            )

        await self._transact(work)

    async def grace_over(self, session_id: SessionId) -> None:
        """Nobody came back in time: the call ended at the last proven instant."""
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.state is not CallState.PAUSED or call.paused_at is None:
                return
            due = call.pause_ends_at(self._flow.terms.grace, self._flow.terms.pause_limit)
            if due is not None and due > self._flow.clock.now():
                # This timer is of an earlier pause.
                tx.arm(TimerKind.GRACE, call.id, due)
                return
            reason = EndReason.CONNECTION_LOST
            if call.live_at is None:
                reason = EndReason.MEDIA_DENIED
            await self._flow.end(tx, call, reason, at=call.paused_at, proofs=proofs, by="system")

        await self._transact(work)

    async def join_timed_out(self, session_id: SessionId) -> None:
        """Accepted, and then a side did not come, or media was never proven both ways."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if call.state is not CallState.READY:
                return
            both = call.caller.present and call.callee.present
            since = [call.accepted_at, *(p.arrived_at for p in (call.caller, call.callee) if both)]
            due = max(at for at in since if at is not None) + timedelta(seconds=self._flow.terms.join)
            if due > self._flow.clock.now():
                tx.arm(TimerKind.JOIN_TIMEOUT, call.id, due)
            elif both:
                await self._flow.give_up(tx, call, Move.FAIL, EndReason.NO_MEDIA, by="system")
            else:
                await self._flow.give_up(tx, call, Move.ABANDON, EndReason.NOT_JOINED, by="system")

        await self._transact(work)

    async def suspended(self, user_id: UserId) -> None:
        """An account was suspended: whatever call it is in ends now, paid up to this instant."""
        for known in await self._calls.open_of(user_id):
            await self._end_suspended(known.id)

    async def _end_suspended(self, session_id: SessionId) -> None:
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if not call.open:
                return
            flow, reason = self._flow, EndReason.SUSPENDED
            if call.state in (CallState.LIVE, CallState.PAUSED):
                at = call.paused_at or flow.clock.now()
                await flow.end(tx, call, reason, at=at, proofs=proofs, by="admin")
            else:
                await flow.give_up(tx, call, Move.CANCEL, reason, by="admin")

        await self._transact(work)
