"""When the meter of a call needs attention next: pure answers, and the timers that stand for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calls import billable
from domain.calls.pricing import price
from domain.calls.session import LiveSession, Proofs
from domain.calls.terms import CallTerms
from domain.clock import Clock, real_seconds
from domain.events import LiveSessionTick
from domain.ids import SessionId
from domain.money import Money
from domain.ports import Tx
from domain.timers import TimerKind


@dataclass(frozen=True, slots=True)
class RunningMeter:
    """A meter that runs, as a line: all that a tick has to know of its call, kept with the timer of the tick.

    Written whenever the timer is set, in the transaction that moved the call, so that the two never disagree. It holds as long
    as both sides are proven; who reads it asks for fresh proofs first.
    """

    #: the minute that is full next; those before it were ticked
    minute: int
    #: when it is full
    due: datetime
    rate: Money
    minimum_charge: int
    authorized_seconds: int
    #: minor units
    authorized_amount: int
    #: who holds the sockets
    processes: tuple[str, ...]

    def seconds(self, now: datetime) -> int:
        """Seconds to pay for at ``now``, after the meter began to run: whole, and never more than are authorized."""
        passed = self.minute * billable.MINUTE + (now - self.due) // billable.MILLISECOND
        return min(passed // 1000, self.authorized_seconds)

    def tick(self, session_id: SessionId, minute: int, now: datetime) -> LiveSessionTick:
        """What both sides are told of a full minute."""
        seconds = self.seconds(now)
        amount = min(price(self.rate, seconds, self.minimum_charge), self.authorized_amount)
        return LiveSessionTick(
            session_id, minute, seconds, self.rate.with_amount(amount), self.authorized_seconds
        )


def running_meter(call: LiveSession) -> RunningMeter | None:
    """The meter of a call; None while it stands still."""
    if not call.counting():
        return None
    line = billable.running(call.caller.intervals, call.callee.intervals)
    if line is None:
        return None
    before, since = line
    minute = call.ticked_minute + 1
    return RunningMeter(
        minute=minute,
        due=since + timedelta(milliseconds=minute * billable.MINUTE - before),
        rate=call.rate,
        minimum_charge=call.minimum_charge,
        authorized_seconds=call.authorized_seconds,
        authorized_amount=call.authorized_amount,
        processes=tuple(sorted(call.processes())),
    )


def next_tick_at(call: LiveSession, now: datetime, proofs: Proofs) -> datetime | None:
    """When the next billable minute will be full, by what is proven now; None while the meter stands still."""
    return _reached_at(call, (call.ticked_minute + 1) * 60, now, proofs)


def limit_at(call: LiveSession, now: datetime, proofs: Proofs, hold_margin: timedelta) -> datetime | None:
    """When the call must stop: the authorized seconds are used up, or a hold is about to lapse."""
    reached = _reached_at(call, call.authorized_seconds, now, proofs)
    if reached is None:
        return None
    lapses = [h.expires_at - hold_margin for h in call.holds if h.expires_at is not None and h.captured == 0]
    return min([reached, *lapses])


def authorize_at(call: LiveSession, now: datetime, proofs: Proofs, below: int) -> datetime | None:
    """When the next block should be asked for: so many seconds ahead of need, and only one at a time.

    Never in overtime, of which there is only what both agreed to.
    """
    if call.overtime or call.low_balance or call.block_asked_for:
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
    meter = running_meter(call)
    if meter is None:
        tx.disarm(TimerKind.TICK, call.id)
    else:
        arm_tick(tx, call, meter, now, now)
    limit = limit_at(call, now, proofs, real_seconds(clock, terms.hold_margin))
    block = authorize_at(call, now, proofs, terms.reauthorize_below)
    for kind, due in ((TimerKind.AUTHORIZE, block), (TimerKind.LIMIT, limit)):
        if due is None:
            tx.disarm(kind, call.id)
        else:
            tx.arm(kind, call.id, due)


def arm_tick(tx: Tx, call: LiveSession, meter: RunningMeter, now: datetime, otherwise: datetime) -> None:
    """Set the timer of the next tick. A minute that should be full already goes alone, at the instant ``otherwise``."""
    if meter.due > now:
        tx.arm_together(TimerKind.TICK, call.id, meter.due, meter)
    else:
        tx.arm(TimerKind.TICK, call.id, otherwise, facts=meter)
