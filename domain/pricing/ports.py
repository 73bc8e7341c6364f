"""What others ask of prices, and where rules and codes are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.booking.session_type import SessionType
from domain.ids import CoachId, DiscountCodeId, PriceRuleId, UserId
from domain.ports import Tx
from domain.pricing.codes import CodeUse, DiscountCode
from domain.pricing.quote import Quote
from domain.pricing.rules import PriceRule


class Prices(Protocol):
    """The one calculation: the same for display and for the action."""

    async def quote(
        self,
        tx: Tx,
        *,
        buyer: UserId | None,
        session_type: SessionType,
        start: datetime,
        minutes: int,
        code: str | None,
        zone: str | None = None,
    ) -> Quote:
        """The best price of a session; nothing is used up.

        ``start`` is compared with time-based rates and special periods in ``zone``, that of the coach's calendar; whoever has
        not read it leaves that to this.

        Raises:
            Conflict: CODE_INVALID or CODE_USED_UP.
        """
        ...

    async def consume(self, tx: Tx, quote: Quote, buyer: UserId, order: str) -> None:
        """Use up the code that gave the price, in the transaction of the order; nothing happens when none did.

        Raises:
            Conflict: CODE_USED_UP, somebody else took the last use.
        """
        ...

    async def release(self, tx: Tx, quote: Quote, buyer: UserId, order: str) -> None:
        """Give a use of the code back: the order came to nothing before it was paid. Twice is as once."""
        ...


class PriceRuleStore(Protocol):
    """Time-based rates and special periods."""

    async def get(self, tx: Tx, rule_id: PriceRuleId) -> PriceRule:
        """Read in the transaction.

        Raises:
            NotFound: no such rule.
        """
        ...

    async def insert(self, tx: Tx, rule: PriceRule) -> None:
        """Write a new one."""
        ...

    async def save(self, tx: Tx, rule: PriceRule) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def delete(self, tx: Tx, rule: PriceRule) -> None:
        """Remove it.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def of_coach(self, tx: Tx, coach_id: CoachId) -> Sequence[PriceRule]:
        """All of a coach's, oldest first; at most :data:`~domain.pricing.rules.MAX_RULES`."""
        ...


class DiscountCodeStore(Protocol):
    """Codes, and who used them for what."""

    async def get(self, tx: Tx, code_id: DiscountCodeId) -> DiscountCode:
        """Read in the transaction; archived ones too.

        Raises:
            NotFound: no such code.
        """
        ...

    async def by_code(self, tx: Tx, coach_id: CoachId, code: str) -> DiscountCode | None:
        """The coach's code of this (normalised) text, archived or not."""
        ...

    async def insert(self, tx: Tx, code: DiscountCode) -> None:
        """Write a new one; its text is unique for the coach."""
        ...

    async def save(self, tx: Tx, code: DiscountCode) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def delete(self, tx: Tx, code: DiscountCode) -> None:
        """Remove it for good.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def count_offered(self, tx: Tx, coach_id: CoachId) -> int:
        """How many a coach has, without archived ones."""
        ...

    async def page(
        self, coach_id: CoachId, *, archived: bool, after: DiscountCodeId | None, limit: int
    ) -> Sequence[DiscountCode]:
        """A coach's, oldest first, those younger than ``after``; outside any transaction."""
        ...

    async def use_of(self, tx: Tx, order: str) -> CodeUse | None:
        """Which use an order made."""
        ...

    async def uses_of(self, tx: Tx, code_id: DiscountCodeId, buyer: UserId) -> int:
        """How often a person used a code."""
        ...

    async def take(self, tx: Tx, code: DiscountCode, use: CodeUse) -> None:
        """Write the use, and count it on the code as it was read: two transactions about one code conflict.

        Raises:
            Unavailable: the code was used meanwhile.
        """
        ...

    async def untake(self, tx: Tx, use: CodeUse) -> None:
        """Remove the use, and count it off."""
        ...
