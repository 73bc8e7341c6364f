"""Asking the gateway for the money of a purchase, and finding out what became of that.

Payment and operation are written down before; here the gateway is asked, outside any transaction, and :class:`Sales` records
its answer. Request, webhook, confirmation and timer all end in the same questions, so it does not matter who comes first.
"""

import logging
from datetime import timedelta

from billing.authorizations import LOOK_UP_AFTER, SKEW, StillUnknown
from billing.checkout_pages import CheckoutPages
from billing.sales import SalePorts, Sales, Taxed
from domain.ids import PaymentId
from domain.money import Money
from domain.payments.gateway import (
    Charge,
    Checkout,
    CheckoutSession,
    CheckoutState,
    GatewayRefused,
    GatewayUnknown,
    Intent,
    IntentState,
    PaymentGateway,
)
from domain.payments.operations import GatewayOperation, OperationKind
from domain.payments.payment import Payment
from domain.ports import Tx

#: How often the cost of a capture is asked for in vain; in the end it is booked as 0, and logged.
FEE_LOOK_UPS = 8
#: An intent in one of these may still take money, unless it is cancelled.
_MAY_TAKE = frozenset(
    {IntentState.REQUIRES_ACTION, IntentState.REQUIRES_PAYMENT_METHOD, IntentState.AUTHORIZED}
)
log = logging.getLogger(__name__)


