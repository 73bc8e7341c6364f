"""Overtime: one asks, the other agrees, the client's card holds the price, and then it counts.

The client pays, so nothing is authorized without the client's word, whoever asked. Money is a live session's
(``CallKind.OVERTIME``): its holds are the segments, its clock and its settlement those of any call. Intent first: the
agreement, the pending hold and the gateway operation are one transaction, and the gateway is asked after it.
"""

import logging
from datetime import datetime, timedelta

from billing.authorizations import Authorizations, StillUnknown
from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore
from domain.calls.holds import HoldState
from domain.calls.ports import CallStore
from domain.calls.session import CallKind, LiveSession, Participant, Side
from domain.calls.views import AuthorizationView
from domain.errors import Code, Conflict, Forbidden, Invalid, NotFound
from domain.ids import BookingId, OperationId, PaymentMethodId, SessionId
from domain.payments.cards import Card, CardStore
from domain.payments.gateway import GatewayRefused, GatewayUnknown
from domain.ports import Transactions, Tx
from domain.scheduled.flow import SessionFlow
from domain.scheduled.overtime import Overtime
from domain.scheduled.ports import ScheduledSessionStore, TimeAfterwards
from domain.scheduled.session import CARD_GRACE, OvertimeSegment, ScheduledSession
from domain.scheduled.states import OvertimeMove, OvertimeState, SessionState
from domain.timers import TimerKind

log = logging.getLogger(__name__)

MINUTES_MIN, MINUTES_MAX = 5, 60
#: How long a wish waits for the other side, and never beyond the end of the session.
ANSWER_WITHIN = timedelta(minutes=3)


