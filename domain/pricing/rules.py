"""What makes a session cheaper at some times: rates by time of day, and special periods.

Both are told in the coach's own time: what counts is the wall clock of the coach's calendar at the instant at which a session
starts. Per cents are taken off the base price.
"""

from dataclasses import dataclass
from datetime import date, datetime

from domain.booking.calendar import WEEKDAYS, Weekday
from domain.booking.zones import MINUTES_A_DAY, WallWindow, wall_of, zone_named
from domain.ids import CoachId, PriceRuleId, SessionTypeId
from domain.pricing.quote import PriceReason

#: Rules of one coach: all of them are read for every price.
MAX_RULES = 100


@dataclass(frozen=True, slots=True)
class TimeRate:
    """On ``days`` inside ``window``, which belongs to the day on which it begins, also when it crosses midnight."""

    days: tuple[Weekday, ...]
    window: WallWindow

    def holds(self, local: datetime) -> bool:
        """Whether a session that starts then is cheaper; ``local`` is what the coach's clock shows."""
        at, today = local.hour * 60 + local.minute, local.weekday()
        if WEEKDAYS[today] in self.days and self.window.start <= at < self.window.end_of_span:
            return True
        return WEEKDAYS[today - 1] in self.days and at + MINUTES_A_DAY < self.window.end_of_span


@dataclass(frozen=True, slots=True)
class SpecialPeriod:
    """From ``first`` to ``last``, both included."""

    first: date
    last: date

    def holds(self, local: datetime) -> bool:
        """Whether a session that starts then is cheaper; ``local`` is what the coach's clock shows."""
        return self.first <= local.date() <= self.last


@dataclass(slots=True)
class PriceRule:
    """One rule: exactly one of ``time_rate`` and ``period``. ``version`` rises with every write and is the tag of updates."""

    id: PriceRuleId
    coach_id: CoachId
    #: the coach's word for it, which the client reads beside the price
    label: str
    #: taken off the base price, 1 to 100
    percent: int
    time_rate: TimeRate | None = None
    period: SpecialPeriod | None = None
    #: for these only; empty means for all
    session_type_ids: tuple[SessionTypeId, ...] = ()
    version: int = 0

    @property
    def reason(self) -> PriceReason:
        """What a price made by it gives as its reason."""
        return PriceReason.TIME_RATE if self.time_rate is not None else PriceReason.SPECIAL_PERIOD

    def applies(self, session_type_id: SessionTypeId, start: datetime, zone: str) -> bool:
        """Whether it makes a session cheaper that starts at the instant ``start``; ``zone`` (IANA) is the coach's."""
        if self.session_type_ids and session_type_id not in self.session_type_ids:
            return False
        local = wall_of(start, zone_named(zone))
        when = self.time_rate or self.period
        return when is not None and when.holds(local)
