"""What subjects ask of billing inside their own transactions. Nothing here talks to the gateway: timers do, afterwards."""

from datetime import datetime

from domain.clock import Clock
from domain.ids import OperationId, PaymentId
from domain.money import Money
from domain.payments.operations import GatewayOperation, OperationKind, OperationStore
from domain.payments.payment import Payment, PaymentStore
from domain.payments.purchases import RefundReason, Subject
from domain.ports import Tx
from domain.timers import TimerKind


class PaymentTill:
    """Gives up open payments, and reserves what is given back."""

    def __init__(self, payments: PaymentStore, operations: OperationStore, clock: Clock) -> None:
        self._payments = payments
        self._operations = operations
        self._clock = clock

    async def abandon(self, tx: Tx, subject: Subject) -> None:
        """The subject cannot be paid any more: open payments of it are cancelled; what succeeds all the same is refunded."""
        for payment in await self._payments.of_subject(tx, subject):
            if payment.undecided:
                await self.give_up(tx, payment)

    async def give_up(self, tx: Tx, payment: Payment) -> None:
        """Nobody wants this try any more; whether it can be stopped, the gateway says."""
        now = self._clock.now()
        if payment.abandoned_at is None:
            payment.abandoned_at = now
            await self._payments.save(tx, payment)
        tx.arm(TimerKind.PURCHASE, payment.id, now)

    async def refund(self, tx: Tx, payment_id: PaymentId, amount: int, reason: RefundReason) -> None:
        """Give back ``amount`` minor units; 0 does nothing. Reserved on the payment at once: never more than was captured.

        Raises:
            Conflict: more than is left.
            NotFound: no such payment.
        """
        if amount == 0:
            return
        payment = await self._payments.get(tx, payment_id)
        now = self._clock.now()
        for refund in payment.reserve(amount, reason, now):
            operation = _operation(payment, OperationId(refund.id), refund.amount, self._clock.wall())
            await self._operations.insert(tx, operation)
            tx.arm(TimerKind.REFUND, refund.id, now)
        await self._payments.save(tx, payment)

    async def refundable(self, tx: Tx, payment_id: PaymentId) -> int:
        """What was captured and neither refunded nor is being refunded, minor units."""
        return (await self._payments.get(tx, payment_id)).refundable


def _operation(payment: Payment, operation_id: OperationId, amount: int, wall: datetime) -> GatewayOperation:
    return GatewayOperation(
        id=operation_id,
        amount=Money(amount, payment.currency),
        customer="",
        created_at=wall,
        kind=OperationKind.REFUND,
        payment_id=payment.id,
    )
