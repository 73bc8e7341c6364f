"""What talk costs. One formula, applied once to the total; a sum of ticks is never a price."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.currencies import Movement
from domain.money import Money, charge_minimum, round_to_movable


def price(rate_per_minute: Money, seconds: int, minimum: int = 0) -> int:
    """Minor units for ``seconds`` of talk: per minute, prorated by the second, rounded half up once to what can be charged.

    No talk costs nothing; any talk costs at least ``minimum``.
    """
    if seconds <= 0:
        return 0
    due = round_to_movable(rate_per_minute.amount * seconds, 60, rate_per_minute.currency, Movement.CHARGE)
    return max(due, minimum)


def block_amount(rate_per_minute: Money, seconds: int) -> int:
    """Minor units to hold for a block of talk; never below what the gateway accepts as a charge."""
    return max(price(rate_per_minute, seconds), charge_minimum(rate_per_minute.currency))


@dataclass(frozen=True, slots=True)
class Take:
    """What to do with one hold: capture ``amount`` minor units of it, or release it when that is 0."""

    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """How a final amount is taken out of the holds. ``written_off`` is what the platform bears."""

    takes: tuple[Take, ...]
    written_off: int

    @property
    def captured(self) -> int:
        """The sum of all captures, minor units."""
        return sum(take.amount for take in self.takes)


def plan_capture(total: int, holds: Sequence[tuple[int, int]], minimum: int) -> CapturePlan:
    """Share ``total`` over ``holds`` (number, amount): full, full, partial, the rest released.

    No part is below the gateway's ``minimum``: when the last part would be, the difference comes out of the hold before it
    (37.60 of 37.50 + 37.50 becomes 37.10 + 0.50). What cannot be taken (a total below the minimum, or more than
    is held) is written off.
    """
    takable = min(total, sum(amount for _, amount in holds))
    if takable < minimum:
        return CapturePlan(tuple(Take(number, 0) for number, _ in holds), written_off=total)
    parts: list[int] = []
    rest = takable
    for _, amount in holds:
        parts.append(min(rest, amount))
        rest -= parts[-1]
    short = _raise_last_part(parts, [amount for _, amount in holds], minimum)
    takes = tuple(Take(number, part) for (number, _), part in zip(holds, parts, strict=True))
    return CapturePlan(takes, written_off=total - takable + short)


def _raise_last_part(parts: list[int], amounts: list[int], minimum: int) -> int:
    """Lift the last non-empty part to ``minimum`` at the cost of the parts before it, or let it go if they cannot bear it.

    Returns what was let go.
    """
    last = max((i for i, part in enumerate(parts) if part), default=None)
    if last is None or parts[last] >= minimum:
        return 0
    missing = minimum - parts[last]
    if minimum > amounts[last] or missing > sum(max(part - minimum, 0) for part in parts[:last]):
        short, parts[last] = parts[last], 0
        return short
    for i in range(last - 1, -1, -1):
        moved = min(missing, max(parts[i] - minimum, 0))
        parts[i] -= moved
        parts[last] += moved
        missing -= moved
    return 0
