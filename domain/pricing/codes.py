"""Discount codes: what they take off, for whom, how often, and how much in all."""

from dataclasses import dataclass
from datetime import datetime

from domain.currencies import Movement, movable
from domain.errors import Code, Conflict
from domain.ids import CoachId, DiscountCodeId, SessionTypeId, UserId
from domain.money import Money, round_to_movable

#: Codes of one coach, without archived ones.
MAX_CODES = 1000


@dataclass(slots=True)
class DiscountCode:
    """One code of one coach. Exactly one of ``percent`` (1 to 100) and ``off`` (an amount) is set.

    ``version`` rises when the coach changes the code, not when somebody uses it: uses are counted by guarded increments.
    """

    id: DiscountCodeId
    coach_id: CoachId
    #: as :func:`normalised_code` makes it; unique for the coach
    code: str
    percent: int | None = None
    off: Money | None = None
    #: orders made from here, up to (not including) there, may use it; domain time
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    #: how often it may be used in all
    max_uses: int | None = None
    #: how often one person may use it
    max_uses_per_person: int | None = None
    #: how much it may take off in all; what is left of that is the most that it takes off once
    budget: Money | None = None
    #: for these only; empty means for all
    session_type_ids: tuple[SessionTypeId, ...] = ()
    #: cannot be used any more; orders keep it
    archived: bool = False
    version: int = 0
    #: how often it was used, and not given back
    uses: int = 0
    #: what it took off in all those, minor units
    discounted: int = 0

    def require_usable(self, session_type_id: SessionTypeId, now: datetime, uses_of_buyer: int) -> None:
        """Raise unless an order made ``now`` may use it.

        Raises:
            Conflict: CODE_INVALID, not (any more) or not for this; CODE_USED_UP, as often or as much as it may.
        """
        elsewhere = self.session_type_ids and session_type_id not in self.session_type_ids
        early = self.valid_from is not None and now < self.valid_from
        late = self.valid_until is not None and now >= self.valid_until
        if self.archived or elsewhere or early or late:
            raise unknown_code()
        self.require_left(uses_of_buyer)

    def require_left(self, uses_of_buyer: int) -> None:
        """Raise unless it may be used once more by somebody who used it so often.

        Raises:
            Conflict: CODE_USED_UP.
        """
        if self.max_uses is not None and self.uses >= self.max_uses:
            raise used_up()
        if self.max_uses_per_person is not None and uses_of_buyer >= self.max_uses_per_person:
            raise used_up("You have used this code as often as you may.")
        if self.left == 0:
            raise used_up()

    @property
    def left(self) -> int | None:
        """What it may still take off, minor units; None without a budget."""
        return None if self.budget is None else max(0, self.budget.amount - self.discounted)

    def price(self, base: Money) -> int:
        """What remains of ``base``, minor units, at least 0. The budget may make the discount smaller."""
        if self.off is not None:
            discount = base.amount - (base - self.off).amount
        else:
            assert self.percent is not None
            discount = base.amount - percent_off(base, self.percent)
        if self.left is not None:
            discount = min(discount, self.left)
        return max(0, base.amount - movable(discount, base.currency, Movement.CHARGE))


@dataclass(frozen=True, slots=True)
class CodeUse:
    """One order's use of a code. ``amount`` is what it took off, minor units."""

    order: str
    code_id: DiscountCodeId
    buyer: UserId
    amount: int
    at: datetime


def normalised_code(text: str) -> str:
    """The form in which a code is kept and compared: trimmed, upper case."""
    return text.strip().upper()


def percent_off(base: Money, percent: int) -> int:
    """What remains of ``base`` with ``percent`` taken off, minor units, rounded once to what can be charged."""
    return round_to_movable(base.amount * (100 - percent), 100, base.currency, Movement.CHARGE)


def unknown_code() -> Conflict:
    """No such code, or none that counts here: nobody learns which."""
    return Conflict("This discount code is not valid here.", code=Code.CODE_INVALID)


def used_up(message: str = "This discount code is used up.") -> Conflict:
    """It counts, and has been used as often as it may."""
    return Conflict(message, code=Code.CODE_USED_UP)
