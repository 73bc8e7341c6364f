"""Stripe behind the ``PaymentGateway`` port: the official SDK, its asynchronous client, one pinned API version.

The same code talks to Stripe and to the offline sandbox; only the address differs. The SDK never repeats a call by
itself: repeating is decided where the operation is recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import aiohttp
import stripe

from adapters.payments.stripe_amounts import from_wire, to_wire
from adapters.payments.stripe_errors import translated
from adapters.payments.stripe_purchases import StripePurchases
from adapters.payments.stripe_values import ALREADY, FULL, card_of, event_of, intent_of, with_key
from domain.money import Money
from domain.payments.gateway import (
    Authorization,
    BadSignature,
    GatewayRefused,
    Intent,
    IntentState,
    SavedCard,
    TaxAnswer,
    WebhookEvent,
)

if TYPE_CHECKING:
    from stripe.params.tax import CalculationCreateParamsCustomerDetailsAddress

#: The version this adapter was written against (https://docs.stripe.com/api/versioning).
API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """How to reach Stripe. ``address`` replaces Stripe's own (the sandbox); ``timeout`` is seconds per call."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    address: str | None = None
    timeout: float = 8.0


class StripeGateway(StripePurchases):
    """``PaymentGateway`` on Stripe. Open connections belong to the event loop of the first call; ``close`` ends them."""

    name = "stripe"

    def __init__(self, settings: StripeSettings) -> None:
        # The SDK would report this machine with every call, and keep an id of it in the home folder.
        stripe.enable_telemetry = False
        self._webhook_secret = settings.webhook_secret
        self._http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=settings.timeout))
        address = settings.address.rstrip("/") if settings.address is not None else None
        self._client = stripe.StripeClient(
            settings.secret_key,
            stripe_version=API_VERSION,
            base_addresses={"api": address, "connect": address, "files": address, "meter_events": address}
            if address is not None
            else None,
            max_network_retries=0,
            http_client=self._http,
        )

    async def create_customer(self, *, key: str, email: str, name: str, user_id: str) -> str:
        """A customer that carries our user id in its metadata."""
        with translated():
            customer = await self._client.v1.customers.create_async(
                {"email": email, "name": name, "metadata": {"userId": user_id}}, with_key(key)
            )
        return customer.id

    async def attach_card(self, *, key: str, customer: str, payment_method: str) -> SavedCard:
        """Save a payment method; some refused cards are refused here already."""
        with translated():
            method = await self._client.v1.payment_methods.attach_async(
                payment_method, {"customer": customer}, with_key(key)
            )
        return card_of(method)

    async def detach_card(self, *, key: str, payment_method: str) -> None:
        """Forget a card; Stripe refuses a second time, which is then looked up."""
        try:
            with translated():
                await self._client.v1.payment_methods.detach_async(payment_method, {}, with_key(key))
        except GatewayRefused:
            with translated():
                method = await self._client.v1.payment_methods.retrieve_async(payment_method)
            if method.customer is not None:
                raise

    async def list_cards(self, customer: str) -> Sequence[SavedCard]:
        """All of them, newest first."""
        with translated():
            page = await self._client.v1.payment_methods.list_async(
                {"customer": customer, "type": "card", "limit": 100}
            )
            return [card_of(method) async for method in page.auto_paging_iter()]

    async def authorize(self, *, key: str, authorization: Authorization) -> Intent:
        """Create and confirm in one call with manual capture. Off session, a demand for 3-D Secure is a refusal with
        code ``authentication_required``."""
        wanted = authorization
        with translated():
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": to_wire(wanted.amount),
                    "currency": wanted.amount.currency.lower(),
                    "customer": wanted.customer,
                    "payment_method": wanted.payment_method,
                    "capture_method": "manual",
                    "confirm": True,
                    "off_session": not wanted.on_session,
                    # Without this, methods that redirect are allowed and a return_url is demanded.
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "description": wanted.description,
                    "metadata": dict(wanted.metadata),
                    "expand": [FULL],
                },
                with_key(key),
            )
        return intent_of(intent)

    async def capture(self, *, key: str, intent: str, amount: Money, metadata: Mapping[str, str]) -> Intent:
        """Take part or all of a hold. When it was captured before, the amount decides whether that was this capture."""
        try:
            with translated():
                captured = await self._client.v1.payment_intents.capture_async(
                    intent,
                    {"amount_to_capture": to_wire(amount), "metadata": dict(metadata), "expand": [FULL]},
                    with_key(key),
                )
        except GatewayRefused as refusal:
            if refusal.code != ALREADY:
                raise
            now = await self.retrieve(intent)
            if now.state is IntentState.SUCCEEDED and now.amount.with_amount(now.captured) == amount:
                return now
            raise
        return intent_of(captured)

    async def cancel(self, *, key: str, intent: str) -> Intent:
        """Release a hold; one that ended without money is released."""
        try:
            with translated():
                cancelled = await self._client.v1.payment_intents.cancel_async(
                    intent, {"expand": [FULL]}, with_key(key)
                )
        except GatewayRefused as refusal:
            if refusal.code != ALREADY:
                raise
            now = await self.retrieve(intent)
            if now.state is IntentState.CANCELLED:
                return now
            raise
        return intent_of(cancelled)

    async def retrieve(self, intent: str) -> Intent:
        """The intent with its charge and fee, in one call."""
        with translated():
            found = await self._client.v1.payment_intents.retrieve_async(intent, {"expand": [FULL]})
        return intent_of(found)

    async def find(self, *, customer: str, since: datetime, metadata: Mapping[str, str]) -> Intent | None:
        """The newest that matches. Stripe keeps whole seconds, so ``since`` counts from the start of its second."""
        with translated():
            page = await self._client.v1.payment_intents.list_async(
                {
                    "customer": customer,
                    "created": {"gte": int(since.timestamp())},
                    "limit": 100,
                    "expand": [f"data.{FULL}"],
                }
            )
            async for intent in page.auto_paging_iter():
                own = intent.metadata.to_dict()
                if all(own.get(name) == value for name, value in metadata.items()):
                    return intent_of(intent)
        return None

    async def tax(
        self, *, key: str, gross: Money, country: str, postal_code: str | None, reference: str
    ) -> TaxAnswer:
        """Ask Stripe Tax with ``inclusive``: its default would put the tax on top.

        For the United States the country alone is refused (https://docs.stripe.com/tax/customer-locations).
        """
        address: CalculationCreateParamsCustomerDetailsAddress = {"country": country}
        if postal_code is not None:
            address["postal_code"] = postal_code
        with translated():
            calculation = await self._client.v1.tax.calculations.create_async(
                {
                    "currency": gross.currency.lower(),
                    "line_items": [
                        {"amount": to_wire(gross), "reference": reference, "tax_behavior": "inclusive"}
                    ],
                    "customer_details": {"address": address, "address_source": "billing"},
                },
                with_key(key),
            )
        return TaxAnswer(
            gross=gross,
            tax=from_wire(calculation.tax_amount_inclusive, gross.currency),
            country=country,
            calculation_id=calculation.id or "",
        )

    def parse_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        """Checked by the SDK in constant time, at most 300 s old."""
        try:
            stripe.WebhookSignature.verify_header(
                body, signature, self._webhook_secret, stripe.Webhook.DEFAULT_TOLERANCE
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise BadSignature("the signature does not match") from error
        return event_of(body)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
