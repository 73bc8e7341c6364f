"""The payment gateway as Rapport sees it.

Nothing here is called from inside a transaction. Every writing call carries an idempotency key made of
``operation:entity:attempt``, never of an amount; the same key with the same parameters has the same effect once.

What a call can end in:

* a value: the gateway did it,
* :class:`GatewayRefused`: definitively not done, with the gateway's code,
* :class:`GatewayUnknown`: nobody knows (timeout, lost connection, 409, 429, 5xx): repeat with the same key or look up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.money import Money


class GatewayRefused(Exception):
    """The gateway said no, for good.

    ``code`` is its own word (``card_declined``, ``insufficient_funds``, ``amount_too_small``, …).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class GatewayUnknown(Exception):
    """The outcome is unknown. ``replayed_error`` is true when the gateway replayed a stored 5xx for this key: only a
    new attempt (after a look-up by listing) can succeed then."""

    def __init__(self, message: str, *, replayed_error: bool = False) -> None:
        super().__init__(message)
        self.replayed_error = replayed_error


class BadSignature(Exception):
    """A webhook that the gateway did not sign, or too old to be trusted."""


class IntentState(StrEnum):
    """The states of a payment intent that matter to us."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELLED = "canceled"


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment intent as the gateway holds it now. Amounts in minor units."""

    id: str
    state: IntentState
    amount: Money
    captured: int
    capturable: int
    created_at: datetime
    #: present while the customer must act (3-D Secure)
    client_secret: str | None = None
    #: when the hold lapses by itself, domain time; None unless authorized
    capture_before: datetime | None = None
    #: the gateway's own cost of the capture, minor units; None until captured, and for a while after
    fee: int | None = None
    #: country of the card, ISO 3166 alpha-2
    card_country: str | None = None
    #: postal code of the card's billing address, when it is in the country of the card
    card_postal_code: str | None = None
    payment_method: str | None = None
    #: why the last attempt failed, the gateway's code
    last_error: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A payment method attached to a customer."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    country: str | None


@dataclass(frozen=True, slots=True)
class Authorization:
    """What to hold, from whom."""

    amount: Money
    customer: str
    payment_method: str
    #: the customer is present, so 3-D Secure may be asked for
    on_session: bool
    description: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Charge:
    """What to take at once, from whom; the customer is present, so 3-D Secure may be asked for."""

    amount: Money
    customer: str
    payment_method: str
    description: str
    metadata: Mapping[str, str]


class CheckoutState(StrEnum):
    """The states of a hosted page."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Checkout:
    """What a customer is to pay on the gateway's own page, and where the page leads afterwards.

    It stays open for a day, unless it is closed. A refused card leaves it open for another.
    """

    amount: Money
    customer: str
    title: str
    success_url: str
    cancel_url: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    """A hosted page as the gateway holds it now."""

    id: str
    state: CheckoutState
    #: None once nobody can pay there any more
    url: str | None
    #: the payment intent, which carries the same metadata; None before the customer tried
    intent: str | None
    #: when it closes by itself, domain time
    expires_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)


class GatewayRefundState(StrEnum):
    """The states of a refund at the gateway."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "canceled"


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the gateway holds it."""

    id: str
    amount: Money
    state: GatewayRefundState
    intent: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaxAnswer:
    """The tax inside a tax-inclusive amount, as the gateway computed it. Minor units."""

    gross: Money
    tax: int
    country: str
    calculation_id: str


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified webhook. Only ids are believed: the task that handles it reads the object again."""

    id: str
    type: str
    object_id: str
    created_at: datetime


class PaymentGateway(Protocol):
    """Customers, cards, holds, charges, hosted pages, refunds. Every method may raise GatewayRefused or GatewayUnknown."""

    name: str

    async def create_customer(self, *, key: str, email: str, name: str, user_id: str) -> str:
        """A customer for a user; its id."""
        ...

    async def attach_card(self, *, key: str, customer: str, payment_method: str) -> SavedCard:
        """Save a tokenised card for later use."""
        ...

    async def detach_card(self, *, key: str, payment_method: str) -> None:
        """Forget a saved card; already forgotten counts as done."""
        ...

    async def list_cards(self, customer: str) -> Sequence[SavedCard]:
        """The customer's saved cards, newest first."""
        ...

    async def authorize(self, *, key: str, authorization: Authorization) -> Intent:
        """Hold an amount. The answer is AUTHORIZED or REQUIRES_ACTION; a refused card raises GatewayRefused."""
        ...

    async def charge(self, *, key: str, charge: Charge) -> Intent:
        """Take an amount at once. The answer is SUCCEEDED, PROCESSING or REQUIRES_ACTION; a refused card raises
        GatewayRefused."""
        ...

    async def create_checkout(self, *, key: str, checkout: Checkout) -> CheckoutSession:
        """Open a hosted page."""
        ...

    async def retrieve_checkout(self, session: str) -> CheckoutSession:
        """A hosted page as it is now."""
        ...

    async def expire_checkout(self, *, key: str, session: str) -> CheckoutSession:
        """Close a hosted page; one that was paid or closed before is answered as it is."""
        ...

    async def find_checkout(
        self, *, customer: str, since: datetime, metadata: Mapping[str, str]
    ) -> CheckoutSession | None:
        """As :meth:`find`, for hosted pages."""
        ...

    async def capture(self, *, key: str, intent: str, amount: Money, metadata: Mapping[str, str]) -> Intent:
        """Take ``amount`` of a hold and release the rest. Captured already counts as done only for the same amount."""
        ...

    async def cancel(self, *, key: str, intent: str) -> Intent:
        """Release a hold, or give up an intent that was never paid; released or lapsed already counts as done."""
        ...

    async def retrieve(self, intent: str) -> Intent:
        """The intent as it is now, with the fee of its capture."""
        ...

    async def find(self, *, customer: str, since: datetime, metadata: Mapping[str, str]) -> Intent | None:
        """The customer's intent created at or after ``since`` (wall time) that carries all of ``metadata``.

        Lists by customer and time: searching by metadata lags behind writes.
        """
        ...

    async def refund(self, *, key: str, intent: str, amount: Money, metadata: Mapping[str, str]) -> Refund:
        """Give captured money back, in whole or in part."""
        ...

    async def retrieve_refund(self, refund: str) -> Refund:
        """A refund as it is now."""
        ...

    async def refunds(self, *, intent: str | None = None, charge: str | None = None) -> Sequence[Refund]:
        """What went back, or is about to, of an intent or of a charge, newest first."""
        ...

    async def tax(
        self, *, key: str, gross: Money, country: str, postal_code: str | None, reference: str
    ) -> TaxAnswer:
        """The tax inside a tax-inclusive ``gross`` for a customer in ``country``.

        Some countries (the United States) cannot be told without ``postal_code``: refused.
        """
        ...

    def parse_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        """Check the signature over the raw body and read the event.

        Raises:
            BadSignature: forged, damaged, or older than the tolerance.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
