"""The one refund service: what a till reserved is asked of the gateway, and booked once it went back.

A refund is written down before (:class:`~billing.till.PaymentTill`): reserved on the payment, with an operation and a key of
its own, so two equal refunds of one payment are two. The gateway is looked at before it is asked. A journal is written per
movement; its parts are split cumulatively, so those of all refunds add up to the price.
"""

import logging

from billing.authorizations import StillUnknown
from billing.journals import refund_journal, returned_journal
from billing.receipts import purchase_receipt
from billing.sales import SalePorts, payment_update
from domain.errors import NotFound
from domain.events import ToUser
from domain.ids import OperationId, PaymentId, RefundId
from domain.payments.gateway import GatewayRefundState, GatewayRefused, GatewayUnknown, PaymentGateway, Refund
from domain.payments.operations import GatewayOperation, OperationState
from domain.payments.payment import Earning, Payment
from domain.payments.refunds import PaymentRefund, RefundState
from domain.ports import Tx
from domain.timers import TimerKind

_OPEN = (GatewayRefundState.PENDING, GatewayRefundState.REQUIRES_ACTION)
_FAILED = (GatewayRefundState.FAILED, GatewayRefundState.CANCELLED)
log = logging.getLogger(__name__)


class Refunds:
    """Asks for refunds, and records them."""

    def __init__(self, ports: SalePorts, gateway: PaymentGateway) -> None:
        self._ports = ports
        self._gateway = gateway

    async def carry_out(self, refund_id: RefundId) -> None:
        """Give a reserved refund back, or find out that it was given back already.

        Raises:
            StillUnknown: the gateway did not say; come again.
            GatewayRefused: the gateway refuses, or failed to send the money, and the next run asks anew; or a bank sent it
                back, and a person has to find another way.
        """
        operation = await self._ports.operations.get(OperationId(refund_id))
        if operation is None or operation.state is OperationState.SUCCEEDED:
            return
        payment = await self._payment(operation.of_payment)
        refund = payment.refund(refund_id)
        if refund.state is RefundState.RETURNED:
            raise GatewayRefused("refund_returned", f"the client is owed {refund.amount} {payment.currency}")
        try:
            answer = await self._asked(operation, refund)
        except GatewayUnknown as unknown:
            if unknown.replayed_error:
                await self._ports.operations.next_attempt(operation.id, operation.attempt)
            raise StillUnknown(str(unknown)) from unknown
        except GatewayRefused:
            await self._ports.operations.next_attempt(operation.id, operation.attempt)
            raise
        await self.hear(operation, answer)
        if answer.state in _OPEN:
            raise StillUnknown(f"refund {answer.id} is {answer.state.value} at the gateway")
        if answer.state in _FAILED:
            raise GatewayRefused(f"refund_{answer.state.value}", f"refund {answer.id} did not arrive")

    async def hear(self, operation: GatewayOperation, answer: Refund) -> None:
        """Somebody read a refund of ours at the gateway: book it once the money went back."""
        if answer.state is GatewayRefundState.SUCCEEDED:
            await self._ports.transact(lambda tx: self._record(tx, operation, answer))
        elif answer.state in _FAILED:
            log.error("refund %s (%s) is %s at the gateway", operation.id, answer.id, answer.state.value)
            # Whatever is asked under its key answers the one that failed. Told late, or again, it ends no later attempt.
            await self._ports.operations.next_attempt(operation.id, _attempt_of(answer, operation))
            await self._ports.transact(lambda tx: self._returned(tx, operation, answer))

    async def _asked(self, operation: GatewayOperation, refund: PaymentRefund) -> Refund:
        for known in await self._gateway.refunds(intent=refund.intent_id):
            if known.metadata.get("operation") == operation.id and known.state not in _FAILED:
                return known
        return await self._gateway.refund(
            key=operation.key,
            intent=refund.intent_id,
            amount=operation.amount,
            metadata={
                "operation": operation.id,
                "payment": operation.of_payment,
                "attempt": str(operation.attempt),
            },
        )

    async def _record(self, tx: Tx, operation: GatewayOperation, answer: Refund) -> None:
        ports = self._ports
        payment = await ports.payments.get(tx, operation.of_payment)
        refund = payment.refund(RefundId(operation.id))
        if refund.state is not RefundState.PENDING:
            return
        now = ports.clock.now()
        parts = payment.give_back(refund, answer.id, now)
        journal = refund_journal(payment, refund, parts, now)
        await ports.ledger.append(tx, journal)
        payment.journals.append(journal.id)
        if parts.coach_share:
            lost = Earning(
                payment.coach_id, payment.id, None, -parts.coach_share, payment.currency, now, refund.id
            )
            await ports.payments.earn(tx, lost)
        await ports.operations.finish(tx, operation.id, OperationState.SUCCEEDED, None)
        tx.disarm(TimerKind.REFUND, refund.id)
        await ports.payments.save(tx, payment)
        await self._tell(tx, payment, refund)

    async def _returned(self, tx: Tx, operation: GatewayOperation, answer: Refund) -> None:
        """What we had booked as given back is ours again. The timer that is set ends among dead letters, for a person."""
        ports = self._ports
        payment = await ports.payments.get(tx, operation.of_payment)
        refund = payment.refund(RefundId(operation.id))
        if refund.state is not RefundState.SUCCEEDED or refund.gateway_id != answer.id:
            return
        now = ports.clock.now()
        refund.state = RefundState.RETURNED
        journal = returned_journal(payment, refund, now)
        await ports.ledger.append(tx, journal)
        payment.journals.append(journal.id)
        await ports.operations.finish(tx, operation.id, OperationState.REFUSED, "refund_returned")
        tx.arm(TimerKind.REFUND, refund.id, now)
        await ports.payments.save(tx, payment)
        self._tell_payer(tx, payment)

    async def _tell(self, tx: Tx, payment: Payment, refund: PaymentRefund) -> None:
        if payment.purchase is None:
            return
        subject = payment.purchase.subject
        self._tell_payer(tx, payment)
        if payment.delivered:
            tx.emit(ToUser(payment.purchase.coach_user_id), payment_update(payment, payment.kept_earning))
        await self._ports.sellables[subject.kind].refunded(tx, subject.id, payment.id, refund.amount)

    def _tell_payer(self, tx: Tx, payment: Payment) -> None:
        if payment.purchase is not None:
            update = payment_update(payment, payment.amount, purchase_receipt(payment))
            tx.emit(ToUser(payment.payer), update)

    async def _payment(self, payment_id: PaymentId) -> Payment:
        payment = await self._ports.payments.find(payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        return payment


def _attempt_of(answer: Refund, operation: GatewayOperation) -> int:
    """Which attempt a refund at the gateway came of; the present one if it does not say."""
    told = answer.metadata.get("attempt", "")
    return int(told) if told.isascii() and told.isdecimal() else operation.attempt
