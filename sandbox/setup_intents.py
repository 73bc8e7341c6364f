"""SetupIntents (https://docs.stripe.com/api/setup_intents): save a card for later, authenticated once."""

import secrets

from sandbox.call import Call, Reply
from sandbox.cards import CARDS, DECLINES
from sandbox.entities import Customer, PaymentMethod, SetupIntent, new_id
from sandbox.errors import ApiError
from sandbox.payment_methods import resolve
from sandbox.render import render


def create(call: Call) -> Reply:
    """Create, and with ``confirm=true`` set the card up at once."""
    form = call.form
    intent = SetupIntent(id=new_id("seti"), created=call.now)
    intent.client_secret = f"{intent.id}_secret_{secrets.token_urlsafe(18)}"
    customer, method, confirm = form.text("customer"), form.text("payment_method"), form.boolean("confirm")
    intent.usage = form.choice("usage", {"on_session", "off_session"}) or "off_session"
    intent.return_url, intent.description = form.text("return_url"), form.text("description")
    intent.metadata = form.metadata()
    form.texts("allowed_payment_method_types")
    with form.within("automatic_payment_methods") as automatic:
        automatic.boolean("enabled")
        automatic.choice("allow_redirects", {"always", "never"})
    form.done()
    if customer is not None:
        intent.customer = call.need(Customer, customer, "customer").id
    if method is not None:
        _use(call, intent, method)
    reply = call.answer(intent)
    call.emit("setup_intent.created", intent)
    return _confirm(call, intent) if confirm else reply


def confirm(call: Call) -> Reply:
    """``POST …/confirm``."""
    method, return_url = call.form.text("payment_method"), call.form.text("return_url")
    call.form.done()
    intent = call.target(SetupIntent)
    _check(intent, "confirmed")
    intent.return_url = return_url or intent.return_url
    if method is not None:
        _use(call, intent, method)
    return _confirm(call, intent)


def cancel(call: Call) -> Reply:
    """Give it up."""
    reason = call.form.choice("cancellation_reason", {"abandoned", "duplicate", "requested_by_customer"})
    call.form.done()
    intent = call.target(SetupIntent)
    _check(intent, "canceled")
    intent.status, intent.cancellation_reason, intent.action_url = "canceled", reason, None
    reply = call.answer(intent)
    call.emit("setup_intent.canceled", intent)
    return reply


def _check(intent: SetupIntent, step: str) -> None:
    if intent.status in ("succeeded", "canceled"):
        raise ApiError(
            f"This SetupIntent could not be {step} because it has a status of {intent.status}.",
            code="setup_intent_unexpected_state",
            extra={"setup_intent": render(intent)},
        )


def _use(call: Call, intent: SetupIntent, identifier: str) -> None:
    method = resolve(call, identifier, "payment_method")
    if method.customer is not None and method.customer != intent.customer:
        raise ApiError("The payment method belongs to another customer.", param="payment_method")
    intent.payment_method, intent.status = method.id, "requires_confirmation"


def _confirm(call: Call, intent: SetupIntent) -> Reply:
    if intent.payment_method is None:
        raise ApiError(
            "You cannot confirm this SetupIntent because it's missing a payment method.",
            code="setup_intent_unexpected_state",
        )
    method = call.need(PaymentMethod, intent.payment_method, "payment_method")
    if CARDS[method.card].authentication in ("always", "unless_set_up"):
        intent.status = "requires_action"
        intent.action_url = f"{call.origin}/_sandbox/3ds/{intent.id}"
        reply = call.answer(intent)
        call.emit("setup_intent.requires_action", intent)
        return reply
    return _finish(call, intent, method)


def _finish(call: Call, intent: SetupIntent, method: PaymentMethod) -> Reply:
    card = CARDS[method.card]
    intent.action_url = None
    if card.refuses_attach and card.decline is not None:
        code, message = DECLINES[card.decline]
        intent.status, intent.payment_method = "requires_payment_method", None
        intent.error_code, intent.error_decline_code, intent.error_message = code, card.decline, message
        call.store.put(intent)
        call.emit("setup_intent.setup_failed", intent)
        extra: dict[str, object] = {"decline_code": card.decline, "setup_intent": render(intent)}
        error = ApiError(message, status=402, kind="card_error", code=code, extra=extra)
        return Reply(error.envelope(), status=402)
    intent.status, method.set_up = "succeeded", True
    if intent.customer is not None and method.customer is None:
        method.customer = intent.customer
        call.emit("payment_method.attached", method)
    call.store.put(method)
    reply = call.answer(intent)
    call.emit("setup_intent.succeeded", intent)
    return reply


def finish_challenge(call: Call, intent: SetupIntent, *, passed: bool) -> Reply:
    """The customer answered 3-D Secure."""
    method = call.need(PaymentMethod, intent.payment_method or "", "payment_method")
    if passed:
        return _finish(call, intent, method)
    intent.status, intent.payment_method, intent.action_url = "requires_payment_method", None, None
    intent.error_code = "setup_intent_authentication_failure"
    intent.error_message = "The provided PaymentMethod has failed authentication."
    reply = call.answer(intent)
    call.emit("setup_intent.setup_failed", intent)
    return reply
