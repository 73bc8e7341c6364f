"""Refunds (https://docs.stripe.com/api/refunds): never more than was captured. The processing fee is not returned."""

from sandbox.call import Call, Reply, page_reply, read_window
from sandbox.currencies import check_step
from sandbox.entities import Charge, PaymentIntent, Refund, new_id
from sandbox.errors import ApiError, InvalidParameter
from sandbox.money import move
from sandbox.refund_ends import begin

_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def create(call: Call) -> Reply:
    """Give back all that is left of a charge, or ``amount`` of it. The platform's balance may become negative."""
    form = call.form
    charge_id, intent_id = form.text("charge"), form.text("payment_intent")
    amount, reason = form.integer("amount", minimum=1), form.choice("reason", _REASONS)
    metadata = form.metadata()
    form.done()
    charge = _charge(call, charge_id, intent_id)
    left = _refundable(charge)
    amount = left if amount is None else amount
    if amount > left:
        raise ApiError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount"
        )
    check_step(amount, charge.currency, "amount")
    refund = Refund(
        id=new_id("re"),
        created=call.now,
        charge=charge.id,
        payment_intent=charge.payment_intent,
        amount=amount,
        currency=charge.currency,
        reason=reason,
        metadata=metadata,
    )
    begin(call, refund, charge)
    refund.balance_transaction = move(call, "refund", refund.id, -amount, charge.currency).id
    charge.amount_refunded += amount
    call.store.put(charge)
    reply = call.answer(refund)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return reply


def _charge(call: Call, charge_id: str | None, intent_id: str | None) -> Charge:
    if charge_id is not None:
        return call.need(Charge, charge_id, "charge")
    if intent_id is None:
        raise InvalidParameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            code="parameter_missing",
        )
    intent = call.need(PaymentIntent, intent_id, "payment_intent")
    if intent.status != "succeeded":
        raise ApiError(
            f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    return call.need(Charge, intent.latest_charge or "", "payment_intent")


def _refundable(charge: Charge) -> int:
    if not charge.captured:
        raise ApiError(f"Charge {charge.id} has not been captured.", code="charge_not_refundable")
    left = charge.amount_captured - charge.amount_refunded
    if left == 0:
        raise ApiError(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    return left


def update(call: Call) -> Reply:
    """Metadata only."""
    metadata = call.form.metadata()
    call.form.done()
    refund = call.target(Refund)
    refund.metadata = {key: value for key, value in (refund.metadata | metadata).items() if value}
    reply = call.answer(refund)
    call.emit("refund.updated", refund)
    return reply


def list_refunds(call: Call) -> Reply:
    """Pages, optionally of one charge or intent."""
    window = read_window(call.form)
    charge, intent_id = call.form.text("charge"), call.form.text("payment_intent")
    call.form.done()
    if intent_id is not None:
        intent = call.need(PaymentIntent, intent_id, "payment_intent")
        charge = intent.latest_charge or "none"
    return page_reply(call, Refund, window, parent=charge)
