"""``join-session``: a dedicated socket takes its seat in a scheduled session, and leaves it."""

from dataclasses import replace
from datetime import datetime

from domain.accounts.account import Identity
from domain.calls.evidence import Evidence
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Proofs, Seat, Side, SocketId
from domain.calls.views import SocketRef
from domain.errors import Code, Conflict
from domain.events import ToCall, rfc3339
from domain.ids import BookingId, UserId
from domain.ports import Transactions, Tx
from domain.scheduled.flow import SessionFlow
from domain.scheduled.ports import ScheduledSessionStore
from domain.scheduled.session import ROLES, Guest, ScheduledSession
from domain.scheduled.states import SessionState
from domain.session_events import SessionPeerJoined, SessionPeerLeft, SessionSeatTaken
from signaling.generations import BETWEEN_RESTARTS, begin_generation
from signaling.ice import IceServers
from signaling.meter import Meter
from signaling.video.showing import meter_view, segment_view
from signaling.video.views import JoinSession, SessionSnapshot


class SessionSeats:
    """One socket a side. A second device of the same person takes over, and the first is told.

    While overtime runs, its live session has the same seats: both are written in one transaction.
    """

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: SessionFlow,
        meter: Meter,
        sessions: ScheduledSessionStore,
        calls: CallStore,
        evidence: Evidence,
        ice: IceServers,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._meter = meter
        self._sessions = sessions
        self._calls = calls
        self._evidence = evidence
        self._ice = ice

    # --- in ---------------------------------------------------------------------------------------------------

    async def join(self, who: Identity, socket: SocketRef, ask: JoinSession) -> SessionSnapshot:
        """Take the seat and learn everything about the session.

        Raises:
            NotFound: not a participant, or no such session.
            Conflict: TOO_EARLY (``details.from`` says when it opens), GONE once it is over, ILLEGAL_STATE for one that is
                not confirmed, or is held elsewhere.
        """
        session, call, proofs = await self._transact(lambda tx: self._join(tx, who, socket, ask))
        return self._snapshot(session, session.side_of(who.user_id), call, proofs)

    async def _join(
        self, tx: Tx, who: Identity, socket: SocketRef, ask: JoinSession
    ) -> tuple[ScheduledSession, LiveSession | None, Proofs]:
        session = await self._sessions.of_booking(tx, ask.booking_id)
        side = session.side_of(who.user_id)
        self._require_open(session)
        call = await self._running(tx, session)
        proofs: Proofs = await self._evidence.of(session.room) if call is not None else {}
        await self._sit(tx, session, call, side, socket, ask, proofs)
        return session, call or await self._flow.overtime_of(tx, session), proofs

    def _require_open(self, session: ScheduledSession) -> None:
        now = self._flow.clock.now()
        if session.over:
            raise Conflict("This session is over.", code=Code.GONE, details={"state": session.state.value})
        if session.client is None:
            raise Conflict("A group session is held at its meeting link.")
        if session.confirmed_at is None:
            raise Conflict("This session is not confirmed yet.", details={"state": session.state.value})
        if now < session.opens_at:
            raise Conflict(
                "This session is not open yet.",
                code=Code.TOO_EARLY,
                details={"from": rfc3339(session.opens_at)},
            )
        if now >= session.ends_at and session.pending is None:
            raise Conflict("This session is over.", code=Code.GONE, details={"state": session.state.value})
        if session.state is SessionState.SCHEDULED:
            # Its timer is on the way.
            self._flow.open(session)

    async def _sit(
        self,
        tx: Tx,
        session: ScheduledSession,
        call: LiveSession | None,
        side: Side,
        socket: SocketRef,
        ask: JoinSession,
        proofs: Proofs,
    ) -> None:
        flow, now = self._flow, self._flow.clock.now()
        me, old = session.guest(side), session.guest(side).seat
        resumed = ask.resume and old is not None and old.device_id == ask.device_id
        if old is not None and old.left_at is None and old.sid != socket.sid:
            taken = SessionSeatTaken(session.booking_id, ROLES[side], ask.device_id, old.sid)
            tx.emit(ToCall(session.room, frozenset({old.process})), taken)
        if not resumed and old is not None:
            session.epoch += 1
        seat = Seat(ask.device_id, socket.process, SocketId(socket.sid))
        me.arrive(seat, now)
        if call is not None:
            self._sit_in_overtime(tx, call, session, side, seat, proofs)
            await self._calls.save(tx, call)
        session.note(
            "resumed" if resumed else "joined",
            at=now, by=ROLES[side], process=flow.process, device=ask.device_id, epoch=session.epoch,
        )  # fmt: skip
        if session.state is SessionState.OPEN and all(guest.present for _, guest in session.guests):
            await flow.begin(tx, session)
        flow.tell(
            tx,
            session,
            SessionPeerJoined(
                session.booking_id, ROLES[side], session.epoch, session.state.value, session.version + 1
            ),
        )
        await self._sessions.save(tx, session)

    def _sit_in_overtime(
        self, tx: Tx, call: LiveSession, session: ScheduledSession, side: Side, seat: Seat, proofs: Proofs
    ) -> None:
        now, me = self._flow.clock.now(), call.participant(side)
        if me.seat is not None and me.seat.sid != seat.sid:
            # What the old socket had proven ends here; the new one proves for itself.
            self._meter.lost(tx, call, side, "socket_replaced", at=now, proofs=proofs)
        me.arrived_at = me.arrived_at or now
        me.seat, call.epoch = replace(seat), session.epoch

    # --- out --------------------------------------------------------------------------------------------------

    async def leave(self, who: Identity, booking_id: BookingId, sid: str) -> None:
        """A participant goes, and may come back.

        Raises:
            Forbidden: NOT_JOINED.
        """

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            side = session.side_of(who.user_id)
            if session.over:
                return
            session.require_socket(side, SocketId(sid))
            await self._depart(tx, session, [side], self._flow.clock.now())

        await self._transact(work)

    async def left(
        self, booking_id: BookingId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None:
        """A seated socket is gone, at ``at`` at the latest (now, unless somebody else noticed)."""

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            side = session.side_of(user_id)
            seat = session.guest(side).seat
            if session.over or seat is None or seat.sid != sid or seat.left_at is not None:
                return
            await self._depart(tx, session, [side], at or self._flow.clock.now())

        await self._transact(work)

    async def process_died(self, booking_id: BookingId, process: str, last_heartbeat: datetime) -> None:
        """Close what a dead process held in a session, at the earlier of its last heartbeat and the last proof."""

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            gone = [side for side, guest in session.guests if _held_by(guest, process)]
            if gone and not session.over:
                await self._depart(tx, session, gone, last_heartbeat, died=True)

        await self._transact(work)

    async def _depart(
        self, tx: Tx, session: ScheduledSession, sides: list[Side], at: datetime, *, died: bool = False
    ) -> None:
        call = await self._running(tx, session)
        proofs: Proofs = await self._evidence.of(session.room) if call is not None else {}
        for side in sides:
            gone = min(at, proofs[side].at) if died and side in proofs else at
            session.guest(side).depart(gone)
            session.note("left", at=gone, by=ROLES[side], process=self._flow.process)
            if call is not None:
                seat = call.participant(side).seat
                if seat is not None:
                    seat.left_at = gone
                self._meter.lost(tx, call, side, "socket_lost", at=gone, proofs=proofs)
            self._flow.tell(tx, session, SessionPeerLeft(session.booking_id, ROLES[side]))
        if call is not None:
            await self._calls.save(tx, call)
        await self._sessions.save(tx, session)

    # --- ICE --------------------------------------------------------------------------------------------------

    async def bump_epoch(self, booking_id: BookingId, user_id: UserId, sid: str, epoch: int) -> None:
        """A peer restarts ICE: the next generation begins.

        Raises:
            Conflict: STALE_EPOCH, somebody else began it first.
            RateLimited: the present one has hardly begun; each is kept in the timeline.
        """

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            side = session.side_of(user_id)
            session.require_socket(side, SocketId(sid))
            now = self._flow.clock.now()
            begin_generation(session, epoch, now=now, rest=self._flow.calls_flow.real(BETWEEN_RESTARTS))
            session.note("ice_restart", at=now, by=ROLES[side], process=self._flow.process, epoch=epoch)
            call = await self._running(tx, session)
            if call is not None:
                call.epoch = epoch
                await self._calls.save(tx, call)
            await self._sessions.save(tx, session)

        await self._transact(work)

    # --- all of it --------------------------------------------------------------------------------------------

    async def _running(self, tx: Tx, session: ScheduledSession) -> LiveSession | None:
        """Overtime that has begun and is not over."""
        call = await self._flow.overtime_of(tx, session)
        return call if call is not None and call.open and call.accepted_at is not None else None

    def _snapshot(
        self, session: ScheduledSession, side: Side, call: LiveSession | None, proofs: Proofs
    ) -> SessionSnapshot:
        flow, now = self._flow, self._flow.clock.now()
        me, other = session.guest(side), session.guest(side.other)
        servers, note = self._ice.for_call(me.user_id)
        newest = session.newest
        return SessionSnapshot(
            session=session,
            side=side,
            ice_servers=servers,
            ice_note=note,
            peer_present=other.present,
            peer=_where(other),
            peer_name=other.name,
            overtime=segment_view(session, newest, side, call) if newest else None,
            meter=meter_view(flow.calls_flow, call, proofs, now),
            proof_interval_ms=int(flow.terms.proof_interval * 1000),
            clock_speed=flow.clock.speed,
            server_time=now,
        )


def _held_by(guest: Guest, process: str) -> bool:
    return guest.present and guest.seat is not None and guest.seat.process == process


def _where(guest: Guest) -> SocketRef | None:
    seat = guest.seat
    return SocketRef(seat.process, seat.sid) if seat is not None and seat.left_at is None else None
