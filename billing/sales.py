"""What the gateway said about a payment of a purchase, written down once, whoever hears it first.

Of all tries to pay for one thing, one gets it: the first whose money is booked while it can still be had. Money of any other
is booked as well, and given back in the same transaction.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from billing.journals import capture_journals
from billing.receipts import purchase_receipt
from billing.till import PaymentTill
from domain.clock import Clock
from domain.errors import Conflict
from domain.events import PaymentUpdated, ToUser
from domain.ids import BookingId, PaymentId
from domain.money import Money
from domain.payments.gateway import CheckoutSession, CheckoutState, Intent, TaxAnswer
from domain.payments.ledger import LedgerStore
from domain.payments.operations import OperationState, OperationStore
from domain.payments.payment import (
    Capture,
    Earning,
    HostedPage,
    Payment,
    PaymentMove,
    PaymentState,
    PaymentStore,
    snapshot,
)
from domain.payments.purchases import RefundReason, Sellable, SubjectKind
from domain.payments.refusals import told_to_client
from domain.ports import Transactions, Tx
from domain.timers import TimerKind


@dataclass(frozen=True, slots=True)
class SalePorts:
    """What paying, booking and giving back share."""

    transact: Transactions
    clock: Clock
    payments: PaymentStore
    operations: OperationStore
    ledger: LedgerStore
    till: PaymentTill
    #: filled in by whoever sells
    sellables: Mapping[SubjectKind, Sellable]


@dataclass(frozen=True, slots=True)
class Taxed:
    """The tax inside what was taken; without an answer the gateway refused to calculate."""

    country: str
    answer: TaxAnswer | None = None


class Sales:
    """Records outcomes; each is a no-op when the payment is past it."""

    def __init__(self, ports: SalePorts) -> None:
        self._ports = ports

    async def action_required(self, payment_id: PaymentId, intent: Intent) -> None:
        """The client's bank wants to see the client."""

        async def work(tx: Tx, payment: Payment) -> None:
            if payment.state is not PaymentState.CREATED:
                return
            payment.move(PaymentMove.REQUIRE_ACTION)
            payment.intent_id, payment.client_secret = intent.id, intent.client_secret
            await self._answered(tx, payment, OperationState.SUCCEEDED, None)
            await self._save_and_tell(tx, payment)

        await self._undecided(payment_id, work)

    async def processing(self, payment_id: PaymentId, intent: Intent) -> None:
        """The gateway is at it."""

        async def work(tx: Tx, payment: Payment) -> None:
            if payment.state is PaymentState.PROCESSING:
                return
            payment.move(PaymentMove.PROCESS)
            payment.intent_id, payment.client_secret = intent.id, None
            await self._save_and_tell(tx, payment)

        await self._undecided(payment_id, work)

    async def page_opened(self, payment_id: PaymentId, session: CheckoutSession) -> None:
        """The client can pay on the gateway's page."""

        async def work(tx: Tx, payment: Payment) -> None:
            if payment.page is None and session.state is CheckoutState.OPEN and session.url:
                payment.page = HostedPage(session.id, session.url, session.expires_at)
                await self._answered(tx, payment, OperationState.SUCCEEDED, None)
                await self._ports.payments.save(tx, payment)

        await self._undecided(payment_id, work)

    async def refused(self, payment_id: PaymentId, code: str) -> None:
        """A definitive no; the exact ``code`` stays in the operation."""

        async def work(tx: Tx, payment: Payment) -> None:
            payment.move(PaymentMove.FAIL)
            payment.failure, payment.client_secret = told_to_client(code), None
            await self._finish(tx, payment, OperationState.REFUSED, code)
            await self._save_and_tell(tx, payment)

        await self._undecided(payment_id, work)

    async def cancelled(self, payment_id: PaymentId) -> None:
        """Nothing was taken, and nothing will be."""

        async def work(tx: Tx, payment: Payment) -> None:
            payment.move(PaymentMove.CANCEL)
            payment.client_secret = None
            await self._finish(tx, payment, OperationState.REFUSED, "cancelled")
            await self._save_and_tell(tx, payment)

        await self._undecided(payment_id, work)

    async def captured(self, payment_id: PaymentId, intent: Intent, tax: Taxed) -> None:
        """The money is ours: book it, and hand over what was bought, or give all of it back.

        Raises:
            Conflict: the gateway took another amount than was asked for; a person must look.
        """

        async def work(tx: Tx) -> None:
            payment = await self._ports.payments.get(tx, payment_id)
            if payment.settled_at is not None:
                return
            if intent.captured != payment.amount:
                raise Conflict(
                    "The gateway took another amount than was asked for.",
                    details={"asked": payment.amount, "taken": intent.captured, "payment": payment_id},
                )
            await self._book(tx, payment, intent, tax)
            await self._hand_over(tx, payment)

        await self._ports.transact(work)

    async def _book(self, tx: Tx, payment: Payment, intent: Intent, tax: Taxed) -> None:
        now = self._ports.clock.now()
        payment.captures = [Capture(intent.id, intent.captured, intent.fee or 0)]
        payment.snapshot = price = snapshot(
            quote=payment.bought.price,
            gross=intent.captured,
            tax=tax.answer.tax if tax.answer else 0,
            country=tax.country,
            calculation=tax.answer.calculation_id if tax.answer else None,
            fee_percent=payment.bought.fee_percent,
        )
        payment.move(PaymentMove.CAPTURE)
        payment.intent_id, payment.client_secret, payment.failure = intent.id, None, None
        payment.settled_at = now
        for journal in capture_journals(payment, now):
            await self._ports.ledger.append(tx, journal)
            payment.journals.append(journal.id)
        if price.earned:
            earning = Earning(payment.coach_id, payment.id, None, price.earned, payment.currency, now)
            await self._ports.payments.earn(tx, earning)
        await self._finish(tx, payment, OperationState.SUCCEEDED, None)
        await self._ports.payments.save(tx, payment)

    async def _hand_over(self, tx: Tx, payment: Payment) -> None:
        ports, subject = self._ports, payment.bought.subject
        others = await ports.payments.of_subject(tx, subject)
        free = not any(other.delivered for other in others)
        if free and await ports.sellables[subject.kind].paid(tx, subject.id, payment.id):
            payment.delivered = True
            await ports.payments.save(tx, payment)
            await ports.till.abandon(tx, subject)
            coach = payment.bought.coach_user_id
            tx.emit(ToUser(coach), payment_update(payment, payment.kept_earning))
        else:
            await ports.till.refund(tx, payment.id, payment.amount, RefundReason.UNAVAILABLE)
        self._tell_payer(tx, await ports.payments.get(tx, payment.id))

    async def _undecided(self, payment_id: PaymentId, work: Callable[[Tx, Payment], Awaitable[None]]) -> None:
        async def guarded(tx: Tx) -> None:
            payment = await self._ports.payments.get(tx, payment_id)
            if payment.undecided:
                await work(tx, payment)

        await self._ports.transact(guarded)

    async def _answered(self, tx: Tx, payment: Payment, state: OperationState, error: str | None) -> None:
        """The gateway answered; while it is the client's turn, the timer goes on looking."""
        if payment.operation_id is not None:
            await self._ports.operations.finish(tx, payment.operation_id, state, error)

    async def _finish(self, tx: Tx, payment: Payment, state: OperationState, error: str | None) -> None:
        await self._answered(tx, payment, state, error)
        tx.disarm(TimerKind.PURCHASE, payment.id)

    async def _save_and_tell(self, tx: Tx, payment: Payment) -> None:
        await self._ports.payments.save(tx, payment)
        self._tell_payer(tx, payment)

    def _tell_payer(self, tx: Tx, payment: Payment) -> None:
        receipt = purchase_receipt(payment) if payment.snapshot else None
        tx.emit(ToUser(payment.payer), payment_update(payment, payment.amount, receipt))


def payment_update(payment: Payment, amount: int, receipt: dict[str, object] | None = None) -> PaymentUpdated:
    """A payment of a purchase moved, in the words of who reads it: ``amount`` is what they pay, or what they earn."""
    subject = payment.bought.subject
    booking = BookingId(subject.id) if subject.kind is SubjectKind.BOOKING else None
    money = Money(amount, payment.currency)
    return PaymentUpdated(payment.id, None, payment.state.value, money, receipt, booking)
