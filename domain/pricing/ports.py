"""What others ask of prices."""

from datetime import datetime
from typing import Protocol

from domain.booking.session_type import SessionType
from domain.ids import UserId
from domain.ports import Tx
from domain.pricing.quote import Quote


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
    ) -> Quote:
        """The best price of a session; nothing is used up.

        ``start`` is compared with time-based rates and special periods in the zone of the coach's calendar.

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
