"""How a session opens and ends: by its time, by a participant, because somebody was shut out. And when overtime begins."""

from functools import partial

from domain.accounts.account import Identity
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession
from domain.errors import Conflict
from domain.ids import BookingId, SessionId, UserId
from domain.ports import Transactions, Tx
from domain.scheduled.flow import SessionFlow
from domain.scheduled.overtime import Overtime
from domain.scheduled.ports import ScheduledSessionStore
from domain.scheduled.session import CARD_GRACE, ROLES, WARNS_BEFORE, ScheduledSession, SessionEnd
from domain.scheduled.states import SessionState
from domain.session_events import SessionEndingSoon
from domain.timers import TimerKind

_BY_ROLE = {"client": SessionEnd.ENDED_BY_CLIENT, "coach": SessionEnd.ENDED_BY_COACH}


class SessionEndings:
    """All are idempotent: what is found decides, not that a timer came."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: SessionFlow,
        overtime: Overtime,
        sessions: ScheduledSessionStore,
        calls: CallStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._overtime = overtime
        self._sessions = sessions
        self._calls = calls

    async def end(self, who: Identity, booking_id: BookingId, reason: str | None) -> None:
        """A participant ends the session for both. Ending again changes nothing.

        Raises:
            NotFound: not a participant.
            Conflict: ILLEGAL_STATE, they were never both there; who waits alone leaves instead.
        """

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            role = ROLES[session.side_of(who.user_id)]
            if session.over:
                return
            if session.state is not SessionState.IN_PROGRESS:
                raise Conflict(
                    "This session has not begun; you can leave it.", details={"state": session.state.value}
                )
            if reason:
                now = self._flow.clock.now()
                session.note("reason", at=now, by=role, process=self._flow.process, text=reason)
                await self._sessions.save(tx, session)
            await self._flow.stop(tx, session, _BY_ROLE[role], by=role)

        await self._transact(work)

    async def opened(self, session_id: SessionId) -> None:
        """It may be joined from now on."""

        async def work(tx: Tx) -> None:
            session = await self._sessions.get(tx, session_id)
            if session.state is not SessionState.SCHEDULED or session.confirmed_at is None:
                return
            if self._flow.clock.now() < session.opens_at:
                tx.arm(TimerKind.SESSION_OPEN, session.id, session.opens_at)
                return
            self._flow.open(session)
            await self._sessions.save(tx, session)

        await self._transact(work)

    async def ending_soon(self, session_id: SessionId) -> None:
        """A few minutes are left; whoever is there is told."""

        async def work(tx: Tx) -> None:
            session = await self._sessions.get(tx, session_id)
            if session.over:
                return
            due = session.ends_at - WARNS_BEFORE
            if due > self._flow.clock.now():
                tx.arm(TimerKind.SESSION_ENDING_SOON, session.id, due)
                return
            self._flow.tell(tx, session, SessionEndingSoon(session.booking_id, session.ends_at))
            await self._sessions.save(tx, session)

        await self._transact(work)

    async def time_is_up(self, session_id: SessionId) -> None:
        """The booked time, or a segment of overtime, is over: overtime begins or goes on, or the session ends.

        It ended when its time was up, whenever this runs.
        """

        async def work(tx: Tx) -> None:
            await self._at_boundary(tx, await self._sessions.get(tx, session_id))

        await self._transact(work)

    async def overtime_due(self, booking_id: BookingId) -> bool:
        """A process with seats sees that the booked time is over, perhaps before any timer does; whether overtime runs."""

        async def work(tx: Tx) -> bool:
            session = await self._sessions.of_booking(tx, booking_id)
            call = await self._flow.overtime_of(tx, session)
            if call is None or not call.open or session.ends_at <= session.end:
                return False
            if call.accepted_at is None:
                await self._at_boundary(tx, session)
                call = await self._calls.get(tx, call.id)
            return call.open and call.accepted_at is not None

        return await self._transact(work)

    async def _at_boundary(self, tx: Tx, session: ScheduledSession) -> None:
        if session.over or session.confirmed_at is None:
            return
        now = self._flow.clock.now()
        if now < session.end:
            self._flow.arm(tx, session)
            return
        if now < session.ends_at:
            await self._go_on(tx, session)
            return
        call = await self._flow.overtime_of(tx, session)
        pending = session.pending
        waits_until = session.end + self._flow.calls_flow.real(CARD_GRACE)
        begun = call is not None and call.accepted_at is not None
        if pending is not None and pending.confirmed_at is not None and not begun and now < waits_until:
            tx.arm(TimerKind.SESSION_END, session.id, waits_until)
            await self._sessions.save(tx, session)
            return
        await self._flow.stop(tx, session, SessionEnd.TIME_IS_UP, by="system", at=session.ends_at)

    async def _go_on(self, tx: Tx, session: ScheduledSession) -> None:
        """Overtime is paid for: it begins, or its next segment does."""
        call = await self._flow.overtime_of(tx, session)
        if call is None or not call.open:
            await self._flow.stop(tx, session, SessionEnd.TIME_IS_UP, by="system", at=session.end)
            return
        if call.accepted_at is None:
            if not any(guest.present for _, guest in session.guests):
                # Nobody is there to use it.
                await self._flow.stop(tx, session, SessionEnd.TIME_IS_UP, by="system", at=session.end)
                return
            await self._begin(tx, session, call)
        for segment in session.activate(self._flow.clock.now()):
            self._overtime.tell(tx, session, segment)
        self._flow.arm(tx, session)
        await self._sessions.save(tx, session)

    async def _begin(self, tx: Tx, session: ScheduledSession, call: LiveSession) -> None:
        self._overtime.begin(tx, session, call)
        await self._calls.save(tx, call)

    async def suspended(self, user_id: UserId) -> None:
        """An account was suspended: the session it is in ends now. What is merely booked is the booking's affair."""
        for booking_id in await self._sessions.running_of(user_id):
            await self._transact(partial(self._end_suspended, booking_id=booking_id))

    async def _end_suspended(self, tx: Tx, booking_id: BookingId) -> None:
        session = await self._sessions.of_booking(tx, booking_id)
        if not session.over:
            await self._flow.stop(tx, session, SessionEnd.SUSPENDED, by="admin")
