"""Prices as others ask for them: what the calculation needs is read, and codes are used up.

Uses of one code are counted on one document. Whoever uses it changes that, so of two transactions one runs again, and then
sees what the other left.
"""

from dataclasses import dataclass
from datetime import datetime

from domain.booking.availability_ports import CalendarStore
from domain.booking.session_type import SessionType
from domain.clock import Clock
from domain.ids import UserId
from domain.money import Money
from domain.ports import Tx
from domain.pricing.calculation import best_price, due
from domain.pricing.codes import CodeUse, DiscountCode, normalised_code, unknown_code, used_up
from domain.pricing.ports import DiscountCodeStore, PriceRuleStore
from domain.pricing.quote import Quote


@dataclass(frozen=True, slots=True)
class PricePorts:
    """What prices depend on."""

    rules: PriceRuleStore
    codes: DiscountCodeStore
    calendars: CalendarStore
    clock: Clock


class PricingService:
    """Implements :class:`~domain.pricing.ports.Prices`."""

    def __init__(self, ports: PricePorts) -> None:
        self._ports = ports

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

        Raises:
            Conflict: CODE_INVALID or CODE_USED_UP.
        """
        coach_id = session_type.coach_id
        usable = None if code is None else await self._usable(tx, code, session_type, buyer)
        if zone is None:
            zone = (await self._ports.calendars.get(tx, coach_id)).schedule.time_zone
        return best_price(
            session_type,
            start=start,
            minutes=minutes,
            zone=zone,
            rules=await self._ports.rules.of_coach(tx, coach_id),
            code=usable,
        )

    async def _usable(
        self, tx: Tx, text: str, session_type: SessionType, buyer: UserId | None
    ) -> DiscountCode:
        code = await self._ports.codes.by_code(tx, session_type.coach_id, normalised_code(text))
        if code is None:
            raise unknown_code()
        used = 0 if buyer is None else await self._ports.codes.uses_of(tx, code.id, buyer)
        code.require_usable(session_type.id, self._ports.clock.now(), used)
        return code

    async def consume(self, tx: Tx, quote: Quote, buyer: UserId, order: str) -> None:
        """Use up the code that gave the price, in the transaction of the order; nothing happens when none did.

        Twice for one order is as once.

        Raises:
            Conflict: CODE_USED_UP, somebody else took the last use, or so much of the budget that the price rose.
        """
        if quote.code_id is None or await self._ports.codes.use_of(tx, order) is not None:
            return
        code = await self._ports.codes.get(tx, quote.code_id)
        code.require_left(await self._ports.codes.uses_of(tx, code.id, buyer))
        base = Money(quote.base, quote.currency)
        price = code.price(base)
        if due(price, base) > quote.amount:
            raise used_up()
        use = CodeUse(order, code.id, buyer, base.amount - price, self._ports.clock.now())
        await self._ports.codes.take(tx, code, use)

    async def release(self, tx: Tx, quote: Quote, buyer: UserId, order: str) -> None:
        """Give a use of the code back: the order came to nothing before it was paid. Twice is as once."""
        if quote.code_id is None:
            return
        use = await self._ports.codes.use_of(tx, order)
        if use is not None:
            await self._ports.codes.untake(tx, use)
