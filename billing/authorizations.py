"""Holding money for the next block of talk.

Intent first: the hold and the operation are written in the call's transaction; then the gateway is asked; then its answer is
recorded in another transaction of the call. Whatever dies in between, a timer finds the operation and looks it up.
"""

import logging
from datetime import timedelta

from billing.recording import Recorder
from domain.accounts.account import Identity
from domain.calls.flow import CallFlow
from domain.calls.holds import HoldState
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Side
from domain.calls.states import SEATED
from domain.calls.views import AuthorizationView
from domain.errors import Code, Conflict, Forbidden, Invalid
from domain.ids import OperationId, PaymentMethodId, SessionId, new_id
from domain.money import Money
from domain.payments.cards import Card, CardStore
from domain.payments.gateway import (
    Authorization,
    GatewayRefused,
    GatewayUnknown,
    Intent,
    IntentState,
    PaymentGateway,
)
from domain.payments.operations import GatewayOperation, OperationState, OperationStore
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

log = logging.getLogger(__name__)
#: Real seconds after which an operation without an answer is looked up: longer than the gateway's own timeout.
LOOK_UP_AFTER = 15.0
#: The gateway's clock may be this far behind ours.
SKEW = timedelta(minutes=2)


class StillUnknown(Exception):
    """The gateway did not say; the timer comes again."""


