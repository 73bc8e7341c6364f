"""Every operation of the API, in one list. The name is what faults are aimed at."""

from dataclasses import dataclass

from sandbox import (
    accounts,
    checkout,
    customers,
    holds,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    tax,
    transfers,
    webhook_endpoints,
)
from sandbox.call import Call, Handler, Reply, list_handler, page_reply, read_window, retrieve_handler
from sandbox.entities import (
    Account,
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Event,
    PaymentIntent,
    PaymentMethod,
    Refund,
    SetupIntent,
    TaxCalculation,
    Transfer,
    WebhookEndpoint,
)
from sandbox.render import list_object, render


@dataclass(frozen=True, slots=True)
class Operation:
    """``path`` is below ``/v1``; only POST and DELETE change anything."""

    name: str
    method: str
    path: str
    handler: Handler


def _list_events(call: Call) -> Reply:
    """``GET /v1/events``, optionally of some types (``payment_intent.*`` is understood)."""
    window, one = read_window(call.form), call.form.text("type")
    wanted = [*call.form.texts("types"), *([one] if one else [])]
    call.form.done()
    if not wanted:
        return page_reply(call, Event, window)
    events = [
        event
        for event in call.store.every(Event)[::-1]
        if any(_is_of(event.type, pattern) for pattern in wanted)
        and (window.since or 0) <= event.created <= (window.until or event.created)
    ]
    if window.after is not None:
        ids = [event.id for event in events]
        events = events[ids.index(window.after) + 1 :] if window.after in ids else []
    page = [render(event) for event in events[: window.limit]]
    return Reply(list_object(page, "/v1/events", more=len(events) > window.limit))


def _is_of(event_type: str, pattern: str) -> bool:
    return event_type == pattern or (pattern.endswith(".*") and event_type.startswith(pattern[:-1]))


def _list_movements(call: Call) -> Reply:
    """``GET /v1/balance_transactions`` of the account asked for."""
    window = read_window(call.form)
    call.form.done()
    return page_reply(call, BalanceTransaction, window, parent=call.account)


