"""From a final amount to settled money, once, whatever dies on the way.

1. Every authorization of the call has a known outcome.
2. The capture plan is frozen in the call (:func:`plan_capture`).
3. Each hold is captured or released with a key of its own, and the outcome recorded.
4. Payment, ledger, earning and receipt are written in the transaction that makes the call ``settled``.

Any step may run again: it finds what is done and goes on from there.
"""

import logging
from dataclasses import dataclass

from billing.authorizations import Authorizations, StillUnknown
from billing.journals import capture_journals, write_off_journal
from billing.receipts import receipt_of
from domain.calls.flow import CallFlow
from domain.calls.holds import UNRESOLVED, Hold, HoldState
from domain.calls.ports import CallStore
from domain.calls.pricing import plan_capture
from domain.calls.session import LiveSession
from domain.calls.states import UNCHARGED, CallState, Move
from domain.errors import Conflict, NotFound
from domain.events import PaymentUpdated, ToUser
from domain.ids import OperationId, PaymentId, SessionId, new_id
from domain.money import Money, charge_minimum
from domain.payments.gateway import (
    GatewayRefused,
    GatewayUnknown,
    Intent,
    IntentState,
    PaymentGateway,
    TaxAnswer,
)
from domain.payments.ledger import LedgerStore
from domain.payments.operations import OperationState, OperationStore
from domain.payments.payment import (
    Capture,
    Earning,
    Payment,
    PaymentMove,
    PaymentStore,
    PriceSnapshot,
    snapshot,
)
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

#: An intent in one of these holds nothing any more.
_ENDED = (IntentState.SUCCEEDED, IntentState.CANCELLED)
#: A hold in one of these has ended at the gateway.
_CLOSED = frozenset({HoldState.REFUSED, HoldState.CAPTURED, HoldState.CANCELLED, HoldState.LAPSED})

#: How often the cost of a capture is asked for in vain, in so many runs; with the backoff of timers a few minutes.
FEE_LOOK_UPS = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Taxed:
    """What the gateway said about tax: an answer, or the code with which it refused to calculate."""

    country: str
    answer: TaxAnswer | None = None
    refusal: str | None = None


