"""Money in integer minor units, and the one place that rounds.

Every division of money in Rapport goes through :func:`round_half_up` (or :func:`round_ratio_half_up`, which it is made of),
:func:`round_to_movable` or :func:`split_cumulatively`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from domain.currencies import CHARGE_MINIMUM, Movement, step_of


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one calculation."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency, upper case."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CHARGE_MINIMUM:
            raise ValueError(f"unknown currency {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def with_amount(self, amount: int) -> "Money":
        """The same currency, another amount (minor units)."""
        return Money(amount, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount


def charge_minimum(currency: str) -> int:
    """The smallest amount the gateway charges in ``currency``, in minor units."""
    return CHARGE_MINIMUM[currency]


def round_half_up(value: Fraction) -> int:
    """``value`` to the nearest integer, halves away from zero.

    The only rounding of money: exact for any size, because fractions never lose a digit.
    """
    return round_ratio_half_up(value.numerator, value.denominator)


def round_ratio_half_up(numerator: int, denominator: int) -> int:
    """:func:`round_half_up` of ``numerator / denominator`` (which is positive), without making a fraction of it first."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def round_to_movable(numerator: int, denominator: int, currency: str, movement: Movement) -> int:
    """``numerator / denominator`` minor units to the nearest amount that can be moved so, halves away from zero."""
    step = step_of(currency, movement)
    return round_ratio_half_up(numerator, denominator * step) * step


def split_cumulatively(total: int, parts: Sequence[int]) -> list[int]:
    """Share ``total`` over ``parts`` in proportion, so that the shares always add up to ``total``.

    Each share is the difference of two rounded running totals; rounding every share alone would lose or
    invent a cent. ``parts`` are non-negative weights; with no weight at all every share is 0 and ``total``
    must be 0.

    Raises:
        ValueError: a negative weight, or money to share and nobody to take it.
    """
    if any(part < 0 for part in parts):
        raise ValueError("weights must not be negative")
    whole = sum(parts)
    if whole == 0:
        if total:
            raise ValueError("nothing to share the amount over")
        return [0] * len(parts)
    shares: list[int] = []
    given = weight = 0
    for part in parts:
        weight += part
        upto = round_half_up(Fraction(total * weight, whole))
        shares.append(upto - given)
        given = upto
    return shares
