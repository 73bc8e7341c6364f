"""Checkout Sessions (https://docs.stripe.com/api/checkout/sessions) of one mode, ``payment``, on a page of ours.

As at Stripe since 2022-08-01, the PaymentIntent is made when the customer pays, not with the session. ``expires_at`` is an
instant of the domain clock, like ``capture_before`` of a hold: 30 minutes to 24 hours from now.
"""

import secrets
from urllib.parse import urlsplit

from sandbox.call import Call, Reply, page_reply, read_window
from sandbox.checkout_states import advance, check, forget_expiry
from sandbox.currencies import check_amount, read_currency
from sandbox.entities import CheckoutSession, Customer, PaymentIntent, new_id
from sandbox.errors import ApiError, InvalidParameter
from sandbox.forms import Form
from sandbox.holds import release
from sandbox.render import list_object, render
from sandbox.render_checkout import checkout_lines

_SHORTEST, _LONGEST = 30 * 60, 24 * 3600
#: The clock runs on, fast perhaps, between a caller's arithmetic and ours.
_LATE = 60
_SUBMIT = {"auto", "book", "donate", "pay"}
_STATES = {"open", "complete", "expired"}


def create(call: Call) -> Reply:
    """A page on which a customer pays for some lines."""
    session = CheckoutSession(id=new_id("cs_test"), created=call.now)
    session.secret = secrets.token_urlsafe(24)
    form = call.form
    _read_kind(form)
    session.lines = [_read_line(line) for line in form.forms("line_items")]
    session.success_url = _web_address(form, "success_url")
    session.cancel_url = _web_address(form, "cancel_url")
    session.client_reference_id = form.text("client_reference_id", max_length=200)
    session.submit_type, session.locale = form.choice("submit_type", _SUBMIT), form.text("locale")
    session.metadata = form.metadata()
    session.intent_data = _read_intent_data(form)
    customer, session.customer_email = form.text("customer"), form.text("customer_email")
    form.choice("customer_creation", {"always", "if_required"})
    expires_at = form.integer("expires_at")
    form.done()
    _finish(call, session, customer, expires_at)
    call.store.put(session)
    call.store.connection.execute(
        "INSERT INTO checkout_expiries (session, expires_at) VALUES (?, ?)", (session.id, session.expires_at)
    )
    return Reply(render(session))


def _read_kind(form: Form) -> None:
    if form.required_text("mode") != "payment":
        raise InvalidParameter("Only mode=payment is supported here.", param="mode")
    form.choice("ui_mode", {"hosted_page", "hosted"})
    types = form.texts("allowed_payment_method_types") + form.texts("payment_method_types")
    if any(kind != "card" for kind in types):
        raise InvalidParameter("Only cards are supported here.", param="payment_method_types")


def _read_line(form: Form) -> dict[str, str | int | None]:
    """``price_data`` alone: a sandbox keeps no catalogue."""
    quantity = form.required_integer("quantity", minimum=1)
    with form.within("price_data") as price:
        currency, amount = read_currency(price), price.required_integer("unit_amount")
        price.choice("tax_behavior", {"inclusive", "exclusive", "unspecified"})
        with price.within("product_data") as product:
            name, about = product.required_text("name"), product.text("description")
            product.metadata(), product.texts("images"), product.text("tax_code")
    form.done()
    return {
        "id": new_id("li"),
        "name": name,
        "about": about,
        "currency": currency,
        "unit_amount": amount,
        "quantity": quantity,
    }


def _read_intent_data(form: Form) -> dict[str, object]:
    with form.within("payment_intent_data") as data:
        return {
            "metadata": data.metadata(),
            "description": data.text("description", max_length=1000),
            "receipt_email": data.text("receipt_email"),
            "transfer_group": data.text("transfer_group"),
            "statement_descriptor_suffix": data.text("statement_descriptor_suffix", max_length=22),
            "setup_future_usage": data.choice("setup_future_usage", {"on_session", "off_session"}),
            "capture_method": data.choice("capture_method", {"automatic", "automatic_async", "manual"})
            or "automatic",
        }


