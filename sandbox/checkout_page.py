"""The hosted page of a Checkout Session: lines, a choice of test cards, pay or go back.

Whoever has the page's address may pay, as at Stripe; no key is needed. Reloading and going back are safe: what is shown
follows from the state, and a finished session sends its visitor on.
"""

import hmac
import secrets
from html import escape

from aiohttp import web

from sandbox import authorization
from sandbox.call import Call
from sandbox.checkout_states import check
from sandbox.currencies import in_words
from sandbox.entities import CheckoutSession, PaymentIntent, new_id
from sandbox.errors import ApiError, missing
from sandbox.gateway import Gateway
from sandbox.html import page
from sandbox.payment_intents import use_method

#: token → what a person is told of it; the first is chosen beforehand
TEST_CARDS = {
    "pm_card_visa": "Visa •••• 4242: pays",
    "pm_card_mastercard": "Mastercard •••• 4444: pays",
    "pm_card_de": "Visa •••• 0016, from Germany: pays",
    "pm_card_threeDSecure2Required": "Visa •••• 3220: the bank asks (3-D Secure), then pays",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": "Visa •••• 3178: the bank asks, then has no funds",
    "pm_card_chargeDeclined": "Visa •••• 0002: declined",
    "pm_card_chargeDeclinedInsufficientFunds": "Visa •••• 9995: no funds",
}


def show(gateway: Gateway, identifier: str, secret: str) -> web.Response:
    """The page, or on to where a finished session leads."""
    gateway.expire_sessions()
    session = _session(gateway, identifier, secret)
    if session.status == "complete":
        return _redirect(_success(session))
    if session.status == "expired":
        back = _link(session.cancel_url, "Back to the shop")
        return page("Payment", f"<h1>This page has expired</h1><p>Nothing was charged.</p>{back}", status=410)
    intent = gateway.store.get(PaymentIntent, session.payment_intent or "")
    return page(f"Pay {in_words(session.amount_total, session.currency)}", _body(session, intent))


def _body(session: CheckoutSession, intent: PaymentIntent | None) -> str:
    total = in_words(session.amount_total, session.currency)
    problem = ""
    if intent is not None and intent.error_message and intent.status == "requires_payment_method":
        problem = f'<p class="bad" role="alert"><strong>{escape(intent.error_message)}</strong></p>'
    cards = "".join(
        f'<label><input type="radio" name="card" value="{token}"{" checked" if not index else ""}>{escape(words)}</label>'
        for index, (token, words) in enumerate(TEST_CARDS.items())
    )
    return (
        f'<p class="quiet">Sandbox: no money moves here.</p><h1>Pay {escape(total)}</h1>'
        f'<div class="card"><table>{"".join(_row(line) for line in session.lines)}'
        f'<tr class="total"><td>Total</td><td class="amount">{escape(total)}</td></tr></table></div>{problem}'
        f'<form method="post"><input type="hidden" name="secret" value="{escape(session.secret)}">'
        f"<fieldset><legend>Test card</legend>{cards}</fieldset>"
        f"<p><button>Pay {escape(total)}</button></p></form>{_link(session.cancel_url, 'Cancel and go back')}"
    )


def _row(line: dict[str, str | int | None]) -> str:
    quantity, unit = int(line["quantity"] or 0), int(line["unit_amount"] or 0)
    times = f" × {quantity}" if quantity > 1 else ""
    about = f"<br><small>{escape(str(line['about']))}</small>" if line["about"] else ""
    amount = escape(in_words(unit * quantity, str(line["currency"])))
    return f'<tr><td>{escape(str(line["name"]))}{times}{about}</td><td class="amount">{amount}</td></tr>'


def _link(address: str | None, words: str) -> str:
    return f'<p><a href="{escape(address)}">{words}</a></p>' if address else ""


def pay(gateway: Gateway, identifier: str, secret: str, token: str) -> web.Response:
    """Pay with a test card; afterwards the bank's page, the shop, or the same page with what went wrong.

    Raises:
        ApiError: wrong secret, or no such card.
    """
    if token not in TEST_CARDS:
        raise ApiError("There is no such test card.", param="card")
    gateway.expire_sessions()
    session = _session(gateway, identifier, secret)
    here = f"/_sandbox/checkout/{session.id}?secret={session.secret}"
    if session.status != "open":
        return _redirect(here)
    with gateway.store.transaction():
        call = gateway.call()
        check(session, "pay")
        intent = _intent(call, session)
        use_method(call, intent, token)
        call.store.put(intent)
        authorization.confirm(call, intent)
        intent = call.need(PaymentIntent, intent.id)
    gateway.committed()
    if intent.status == "requires_action":
        return _redirect(f"/_sandbox/3ds/{intent.id}?client_secret={intent.client_secret}")
    return _redirect(here)


def _intent(call: Call, session: CheckoutSession) -> PaymentIntent:
    """The session's intent, made at the first attempt."""
    if session.payment_intent is not None:
        return call.need(PaymentIntent, session.payment_intent)
    intent = PaymentIntent(id=new_id("pi"), created=call.now)
    intent.client_secret = f"{intent.id}_secret_{secrets.token_urlsafe(18)}"
    intent.amount, intent.currency, intent.customer = session.amount_total, session.currency, session.customer
    intent.checkout_session, intent.return_url = session.id, session.url
    data = session.intent_data
    for name in ("description", "receipt_email", "transfer_group", "statement_descriptor_suffix"):
        setattr(intent, name, data.get(name))
    intent.setup_future_usage = _text(data.get("setup_future_usage"))
    intent.capture_method = _text(data.get("capture_method")) or "automatic"
    metadata = data.get("metadata")
    intent.metadata = (
        {str(key): str(value) for key, value in metadata.items()} if isinstance(metadata, dict) else {}
    )
    session.payment_intent = intent.id
    call.store.put(intent)
    call.store.put(session)
    call.emit("payment_intent.created", intent)
    return intent


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _success(session: CheckoutSession) -> str:
    return (session.success_url or "/").replace("{CHECKOUT_SESSION_ID}", session.id)


def _redirect(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _session(gateway: Gateway, identifier: str, secret: str) -> CheckoutSession:
    found = gateway.store.get(CheckoutSession, identifier)
    if found is None or not hmac.compare_digest(found.secret.encode(), secret.encode()):
        raise missing("checkout.session", identifier)
    return found
