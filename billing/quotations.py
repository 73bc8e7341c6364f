"""Answering what a session would cost, for whoever could book it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.booking.calendar import HORIZON
from domain.booking.ports import Calendars, SessionTypeStore
from domain.clock import Clock
from domain.errors import Invalid, NotFound
from domain.ids import CoachId, SessionTypeId
from domain.ports import Transactions, Tx
from domain.pricing.ports import Prices
from domain.pricing.quote import Quote

#: Sessions that begin while somebody looks at their price are still answered for.
_LOOKED_AT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PriceQuestion:
    """A session as somebody might book it."""

    coach_id: CoachId
    session_type_id: SessionTypeId
    start: datetime
    minutes: int
    code: str | None


class Quotations:
    """Prices for display: the calculation of booking, with nothing used up."""

    def __init__(
        self,
        transact: Transactions,
        session_types: SessionTypeStore,
        calendars: Calendars,
        prices: Prices,
        clock: Clock,
    ) -> None:
        self._transact = transact
        self._session_types = session_types
        self._calendars = calendars
        self._prices = prices
        self._clock = clock

    async def answer(self, who: Identity, question: PriceQuestion) -> Quote:
        """What ``who`` would pay.

        Raises:
            NotFound: no such coach, or no such session type that they offer.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
            Invalid: a duration that is not offered, or a start that nobody could book.
            Conflict: CODE_INVALID or CODE_USED_UP.
        """

        async def work(tx: Tx) -> Quote:
            await self._calendars.require_visible(tx, who.user_id, question.coach_id)
            session_type = await self._session_types.get(tx, question.session_type_id)
            if session_type.coach_id != question.coach_id or session_type.archived:
                raise NotFound("There is no such session type.")
            if not session_type.offers(question.minutes):
                raise Invalid(
                    "This session does not last so long.", details={"durations": session_type.durations}
                )
            self._require_near(question.start)
            return await self._prices.quote(
                tx,
                buyer=who.user_id,
                session_type=session_type,
                start=question.start,
                minutes=question.minutes,
                code=question.code,
            )

        return await self._transact(work)

    def _require_near(self, start: datetime) -> None:
        now = self._clock.now()
        if not now - _LOOKED_AT <= start <= now + HORIZON:
            raise Invalid(
                "This start is past, or too far ahead.", details={"until": (now + HORIZON).isoformat()}
            )
