"""A client asks a coach for a call."""

from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore, BlockStore
from domain.calls.flow import CallFlow
from domain.calls.holds import HoldState
from domain.calls.payments import CallPayments
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Participant
from domain.calls.views import AuthorizationView, CallRequest, RequestedCall
from domain.coaching.coach import Coach
from domain.coaching.ports import CoachStore
from domain.errors import Code, Conflict, Forbidden, Invalid, NotFound, PaymentRefused
from domain.ids import OperationId, SessionId, new_id
from domain.payments.cards import Card, CardStore
from domain.ports import Transactions, Tx
from domain.timers import TimerKind


class LiveCalls:
    """Claim the coach, authorize the first block, ring: in this order.

    The claim comes first and is silent, so that the loser of a race never holds money and a refused card never disturbs a
    coach. The gateway is asked outside any transaction.
    """

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        payments: CallPayments,
        accounts: AccountStore,
        blocks: BlockStore,
        cards: CardStore,
        coaches: CoachStore,
        calls: CallStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._payments = payments
        self._accounts = accounts
        self._blocks = blocks
        self._cards = cards
        self._coaches = coaches
        self._calls = calls

    async def request(self, who: Identity, device_id: str, ask: CallRequest) -> RequestedCall:
        """Ring a coach, or say why not.

        Raises:
            Conflict: COACH_OFFLINE, COACH_BUSY, CALL_OPEN.
            Forbidden: BLOCKED, ACCOUNT_UNVERIFIED, ACCOUNT_SUSPENDED.
            Invalid: OWN_ACCOUNT, NO_PAYMENT_METHOD.
            NotFound: no such coach.
            PaymentRefused: the card was refused; nothing is held and the coach heard nothing.
        """
        try:
            call, operation = await self._transact(lambda tx: self._reserve(tx, who, device_id, ask))
        except Conflict as conflict:
            if conflict.code is not Code.CALL_OPEN:
                raise
            # Two sends of one request at the same instant: the second finds the call of the first.
            known = await self._made_before(who, ask)
            if known is None:
                raise
            call, operation = known, None
        if operation is not None:
            await self._payments.carry_out(call.id, operation)
            call = await self._transact(lambda tx: self._calls.get(tx, call.id))
        return _answer(call)

    async def _made_before(self, who: Identity, ask: CallRequest) -> LiveSession | None:
        return await self._transact(lambda tx: self._calls.by_request(tx, who.user_id, ask.client_request_id))

    async def _reserve(
        self, tx: Tx, who: Identity, device_id: str, ask: CallRequest
    ) -> tuple[LiveSession, OperationId | None]:
        known = await self._calls.by_request(tx, who.user_id, ask.client_request_id)
        if known is not None:
            return known, None
        client, coach, card = await self._parties(tx, who, ask)
        now, flow = self._flow.clock.now(), self._flow
        call = self._new_call(client, await self._accounts.get(tx, coach.user_id), coach, card, ask)
        before = coach.status(now, flow.absence)
        coach.reserve(call.id, now, flow.absence)
        call.note("requested", at=now, by="caller", process=flow.process, device=device_id)
        operation = await self._payments.prepare(tx, call, card)
        tx.arm(TimerKind.RESERVATION_TIMEOUT, call.id, call.expires_at)
        # Written, so that a suspension at this very moment conflicts and finds the call, or is found by it.
        await self._accounts.save(tx, client)
        await flow.save_coach(tx, coach, before)
        await self._calls.insert(tx, call)
        return call, operation

    async def _parties(self, tx: Tx, who: Identity, ask: CallRequest) -> tuple[Account, Coach, Card]:
        client = await self._accounts.get(tx, who.user_id)
        client.require_may_pay()
        coach = await self._coaches.get(tx, ask.coach_id)
        if coach.user_id == who.user_id:
            raise Invalid("You cannot call yourself.", code=Code.OWN_ACCOUNT)
        if await self._blocks.between(tx, who.user_id, coach.user_id):
            raise Forbidden("A call between you two is not possible.", code=Code.BLOCKED)
        if await self._has_open_call(who):
            raise Conflict("You already have a call in progress.", code=Code.CALL_OPEN)
        card = await self._cards.chosen(tx, who.user_id, ask.payment_method_id)
        if card is None or client.gateway_customer is None:
            raise Invalid("Please add a card first.", code=Code.NO_PAYMENT_METHOD)
        return client, coach, card

    async def _has_open_call(self, who: Identity) -> bool:
        # A look outside the transaction, for the more telling answer; the unique index is what decides.
        return any(call.caller.user_id == who.user_id for call in await self._calls.open_of(who.user_id))

    def _new_call(
        self, client: Account, coach_account: Account, coach: Coach, card: Card, ask: CallRequest
    ) -> LiveSession:
        flow, now = self._flow, self._flow.clock.now()
        if client.gateway_customer is None:
            raise NotFound("There is no customer at the payment gateway.")
        return LiveSession(
            id=SessionId(new_id()),
            client_request_id=ask.client_request_id,
            coach_id=coach.id,
            caller=Participant(client.id, client.name, client.avatar_url),
            callee=Participant(coach.user_id, coach_account.name, coach_account.avatar_url),
            rate=coach.rate_per_minute,
            fee_percent=flow.terms.fee_percent if coach.fee_percent is None else coach.fee_percent,
            minimum_charge=flow.terms.minimum_charge,
            block_minutes=flow.terms.block_minutes,
            payment_method=card.id,
            gateway_customer=client.gateway_customer,
            billing_country=client.billing_country,
            created_at=now,
            expires_at=now + flow.real(flow.terms.reserve),
        )


def _answer(call: LiveSession) -> RequestedCall:
    hold = call.holds[0]
    if hold.state is HoldState.REFUSED:
        raise PaymentRefused(
            "Your card was refused. Please try another one.",
            details={"reason": hold.refusal or "card_declined", "sessionId": call.id},
        )
    status = {HoldState.CAPTURED: "authorized", HoldState.CANCELLED: "released", HoldState.LAPSED: "released"}
    return RequestedCall(
        session_id=call.id,
        state=call.state.value,
        expires_at=call.expires_at,
        rate_per_minute=call.rate,
        authorization=AuthorizationView(status.get(hold.state, hold.state.value), hold.client_secret),
    )
