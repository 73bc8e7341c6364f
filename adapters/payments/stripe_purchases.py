"""What is paid at once: charges, hosted pages, and money that goes back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from adapters.payments.stripe_amounts import to_wire
from adapters.payments.stripe_errors import translated
from adapters.payments.stripe_values import FULL, checkout_of, intent_of, refund_of, with_key
from domain.money import Money
from domain.payments.gateway import (
    Charge,
    Checkout,
    CheckoutSession,
    CheckoutState,
    GatewayRefused,
    Intent,
    Refund,
)

if TYPE_CHECKING:
    from stripe.params import RefundListParams


class StripePurchases:
    """The part of the gateway that purchases use, on the client of :class:`~adapters.payments.stripe.StripeGateway`."""

    _client: stripe.StripeClient

    async def charge(self, *, key: str, charge: Charge) -> Intent:
        """Create and confirm in one call with automatic capture, on session.

        ``automatic`` rather than Stripe's default ``automatic_async``, whose answer does not know the fee yet.
        """
        with translated():
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": to_wire(charge.amount),
                    "currency": charge.amount.currency.lower(),
                    "customer": charge.customer,
                    "payment_method": charge.payment_method,
                    "capture_method": "automatic",
                    "confirm": True,
                    "off_session": False,
                    # Without this, methods that redirect are allowed and a return_url is demanded.
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "description": charge.description,
                    "metadata": dict(charge.metadata),
                    "expand": [FULL],
                },
                with_key(key),
            )
        return intent_of(intent)

    async def create_checkout(self, *, key: str, checkout: Checkout) -> CheckoutSession:
        """A Checkout Session in mode ``payment`` for cards, tax included in the price.

        The metadata goes to the intent too, so that its webhooks lead back as well.
        """
        metadata = dict(checkout.metadata)
        with translated():
            session = await self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "customer": checkout.customer,
                    "client_reference_id": metadata.get("payment", ""),
                    "success_url": checkout.success_url,
                    "cancel_url": checkout.cancel_url,
                    "allowed_payment_method_types": ["card"],
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": checkout.amount.currency.lower(),
                                "unit_amount": to_wire(checkout.amount),
                                "tax_behavior": "inclusive",
                                "product_data": {"name": checkout.title},
                            },
                        }
                    ],
                    "payment_intent_data": {
                        "capture_method": "automatic",
                        "description": checkout.title,
                        "metadata": metadata,
                    },
                    "metadata": metadata,
                },
                with_key(key),
            )
        return checkout_of(session)

    async def retrieve_checkout(self, session: str) -> CheckoutSession:
        """The session as it is."""
        with translated():
            found = await self._client.v1.checkout.sessions.retrieve_async(session)
        return checkout_of(found)

    async def expire_checkout(self, *, key: str, session: str) -> CheckoutSession:
        """Expire it; one that is not open any more is refused by Stripe, and then looked up."""
        try:
            with translated():
                expired = await self._client.v1.checkout.sessions.expire_async(session, {}, with_key(key))
        except GatewayRefused:
            now = await self.retrieve_checkout(session)
            if now.state is CheckoutState.OPEN:
                raise
            return now
        return checkout_of(expired)

    async def find_checkout(
        self, *, customer: str, since: datetime, metadata: Mapping[str, str]
    ) -> CheckoutSession | None:
        """The newest that matches. Stripe keeps whole seconds, so ``since`` counts from the start of its second."""
        with translated():
            page = await self._client.v1.checkout.sessions.list_async(
                {"customer": customer, "created": {"gte": int(since.timestamp())}, "limit": 100}
            )
            async for session in page.auto_paging_iter():
                found = checkout_of(session)
                if all(found.metadata.get(name) == value for name, value in metadata.items()):
                    return found
        return None

    async def refund(self, *, key: str, intent: str, amount: Money, metadata: Mapping[str, str]) -> Refund:
        """Give back; Stripe keeps its fee."""
        with translated():
            refund = await self._client.v1.refunds.create_async(
                {"payment_intent": intent, "amount": to_wire(amount), "metadata": dict(metadata)},
                with_key(key),
            )
        return refund_of(refund)

    async def retrieve_refund(self, refund: str) -> Refund:
        """The refund as it is."""
        with translated():
            found = await self._client.v1.refunds.retrieve_async(refund)
        return refund_of(found)

    async def refunds(self, *, intent: str | None = None, charge: str | None = None) -> Sequence[Refund]:
        """All of them, newest first."""
        wanted: RefundListParams = {"limit": 100}
        if intent is not None:
            wanted["payment_intent"] = intent
        if charge is not None:
            wanted["charge"] = charge
        with translated():
            page = await self._client.v1.refunds.list_async(wanted)
            return [refund_of(refund) async for refund in page.auto_paging_iter()]
