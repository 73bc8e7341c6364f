"""A quote: what something costs, and why. One calculation makes it, for display and again for the action."""

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import DiscountCodeId
from domain.money import Money


class PriceReason(StrEnum):
    """Which rule gave the price. Ties go to the first of this order."""

    BASE = "base"
    TIME_RATE = "time_rate"
    SPECIAL_PERIOD = "special_period"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One rule, priced alone. ``amount`` in minor units, tax included; ``label`` is the coach's word for it, or the code."""

    reason: PriceReason
    label: str
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """The lowest candidate, and all of them. Minor units of ``currency``, tax included; never above ``base``, never below 0."""

    currency: str
    base: int
    amount: int
    reason: PriceReason
    label: str
    candidates: tuple[Candidate, ...] = ()
    #: the code that gave the price, to be used up with the order
    code_id: DiscountCodeId | None = None

    @property
    def money(self) -> Money:
        """What is to pay."""
        return Money(self.amount, self.currency)
