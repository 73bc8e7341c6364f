"""PaymentIntents: create, update, confirm (https://docs.stripe.com/api/payment_intents)."""

import secrets

from sandbox import authorization
from sandbox.call import Call, Reply
from sandbox.checkout_states import require_own
from sandbox.currencies import check_amount, read_currency
from sandbox.entities import Customer, PaymentIntent, new_id
from sandbox.errors import ApiError, InvalidParameter
from sandbox.forms import Form
from sandbox.intent_states import check
from sandbox.payment_methods import resolve
from sandbox.render import render

_CAPTURE_METHODS = {"automatic", "automatic_async", "manual"}


def create(call: Call) -> Reply:
    """Create, and with ``confirm=true`` try to pay at once."""
    intent = PaymentIntent(id=new_id("pi"), created=call.now)
    intent.client_secret = f"{intent.id}_secret_{secrets.token_urlsafe(18)}"
    form = call.form
    intent.amount = form.required_integer("amount")
    intent.currency = read_currency(form)
    intent.capture_method = form.choice("capture_method", _CAPTURE_METHODS) or "automatic"
    form.choice("confirmation_method", {"automatic"})
    confirm = form.boolean("confirm")
    if not confirm:
        for name in ("off_session", "return_url", "error_on_requires_action"):
            if name in form:
                raise InvalidParameter(f"{name} can only be set when confirm=true.", param=name)
    _read_methods(form, intent)
    _read_descriptions(form, intent)
    method, customer, options = (
        form.text("payment_method"),
        form.text("customer"),
        _read_confirm(form, intent),
    )
    form.done()
    check_amount(intent.amount, intent.currency, "amount")
    if customer is not None:
        intent.customer = _living_customer(call, customer)
    if method is not None:
        use_method(call, intent, method)
    reply = call.answer(intent)
    call.emit("payment_intent.created", intent)
    return authorization.confirm(call, intent, error_on_action=options) if confirm else reply


def _living_customer(call: Call, identifier: str) -> str:
    customer = call.need(Customer, identifier, "customer")
    if customer.deleted:
        raise ApiError(f"No such customer: '{identifier}'", code="resource_missing", param="customer")
    return customer.id


def _read_methods(form: Form, intent: PaymentIntent) -> None:
    types = form.texts("allowed_payment_method_types") + form.texts("payment_method_types")
    if any(kind != "card" for kind in types):
        raise InvalidParameter("Only cards are supported here.", param="payment_method_types")
    with form.within("automatic_payment_methods") as automatic:
        automatic.boolean("enabled")
        redirects = automatic.choice("allow_redirects", {"always", "never"}) or "always"
    intent.redirects = redirects == "always" and not types


def _read_descriptions(form: Form, intent: PaymentIntent) -> None:
    intent.description = form.text("description", max_length=1000) or intent.description
    intent.receipt_email = form.text("receipt_email") or intent.receipt_email
    intent.transfer_group = form.text("transfer_group") or intent.transfer_group
    suffix = form.text("statement_descriptor_suffix", max_length=22)
    intent.statement_descriptor_suffix = suffix or intent.statement_descriptor_suffix
    usage = form.choice("setup_future_usage", {"on_session", "off_session"})
    intent.setup_future_usage = usage or intent.setup_future_usage
    merged = intent.metadata | form.metadata()
    intent.metadata = {key: value for key, value in merged.items() if value}


def _read_confirm(form: Form, intent: PaymentIntent) -> bool:
    """The parameters of confirming; whether a demand for 3-D Secure is to be an error."""
    off_session = form.text("off_session")
    if off_session not in (None, "true", "false", "recurring", "one_off"):
        raise InvalidParameter("Invalid boolean: off_session", param="off_session")
    intent.off_session = off_session not in (None, "false")
    intent.return_url = form.text("return_url") or intent.return_url
    return form.boolean("error_on_requires_action")


def use_method(call: Call, intent: PaymentIntent, identifier: str) -> None:
    """Put a payment method on the intent.

    Raises:
        ApiError: it belongs to another customer, or was used up.
    """
    method = resolve(call, identifier, "payment_method")
    if method.customer is not None and method.customer != intent.customer:
        raise ApiError(
            "The provided PaymentMethod cannot be used: it belongs to a Customer and you must include that Customer.",
            param="payment_method",
        )
    intent.payment_method = method.id
    if intent.status == "requires_payment_method":
        intent.status = "requires_confirmation"


def update(call: Call) -> Reply:
    """Change an intent that has not ended; the amount only before it is authorized."""
    intent = call.target(PaymentIntent)
    form = call.form
    amount, method, customer = form.integer("amount"), form.text("payment_method"), form.text("customer")
    _read_descriptions(form, intent)
    form.done()
    check(intent, "update")
    if amount or method or customer:
        require_own(intent, "update")
    if intent.status == "requires_capture" and (amount or method or customer):
        raise ApiError(
            "Only metadata and descriptions may change while a PaymentIntent requires capture.",
            code="payment_intent_unexpected_state",
        )
    if amount is not None:
        check_amount(amount, intent.currency, "amount")
        intent.amount = amount
    if customer is not None:
        intent.customer = _living_customer(call, customer)
    if method is not None:
        use_method(call, intent, method)
    return call.answer(intent)


def confirm(call: Call) -> Reply:
    """``POST …/confirm``: pay with the payment method on it, or the one given."""
    intent = call.target(PaymentIntent)
    form = call.form
    method = form.text("payment_method")
    error_on_action = _read_confirm(form, intent)
    usage = form.choice("setup_future_usage", {"on_session", "off_session"})
    intent.setup_future_usage = usage or intent.setup_future_usage
    form.done()
    check(intent, "confirm")
    require_own(intent, "confirm")
    if method is not None:
        use_method(call, intent, method)
    return authorization.confirm(call, intent, error_on_action=error_on_action)


def retrieve(call: Call) -> Reply:
    """The intent as it is; lapsed holds have lapsed before any request is served."""
    call.form.text("client_secret")
    call.form.done()
    return Reply(render(call.target(PaymentIntent)))