OPERATIONS = (
    Operation("customers.create", "POST", "customers", customers.create),
    Operation("customers.list", "GET", "customers", customers.list_customers),
    Operation("customers.retrieve", "GET", "customers/{id}", customers.retrieve),
    Operation("customers.update", "POST", "customers/{id}", customers.update),
    Operation("customers.delete", "DELETE", "customers/{id}", customers.delete),
    Operation(
        "payment_methods.list", "GET", "customers/{id}/payment_methods", payment_methods.list_of_customer
    ),
    Operation(
        "payment_methods.retrieve",
        "GET",
        "customers/{id}/payment_methods/{method}",
        payment_methods.retrieve_of_customer,
    ),
    Operation("payment_methods.create", "POST", "payment_methods", payment_methods.create),
    Operation("payment_methods.list", "GET", "payment_methods", payment_methods.list_methods),
    Operation("payment_methods.retrieve", "GET", "payment_methods/{id}", retrieve_handler(PaymentMethod)),
    Operation("payment_methods.update", "POST", "payment_methods/{id}", payment_methods.update),
    Operation("payment_methods.attach", "POST", "payment_methods/{id}/attach", payment_methods.attach),
    Operation("payment_methods.detach", "POST", "payment_methods/{id}/detach", payment_methods.detach),
    Operation("setup_intents.create", "POST", "setup_intents", setup_intents.create),
    Operation("setup_intents.list", "GET", "setup_intents", list_handler(SetupIntent)),
    Operation("setup_intents.retrieve", "GET", "setup_intents/{id}", retrieve_handler(SetupIntent)),
    Operation("setup_intents.confirm", "POST", "setup_intents/{id}/confirm", setup_intents.confirm),
    Operation("setup_intents.cancel", "POST", "setup_intents/{id}/cancel", setup_intents.cancel),
    Operation("payment_intents.create", "POST", "payment_intents", payment_intents.create),
    Operation("payment_intents.list", "GET", "payment_intents", list_handler(PaymentIntent)),
    Operation("payment_intents.retrieve", "GET", "payment_intents/{id}", payment_intents.retrieve),
    Operation("payment_intents.update", "POST", "payment_intents/{id}", payment_intents.update),
    Operation("payment_intents.confirm", "POST", "payment_intents/{id}/confirm", payment_intents.confirm),
    Operation("payment_intents.capture", "POST", "payment_intents/{id}/capture", holds.capture),
    Operation("payment_intents.cancel", "POST", "payment_intents/{id}/cancel", holds.cancel),
    Operation("checkout.sessions.create", "POST", "checkout/sessions", checkout.create),
    Operation("checkout.sessions.list", "GET", "checkout/sessions", checkout.list_sessions),
    Operation(
        "checkout.sessions.retrieve", "GET", "checkout/sessions/{id}", retrieve_handler(CheckoutSession)
    ),
    Operation("checkout.sessions.update", "POST", "checkout/sessions/{id}", checkout.update),
    Operation("checkout.sessions.expire", "POST", "checkout/sessions/{id}/expire", checkout.expire),
    Operation("checkout.sessions.lines", "GET", "checkout/sessions/{id}/line_items", checkout.list_lines),
    Operation("charges.list", "GET", "charges", list_handler(Charge, parent_param="payment_intent")),
    Operation("charges.retrieve", "GET", "charges/{id}", retrieve_handler(Charge)),
    Operation("refunds.create", "POST", "refunds", refunds.create),
    Operation("refunds.list", "GET", "refunds", refunds.list_refunds),
    Operation("refunds.retrieve", "GET", "refunds/{id}", retrieve_handler(Refund)),
    Operation("refunds.update", "POST", "refunds/{id}", refunds.update),
    Operation("transfers.create", "POST", "transfers", transfers.create),
    Operation("transfers.list", "GET", "transfers", list_handler(Transfer, parent_param="destination")),
    Operation("transfers.retrieve", "GET", "transfers/{id}", retrieve_handler(Transfer)),
    Operation("transfers.reverse", "POST", "transfers/{id}/reversals", transfers.reverse),
    Operation("transfers.reversals", "GET", "transfers/{id}/reversals", transfers.list_reversals),
    Operation(
        "transfers.reversals", "GET", "transfers/{id}/reversals/{reversal}", transfers.retrieve_reversal
    ),
    Operation("accounts.create", "POST", "accounts", accounts.create),
    Operation("accounts.list", "GET", "accounts", list_handler(Account)),
    Operation("accounts.retrieve", "GET", "accounts/{id}", retrieve_handler(Account)),
    Operation("account_links.create", "POST", "account_links", accounts.create_link),
    Operation("balance.retrieve", "GET", "balance", accounts.balance),
    Operation("balance_transactions.list", "GET", "balance_transactions", _list_movements),
    Operation(
        "balance_transactions.retrieve",
        "GET",
        "balance_transactions/{id}",
        retrieve_handler(BalanceTransaction),
    ),
    Operation("tax.calculate", "POST", "tax/calculations", tax.calculate),
    Operation("tax.retrieve", "GET", "tax/calculations/{id}", retrieve_handler(TaxCalculation)),
    Operation("tax.lines", "GET", "tax/calculations/{id}/line_items", tax.list_lines),
    Operation("events.list", "GET", "events", _list_events),
    Operation("events.retrieve", "GET", "events/{id}", retrieve_handler(Event)),
    Operation("webhook_endpoints.create", "POST", "webhook_endpoints", webhook_endpoints.create),
    Operation("webhook_endpoints.list", "GET", "webhook_endpoints", list_handler(WebhookEndpoint)),
    Operation(
        "webhook_endpoints.retrieve", "GET", "webhook_endpoints/{id}", retrieve_handler(WebhookEndpoint)
    ),
    Operation("webhook_endpoints.update", "POST", "webhook_endpoints/{id}", webhook_endpoints.update),
    Operation("webhook_endpoints.delete", "DELETE", "webhook_endpoints/{id}", webhook_endpoints.delete),
)
