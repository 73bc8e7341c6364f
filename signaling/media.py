"""``live-media-state``: what a peer says of its media, and what we believe of it."""

from datetime import datetime

from domain.accounts.account import Identity
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession, Side, SocketId
from domain.calls.states import SEATED, CallState
from domain.errors import Code, Conflict
from domain.ids import SessionId, UserId
from domain.ports import Transactions, Tx
from domain.timers import TimerKind
from signaling.keeper import ProofKeeper
from signaling.meter import Meter


class Media:
    """Believes a report only from the socket that holds the seat, at the current epoch."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        meter: Meter,
        calls: CallStore,
        evidence: Evidence,
        keeper: ProofKeeper,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._meter = meter
        self._calls = calls
        self._evidence = evidence
        self._keeper = keeper

    async def report(
        self, who: Identity, sid: str, session_id: SessionId, side: Side, epoch: int, state: str
    ) -> None:
        """Take a report.

        A repeated proof of a side that counts costs no database call. The door has checked that ``sid`` holds the seat of
        ``side`` here and that ``epoch`` is current as far as this process knows; the transaction checks both again.

        Raises:
            Forbidden: NOT_JOINED.
            Conflict: STALE_EPOCH, or GONE once the call is over.
        """
        if state == "connected" and self._keeper.renew(session_id, side, sid):
            return
        if state == "connecting":
            return
        now = self._flow.clock.now()
        if state == "connected":
            await self._begin(who.user_id, sid, session_id, side, epoch, now)
            return
        # Watched until the loss is recorded: a refused report must not stop the watch over a side that counts.
        await self._record(who.user_id, sid, session_id, epoch, state, now)
        self._keeper.drop(session_id, side, sid)

    async def _begin(
        self, user_id: UserId, sid: str, session_id: SessionId, side: Side, epoch: int, at: datetime
    ) -> None:
        for call in await self._calls.find([session_id]):
            # Else a refused report would leave a proof behind, and push aside the socket that is watched.
            _require_current(call, call.side_of(user_id), sid, epoch)
        await self._keeper.begin(session_id, side, sid, at)
        try:
            await self._record(user_id, sid, session_id, epoch, "connected", at)
        except BaseException:
            self._keeper.drop(session_id, side, sid)
            raise

    async def _record(
        self, user_id: UserId, sid: str, session_id: SessionId, epoch: int, state: str, at: datetime
    ) -> None:
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            side = call.side_of(user_id)
            _require_current(call, side, sid, epoch)
            if state == "connected":
                self._meter.proven(tx, call, side, at=at, proofs=proofs)
            else:
                self._meter.lost(tx, call, side, f"media_{state}", at=at, proofs=proofs)
            call.note(f"media_{state}", at=at, by=side.value, process=self._flow.process, epoch=epoch)
            await self._calls.save(tx, call)

        await self._transact(work)

    async def proof_missing(self, session_id: SessionId, side: Side, sid: str) -> None:
        """A side that counted stopped proving: its interval ends at its last proof."""
        last = self._keeper.last(session_id, side)
        # Let go before it is recorded: a proof that comes meanwhile opens the side anew.
        self._keeper.drop(session_id, side, sid)
        try:
            await self._record_missing(session_id, side, sid, last)
        except BaseException:
            self._keeper.put_back(session_id, side, sid, last)
            raise

    async def _record_missing(
        self, session_id: SessionId, side: Side, sid: str, last: datetime | None
    ) -> None:
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            seat = call.participant(side).seat
            if not call.open or seat is None or seat.sid != sid:
                return
            known = proofs[side].at if side in proofs else self._flow.clock.now()
            at = max(last, known) if last is not None else known
            self._meter.lost(tx, call, side, "proof_missing", at=at, proofs=proofs)
            call.note("proof_missing", at=at, by=side.value, process=self._flow.process)
            await self._calls.save(tx, call)

        await self._transact(work)

    async def reconcile(self) -> None:
        """Let go of sides that the database says do not count: somebody else closed them (a takeover, an end, or a
        watcher who took this process for dead). The next proof opens them again, if it may."""
        kept = self._keeper.kept()
        if not kept:
            return
        counting = await self._calls.counting(list({session_id for session_id, _, _ in kept}))
        for session_id, side, sid in kept:
            if (session_id, side, sid) not in counting:
                self._keeper.drop(session_id, side, sid)

    async def stale(self, session_id: SessionId) -> None:
        """Nobody proves any more, and nobody noticed: close every side at its last proof."""
        proofs = await self._evidence.of(session_id)
        now = self._flow.clock.now()

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            if not call.counting():
                return
            for side, proof in proofs.items():
                if now - proof.at > proof.fresh_for:
                    self._meter.lost(tx, call, side, "proof_missing", at=proof.at, proofs=proofs)
            await self._calls.save(tx, call)

        await self._transact(work)

    async def denied(self, session_id: SessionId) -> None:
        """One side has received for a while what the other says never arrives: nobody talks for free."""

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            one_sided = call.caller.counting != call.callee.counting
            if call.denied_since is None or not one_sided or call.state not in SEATED:
                return
            now = self._flow.clock.now()
            due = call.denied_since + self._flow.real(self._flow.terms.denial)
            if due > now:
                tx.arm(TimerKind.MEDIA_DENIED, call.id, due)
                return
            denying = Side.CALLEE if call.caller.counting else Side.CALLER
            call.note(EndReason.MEDIA_DENIED.value, at=now, by=denying.value, process=self._flow.process)
            if call.state is CallState.READY:
                tx.disarm(TimerKind.JOIN_TIMEOUT, call.id)
                self._meter.pause(tx, call, EndReason.MEDIA_DENIED.value, at=now, proofs={})
            tx.disarm(TimerKind.MEDIA_DENIED, call.id)
            await self._calls.save(tx, call)

        await self._transact(work)


def _require_current(call: LiveSession, side: Side, sid: str, epoch: int) -> None:
    call.require_socket(side, SocketId(sid))
    if call.state not in SEATED:
        raise Conflict("This call is over.", code=Code.GONE, details={"state": call.state.value})
    if epoch != call.epoch:
        raise Conflict(
            "The connection was restarted meanwhile.", code=Code.STALE_EPOCH, details={"epoch": call.epoch}
        )
