"""Refunds that are not over when they are made: a minute later, on the domain clock, they succeed or fail after all.

Stripe's own test cards do it (https://docs.stripe.com/testing#refunds): ``pm_card_pendingRefund`` begins ``pending`` and
succeeds, ``pm_card_refundFail`` begins ``succeeded`` and fails, and the money is back in the platform's balance.
"""

from sandbox.call import Call
from sandbox.entities import Charge, Refund
from sandbox.money import move

#: Domain seconds.
LATER = 60
#: card → the state in which a refund begins, and that in which it ends
ENDS = {"pendingRefund": ("pending", "succeeded"), "refundFail": ("succeeded", "failed")}


def begin(call: Call, refund: Refund, charge: Charge) -> None:
    """Set the state in which a refund of this charge begins; what is to come is written down."""
    if charge.card not in ENDS:
        return
    refund.status, refund.ends_as = ENDS[charge.card]
    call.store.connection.execute(
        "INSERT INTO refund_ends (refund, due) VALUES (?, ?)",
        (refund.id, int(call.config.clock.domain()) + LATER),
    )


def end_refunds(call: Call, until: float) -> int:
    """End every refund whose time is not after ``until`` (domain seconds); how many."""
    rows = call.store.connection.execute(
        "SELECT refund FROM refund_ends WHERE due <= ? ORDER BY due", (until,)
    ).fetchall()
    for row in rows:
        call.store.connection.execute("DELETE FROM refund_ends WHERE refund=?", (row["refund"],))
        _end(call, call.need(Refund, row["refund"]))
    return len(rows)


def _end(call: Call, refund: Refund) -> None:
    refund.status, refund.ends_as = refund.ends_as or refund.status, None
    if refund.status == "failed":
        charge = call.need(Charge, refund.charge)
        charge.amount_refunded -= refund.amount
        call.store.put(charge)
        back = move(call, "refund_failure", refund.id, refund.amount, refund.currency)
        refund.failure_balance_transaction, refund.failure_reason = back.id, "expired_or_canceled_card"
    call.store.put(refund)
    call.emit("refund.updated", refund)
    if refund.status == "failed":
        call.emit("refund.failed", refund)


def next_refund_end(call: Call) -> float | None:
    """Domain instant of the next one."""
    row = call.store.connection.execute("SELECT min(due) AS first FROM refund_ends").fetchone()
    return None if row["first"] is None else float(row["first"])
