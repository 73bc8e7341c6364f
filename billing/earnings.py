"""What a coach has earned today, where the coach lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from domain.accounts.account import Identity
from domain.accounts.ports import AccountStore
from domain.clock import Clock
from domain.coaching.ports import CoachStore
from domain.errors import Forbidden
from domain.money import Money
from domain.payments.earnings import Earned, EarningStore
from domain.ports import Transactions, Tx


@dataclass(frozen=True, slots=True)
class EarnedToday:
    """The day so far. ``net`` has the coach's own currency always, others only if something was earned in them."""

    since: datetime
    time_zone: str
    net: tuple[Money, ...]
    calls: int
    billable_seconds: int


class Earnings:
    """A coach's own earnings. A call counts once it has settled, at the instant at which it did."""

    def __init__(
        self,
        transact: Transactions,
        accounts: AccountStore,
        coaches: CoachStore,
        earnings: EarningStore,
        clock: Clock,
    ) -> None:
        self._transact = transact
        self._accounts = accounts
        self._coaches = coaches
        self._earnings = earnings
        self._clock = clock

    async def today(self, who: Identity) -> EarnedToday:
        """Everything since the last midnight in the coach's time zone.

        Raises:
            Forbidden: the asker is no coach.
        """
        if who.coach_id is None:
            raise Forbidden("Only a coach earns.")
        coach_id = who.coach_id

        async def work(tx: Tx) -> tuple[str, str]:
            coach = await self._coaches.get(tx, coach_id)
            return (await self._accounts.get(tx, who.user_id)).time_zone, coach.rate_per_minute.currency

        zone, currency = await self._transact(work)
        since = midnight(self._clock.now(), zone)
        earned = await self._earnings.earned_since(coach_id, since)
        return EarnedToday(
            since=since,
            time_zone=zone,
            net=_with_own(currency, earned),
            calls=sum(one.calls for one in earned),
            billable_seconds=sum(one.billable_seconds for one in earned),
        )


def midnight(now: datetime, zone: str) -> datetime:
    """When the day of ``now`` began in an IANA zone; where clocks skip midnight, the instant at which they do."""
    local = ZoneInfo(zone)
    return datetime.combine(now.astimezone(local).date(), time(), tzinfo=local).astimezone(UTC)


def _with_own(currency: str, earned: Sequence[Earned]) -> tuple[Money, ...]:
    sums = {currency: Money(0, currency)} | {one.net.currency: one.net for one in earned}
    return tuple(sums.values())
