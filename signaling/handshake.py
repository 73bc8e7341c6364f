"""``join-live-session-handshake``: a dedicated socket takes its seat in a call, and leaves it."""

from datetime import datetime

from domain.accounts.account import Identity
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Participant, Proofs, Seat, Side, SocketId
from domain.calls.states import SEATED
from domain.calls.views import CallSnapshot, JoinCall, SocketRef
from domain.errors import Code, Conflict, NotFound
from domain.events import LivePeerJoined, LivePeerLeft, LiveSeatTaken, ToCall
from domain.ids import SessionId, UserId
from domain.ports import Transactions, Tx
from signaling.generations import BETWEEN_RESTARTS, begin_generation
from signaling.ice import IceServers
from signaling.meter import Meter


class Handshakes:
    """Seats: one socket a side. A second device of the same person takes over, and the first is told."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        meter: Meter,
        calls: CallStore,
        evidence: Evidence,
        ice: IceServers,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._meter = meter
        self._calls = calls
        self._evidence = evidence
        self._ice = ice

    async def join(self, who: Identity, socket: SocketRef, ask: JoinCall) -> CallSnapshot:
        """Take the seat and learn everything about the call.

        Raises:
            NotFound: not a participant, or no such call.
            Conflict: GONE, the call was not accepted yet or is over.
        """
        proofs = await self._evidence.of(ask.session_id)

        async def work(tx: Tx) -> LiveSession:
            call = await self._calls.get(tx, ask.session_id)
            side = call.side_of(who.user_id)
            if call.overtime:
                raise NotFound("There is no such call.")  # its room is the session's
            if call.state not in SEATED:
                raise Conflict(
                    "This call cannot be joined.", code=Code.GONE, details={"state": call.state.value}
                )
            await self._sit(tx, call, side, socket, ask, proofs)
            return call

        call = await self._transact(work)
        return self._snapshot(call, call.side_of(who.user_id), proofs)

    async def _sit(
        self, tx: Tx, call: LiveSession, side: Side, socket: SocketRef, ask: JoinCall, proofs: Proofs
    ) -> None:
        flow, now = self._flow, self._flow.clock.now()
        me, old = call.participant(side), call.participant(side).seat
        resumed = ask.resume and old is not None and old.device_id == ask.device_id
        if old is not None and old.left_at is None and old.sid != socket.sid:
            taken = LiveSeatTaken(call.id, side.value, ask.device_id, old.sid)
            tx.emit(ToCall(call.id, frozenset({old.process})), taken)
        if old is not None and old.sid != socket.sid:
            # What the old socket had proven ends here; the new one proves for itself.
            self._meter.lost(tx, call, side, "socket_replaced", at=now, proofs=proofs)
        if not resumed and old is not None:
            call.epoch += 1
        me.arrived_at = me.arrived_at or now
        me.seat = Seat(ask.device_id, socket.process, SocketId(socket.sid))
        call.note(
            "resumed" if resumed else "joined",
            at=now, by=side.value, process=flow.process, device=ask.device_id, epoch=call.epoch,
        )  # fmt: skip
        joined = LivePeerJoined(call.id, side.value, call.epoch)
        flow.to_call(tx, call, joined)
        await self._calls.save(tx, call)

    async def left(
        self, session_id: SessionId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None:
        """A seated socket is gone, at ``at`` at the latest (now, unless its process died and somebody else noticed)."""
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            side = call.side_of(user_id)
            seat = call.participant(side).seat
            if seat is None or seat.sid != sid or seat.left_at is not None or not call.open:
                return
            await self._leave(tx, call, side, seat, proofs, at)

        await self._transact(work)

    async def process_died(self, session_id: SessionId, process: str, last_heartbeat: datetime) -> None:
        """Close what a dead process held in a call, at the earlier of its last heartbeat and the last proof."""
        proofs = await self._evidence.of(session_id)

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            for side in Side:
                seat = call.participant(side).seat
                if call.open and seat is not None and seat.process == process and seat.left_at is None:
                    seen = proofs.get(side)
                    at = min(last_heartbeat, seen.at) if seen else last_heartbeat
                    await self._leave(tx, call, side, seat, proofs, at)

        await self._transact(work)

    async def _leave(
        self, tx: Tx, call: LiveSession, side: Side, seat: Seat, proofs: Proofs, at: datetime | None
    ) -> None:
        flow = self._flow
        gone = at or flow.clock.now()
        seat.left_at = gone
        call.note("left", at=gone, by=side.value, process=flow.process)
        self._meter.lost(tx, call, side, "socket_lost", at=gone, proofs=proofs)
        flow.to_call(tx, call, LivePeerLeft(call.id, side.value, flow.terms.grace))
        await self._calls.save(tx, call)

    async def bump_epoch(self, session_id: SessionId, user_id: UserId, sid: str, epoch: int) -> None:
        """A peer restarts ICE: the next generation begins.

        Raises:
            Conflict: STALE_EPOCH, somebody else began it first.
            RateLimited: the present one has hardly begun; each is kept in the timeline.
        """

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            side = call.side_of(user_id)
            call.require_socket(side, SocketId(sid))
            now = self._flow.clock.now()
            begin_generation(call, epoch, now=now, rest=self._flow.real(BETWEEN_RESTARTS))
            call.note("ice_restart", at=now, by=side.value, process=self._flow.process, epoch=epoch)
            await self._calls.save(tx, call)

        await self._transact(work)

    def _snapshot(self, call: LiveSession, side: Side, proofs: Proofs) -> CallSnapshot:
        flow, now = self._flow, self._flow.clock.now()
        other = call.participant(side.other)
        billable = call.billable_seconds(now, proofs)
        servers, note = self._ice.for_call(call.participant(side).user_id)
        return CallSnapshot(
            session_id=call.id,
            role=side.value,
            polite=side is Side.CALLEE,
            state=call.state.value,
            version=call.version,
            ice_servers=servers,
            ice_note=note,
            peer_present=other.present,
            peer=_where(other),
            peer_name=other.name,
            epoch=call.epoch,
            rate=call.rate,
            authorized_seconds=call.authorized_seconds,
            billable_seconds=billable,
            amount=call.rate.with_amount(call.price_of(billable)),
            ticked_minutes=call.ticked_minute,
            low_balance=call.low_balance,
            paused=flow.pause_of(call),
            proof_interval_ms=int(flow.terms.proof_interval * 1000),
            clock_speed=flow.clock.speed,
            server_time=now,
        )


def _where(participant: Participant) -> SocketRef | None:
    seat = participant.seat
    return SocketRef(seat.process, seat.sid) if seat is not None and seat.left_at is None else None
