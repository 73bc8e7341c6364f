"""What happens when an intent is confirmed: 3-D Secure, a refusal, a hold or a payment."""

from sandbox.call import Call, Reply
from sandbox.cards import CARDS, DECLINES, Card
from sandbox.checkout_states import paid
from sandbox.entities import Charge, Customer, PaymentIntent, PaymentMethod, new_id
from sandbox.errors import ApiError
from sandbox.intent_states import advance
from sandbox.money import PLATFORM, move, stripe_fee
from sandbox.render import render

#: How long a hold lives, domain seconds (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method):
#: Visa gives a merchant-initiated (off-session) payment 4 days and 18 hours, everyone else 7 days.
_VISA_OFF_SESSION = 4 * 86400 + 18 * 3600
_SEVEN_DAYS = 7 * 86400


def confirm(call: Call, intent: PaymentIntent, *, error_on_action: bool = False) -> Reply:
    """Try to pay. 402 with the intent inside when refused; that refusal is kept."""
    if intent.payment_method is None:
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": render(intent)},
        )
    if intent.redirects and intent.return_url is None and not intent.off_session:
        raise ApiError(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these"
            " payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't"
            " want to accept redirect-based payment methods, set `automatic_payment_methods[allow_redirects]` to `never`.",
        )
    method = call.need(PaymentMethod, intent.payment_method, "payment_method")
    card = CARDS[method.card]
    if not _must_authenticate(card, method, intent):
        return settle(call, intent, method, authenticated=False)
    if intent.off_session or error_on_action:
        return _refuse(call, intent, method, "authentication_required")
    intent.action_url = f"{call.origin}/_sandbox/3ds/{intent.id}"
    advance(intent, "require_action")
    reply = call.answer(intent)
    call.emit("payment_intent.requires_action", intent)
    return reply


def _must_authenticate(card: Card, method: PaymentMethod, intent: PaymentIntent) -> bool:
    return {
        "never": False,
        "always": True,
        "unless_set_up": not method.set_up,
        "on_session_only": not intent.off_session,
    }[card.authentication]


def settle(call: Call, intent: PaymentIntent, method: PaymentMethod, *, authenticated: bool) -> Reply:
    """Authentication is behind us: ask the card."""
    forced = call.faults.decline(intent.customer)
    decline = forced or CARDS[method.card].decline
    if decline is not None:
        return _refuse(call, intent, method, decline)
    charge = _new_charge(call, intent, method)
    charge.authenticated = authenticated
    intent.latest_charge = charge.id
    intent.error_code = intent.error_decline_code = intent.error_message = None
    _keep_method(call, intent, method)
    if intent.capture_method == "manual":
        _hold(call, intent, charge)
    else:
        take(call, intent, charge, intent.amount)
    paid(call, intent)
    return Reply(render(intent))


def _new_charge(call: Call, intent: PaymentIntent, method: PaymentMethod) -> Charge:
    return Charge(
        id=new_id("ch"),
        created=call.now,
        payment_intent=intent.id,
        customer=intent.customer,
        payment_method=method.id,
        card=method.card,
        address=dict(method.address),
        amount=intent.amount,
        currency=intent.currency,
        description=intent.description,
        receipt_email=intent.receipt_email,
        transfer_group=intent.transfer_group,
        metadata=dict(intent.metadata),
    )


def _keep_method(call: Call, intent: PaymentIntent, method: PaymentMethod) -> None:
    """``setup_future_usage`` attaches the method; without it an unattached one is used up."""
    if method.customer is not None:
        return
    if intent.setup_future_usage is not None and intent.customer is not None:
        call.need(Customer, intent.customer, "customer")
        method.customer = intent.customer
        method.set_up = True
        call.emit("payment_method.attached", method)
    else:
        method.spent = True
    call.store.put(method)


def _hold(call: Call, intent: PaymentIntent, charge: Charge) -> None:
    visa_off_session = CARDS[charge.card].brand == "visa" and intent.off_session
    lifetime = call.config.hold_seconds or (_VISA_OFF_SESSION if visa_off_session else _SEVEN_DAYS)
    charge.capture_before = int(call.config.clock.domain()) + lifetime
    call.store.put(charge)
    call.store.connection.execute(
        "INSERT INTO holds (payment_intent, capture_before) VALUES (?, ?)", (intent.id, charge.capture_before)
    )
    intent.amount_capturable = intent.amount
    advance(intent, "authorize")
    call.store.put(intent)
    call.emit("charge.succeeded", charge)
    call.emit("payment_intent.amount_capturable_updated", intent)


def take(call: Call, intent: PaymentIntent, charge: Charge, amount: int) -> None:
    """Money moves: ``amount`` of the charge is captured, the fee leaves at once."""
    was_held = intent.status == "requires_capture"
    movement = move(
        call, "charge", charge.id, amount, charge.currency, account=PLATFORM, fee=stripe_fee(amount)
    )
    charge.captured, charge.amount_captured, charge.balance_transaction = True, amount, movement.id
    call.store.put(charge)
    call.store.connection.execute("DELETE FROM holds WHERE payment_intent=?", (intent.id,))
    intent.amount_capturable, intent.amount_received = 0, amount
    advance(intent, "capture" if was_held else "succeed")
    call.store.put(intent)
    call.emit("charge.captured" if was_held else "charge.succeeded", charge)
    call.emit("payment_intent.succeeded", intent)


def _refuse(call: Call, intent: PaymentIntent, method: PaymentMethod, decline: str) -> Reply:
    """The card says no: a failed charge, the intent asks for another method, the answer is 402."""
    code, message = DECLINES[decline]
    charge = _new_charge(call, intent, method)
    charge.status, charge.failure_code, charge.failure_message = "failed", code, message
    charge.decline_code = decline
    call.store.put(charge)
    advance(intent, "refuse")
    intent.latest_charge, intent.payment_method = charge.id, None
    intent.error_code, intent.error_decline_code, intent.error_message = code, decline, message
    call.store.put(intent)
    call.emit("charge.failed", charge)
    call.emit("payment_intent.payment_failed", intent)
    error = ApiError(message, status=402, kind="card_error", code=code, extra={"decline_code": decline})
    error.extra["charge"] = charge.id
    error.extra["payment_intent"] = render(intent)
    error.extra["payment_method"] = render(method)
    return Reply(error.envelope(), status=402)


def finish_challenge(call: Call, intent: PaymentIntent, *, passed: bool) -> Reply:
    """The customer answered 3-D Secure."""
    method = call.need(PaymentMethod, intent.payment_method or "", "payment_method")
    if passed:
        return settle(call, intent, method, authenticated=True)
    intent.payment_method = None
    intent.error_code = "payment_intent_authentication_failure"
    intent.error_message = "The provided PaymentMethod has failed authentication."
    advance(intent, "refuse")
    reply = call.answer(intent)
    call.emit("payment_intent.payment_failed", intent)
    return reply
