"""Stripe's objects as the port's values, and what every call of the SDK needs."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import stripe

from adapters.payments.stripe_amounts import from_wire, money_of
from adapters.payments.stripe_errors import decline_code
from domain.payments.gateway import (
    BadSignature,
    CheckoutSession,
    CheckoutState,
    GatewayRefundState,
    GatewayRefused,
    Intent,
    IntentState,
    Refund,
    SavedCard,
    WebhookEvent,
)

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.checkout import Session

#: Everything an :class:`Intent` shows, in one answer.
FULL = "latest_charge.balance_transaction"
#: Stripe's code for "not in this state (any more)".
ALREADY = "payment_intent_unexpected_state"


def with_key(key: str) -> "RequestOptions":
    """The options of a call that has an idempotency key."""
    return {"idempotency_key": key}


def moment(seconds: int) -> datetime:
    """An instant of Stripe's: wall time, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def event_of(body: bytes) -> WebhookEvent:
    """Only what is believed of an event: which object to read again."""
    try:
        event = json.loads(body)
        return WebhookEvent(
            id=str(event["id"]),
            type=str(event["type"]),
            # a balance has no id; such events name nothing to read again
            object_id=str(event["data"]["object"].get("id", "")),
            created_at=moment(int(event["created"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSignature("signed, but not an event") from error


def card_of(method: stripe.PaymentMethod) -> SavedCard:
    """A saved card; anything else that can pay is refused."""
    card = method.card
    if card is None:
        raise GatewayRefused("payment_method_unsupported", f"{method.type} is not a card")
    return SavedCard(
        id=method.id,
        brand=card.brand,
        last4=card.last4,
        exp_month=card.exp_month,
        exp_year=card.exp_year,
        country=card.country,
    )


def intent_of(intent: stripe.PaymentIntent) -> Intent:
    """An intent with what was expanded of it (:data:`FULL`)."""
    state = _state(intent)
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    details = charge.payment_method_details if charge is not None else None
    card = details.card if details is not None else None
    before = getattr(card, "capture_before", None) if state is IntentState.AUTHORIZED else None
    movement = charge.balance_transaction if charge is not None else None
    error = intent.last_payment_error
    method = intent.payment_method
    return Intent(
        id=intent.id,
        state=state,
        amount=money_of(intent.amount, intent.currency),
        captured=from_wire(intent.amount_received, intent.currency),
        capturable=from_wire(intent.amount_capturable, intent.currency),
        created_at=moment(intent.created),
        client_secret=intent.client_secret if state is IntentState.REQUIRES_ACTION else None,
        capture_before=moment(before) if before is not None else None,
        fee=from_wire(movement.fee, movement.currency)
        if isinstance(movement, stripe.BalanceTransaction)
        else None,
        card_country=card.country if card is not None else None,
        card_postal_code=_postal_code(charge, card.country)
        if charge is not None and card is not None
        else None,
        payment_method=method.id if isinstance(method, stripe.PaymentMethod) else method,
        last_error=decline_code(error.code, error.decline_code) if error is not None else None,
        metadata=dict(intent.metadata.to_dict()),
    )


def _postal_code(charge: stripe.Charge, country: str | None) -> str | None:
    # A code of another country than the card's would place the customer nowhere.
    address = charge.billing_details.address
    if address is None or address.country not in (None, country):
        return None
    return address.postal_code or None


def _state(intent: stripe.PaymentIntent) -> IntentState:
    # An intent waiting to be confirmed holds nothing and needs a method chosen again, as far as we are concerned.
    if intent.status == "requires_confirmation":
        return IntentState.REQUIRES_PAYMENT_METHOD
    return IntentState(intent.status)


def checkout_of(session: "Session") -> CheckoutSession:
    """A hosted page."""
    intent = session.payment_intent
    return CheckoutSession(
        id=session.id,
        state=CheckoutState(session.status or "open"),
        url=session.url,
        intent=intent.id if isinstance(intent, stripe.PaymentIntent) else intent,
        expires_at=moment(session.expires_at),
        metadata=dict(session.metadata.to_dict()) if session.metadata else {},
    )


def refund_of(refund: stripe.Refund) -> Refund:
    """A refund."""
    intent = refund.payment_intent
    return Refund(
        id=refund.id,
        amount=money_of(refund.amount, refund.currency),
        state=GatewayRefundState(refund.status or "pending"),
        intent=intent.id if isinstance(intent, stripe.PaymentIntent) else intent,
        metadata=dict(refund.metadata.to_dict()) if refund.metadata else {},
    )
