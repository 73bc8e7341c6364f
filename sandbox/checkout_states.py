"""The life of a Checkout Session as a table: open, then one of two ends.

https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-status
"""

from typing import Literal

from sandbox.call import Call
from sandbox.entities import CheckoutSession, Customer, PaymentIntent, PaymentMethod
from sandbox.errors import ApiError

Step = Literal["pay", "complete", "expire"]

#: step → the state it may be taken from, and where it leads (None: stays)
TABLE: dict[Step, tuple[str, str | None]] = {
    "pay": ("open", None),
    "complete": ("open", "complete"),
    "expire": ("open", "expired"),
}
_DONE = {"pay": "paid", "complete": "completed", "expire": "expired"}


def check(session: CheckoutSession, step: Step) -> None:
    """Refuse a step the state does not allow.

    Raises:
        ApiError: with the state as it is.
    """
    allowed, _ = TABLE[step]
    if session.status != allowed:
        raise ApiError(
            f'Only Checkout Sessions with a status in ["{allowed}"] can be {_DONE[step]}. This Checkout Session has a status'
            f" of {session.status}.",
        )


def advance(session: CheckoutSession, step: Step) -> None:
    """Take a step.

    Raises:
        ApiError: as :func:`check`.
    """
    check(session, step)
    _, after = TABLE[step]
    session.status = after or session.status


def paid(call: Call, intent: PaymentIntent) -> None:
    """A card said yes to an intent: the session it belongs to, if any, is complete."""
    if intent.checkout_session is None:
        return
    session = call.need(CheckoutSession, intent.checkout_session, "checkout_session")
    advance(session, "complete")
    session.payment_status = "paid" if intent.status == "succeeded" else "unpaid"
    session.customer_email = session.customer_email or _email(call, intent)
    call.store.put(session)
    forget_expiry(call, session)
    call.emit("checkout.session.completed", session)


def _email(call: Call, intent: PaymentIntent) -> str | None:
    method = call.store.get(PaymentMethod, intent.payment_method or "")
    customer = call.store.get(Customer, intent.customer or "")
    return (customer.email if customer else None) or (method.email if method else None)


def forget_expiry(call: Call, session: CheckoutSession) -> None:
    """It has ended: nothing is left to expire."""
    call.store.connection.execute("DELETE FROM checkout_expiries WHERE session=?", (session.id,))


def require_own(intent: PaymentIntent, step: str) -> None:
    """Refuse to confirm or cancel over the API what belongs to a hosted page.

    Raises:
        ApiError: it was made by a Checkout Session, and holds no money that could be released.
    """
    if intent.checkout_session is None or (step == "cancel" and intent.status == "requires_capture"):
        return
    done = {"cancel": "cancel", "confirm": "confirm", "update": "update"}[step]
    raise ApiError(
        f"You cannot {done} this PaymentIntent because it was created by Checkout; expire the Checkout Session instead.",
        code="payment_intent_unexpected_state",
    )
