"""The life of a PaymentIntent as a table (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

from typing import Literal

from sandbox.entities import PaymentIntent
from sandbox.errors import ApiError
from sandbox.render import render

Step = Literal[
    "update", "confirm", "require_action", "refuse", "authorize", "succeed", "capture", "cancel", "expire"
]

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")

#: step → the states it may be taken from, and where it leads (None: stays)
TABLE: dict[Step, tuple[tuple[str, ...], str | None]] = {
    "update": ((*_OPEN, "requires_capture"), None),
    "confirm": (_OPEN, None),
    "require_action": (_OPEN, "requires_action"),
    "refuse": (_OPEN, "requires_payment_method"),
    "authorize": (_OPEN, "requires_capture"),
    "succeed": (_OPEN, "succeeded"),
    "capture": (("requires_capture",), "succeeded"),
    "cancel": ((*_OPEN, "requires_capture", "processing"), "canceled"),
    "expire": (("requires_capture",), "canceled"),
}
_DONE = {"confirm": "confirmed", "capture": "captured", "cancel": "canceled", "update": "updated"}


def check(intent: PaymentIntent, step: Step) -> None:
    """Refuse a step the state does not allow.

    Raises:
        ApiError: ``payment_intent_unexpected_state`` with the intent as it is.
    """
    allowed, _ = TABLE[step]
    if intent.status in allowed:
        return
    done = _DONE.get(step, step)
    raise ApiError(
        f"This PaymentIntent could not be {done} because it has a status of {intent.status}. Only a PaymentIntent with one"
        f" of the following statuses may be {done}: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": render(intent)},
    )


def advance(intent: PaymentIntent, step: Step) -> None:
    """Take a step.

    Raises:
        ApiError: as :func:`check`.
    """
    check(intent, step)
    _, after = TABLE[step]
    intent.status = after or intent.status
    if intent.status != "requires_action":
        intent.action_url = None
