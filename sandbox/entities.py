"""What the sandbox keeps: one dataclass per Stripe object, flat enough to be stored as JSON as it stands.

Amounts are minor units. ``created`` is real time, ``capture_before`` is domain time, both in Unix seconds.
"""

import secrets
import string
from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.errors import JsonObject

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """An identifier in Stripe's shape."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


@dataclass(slots=True)
class Entity:
    """Something with an id. ``parent_field`` names the field by which children are listed."""

    id: str
    created: int

    object: ClassVar[str] = ""
    prefix: ClassVar[str] = ""
    parent_field: ClassVar[str | None] = None
    customer_field: ClassVar[str | None] = None


@dataclass(slots=True)
class Customer(Entity):
    object: ClassVar[str] = "customer"
    prefix: ClassVar[str] = "cus"
    #: lists show the living only; see ``customers.LIVING``
    parent_field: ClassVar[str | None] = "deleted"

    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    address: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    default_payment_method: str | None = None
    deleted: bool = False


@dataclass(slots=True)
class PaymentMethod(Entity):
    object: ClassVar[str] = "payment_method"
    prefix: ClassVar[str] = "pm"
    customer_field: ClassVar[str | None] = "customer"

    #: the test card behind it, a key of ``cards.CARDS``
    card: str = ""
    customer: str | None = None
    #: attached once and detached, or paid with unattached: never usable again
    spent: bool = False
    #: a SetupIntent authenticated it, so off-session payments need no 3-D Secure
    set_up: bool = False
    name: str | None = None
    email: str | None = None
    address: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class PaymentIntent(Entity):
    object: ClassVar[str] = "payment_intent"
    prefix: ClassVar[str] = "pi"
    customer_field: ClassVar[str | None] = "customer"

    amount: int = 0
    currency: str = ""
    status: str = "requires_payment_method"
    capture_method: str = "automatic"
    client_secret: str = ""
    customer: str | None = None
    payment_method: str | None = None
    amount_capturable: int = 0
    amount_received: int = 0
    latest_charge: str | None = None
    off_session: bool = False
    return_url: str | None = None
    #: the hosted page of the 3-D Secure challenge, while it is due
    action_url: str | None = None
    setup_future_usage: str | None = None
    #: whether methods that redirect are allowed, so that confirming needs a ``return_url``
    redirects: bool = True
    description: str | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    canceled_at: int | None = None
    cancellation_reason: str | None = None
    error_code: str | None = None
    error_decline_code: str | None = None
    error_message: str | None = None
    error_payment_method: str | None = None
    #: the hosted page it was made by; only that page confirms it
    checkout_session: str | None = None


@dataclass(slots=True)
class SetupIntent(Entity):
    object: ClassVar[str] = "setup_intent"
    prefix: ClassVar[str] = "seti"
    customer_field: ClassVar[str | None] = "customer"

    status: str = "requires_payment_method"
    client_secret: str = ""
    customer: str | None = None
    payment_method: str | None = None
    usage: str = "off_session"
    return_url: str | None = None
    action_url: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    cancellation_reason: str | None = None
    error_code: str | None = None
    error_decline_code: str | None = None
    error_message: str | None = None


@dataclass(slots=True)
class CheckoutSession(Entity):
    """``expires_at`` is domain time; ``intent_data`` is what the intent gets once the customer pays."""

    object: ClassVar[str] = "checkout.session"
    prefix: ClassVar[str] = "cs_test"
    parent_field: ClassVar[str | None] = "payment_intent"
    customer_field: ClassVar[str | None] = "customer"

    status: str = "open"
    payment_status: str = "unpaid"
    currency: str = ""
    amount_total: int = 0
    #: name, about, currency, unit_amount, quantity
    lines: list[dict[str, str | int | None]] = field(default_factory=list)
    customer: str | None = None
    customer_email: str | None = None
    client_reference_id: str | None = None
    payment_intent: str | None = None
    intent_data: JsonObject = field(default_factory=dict)
    success_url: str | None = None
    cancel_url: str | None = None
    submit_type: str | None = None
    locale: str | None = None
    expires_at: int = 0
    #: of the page's address
    secret: str = ""
    url: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Charge(Entity):
    object: ClassVar[str] = "charge"
    prefix: ClassVar[str] = "ch"
    parent_field: ClassVar[str | None] = "payment_intent"
    customer_field: ClassVar[str | None] = "customer"

    payment_intent: str = ""
    customer: str | None = None
    payment_method: str = ""
    card: str = ""
    amount: int = 0
    amount_captured: int = 0
    amount_refunded: int = 0
    amount_transferred: int = 0
    currency: str = ""
    captured: bool = False
    status: str = "succeeded"
    failure_code: str | None = None
    failure_message: str | None = None
    decline_code: str | None = None
    balance_transaction: str | None = None
    capture_before: int | None = None
    authenticated: bool = False
    #: the billing address of the method at that time
    address: dict[str, str] = field(default_factory=dict)
    description: str | None = None
    receipt_email: str | None = None
    transfer_group: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class BalanceTransaction(Entity):
    """One movement of money; ``net`` is what the balance of ``account`` ("" is the platform) changed by."""

    object: ClassVar[str] = "balance_transaction"
    prefix: ClassVar[str] = "txn"
    parent_field: ClassVar[str | None] = "account"

    account: str = ""
    type: str = ""
    source: str = ""
    amount: int = 0
    fee: int = 0
    net: int = 0
    currency: str = ""
    description: str | None = None


@dataclass(slots=True)
class Refund(Entity):
    object: ClassVar[str] = "refund"
    prefix: ClassVar[str] = "re"
    parent_field: ClassVar[str | None] = "charge"

    charge: str = ""
    payment_intent: str = ""
    amount: int = 0
    currency: str = ""
    reason: str | None = None
    status: str = "succeeded"
    balance_transaction: str = ""
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    #: the state that is still to come
    ends_as: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Account(Entity):
    object: ClassVar[str] = "account"
    prefix: ClassVar[str] = "acct"

    country: str = "US"
    type: str = "express"
    email: str | None = None
    default_currency: str = "usd"
    business_type: str | None = None
    details_submitted: bool = False
    onboarding_secret: str = ""
    onboarding_return_url: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Transfer(Entity):
    object: ClassVar[str] = "transfer"
    prefix: ClassVar[str] = "tr"
    parent_field: ClassVar[str | None] = "destination"

    amount: int = 0
    amount_reversed: int = 0
    currency: str = ""
    destination: str = ""
    source_transaction: str | None = None
    transfer_group: str | None = None
    description: str | None = None
    balance_transaction: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TransferReversal(Entity):
    object: ClassVar[str] = "transfer_reversal"
    prefix: ClassVar[str] = "trr"
    parent_field: ClassVar[str | None] = "transfer"

    transfer: str = ""
    amount: int = 0
    currency: str = ""
    balance_transaction: str = ""
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TaxCalculation(Entity):
    object: ClassVar[str] = "tax.calculation"
    prefix: ClassVar[str] = "taxcalc"

    currency: str = ""
    customer: str | None = None
    country: str = ""
    state: str | None = None
    postal_code: str | None = None
    address_source: str = "billing"
    basis_points: int = 0
    tax_inclusive: int = 0
    tax_exclusive: int = 0
    #: as shown in ``line_items``
    lines: list[dict[str, str | int]] = field(default_factory=list)


@dataclass(slots=True)
class WebhookEndpoint(Entity):
    object: ClassVar[str] = "webhook_endpoint"
    prefix: ClassVar[str] = "we"

    url: str = ""
    secret: str = ""
    enabled_events: list[str] = field(default_factory=list)
    status: str = "enabled"
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Event(Entity):
    """``body`` is the JSON of the object as it was when the event happened."""

    object: ClassVar[str] = "event"
    prefix: ClassVar[str] = "evt"
    parent_field: ClassVar[str | None] = "subject"

    type: str = ""
    subject: str = ""
    body: str = ""
    request: str | None = None
    idempotency_key: str | None = None


KINDS: tuple[type[Entity], ...] = (
    Customer, PaymentMethod, PaymentIntent, SetupIntent, CheckoutSession, Charge, BalanceTransaction, Refund, Account, Transfer,
    TransferReversal, TaxCalculation, WebhookEndpoint, Event,
)  # fmt: skip
