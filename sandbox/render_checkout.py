"""Checkout Sessions as Stripe shows them (https://docs.stripe.com/api/checkout/sessions/object)."""

from sandbox.entities import CheckoutSession
from sandbox.errors import JsonObject


def checkout_session(session: CheckoutSession) -> JsonObject:
    """A session; its lines are shown when asked for (``expand``)."""
    email = session.customer_email
    return {
        "amount_subtotal": session.amount_total,
        "amount_total": session.amount_total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": session.cancel_url,
        "client_reference_id": session.client_reference_id,
        "client_secret": None,
        "currency": session.currency,
        "customer": session.customer,
        "customer_creation": None if session.customer else "if_required",
        "customer_details": {"email": email} if session.status == "complete" or email else None,
        "customer_email": None if session.customer else email,
        "expires_at": session.expires_at,
        "locale": session.locale,
        "metadata": dict(session.metadata),
        "mode": "payment",
        "payment_intent": session.payment_intent,
        "payment_link": None,
        "payment_method_types": ["card"],
        "payment_status": session.payment_status,
        "recovered_from": None,
        "setup_intent": None,
        "status": session.status,
        "submit_type": session.submit_type,
        "subscription": None,
        "success_url": session.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": session.url if session.status == "open" else None,
    }


def checkout_lines(session: CheckoutSession) -> JsonObject:
    """The lines of a Checkout Session as a list."""
    return {
        "object": "list",
        "data": [_checkout_line(line) for line in session.lines],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session.id}/line_items",
    }


def _checkout_line(line: dict[str, str | int | None]) -> JsonObject:
    quantity, unit = int(line["quantity"] or 0), int(line["unit_amount"] or 0)
    return {
        "id": line["id"],
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": line["currency"],
        "description": line["name"],
        "price": {
            "object": "price",
            "currency": line["currency"],
            "unit_amount": unit,
            "type": "one_time",
        },
        "quantity": quantity,
    }