def _web_address(form: Form, name: str) -> str | None:
    value = form.required_text(name) if name == "success_url" else form.text(name)
    if value is not None and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
        raise InvalidParameter(
            "Invalid URL: An explicit scheme (such as https) must be provided.",
            code="url_invalid",
            param=name,
        )
    return value


def _finish(call: Call, session: CheckoutSession, customer: str | None, expires_at: int | None) -> None:
    """What needs more than one parameter, or the store."""
    if not session.lines:
        raise InvalidParameter(
            "Missing required param: line_items.", code="parameter_missing", param="line_items"
        )
    currencies = {str(line["currency"]) for line in session.lines}
    if len(currencies) > 1:
        raise ApiError("All prices on a Checkout Session must be of the same currency.", param="line_items")
    session.currency = currencies.pop()
    session.amount_total = sum(
        int(line["unit_amount"] or 0) * int(line["quantity"] or 0) for line in session.lines
    )
    check_amount(session.amount_total, session.currency, "line_items")
    if customer is not None and session.customer_email is not None:
        raise ApiError("You may only specify one of these parameters: customer, customer_email.")
    if customer is not None:
        found = call.need(Customer, customer, "customer")
        if found.deleted:
            raise ApiError(f"No such customer: '{customer}'", code="resource_missing", param="customer")
        session.customer = found.id
    now = int(call.config.clock.domain())
    session.expires_at = now + _LONGEST if expires_at is None else expires_at
    if not now + _SHORTEST - _LATE <= session.expires_at <= now + _LONGEST + _LATE:
        raise ApiError(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    session.url = f"{call.origin}/_sandbox/checkout/{session.id}?secret={session.secret}"


def update(call: Call) -> Reply:
    """Metadata only."""
    metadata = call.form.metadata()
    call.form.done()
    session = call.target(CheckoutSession)
    session.metadata = {key: value for key, value in (session.metadata | metadata).items() if value}
    return call.answer(session)


def expire(call: Call) -> Reply:
    """``POST …/expire``: nobody can pay on it any more."""
    call.form.done()
    session = call.target(CheckoutSession)
    check(session, "expire")
    end(call, session)
    return Reply(render(session))


def end(call: Call, session: CheckoutSession) -> None:
    """Expired, by whoever asks or by the clock; what its customer began is cancelled."""
    advance(session, "expire")
    call.store.put(session)
    forget_expiry(call, session)
    if session.payment_intent is not None:
        release(call, call.need(PaymentIntent, session.payment_intent, "payment_intent"), "expired")
    call.emit("checkout.session.expired", session)


def expire_sessions(call: Call, until: float) -> int:
    """Let every session expire whose time is not after ``until`` (domain seconds); how many."""
    rows = call.store.connection.execute(
        "SELECT session FROM checkout_expiries WHERE expires_at <= ? ORDER BY expires_at", (until,)
    ).fetchall()
    for row in rows:
        end(call, call.need(CheckoutSession, row["session"]))
    return len(rows)


def next_session_expiry(call: Call) -> float | None:
    """Domain instant of the next one."""
    row = call.store.connection.execute("SELECT min(expires_at) AS first FROM checkout_expiries").fetchone()
    return None if row["first"] is None else float(row["first"])


def list_sessions(call: Call) -> Reply:
    """Pages, optionally of one customer, one PaymentIntent, one state."""
    form = call.form
    window, customer, intent = read_window(form), form.text("customer"), form.text("payment_intent")
    status = form.choice("status", _STATES)
    form.done()
    if status is None:
        return page_reply(call, CheckoutSession, window, customer=customer, parent=intent)
    every = call.store.every(CheckoutSession, customer=customer, parent=intent)[::-1]
    found = [render(session) for session in every if session.status == status]
    ids = [one["id"] for one in found]
    if window.after is not None:
        found = found[ids.index(window.after) + 1 :] if window.after in ids else []
    return Reply(list_object(found[: window.limit], "/v1/checkout/sessions", more=len(found) > window.limit))


def list_lines(call: Call) -> Reply:
    """``GET /v1/checkout/sessions/{id}/line_items``."""
    call.form.integer("limit", minimum=1, maximum=100)
    call.form.done()
    return Reply(checkout_lines(call.target(CheckoutSession)))
