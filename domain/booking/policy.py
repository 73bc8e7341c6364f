"""What a client gets back when a booking is called off: pure, and shown before it is confirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.booking.session_type import CancellationPolicy
from domain.currencies import Movement
from domain.money import Money, round_to_movable


@dataclass(frozen=True, slots=True)
class Refund:
    """A share in per cent, and what that is of the price, minor units."""

    percent: int
    amount: int


def client_refund(policy: CancellationPolicy, paid: Money, start: datetime, now: datetime) -> Refund:
    """What a client gets back who cancels at ``now``, of what was ``paid``. The limits themselves count as in time."""
    left = start - now
    if left >= timedelta(hours=policy.full_refund_hours):
        return Refund(100, paid.amount)
    if left >= timedelta(hours=policy.partial_refund_hours):
        return Refund(policy.partial_refund_percent, _share(paid, policy.partial_refund_percent))
    return Refund(0, 0)


def whole_refund(price: int) -> Refund:
    """What a client gets back who is not the reason why it came to nothing."""
    return Refund(100, price)


def full_refund_until(policy: CancellationPolicy, start: datetime) -> datetime:
    """The last instant at which all of it goes back."""
    return start - timedelta(hours=policy.full_refund_hours)


def partial_refund_until(policy: CancellationPolicy, start: datetime) -> datetime:
    """The last instant at which anything goes back."""
    return start - timedelta(hours=min(policy.full_refund_hours, policy.partial_refund_hours))


def reschedule_until(policy: CancellationPolicy, start: datetime) -> datetime:
    """The last instant at which a client may choose another time."""
    return start - timedelta(hours=policy.reschedule_hours)


def _share(paid: Money, percent: int) -> int:
    return round_to_movable(paid.amount * percent, 100, paid.currency, Movement.REFUND)