class OvertimeRequests:
    """Ask, agree, refuse, withdraw; 3-D Secure; and the wish that nobody answered."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: SessionFlow,
        overtime: Overtime,
        authorizations: Authorizations,
        sessions: ScheduledSessionStore,
        calls: CallStore,
        accounts: AccountStore,
        cards: CardStore,
        afterwards: TimeAfterwards,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._overtime = overtime
        self._authorizations = authorizations
        self._sessions = sessions
        self._calls = calls
        self._accounts = accounts
        self._cards = cards
        self._afterwards = afterwards

    # --- asking -----------------------------------------------------------------------------------------------

    async def request(
        self, who: Identity, booking_id: BookingId, minutes: int, card: PaymentMethodId | None
    ) -> int:
        """Ask the other side for more minutes; the number of the wish. A client chooses the card here, or the default.

        Raises:
            NotFound: not a participant.
            Invalid: minutes that are not sold, or NO_PAYMENT_METHOD.
            Conflict: ILLEGAL_STATE (not in progress, or asked for already), TOO_LATE, SLOT_TAKEN (the coach is booked then).
        """
        if not MINUTES_MIN <= minutes <= MINUTES_MAX:
            raise Invalid.at("minutes", f"Overtime is {MINUTES_MIN} to {MINUTES_MAX} minutes.")

        async def work(tx: Tx) -> int:
            session = await self._sessions.of_booking(tx, booking_id)
            side = session.side_of(who.user_id)
            self._require_extensible(session)
            if session.pending is not None:
                raise Conflict("Overtime was asked for already.", details={"number": session.pending.number})
            if card is not None and side is not Side.CALLER:
                raise Forbidden("Only the client chooses how to pay.")
            if side is Side.CALLER:
                await self._card_of(tx, await self._payer(tx, session), card)
            until = session.ends_at + timedelta(minutes=minutes)
            await self._afterwards.require_free(tx, session, until)
            segment = self._add(tx, session, who, minutes, card)
            await self._sessions.save(tx, session)
            return segment.number

        return await self._transact(work)

    def _require_extensible(self, session: ScheduledSession) -> None:
        if session.state is not SessionState.IN_PROGRESS:
            raise Conflict("This session is not in progress.", details={"state": session.state.value})
        if session.overtime_rate.amount <= 0:
            raise Conflict("This session is sold without overtime.")
        if self._flow.clock.now() >= session.ends_at:
            raise Conflict("The time is up.", code=Code.TOO_LATE)

    def _add(
        self,
        tx: Tx,
        session: ScheduledSession,
        who: Identity,
        minutes: int,
        card: PaymentMethodId | None,
    ) -> OvertimeSegment:
        now = self._flow.clock.now()
        segment = OvertimeSegment(
            number=len(session.overtime_segments) + 1,
            minutes=minutes,
            requested_by=who.user_id,
            requested_at=now,
            expires_at=min(now + ANSWER_WITHIN, session.ends_at),
            payment_method=card,
        )
        session.overtime_segments.append(segment)
        self._note(session, "overtime_requested", who, segment)
        tx.arm(TimerKind.OVERTIME_CONFIRMATION, session.id, segment.expires_at)
        self._overtime.tell(tx, session, segment)
        return segment

    # --- agreeing ---------------------------------------------------------------------------------------------

    async def confirm(
        self, who: Identity, booking_id: BookingId, number: int, card: PaymentMethodId | None
    ) -> AuthorizationView:
        """The other side agrees: the card is asked, and when it holds the price, the minutes count.

        The answer says how the card fares, to the client; a coach hears of it as the client lets it happen. Agreeing again
        answers with how it stands.

        Raises:
            NotFound: not a participant.
            Forbidden: one's own wish, or a card chosen by the coach.
            Invalid: NO_PAYMENT_METHOD.
            Conflict: GONE (answered, withdrawn or expired), TOO_LATE, SLOT_TAKEN, CALL_OPEN (the client is in another call).
        """
        operation = await self._transact(lambda tx: self._confirm(tx, who, booking_id, number, card))
        if operation is not None:
            await self._authorizations.carry_out(SessionId(booking_id), operation)
        return await self._view(who, booking_id, number)

    async def _confirm(
        self, tx: Tx, who: Identity, booking_id: BookingId, number: int, chosen: PaymentMethodId | None
    ) -> OperationId | None:
        session = await self._sessions.of_booking(tx, booking_id)
        side, segment = session.side_of(who.user_id), session.segment(number)
        if segment.requested_by == who.user_id:
            raise Forbidden("It is for the other side to agree.")
        if segment.confirmed_at is not None:
            return None
        if not segment.pending or segment.expires_at <= self._flow.clock.now():
            raise Conflict(
                "This wish is not open any more.", code=Code.GONE, details={"state": segment.state.value}
            )
        self._require_extensible(session)
        if chosen is not None and side is not Side.CALLER:
            raise Forbidden("Only the client chooses how to pay.")
        segment.payment_method = chosen or segment.payment_method
        payer = await self._payer(tx, session)
        card = await self._card_of(tx, payer, segment.payment_method, asked_by=side)
        now = self._flow.clock.now()
        segment.confirmed_at = now
        self._note(session, "overtime_confirmed", who, segment)
        if card is None:
            await self._overtime.fail(tx, session, segment, "no_payment_method", by="system")
            await self._sessions.save(tx, session)
            return None
        await self._afterwards.extend(tx, session, session.ends_at + timedelta(minutes=segment.minutes))
        operation = await self._intend(tx, session, segment, payer, card)
        segment.expires_at = self._card_until(session, now)
        tx.arm(TimerKind.OVERTIME_CONFIRMATION, session.id, segment.expires_at)
        self._overtime.tell(tx, session, segment)
        await self._sessions.save(tx, session)
        return operation

    def _card_until(self, session: ScheduledSession, now: datetime) -> datetime:
        """How long the card, or its bank, may take: as for a call, but hardly beyond the end."""
        grace = self._flow.calls_flow.real(CARD_GRACE)
        patience = max(timedelta(seconds=self._flow.terms.action), grace)
        return min(now + patience, session.ends_at + grace)

    async def _intend(
        self, tx: Tx, session: ScheduledSession, segment: OvertimeSegment, payer: Account, card: Card
    ) -> OperationId:
        known = await self._flow.overtime_of(tx, session)
        call = known or self._new_call(session, payer, card)
        if not call.open:
            raise Conflict("The overtime is over.", code=Code.GONE)
        operation = await self._authorizations.prepare(tx, call, card, segment.seconds)
        segment.operation_id = operation
        if known is None:
            session.overtime_id = call.id
            await self._calls.insert(tx, call)
        else:
            await self._calls.save(tx, call)
        return operation

    def _new_call(self, session: ScheduledSession, payer: Account, card: Card) -> LiveSession:
        now = self._flow.clock.now()
        client = session.guest(Side.CALLER)
        if payer.gateway_customer is None:
            raise NotFound("There is no customer at the payment gateway.")
        return LiveSession(
            id=session.room,
            # No client can say this itself: it is no token.
            client_request_id=f"overtime of {session.id}",
            coach_id=session.coach_id,
            caller=Participant(client.user_id, client.name, payer.avatar_url),
            callee=Participant(session.coach.user_id, session.coach.name),
            rate=session.overtime_rate,
            fee_percent=session.fee_percent,
            minimum_charge=0,
            block_minutes=MINUTES_MIN,
            payment_method=card.id,
            gateway_customer=payer.gateway_customer,
            billing_country=payer.billing_country,
            created_at=now,
            expires_at=session.end,
            kind=CallKind.OVERTIME,
            booking_id=session.booking_id,
        )

    async def _payer(self, tx: Tx, session: ScheduledSession) -> Account:
        account = await self._accounts.get(tx, session.guest(Side.CALLER).user_id)
        account.require_may_pay()
        return account

    async def _card_of(
        self,
        tx: Tx,
        payer: Account,
        chosen: PaymentMethodId | None,
        *,
        asked_by: Side = Side.CALLER,
    ) -> Card | None:
        """The client's card. A client without one is told so; for a coach the wish fails, and says no more than that."""
        card = await self._cards.chosen(tx, payer.id, chosen)
        if (card is None or payer.gateway_customer is None) and asked_by is Side.CALLER:
            raise Invalid("Please add a card first.", code=Code.NO_PAYMENT_METHOD)
        return card if payer.gateway_customer is not None else None

    # --- refusing ---------------------------------------------------------------------------------------------

    async def decline(self, who: Identity, booking_id: BookingId, number: int) -> None:
        """The other side does not want to, or whoever asked withdraws; also while the card is being asked. Twice is as once.

        Raises:
            NotFound: not a participant.
            Conflict: ILLEGAL_STATE, it is paid for already.
        """

        async def work(tx: Tx) -> OperationId | None:
            session = await self._sessions.of_booking(tx, booking_id)
            session.side_of(who.user_id)
            segment = session.segment(number)
            if segment.state is OvertimeState.DECLINED:
                return None
            segment.move(OvertimeMove.DECLINE)
            self._note(session, "overtime_declined", who, segment)
            self._close(tx, session, segment)
            await self._sessions.save(tx, session)
            return segment.operation_id

        await self._let_go(await self._transact(work))

    async def unanswered(self, session_id: SessionId) -> None:
        """Nobody answered, or the bank took too long: the session ends when it was to end."""

        async def work(tx: Tx) -> OperationId | None:
            session = await self._sessions.get(tx, session_id)
            segment = session.pending
            if session.over or segment is None:
                return None
            if segment.expires_at > self._flow.clock.now():
                tx.arm(TimerKind.OVERTIME_CONFIRMATION, session.id, segment.expires_at)
                return None
            segment.move(OvertimeMove.EXPIRE)
            self._note(session, "overtime_expired", None, segment)
            self._close(tx, session, segment)
            await self._sessions.save(tx, session)
            return segment.operation_id

        await self._let_go(await self._transact(work))

    def _close(self, tx: Tx, session: ScheduledSession, segment: OvertimeSegment) -> None:
        tx.disarm(TimerKind.OVERTIME_CONFIRMATION, session.id)
        now = self._flow.clock.now()
        if session.ends_at <= now:
            # Only this was waited for.
            tx.arm(TimerKind.SESSION_END, session.id, now)
        self._overtime.tell(tx, session, segment)

    async def _let_go(self, operation_id: OperationId | None) -> None:
        """Nobody waits for this card any more. What cannot be let go of now is, when the overtime settles."""
        if operation_id is None:
            return
        try:
            await self._authorizations.give_back(operation_id)
        except (GatewayUnknown, GatewayRefused, StillUnknown) as error:
            log.warning("a hold of overtime is left to its settlement: %s", error)

    # --- 3-D Secure -------------------------------------------------------------------------------------------

    async def payment_confirmed(self, who: Identity, booking_id: BookingId) -> AuthorizationView:
        """The client says that 3-D Secure is done. Only the gateway is believed: it is read again.

        Raises:
            NotFound: not a participant, or no overtime.
            Forbidden: only the client pays.
            Conflict: nothing waits for the client's bank.
        """

        async def work(tx: Tx) -> None:
            session = await self._sessions.of_booking(tx, booking_id)
            if session.side_of(who.user_id) is not Side.CALLER:
                raise Forbidden("Only the client can confirm a payment.")
            if session.overtime_id is None:
                raise Conflict("No payment waits for a confirmation.")

        await self._transact(work)
        return await self._authorizations.confirm(who, SessionId(booking_id))

    async def _view(self, who: Identity, booking_id: BookingId, number: int) -> AuthorizationView:
        async def work(tx: Tx) -> AuthorizationView:
            session = await self._sessions.of_booking(tx, booking_id)
            segment = session.segment(number)
            call = await self._flow.overtime_of(tx, session)
            if call is None or segment.operation_id is None:
                return AuthorizationView(HoldState.REFUSED.value, None)
            if session.side_of(who.user_id) is not Side.CALLER:
                # How a client's card fares is the client's affair; what comes of it is told to both.
                return AuthorizationView(HoldState.PENDING.value, None)
            hold = call.hold(segment.operation_id)
            return AuthorizationView(hold.state.value, hold.client_secret)

        return await self._transact(work)

    def _note(
        self, session: ScheduledSession, what: str, who: Identity | None, segment: OvertimeSegment
    ) -> None:
        by = "system"
        if who is not None:
            by = "client" if session.side_of(who.user_id) is Side.CALLER else "coach"
        session.note(
            what, at=self._flow.clock.now(), by=by, process=self._flow.process,
            number=segment.number, minutes=segment.minutes,
        )  # fmt: skip
