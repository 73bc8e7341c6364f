"""Entities as Stripe shows them. A field that is an id may be expanded afterwards (see ``expand``)."""

from collections.abc import Callable
from typing import cast

import orjson

from sandbox.cards import CARDS
from sandbox.entities import (
    Account,
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Customer,
    Entity,
    Event,
    PaymentIntent,
    PaymentMethod,
    Refund,
    SetupIntent,
    TaxCalculation,
    Transfer,
    TransferReversal,
    WebhookEndpoint,
)
from sandbox.errors import JsonObject
from sandbox.render_checkout import checkout_session
from sandbox.render_tax import tax_calculation

API_VERSION = "2026-10-28.endive"


def list_object(items: list[JsonObject], url: str, *, more: bool = False) -> JsonObject:
    """A list (https://docs.stripe.com/api/pagination)."""
    return {"object": "list", "data": items, "has_more": more, "url": url}


def render(entity: Entity) -> JsonObject:
    """The JSON object of any entity."""
    shown = _RENDERERS[type(entity)](entity)
    return {"id": entity.id, "object": entity.object, "created": entity.created, "livemode": False} | shown


def _customer(customer: Customer) -> JsonObject:
    return {
        "address": dict(customer.address) or None,
        "balance": 0,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": customer.description,
        "email": customer.email,
        "invoice_settings": {"default_payment_method": customer.default_payment_method},
        "metadata": dict(customer.metadata),
        "name": customer.name,
        "phone": customer.phone,
        "shipping": None,
        "tax_exempt": "none",
    }


def _address(known: dict[str, str]) -> JsonObject:
    parts = ("city", "country", "line1", "line2", "postal_code", "state")
    return {part: known.get(part) for part in parts}


def _billing_details(method: PaymentMethod) -> JsonObject:
    return {
        "address": _address(method.address),
        "email": method.email,
        "name": method.name,
        "phone": None,
    }


def _payment_method(method: PaymentMethod) -> JsonObject:
    card = CARDS[method.card]
    return {
        "type": "card",
        "customer": method.customer,
        "billing_details": _billing_details(method),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"fp_{card.brand}_{card.last4}",
            "funding": card.funding,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "metadata": dict(method.metadata),
    }


def payment_error(intent: PaymentIntent | SetupIntent) -> JsonObject | None:
    """``last_payment_error``."""
    if intent.error_code is None:
        return None
    return {
        "type": "card_error",
        "code": intent.error_code,
        "decline_code": intent.error_decline_code,
        "message": intent.error_message,
    }


def _next_action(intent: PaymentIntent | SetupIntent) -> JsonObject | None:
    if intent.status != "requires_action":
        return None
    page = intent.action_url
    if intent.return_url is not None:
        target: JsonObject = {"url": page, "return_url": intent.return_url}
        return {"type": "redirect_to_url", "redirect_to_url": target}
    return {
        "type": "use_stripe_sdk",
        "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page},
    }


def _payment_intent(intent: PaymentIntent) -> JsonObject:
    return {
        "amount": intent.amount,
        "amount_capturable": intent.amount_capturable,
        "amount_received": intent.amount_received,
        "application_fee_amount": None,
        "automatic_payment_methods": {
            "enabled": True,
            "allow_redirects": "always" if intent.redirects else "never",
        },
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": intent.capture_method,
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "last_payment_error": payment_error(intent),
        "latest_charge": intent.latest_charge,
        "metadata": dict(intent.metadata),
        "next_action": _next_action(intent),
        "payment_method": intent.payment_method,
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": intent.receipt_email,
        "setup_future_usage": intent.setup_future_usage,
        "statement_descriptor_suffix": intent.statement_descriptor_suffix,
        "status": intent.status,
        "transfer_data": None,
        "transfer_group": intent.transfer_group,
    }


def _setup_intent(intent: SetupIntent) -> JsonObject:
    return {
        "cancellation_reason": intent.cancellation_reason,
        "client_secret": intent.client_secret,
        "customer": intent.customer,
        "description": intent.description,
        "last_setup_error": payment_error(intent),
        "latest_attempt": None,
        "metadata": dict(intent.metadata),
        "next_action": _next_action(intent),
        "payment_method": intent.payment_method,
        "payment_method_types": ["card"],
        "status": intent.status,
        "usage": intent.usage,
    }


def _card_details(charge: Charge) -> JsonObject:
    card = CARDS[charge.card]
    secured = {"result": "authenticated", "version": "2.2.0"} if charge.authenticated else None
    return {
        "amount_authorized": charge.amount,
        "brand": card.brand,
        "capture_before": charge.capture_before,
        "country": card.country,
        "exp_month": 12,
        "exp_year": 2034,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": f"fp_{card.brand}_{card.last4}",
        "funding": card.funding,
        "incremental_authorization": {"status": "unavailable"},
        "last4": card.last4,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "overcapture": {"status": "unavailable", "maximum_amount_capturable": charge.amount},
        "three_d_secure": secured,
        "wallet": None,
    }