class Charges:
    """Payments of purchases, at the gateway."""

    def __init__(self, ports: SalePorts, sales: Sales, gateway: PaymentGateway, pages: CheckoutPages) -> None:
        self._ports = ports
        self._sales = sales
        self._gateway = gateway
        self._pages = pages

    async def carry_out(self, payment_id: PaymentId) -> None:
        """Ask for the first time. No answer: the timer looks it up."""
        payment, operation = await self._load(payment_id)
        if not payment.undecided or payment.abandoned_at is not None:
            return
        try:
            await self._ask(payment, operation)
        except (GatewayUnknown, StillUnknown) as unknown:
            log.warning("no answer for operation %s: %s", operation.id, unknown)

    async def look_up(self, payment_id: PaymentId) -> None:
        """Find out what became of a payment: look before repeating, repeat with the same key.

        Raises:
            StillUnknown: the gateway did not say, or it is the client's turn; come again.
        """
        payment, operation = await self._load(payment_id)
        if not payment.undecided:
            return
        try:
            if operation.kind is OperationKind.CHECKOUT:
                await self._look_up_page(payment, operation)
            else:
                await self._look_up_intent(payment, operation)
        except GatewayUnknown as unknown:
            raise await self._unknown(operation, unknown) from unknown
        if (await self._load(payment_id))[0].undecided:
            raise StillUnknown(f"payment {payment_id} is not decided")

    async def hear(self, operation: GatewayOperation, intent: Intent) -> None:
        """Somebody read an intent of ours at the gateway.

        Raises:
            StillUnknown: the gateway did not answer what else had to be asked.
        """
        payment, _ = await self._load(operation.of_payment)
        try:
            if payment.undecided:
                await self._conclude(payment, operation, intent)
            elif payment.settled_at is None:
                await self._too_late(payment, operation, intent)
        except GatewayUnknown as unknown:
            raise await self._unknown(operation, unknown) from unknown

    async def hear_page(self, operation: GatewayOperation, session: CheckoutSession) -> None:
        """Somebody read a hosted page of ours at the gateway.

        Raises:
            StillUnknown: the gateway did not answer what else had to be asked.
        """
        payment, _ = await self._load(operation.of_payment)
        if payment.settled_at is not None:
            return
        try:
            await self._conclude_page(payment, operation, session)
        except GatewayUnknown as unknown:
            raise await self._unknown(operation, unknown) from unknown

    async def _unknown(self, operation: GatewayOperation, unknown: GatewayUnknown) -> StillUnknown:
        if unknown.replayed_error:
            # The gateway stored a failure under this key: only a new one can succeed.
            await self._ports.operations.next_attempt(operation.id, operation.attempt)
        return StillUnknown(str(unknown))

    # --- asking ---------------------------------------------------------------------------------------------------

    async def _ask(self, payment: Payment, operation: GatewayOperation) -> None:
        try:
            if operation.kind is OperationKind.CHECKOUT:
                session = await self._gateway.create_checkout(
                    key=operation.key, checkout=self._checkout(payment, operation)
                )
                await self._conclude_page(payment, operation, session)
            else:
                intent = await self._gateway.charge(key=operation.key, charge=_charge(payment, operation))
                await self._conclude(payment, operation, intent)
        except GatewayRefused as refusal:
            await self._sales.refused(payment.id, refusal.code)

    def _checkout(self, payment: Payment, operation: GatewayOperation) -> Checkout:
        return Checkout(
            amount=operation.amount,
            customer=operation.customer,
            title=payment.bought.title,
            success_url=self._pages.paid(payment.bought.subject),
            cancel_url=self._pages.given_up(payment.bought.subject),
            metadata=_metadata(payment, operation),
        )

    # --- looking up -----------------------------------------------------------------------------------------------

    async def _look_up_intent(self, payment: Payment, operation: GatewayOperation) -> None:
        if payment.intent_id is not None:
            intent = await self._gateway.retrieve(payment.intent_id)
        else:
            found = await self._gateway.find(
                customer=operation.customer,
                since=operation.created_at - SKEW,
                metadata={"operation": operation.id},
            )
            if found is None:
                await self._not_found(payment, operation)
                return
            intent = found
        if payment.abandoned_at is not None and intent.state in _MAY_TAKE:
            intent = await self._stop(operation, intent)
        await self._conclude(payment, operation, intent)

    async def _look_up_page(self, payment: Payment, operation: GatewayOperation) -> None:
        if payment.page is not None:
            session = await self._gateway.retrieve_checkout(payment.page.session_id)
        else:
            found = await self._gateway.find_checkout(
                customer=operation.customer,
                since=operation.created_at - SKEW,
                metadata={"operation": operation.id},
            )
            if found is None:
                await self._not_found(payment, operation)
                return
            session = found
        if payment.abandoned_at is not None and session.state is CheckoutState.OPEN:
            session = await self._gateway.expire_checkout(
                key=f"expire:{operation.id}:{operation.attempt}", session=session.id
            )
        await self._conclude_page(payment, operation, session)

    async def _not_found(self, payment: Payment, operation: GatewayOperation) -> None:
        """The gateway knows nothing of it: ask, unless nobody wants it any more and nobody can still be asking."""
        if payment.abandoned_at is None:
            await self._ask(payment, operation)
            return
        if self._ports.clock.wall() - operation.created_at < timedelta(seconds=LOOK_UP_AFTER):
            raise StillUnknown(f"operation {operation.id} may be on its way to the gateway")
        await self._sales.cancelled(payment.id)

    # --- concluding -------------------------------------------------------------------------------------------------

    async def _conclude(self, payment: Payment, operation: GatewayOperation, intent: Intent) -> None:
        match intent.state:
            case IntentState.SUCCEEDED:
                await self._settle(payment, intent)
            case IntentState.PROCESSING:
                await self._sales.processing(payment.id, intent)
            case _ if operation.kind is OperationKind.CHECKOUT:
                return  # on the page another card may follow; the page decides when it is over
            case IntentState.REQUIRES_ACTION:
                await self._sales.action_required(payment.id, intent)
            case IntentState.REQUIRES_PAYMENT_METHOD if intent.last_error is not None:
                # Whoever has its secret could confirm it again.
                await self._refused(payment, await self._stop(operation, intent), intent.last_error)
            case IntentState.CANCELLED:
                await self._over(payment, intent)
            case _:
                return  # not tried yet

    async def _refused(self, payment: Payment, stopped: Intent, code: str) -> None:
        if stopped.state is IntentState.SUCCEEDED:
            await self._settle(payment, stopped)
        elif stopped.state is IntentState.CANCELLED:
            await self._sales.refused(payment.id, code)

    async def _over(self, payment: Payment, intent: Intent) -> None:
        if intent.last_error is not None and payment.abandoned_at is None:
            await self._sales.refused(payment.id, intent.last_error)
        else:
            await self._sales.cancelled(payment.id)

    async def _conclude_page(
        self, payment: Payment, operation: GatewayOperation, session: CheckoutSession
    ) -> None:
        if session.state is CheckoutState.OPEN:
            await self._sales.page_opened(payment.id, session)
        elif session.state is CheckoutState.EXPIRED:
            await self._sales.cancelled(payment.id)
        elif session.intent is not None:
            await self._conclude(payment, operation, await self._gateway.retrieve(session.intent))

    async def _too_late(self, payment: Payment, operation: GatewayOperation, intent: Intent) -> None:
        """We gave the payment up. What was taken all the same is booked; what might still be taken is stopped."""
        if intent.state in _MAY_TAKE and operation.kind is OperationKind.CHARGE:
            intent = await self._stop(operation, intent)
        if intent.state is IntentState.SUCCEEDED:
            await self._settle(payment, intent)

    async def _stop(self, operation: GatewayOperation, intent: Intent) -> Intent:
        """The intent once it is cancelled, or whatever it became before."""
        try:
            return await self._gateway.cancel(
                key=f"cancel:{operation.id}:{operation.attempt}", intent=intent.id
            )
        except GatewayRefused:
            return await self._gateway.retrieve(intent.id)

    async def _settle(self, payment: Payment, intent: Intent) -> None:
        if intent.fee is None:
            intent = await self._with_fee(payment, intent)
        await self._sales.captured(payment.id, intent, await self._tax(payment, intent))

    async def _with_fee(self, payment: Payment, intent: Intent) -> Intent:
        again = await self._gateway.retrieve(intent.id)
        if again.fee is not None:
            return again
        if payment.fee_look_ups >= FEE_LOOK_UPS:
            log.error("the fee of %s (payment %s) is unknown and booked as 0", intent.id, payment.id)
            return again
        await self._ports.transact(lambda tx: self._fee_missing(tx, payment.id, intent.id))
        raise StillUnknown(f"the fee of {intent.id} is not known yet")

    async def _fee_missing(self, tx: Tx, payment_id: PaymentId, intent_id: str) -> None:
        payment = await self._ports.payments.get(tx, payment_id)
        payment.intent_id = intent_id
        payment.fee_look_ups += 1
        await self._ports.payments.save(tx, payment)

    async def _tax(self, payment: Payment, intent: Intent) -> Taxed:
        """The tax inside what was taken, by the country of the card, else of the profile."""
        country = intent.card_country or payment.billing_country
        try:
            answer = await self._gateway.tax(
                key=f"tax:{payment.id}:{payment.tax_attempt}",
                gross=Money(intent.captured, payment.currency),
                country=country,
                postal_code=intent.card_postal_code if intent.card_country else None,
                reference=payment.id,
            )
        except GatewayUnknown as unknown:
            if unknown.replayed_error:
                await self._ports.transact(lambda tx: self._next_tax_attempt(tx, payment))
            raise StillUnknown(str(unknown)) from unknown
        except GatewayRefused as refusal:
            log.error("payment %s is booked without tax for %s: %s", payment.id, country, refusal)
            return Taxed(country)
        return Taxed(country, answer)

    async def _next_tax_attempt(self, tx: Tx, seen: Payment) -> None:
        payment = await self._ports.payments.get(tx, seen.id)
        payment.tax_attempt = max(payment.tax_attempt, seen.tax_attempt + 1)
        await self._ports.payments.save(tx, payment)

    async def _load(self, payment_id: PaymentId) -> tuple[Payment, GatewayOperation]:
        payment = await self._ports.payments.find(payment_id)
        if payment is None or payment.operation_id is None:
            raise ValueError(f"there is no purchase with payment {payment_id}")
        operation = await self._ports.operations.get(payment.operation_id)
        if operation is None:
            raise ValueError(f"payment {payment_id} has no operation")
        return payment, operation


def _charge(payment: Payment, operation: GatewayOperation) -> Charge:
    return Charge(
        amount=operation.amount,
        customer=operation.customer,
        payment_method=operation.gateway_card,
        description=payment.bought.title,
        metadata=_metadata(payment, operation),
    )


def _metadata(payment: Payment, operation: GatewayOperation) -> dict[str, str]:
    return {"operation": operation.id, "payment": payment.id}