class Settlement:
    """Settles calls that ended, and releases the holds of calls that never came to talk."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        gateway: PaymentGateway,
        authorizations: Authorizations,
        calls: CallStore,
        operations: OperationStore,
        payments: PaymentStore,
        ledger: LedgerStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._gateway = gateway
        self._authorizations = authorizations
        self._calls = calls
        self._operations = operations
        self._payments = payments
        self._ledger = ledger

    async def settle(self, session_id: SessionId) -> None:
        """Take the call one run nearer to settled.

        Raises:
            StillUnknown: the gateway did not answer; run again later.
            GatewayRefused: the gateway refuses to capture or release; a person must look. A refusal to calculate tax
                never stands in the way: the call is settled without tax, and says so in its timeline.
        """
        call = await self._load(session_id)
        if call.state is not CallState.ENDING and call.state not in UNCHARGED:
            return
        for hold in call.holds:
            if hold.state in UNRESOLVED:
                await self._resolve(call, hold)
        call = await self._transact(lambda tx: self._freeze(tx, session_id))
        for hold in call.holds:
            if hold.state is HoldState.AUTHORIZED:
                await self._close(call, hold)
        if call.state is CallState.ENDING:
            await self._book(await self._load(session_id))

    async def _load(self, session_id: SessionId) -> LiveSession:
        found = await self._calls.find([session_id])
        if not found:
            raise NotFound("There is no such call.")
        return found[0]

    # --- 1. every outcome is known ------------------------------------------------------------------------------

    async def _resolve(self, call: LiveSession, hold: Hold) -> None:
        if hold.intent_id is not None:
            # The call is over: 3-D Secure need not go on. The gateway's answer decides, it may have been finished just now.
            await self._release(call, hold, hold.intent_id)
        await self._authorizations.look_up(hold.operation_id)
        if any(h.number == hold.number and h.state in UNRESOLVED for h in (await self._load(call.id)).holds):
            raise StillUnknown(f"authorization {hold.operation_id} has no outcome yet")

    async def _release(self, call: LiveSession, hold: Hold, intent_id: str) -> None:
        try:
            await self._gateway.cancel(
                key=f"cancel:{hold.operation_id}:{hold.closing_attempt}", intent=intent_id
            )
        except GatewayUnknown as unknown:
            await self._after_unknown(call, hold, unknown)

    # --- 2. the plan --------------------------------------------------------------------------------------------

    async def _freeze(self, tx: Tx, session_id: SessionId) -> LiveSession:
        call = await self._calls.get(tx, session_id)
        if call.holds_unresolved:
            raise StillUnknown("an authorization arrived meanwhile")
        if call.state is not CallState.ENDING or call.plan is not None:
            return call
        held = [(hold.number, hold.amount) for hold in call.holds if hold.pays]
        total = call.final.amount if call.final else 0
        call.plan = plan_capture(total, held, charge_minimum(call.rate.currency))
        payment = Payment(
            id=PaymentId(new_id()),
            payer=call.caller.user_id,
            coach_id=call.coach_id,
            session_id=call.id,
            currency=call.rate.currency,
            created_at=self._flow.clock.now(),
        )
        payment.move(PaymentMove.AUTHORIZE)
        payment.move(PaymentMove.FREEZE)
        await self._payments.insert(tx, payment)
        call.note(
            "capturing", at=self._flow.clock.now(), by="system", process=self._flow.process,
            amount=call.plan.captured, written_off=call.plan.written_off,
        )  # fmt: skip
        await self._calls.save(tx, call)
        return call

    # --- 3. capture or release ----------------------------------------------------------------------------------

    async def _close(self, call: LiveSession, hold: Hold) -> None:
        takes = {take.number: take.amount for take in call.plan.takes} if call.plan else {}
        amount = takes.get(hold.number, 0)
        try:
            intent = await (self._capture(call, hold, amount) if amount else self._cancel(hold))
        except GatewayUnknown as unknown:
            intent = await self._after_unknown(call, hold, unknown)
        except GatewayRefused:
            intent = await self._gateway_word(hold)
            if intent.state not in _ENDED:
                raise
        if intent.state is IntentState.SUCCEEDED and intent.fee is None:
            intent = await self._with_fee(call, hold)
        await self._closed(call.id, hold.operation_id, intent, amount)

    async def _capture(self, call: LiveSession, hold: Hold, amount: int) -> Intent:
        metadata = {"operation": hold.operation_id, "session": call.id}
        return await self._gateway.capture(
            key=f"capture:{hold.operation_id}:{hold.closing_attempt}",
            intent=_intent_of(hold),
            amount=Money(amount, call.rate.currency),
            metadata=metadata,
        )

    async def _cancel(self, hold: Hold) -> Intent:
        return await self._gateway.cancel(
            key=f"cancel:{hold.operation_id}:{hold.closing_attempt}", intent=_intent_of(hold)
        )

    async def _after_unknown(self, call: LiveSession, hold: Hold, unknown: GatewayUnknown) -> Intent:
        """The intent if it has come to an end; else a new attempt is begun when only that can help."""
        intent = await self._gateway_word(hold)
        if intent.state in _ENDED:
            return intent
        if unknown.replayed_error:
            await self._transact(lambda tx: self._next_attempt(tx, call.id, hold.operation_id))
        raise StillUnknown(str(unknown)) from unknown

    async def _gateway_word(self, hold: Hold) -> Intent:
        try:
            return await self._gateway.retrieve(_intent_of(hold))
        except GatewayUnknown as unknown:
            raise StillUnknown(str(unknown)) from unknown

    async def _with_fee(self, call: LiveSession, hold: Hold) -> Intent:
        """The captured intent with its fee, which Stripe may learn some time after the capture.

        A gateway that never says must not keep a coach waiting: in the end the fee is booked as 0, and logged.
        """
        intent = await self._gateway_word(hold)
        if intent.fee is not None:
            return intent
        if hold.fee_look_ups >= FEE_LOOK_UPS:
            log.error("the fee of %s in call %s is unknown and booked as 0", intent.id, call.id)
            return intent
        await self._transact(lambda tx: self._fee_missing(tx, call.id, hold.operation_id))
        raise StillUnknown(f"the fee of {intent.id} is not known yet")

    async def _fee_missing(self, tx: Tx, session_id: SessionId, operation_id: OperationId) -> None:
        call = await self._calls.get(tx, session_id)
        call.hold(operation_id).fee_look_ups += 1
        await self._calls.save(tx, call)

    async def _next_attempt(self, tx: Tx, session_id: SessionId, operation_id: OperationId) -> None:
        call = await self._calls.get(tx, session_id)
        call.hold(operation_id).closing_attempt += 1
        await self._calls.save(tx, call)

    async def _closed(
        self, session_id: SessionId, operation_id: OperationId, intent: Intent, planned: int
    ) -> None:
        """Record how a hold ended. "Captured already" counts only when the amount agrees."""
        if intent.state not in _ENDED:
            raise StillUnknown(f"{intent.id} is {intent.state.value} at the gateway")
        if intent.state is IntentState.SUCCEEDED and intent.captured != planned:
            raise Conflict(
                "The gateway captured another amount than planned.",
                details={"planned": planned, "captured": intent.captured, "session": session_id},
            )

        async def work(tx: Tx) -> None:
            call = await self._calls.get(tx, session_id)
            hold = call.hold(operation_id)
            if hold.state is not HoldState.AUTHORIZED:
                return
            if intent.state is IntentState.SUCCEEDED:
                hold.state, hold.captured, hold.fee = HoldState.CAPTURED, intent.captured, intent.fee or 0
            else:
                # Planned to be captured, and gone: the hold lapsed at the gateway, which settlement writes off.
                hold.state = HoldState.LAPSED if planned else HoldState.CANCELLED
            call.note(
                hold.state.value, at=self._flow.clock.now(), by="gateway", process=self._flow.process,
                hold=hold.number, amount=hold.captured,
            )  # fmt: skip
            await self._operations.finish(tx, operation_id, OperationState.SUCCEEDED, None)
            await self._calls.save(tx, call)

        await self._transact(work)

    # --- 4. the books -------------------------------------------------------------------------------------------

    async def _book(self, call: LiveSession) -> None:
        if any(hold.state not in _CLOSED for hold in call.holds):
            raise StillUnknown("a hold has not ended yet")
        captured = sum(hold.captured for hold in call.holds)
        tax = await self._tax(call, captured)

        async def work(tx: Tx) -> None:
            fresh = await self._calls.get(tx, call.id)
            payment = await self._payments.of_session(tx, call.id)
            if fresh.state is not CallState.ENDING or payment is None:
                return
            if tax.refusal is not None:
                fresh.note(
                    "tax_unknown", at=self._flow.clock.now(), by="gateway", process=self._flow.process,
                    country=tax.country, code=tax.refusal,
                )  # fmt: skip
            await self._settled(tx, fresh, payment, self._price(fresh, captured, tax))

        await self._transact(work)

    async def _tax(self, call: LiveSession, captured: int) -> _Taxed:
        """The tax inside what was captured, by the country of the card, else of the profile."""
        country, postal_code = _tax_location(call)
        if not captured:
            return _Taxed(country)
        try:
            answer = await self._gateway.tax(
                key=f"tax:{call.id}:{call.tax_attempt}",
                gross=Money(captured, call.rate.currency),
                country=country,
                postal_code=postal_code,
                reference=call.id,
            )
        except GatewayUnknown as unknown:
            if unknown.replayed_error:
                await self._transact(lambda tx: self._next_tax_attempt(tx, call))
            raise StillUnknown(str(unknown)) from unknown
        except GatewayRefused as refusal:
            log.error("call %s is settled without tax for %s: %s", call.id, country, refusal)
            return _Taxed(country, refusal=refusal.code)
        return _Taxed(country, answer)

    async def _next_tax_attempt(self, tx: Tx, seen: LiveSession) -> None:
        call = await self._calls.get(tx, seen.id)
        call.tax_attempt = max(call.tax_attempt, seen.tax_attempt + 1)
        await self._calls.save(tx, call)

    def _price(self, call: LiveSession, captured: int, tax: _Taxed) -> PriceSnapshot:
        final = call.final
        return snapshot(
            rate=call.rate,
            seconds=final.billable_seconds if final else 0,
            gross=captured,
            tax=tax.answer.tax if tax.answer else 0,
            country=tax.country,
            calculation=tax.answer.calculation_id if tax.answer else None,
            fee_percent=call.fee_percent,
            written_off=(final.amount if final else 0) - captured,
        )

    async def _settled(self, tx: Tx, call: LiveSession, payment: Payment, price: PriceSnapshot) -> None:
        now = self._flow.clock.now()
        payment.captures = [
            Capture(_intent_of(hold), hold.captured, hold.fee or 0) for hold in call.holds if hold.captured
        ]
        payment.amount, payment.snapshot, payment.settled_at = price.gross, price, now
        payment.move(_outcome(price))
        for journal in [*capture_journals(payment, now), *write_off_journal(payment, now)]:
            await self._ledger.append(tx, journal)
            payment.journals.append(journal.id)
        if price.earned:
            await self._payments.earn(
                tx, Earning(call.coach_id, payment.id, call.id, price.earned, payment.currency, now)
            )
        await self._payments.save(tx, payment)
        call.move(Move.SETTLE, at=now, by="system", process=self._flow.process, captured=price.gross)
        tx.disarm(TimerKind.SETTLE, call.id)
        if call.overtime:
            await self._flow.overtime.settled(tx, call)
        await self._flow.moved(tx, call)
        self._tell(tx, call, payment)

    def _tell(self, tx: Tx, call: LiveSession, payment: Payment) -> None:
        amount = Money(payment.amount, payment.currency)
        update = PaymentUpdated(payment.id, call.id, payment.state.value, amount, receipt_of(call, payment))
        tx.emit(ToUser(call.caller.user_id), update)
        earned = payment.snapshot.earned if payment.snapshot else 0
        tx.emit(
            ToUser(call.callee.user_id),
            PaymentUpdated(payment.id, call.id, payment.state.value, Money(earned, payment.currency)),
        )


def _outcome(price: PriceSnapshot) -> PaymentMove:
    if price.gross:
        return PaymentMove.CAPTURE
    return PaymentMove.WRITE_OFF if price.written_off else PaymentMove.CANCEL


def _tax_location(call: LiveSession) -> tuple[str, str | None]:
    """Country and postal code, both of the same card; the profile knows only a country."""
    for hold in call.holds:
        if hold.captured and hold.card_country:
            return hold.card_country, hold.card_postal_code
    return call.billing_country, None


def _intent_of(hold: Hold) -> str:
    if hold.intent_id is None:
        raise NotFound(f"hold {hold.number} has no intent at the gateway")
    return hold.intent_id
