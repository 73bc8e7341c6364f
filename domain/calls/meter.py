"""When the meter of a call needs attention next: pure answers, and the timers that stand for them."""

from datetime import datetime, timedelta

from domain.calls import billable
from domain.calls.session import LiveSession, Proofs
from domain.calls.terms import CallTerms
from domain.clock import Clock, real_seconds
from domain.ports import Tx
from domain.timers import TimerKind


def next_tick_at(call: LiveSession, now: datetime, proofs: Proofs) -> datetime | None:
    """When the next billable minute will be full; None while the meter stands still."""
    return _reached_at(call, (call.ticked_minute + 1) * 60, now, proofs)


def limit_at(call: LiveSession, now: datetime, proofs: Proofs, hold_margin: timedelta) -> datetime | None:
    """When the call must stop: the authorized seconds are used up, or a hold is about to lapse."""
    reached = _reached_at(call, call.authorized_seconds, now, proofs)
    if reached is None:
        return None
    lapses = [h.expires_at - hold_margin for h in call.holds if h.expires_at is not None and h.captured == 0]
    return min([reached, *lapses])


def authorize_at(call: LiveSession, now: datetime, proofs: Proofs, below: int) -> datetime | None:
    """When the next block should be asked for: so many seconds ahead of need, and only one at a time."""
    if call.low_balance or call.block_asked_for:
        return None
    return _reached_at(call, max(call.authorized_seconds - below, 0), now, proofs)


def _reached_at(call: LiveSession, seconds: int, now: datetime, proofs: Proofs) -> datetime | None:
    if not call.counting():
        return None
    if seconds <= 0:
        return now
    caller, callee = call.closed_intervals(now, proofs)
    passed = billable.instant_at(caller, callee, seconds)
    if passed is not None:
        return passed
    return now + timedelta(milliseconds=seconds * 1000 - billable.overlap_ms(caller, callee))


def arm_meter(tx: Tx, call: LiveSession, clock: Clock, proofs: Proofs, terms: CallTerms) -> None:
    """Set tick, next authorization and hard stop to where they belong now; remove them while the meter stands still."""
    now = clock.now()
    tick = next_tick_at(call, now, proofs)
    limit = limit_at(call, now, proofs, real_seconds(clock, terms.hold_margin))
    block = authorize_at(call, now, proofs, terms.reauthorize_below)
    for kind, due in ((TimerKind.TICK, tick), (TimerKind.AUTHORIZE, block), (TimerKind.LIMIT, limit)):
        if due is None:
            tx.disarm(kind, call.id)
        else:
            tx.arm(kind, call.id, due)