def _charge(charge: Charge) -> JsonObject:
    failed = charge.status == "failed"
    return {
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded,
        "balance_transaction": charge.balance_transaction,
        "billing_details": {"address": _address(charge.address), "email": None, "name": None, "phone": None},
        "captured": charge.captured,
        "currency": charge.currency,
        "customer": charge.customer,
        "description": charge.description,
        "disputed": False,
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "metadata": dict(charge.metadata),
        "outcome": {
            "network_status": "declined_by_network" if failed else "approved_by_network",
            "reason": charge.decline_code,
            "type": "issuer_declined" if failed else "authorized",
        },
        "paid": not failed,
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method,
        "payment_method_details": {"type": "card", "card": _card_details(charge)},
        "receipt_email": charge.receipt_email,
        "refunded": 0 < charge.amount_captured == charge.amount_refunded,
        "status": charge.status,
        "transfer_group": charge.transfer_group,
    }


def _balance_transaction(movement: BalanceTransaction) -> JsonObject:
    fees = []
    if movement.fee:
        fees = [
            {
                "amount": movement.fee,
                "currency": movement.currency,
                "type": "stripe_fee",
                "application": None,
                "description": "Stripe processing fees",
            }
        ]
    return {
        "amount": movement.amount,
        "available_on": movement.created,
        "balance_type": "payments",
        "currency": movement.currency,
        "description": movement.description,
        "exchange_rate": None,
        "fee": movement.fee,
        "fee_details": fees,
        "net": movement.net,
        "reporting_category": movement.type,
        "source": movement.source,
        "status": "available",
        "type": movement.type,
    }


def _refund(refund: Refund) -> JsonObject:
    return {
        "amount": refund.amount,
        "balance_transaction": refund.balance_transaction,
        "charge": refund.charge,
        "currency": refund.currency,
        "failure_balance_transaction": refund.failure_balance_transaction,
        "failure_reason": refund.failure_reason,
        "metadata": dict(refund.metadata),
        "payment_intent": refund.payment_intent,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
    }


def _account(account: Account) -> JsonObject:
    done = account.details_submitted
    due = [] if done else ["external_account", "tos_acceptance.date"]
    return {
        "business_type": account.business_type,
        "capabilities": {"transfers": "active" if done else "inactive"},
        "charges_enabled": done,
        "country": account.country,
        "default_currency": account.default_currency,
        "details_submitted": done,
        "email": account.email,
        "metadata": dict(account.metadata),
        "payouts_enabled": done,
        "requirements": {
            "currently_due": due,
            "past_due": [],
            "eventually_due": due,
            "disabled_reason": None,
        },
        "type": account.type,
    }


def _transfer(transfer: Transfer) -> JsonObject:
    return {
        "amount": transfer.amount,
        "amount_reversed": transfer.amount_reversed,
        "balance_transaction": transfer.balance_transaction,
        "currency": transfer.currency,
        "description": transfer.description,
        "destination": transfer.destination,
        "metadata": dict(transfer.metadata),
        "reversals": list_object([], f"/v1/transfers/{transfer.id}/reversals"),
        "reversed": transfer.amount_reversed == transfer.amount,
        "source_transaction": transfer.source_transaction,
        "source_type": "card",
        "transfer_group": transfer.transfer_group,
    }


def _transfer_reversal(reversal: TransferReversal) -> JsonObject:
    return {
        "amount": reversal.amount,
        "balance_transaction": reversal.balance_transaction,
        "currency": reversal.currency,
        "description": reversal.description,
        "metadata": dict(reversal.metadata),
        "transfer": reversal.transfer,
    }


def _webhook_endpoint(endpoint: WebhookEndpoint) -> JsonObject:
    return {
        "api_version": None,
        "application": None,
        "description": endpoint.description,
        "enabled_events": list(endpoint.enabled_events),
        "metadata": dict(endpoint.metadata),
        "status": endpoint.status,
        "url": endpoint.url,
    }


def _event(event: Event) -> JsonObject:
    return {
        "api_version": API_VERSION,
        "data": {"object": orjson.loads(event.body)},
        "pending_webhooks": 0,
        "request": {"id": event.request, "idempotency_key": event.idempotency_key},
        "type": event.type,
    }


_Renderer = Callable[[Entity], JsonObject]
_RENDERERS: dict[type[Entity], _Renderer] = cast(
    "dict[type[Entity], _Renderer]",
    {
        Customer: _customer,
        PaymentMethod: _payment_method,
        PaymentIntent: _payment_intent,
        SetupIntent: _setup_intent,
        CheckoutSession: checkout_session,
        Charge: _charge,
        BalanceTransaction: _balance_transaction,
        Refund: _refund,
        Account: _account,
        Transfer: _transfer,
        TransferReversal: _transfer_reversal,
        TaxCalculation: tax_calculation,
        WebhookEndpoint: _webhook_endpoint,
        Event: _event,
    },
)
