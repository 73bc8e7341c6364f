"""What a coach earned."""

from pydantic import Field

from billing.earnings import Earnings as EarningsOfCoaches
from rest.payloads import Amount, Instant, Reply
from rest.registry import Call, coach, endpoint


class EarningsReply(Reply):
    """The day so far."""

    since: Instant = Field(description="Midnight in the coach's time zone.")
    time_zone: str
    net: list[Amount] = Field(
        description="What the coach is owed, per currency: the coach's own always, others if there are any."
    )
    calls: int = Field(description="Settled calls.")
    billable_seconds: int


class Earnings:
    """A coach's money."""

    def __init__(self, earnings: EarningsOfCoaches) -> None:
        self._earnings = earnings

    @endpoint("GET", "/api/earnings/me", may=coach, reply=EarningsReply)
    async def earnings_today(self, call: Call[None, None]) -> EarningsReply:
        """Read what the coach has earned today.

        Today began at midnight in the coach's own time zone. A call counts once it has settled.
        """
        today = await self._earnings.today(call.who)
        return EarningsReply(
            since=today.since,
            time_zone=today.time_zone,
            net=[Amount.of(money) for money in today.net],
            calls=today.calls,
            billable_seconds=today.billable_seconds,
        )