class Authorizations:
    """Blocks of a call: the first, the next ones, another card, 3-D Secure, and the repair of lost answers."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        gateway: PaymentGateway,
        recorder: Recorder,
        calls: CallStore,
        cards: CardStore,
        operations: OperationStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._gateway = gateway
        self._recorder = recorder
        self._calls = calls
        self._cards = cards
        self._operations = operations

    # --- intent ---------------------------------------------------------------------------------------------

    async def prepare(self, tx: Tx, call: LiveSession, card: Card, seconds: int | None = None) -> OperationId:
        """Add a pending hold for the next block, and write down what will be asked of the gateway.

        A block has the call's usual length unless ``seconds`` says another.
        """
        operation_id = OperationId(new_id())
        hold = call.add_hold(operation_id, card, seconds)
        operation = GatewayOperation(
            id=operation_id,
            session_id=call.id,
            amount=Money(hold.amount, call.rate.currency),
            customer=call.gateway_customer,
            card=card.id,
            gateway_card=card.gateway_id,
            created_at=self._flow.clock.wall(),
        )
        await self._operations.insert(tx, operation)
        now = self._flow.clock.now()
        tx.arm(TimerKind.GATEWAY_OPERATION, operation_id, now + self._flow.real(LOOK_UP_AFTER))
        call.note(
            "authorizing", at=now, by="system", process=self._flow.process,
            hold=hold.number, amount=hold.amount,
        )  # fmt: skip
        return operation_id

    async def carry_out(self, session_id: SessionId, operation_id: OperationId) -> None:
        """Ask the gateway, record the answer. No answer: a first block gives up at once, a later one is looked up."""
        operation = await self._operations.get(operation_id)
        if operation is None or operation.state is not OperationState.INTENDED:
            return
        try:
            await self._ask(operation)
        except GatewayUnknown as unknown:
            log.warning("no answer for operation %s: %s", operation_id, unknown)
            await self._recorder.unanswered(operation)

    async def _ask(self, operation: GatewayOperation) -> None:
        try:
            intent = await self._gateway.authorize(
                key=operation.key,
                authorization=Authorization(
                    amount=operation.amount,
                    customer=operation.customer,
                    payment_method=operation.gateway_card,
                    on_session=True,
                    description=await self._described(operation),
                    metadata={"operation": operation.id, "session": operation.of_call},
                ),
            )
        except GatewayRefused as refusal:
            await self._recorder.refused(operation, refusal.code)
        else:
            await self._recorder.answered(operation, intent)

    async def _described(self, operation: GatewayOperation) -> str:
        """What the client reads on a statement of the gateway."""
        call = (await self._calls.find([operation.of_call]))[0]
        return "Overtime of a coaching session" if call.overtime else "Live coaching call"

    # --- more blocks ----------------------------------------------------------------------------------------

    async def next_block(self, session_id: SessionId) -> None:
        """The authorized time runs out soon: hold one more block on the same card."""
        proofs = await self._recorder.proofs(session_id)

        async def work(tx: Tx) -> OperationId | None:
            call = await self._calls.get(tx, session_id)
            if not self._recorder.block_needed(tx, call, proofs):
                return None
            card = await self._cards.chosen(tx, call.caller.user_id, call.payment_method)
            if card is None:
                await self._recorder.low_balance(tx, call, "no_payment_method")
                return None
            operation_id = await self.prepare(tx, call, card)
            await self._calls.save(tx, call)
            return operation_id

        operation_id = await self._transact(work)
        if operation_id is not None:
            await self.carry_out(session_id, operation_id)

    async def change_card(
        self, who: Identity, session_id: SessionId, card_id: PaymentMethodId
    ) -> AuthorizationView:
        """Go on with another card: it pays the next block, and those after it.

        The next block is held at once when one is missing, after a refusal; else when it is due, so that trying cards never
        holds more than the call needs.

        Raises:
            Forbidden: only the client pays.
            Conflict: GONE, or a block is being authorized at this very moment.
            Invalid: NO_PAYMENT_METHOD, not one of the client's cards.
        """

        async def work(tx: Tx) -> OperationId:
            call = await self._payable(tx, who, session_id)
            card = await self._cards.chosen(tx, who.user_id, card_id)
            if card is None:
                raise Invalid("This is not one of your cards.", code=Code.NO_PAYMENT_METHOD)
            if any(hold.state is HoldState.PENDING for hold in call.holds):
                raise Conflict("A card is being authorized right now; please wait a moment.")
            call.payment_method = card.id
            missing = call.low_balance
            operation_id = await self.prepare(tx, call, card) if missing else call.holds[-1].operation_id
            await self._calls.save(tx, call)
            return operation_id

        operation_id = await self._transact(work)
        await self.carry_out(session_id, operation_id)
        return await self._view(session_id, operation_id)

    async def confirm(self, who: Identity, session_id: SessionId) -> AuthorizationView:
        """The client says that 3-D Secure is done. Only the gateway is believed: it is read again.

        Raises:
            Forbidden: only the client pays.
            Conflict: nothing waits for the client's bank.
        """

        async def work(tx: Tx) -> OperationId:
            call = await self._calls.get(tx, session_id)
            if call.side_of(who.user_id) is not Side.CALLER:
                raise Forbidden("Only the client can confirm a payment.")
            waiting = [hold for hold in call.holds if hold.state is HoldState.REQUIRES_ACTION]
            if not waiting:
                raise Conflict("No payment waits for a confirmation.")
            return waiting[-1].operation_id

        operation_id = await self._transact(work)
        try:
            await self.look_up(operation_id)
        except (GatewayUnknown, StillUnknown):
            log.info("operation %s is still open at the gateway", operation_id)
        return await self._view(session_id, operation_id)

    async def _payable(self, tx: Tx, who: Identity, session_id: SessionId) -> LiveSession:
        call = await self._calls.get(tx, session_id)
        if call.side_of(who.user_id) is not Side.CALLER:
            raise Forbidden("Only the client chooses how to pay.")
        if call.state not in SEATED:
            raise Conflict(
                "This call is not in progress.", code=Code.GONE, details={"state": call.state.value}
            )
        return call

    async def _view(self, session_id: SessionId, operation_id: OperationId) -> AuthorizationView:
        call = await self._transact(lambda tx: self._calls.get(tx, session_id))
        hold = call.hold(operation_id)
        return AuthorizationView(hold.state.value, hold.client_secret)

    # --- repair ---------------------------------------------------------------------------------------------

    async def look_up(self, operation_id: OperationId) -> None:
        """Find out what became of an operation: look before repeating, repeat with the same key.

        Raises:
            StillUnknown: the gateway did not answer, or the customer's bank is still being waited for.
        """
        operation = await self._operations.get(operation_id)
        if operation is None or operation.state is not OperationState.INTENDED:
            return
        try:
            intent = await self._find(operation)
            if intent is not None and intent.state is IntentState.PROCESSING:
                raise StillUnknown(f"{intent.id} is still being processed")
            if intent is None:
                await self._ask(operation)
                return
            await self._recorder.answered(operation, intent)
            if intent.state is IntentState.REQUIRES_ACTION:
                # A webhook will tell when the client is done; should it be lost, this finds out.
                raise StillUnknown(f"{intent.id} waits for the customer's bank")
        except GatewayUnknown as unknown:
            if unknown.replayed_error and await self._over(operation):
                await self._given_up(operation)
                return
            if unknown.replayed_error:
                # The gateway stored a failure under this key and holds nothing of ours: only a new key can succeed.
                await self._operations.next_attempt(operation.id, operation.attempt)
            raise StillUnknown(str(unknown)) from unknown

    async def _over(self, operation: GatewayOperation) -> bool:
        return not (await self._calls.find([operation.of_call]))[0].open

    async def _given_up(self, operation: GatewayOperation) -> None:
        """A stored failure for a call that is over: a new key would only hold money that nobody wants any more.

        Should the gateway have performed it all the same and tell us later, :meth:`hear` releases it.
        """
        try:
            intent = await self._find(operation)
        except GatewayUnknown as unknown:
            raise StillUnknown(str(unknown)) from unknown
        if intent is None:
            await self._recorder.refused(operation, "gateway_error")
        else:
            await self._recorder.answered(operation, intent)

    async def hear(self, operation_id: OperationId, intent: Intent) -> None:
        """Somebody read an intent of ours at the gateway: record it, if its outcome was still open.

        A hold that came to be after its refusal (a client's own script can confirm an intent again) is released.

        Raises:
            StillUnknown: the gateway did not answer.
        """
        operation = await self._operations.get(operation_id)
        if operation is None:
            return
        if operation.state is OperationState.INTENDED:
            await self._recorder.answered(operation, intent)
        elif operation.state is OperationState.REFUSED and intent.state is IntentState.AUTHORIZED:
            await self.release(operation, intent.id)

    async def release(self, operation: GatewayOperation, intent_id: str) -> None:
        """Let go of whatever an intent holds, or may come to hold.

        Raises:
            StillUnknown: the gateway did not answer.
        """
        try:
            await self._gateway.cancel(key=f"release:{operation.id}:{operation.attempt}", intent=intent_id)
        except GatewayUnknown as unknown:
            if unknown.replayed_error:
                await self._operations.next_attempt(operation.id, operation.attempt)
            raise StillUnknown(str(unknown)) from unknown

    async def give_back(self, operation_id: OperationId) -> None:
        """Let go of one block of a call that goes on: nobody wants it any more. Nothing happens once it has an outcome.

        Raises:
            StillUnknown: the gateway did not answer.
        """
        operation = await self._operations.get(operation_id)
        if operation is None or operation.state is not OperationState.INTENDED:
            return
        intent = await self._find(operation)
        if intent is None:
            return
        await self.release(operation, intent.id)
        await self.look_up(operation_id)

    async def _find(self, operation: GatewayOperation) -> Intent | None:
        call = (await self._calls.find([operation.of_call]))[0]
        known = call.hold(operation.id).intent_id
        if known is not None:
            return await self._gateway.retrieve(known)
        return await self._gateway.find(
            customer=operation.customer,
            since=operation.created_at - SKEW,
            metadata={"operation": operation.id},
        )
