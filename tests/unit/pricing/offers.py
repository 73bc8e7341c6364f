"""A session type and rules to try prices with."""

from datetime import UTC, date, datetime
from typing import Any

from domain.booking.calendar import Weekday
from domain.booking.session_type import Format, SessionType
from domain.booking.zones import WallWindow
from domain.ids import CoachId, DiscountCodeId, PriceRuleId, SessionTypeId, new_id
from domain.money import Money
from domain.pricing.codes import DiscountCode
from domain.pricing.rules import PriceRule, SpecialPeriod, TimeRate

COACH = CoachId(new_id())
#: A Monday, 18:30 in Berlin.
MONDAY_EVENING = datetime(2027, 1, 4, 17, 30, tzinfo=UTC)
EVERY_DAY = tuple(Weekday)


def offer(amount: int = 9000, currency: str = "USD", minutes: int = 60, **fields: Any) -> SessionType:
    """A session type of ``minutes`` for ``amount``; from 15 minutes to 4 hours."""
    return SessionType(
        id=SessionTypeId(new_id()),
        coach_id=COACH,
        names={"en": "Hour"},
        descriptions={},
        format=Format.ONE_TO_ONE,
        price=Money(amount, currency),
        duration_min=15,
        duration_max=240,
        duration_default=minutes,
        **fields,
    )


def evening(percent: int, label: str = "Evening discount", **fields: Any) -> PriceRule:
    """Every day from 18:00 to 22:00."""
    when = TimeRate(EVERY_DAY, WallWindow(18 * 60, 22 * 60))
    return PriceRule(PriceRuleId(new_id()), COACH, label, percent, time_rate=when, **fields)


def holidays(percent: int, label: str = "New year", **fields: Any) -> PriceRule:
    """The first days of January 2027."""
    when = SpecialPeriod(date(2027, 1, 1), date(2027, 1, 6))
    return PriceRule(PriceRuleId(new_id()), COACH, label, percent, period=when, **fields)


def code(**fields: Any) -> DiscountCode:
    """WELCOME, 20 % off unless said otherwise."""
    if "off" not in fields:
        fields.setdefault("percent", 20)
    return DiscountCode(DiscountCodeId(new_id()), COACH, "WELCOME", **fields)
