"""How a hold ends, once: captured, cancelled or lapsed."""

from sandbox.authorization import take
from sandbox.call import Call, Reply
from sandbox.checkout_states import require_own
from sandbox.currencies import check_amount
from sandbox.entities import Charge, PaymentIntent
from sandbox.errors import ApiError, InvalidParameter
from sandbox.intent_states import advance, check
from sandbox.render import render

_REASONS = {"duplicate", "fraudulent", "requested_by_customer", "abandoned"}


def capture(call: Call) -> Reply:
    """Take all or part of a hold; the rest is released."""
    form = call.form
    amount = form.integer("amount_to_capture", minimum=1)
    metadata = form.metadata()
    suffix = form.text("statement_descriptor_suffix", max_length=22)
    if form.text("final_capture") not in (None, "true"):
        raise InvalidParameter("Multicapture is not available for this payment.", param="final_capture")
    form.done()
    intent = call.target(PaymentIntent)
    check(intent, "capture")
    amount = intent.amount_capturable if amount is None else amount
    if amount > intent.amount_capturable:
        raise ApiError(
            f"The amount_to_capture {amount} is greater than the amount_capturable {intent.amount_capturable}.",
            code="amount_too_large",
            param="amount_to_capture",
            extra={"payment_intent": render(intent)},
        )
    check_amount(amount, intent.currency, "amount_to_capture")
    merged = intent.metadata | metadata
    intent.metadata = {key: value for key, value in merged.items() if value}
    intent.statement_descriptor_suffix = suffix or intent.statement_descriptor_suffix
    take(call, intent, _charge_of(call, intent), amount)
    return Reply(render(intent))


def cancel(call: Call) -> Reply:
    """Release a hold, or give up an intent that never got one."""
    reason = call.form.choice("cancellation_reason", _REASONS)
    call.form.done()
    intent = call.target(PaymentIntent)
    check(intent, "cancel")
    require_own(intent, "cancel")
    _release(call, intent, reason, expired=False)
    return Reply(render(intent))


def expire(call: Call, intent: PaymentIntent) -> None:
    """The hold lapses by itself: ``canceled``, reason ``automatic``."""
    _release(call, intent, "automatic", expired=True)


def release(call: Call, intent: PaymentIntent, reason: str) -> None:
    """Cancelled by the gateway itself, for ``reason``."""
    _release(call, intent, reason, expired=False)


def _release(call: Call, intent: PaymentIntent, reason: str | None, *, expired: bool) -> None:
    held = intent.status == "requires_capture"
    advance(intent, "expire" if expired else "cancel")
    intent.amount_capturable = 0
    intent.canceled_at, intent.cancellation_reason = call.now, reason
    call.store.put(intent)
    call.store.connection.execute("DELETE FROM holds WHERE payment_intent=?", (intent.id,))
    if held and expired:
        call.emit("charge.expired", _charge_of(call, intent))
    call.emit("payment_intent.canceled", intent)


def _charge_of(call: Call, intent: PaymentIntent) -> Charge:
    return call.need(Charge, intent.latest_charge or "", "latest_charge")


def expire_due(call: Call, until: float) -> int:
    """Let every hold lapse whose ``capture_before`` is not after ``until`` (domain seconds); how many."""
    rows = call.store.connection.execute(
        "SELECT payment_intent FROM holds WHERE capture_before <= ? ORDER BY capture_before", (until,)
    ).fetchall()
    for row in rows:
        expire(call, call.need(PaymentIntent, row["payment_intent"]))
    return len(rows)


def next_expiry(call: Call) -> float | None:
    """Domain instant of the next lapse."""
    row = call.store.connection.execute("SELECT min(capture_before) AS first FROM holds").fetchone()
    return None if row["first"] is None else float(row["first"])
