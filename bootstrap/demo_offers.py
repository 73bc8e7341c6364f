"""What the demo coach offers: so that whoever starts the program finds somebody to book."""

from dataclasses import dataclass

from domain.accounts.account import Identity
from domain.booking.calendar import Schedule, Weekday
from domain.booking.offering import Offering
from domain.booking.schedules import Schedules
from domain.booking.session_type import CancellationPolicy, Format
from domain.booking.session_types import SessionTypes
from domain.booking.zones import WallWindow
from domain.money import Money
from domain.pricing.desk import CodeTerms, DiscountCodes, PriceRules, RuleTerms
from domain.pricing.rules import TimeRate

DEMO_ZONE = "Europe/Berlin"
DEMO_CODE = "WELCOME"
DEMO_HOURS: tuple[WallWindow, ...] = (WallWindow(7 * 60, 23 * 60),)
DEMO_EVENING = WallWindow(18 * 60, 23 * 60)
EVERY_DAY = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class OfferDemo:
    """What seeding goes through: the same use cases as everybody."""

    session_types: SessionTypes
    price_rules: PriceRules
    discount_codes: DiscountCodes
    schedules: Schedules


async def seed_offers(ports: OfferDemo, coach: Identity, currency: str) -> None:
    """Give a coach who has nothing of a kind something of it; what somebody made, or changed, stays.

    ``currency`` is that of the coach's rate.
    """
    if (await ports.schedules.read(coach)).schedule_version == 0:
        weekly = dict.fromkeys(EVERY_DAY, DEMO_HOURS)
        await ports.schedules.replace(coach, Schedule(DEMO_ZONE, weekly), 0)
    types = [
        await ports.session_types.own(coach, archived=archived, after=None, limit=1)
        for archived in (False, True)
    ]
    if not any(types):
        for format_, offering in _offerings(currency):
            await ports.session_types.create(coach, format_, offering)
    if not await ports.price_rules.own(coach):
        evening = TimeRate(EVERY_DAY, DEMO_EVENING)
        await ports.price_rules.create(coach, RuleTerms("Evening discount", 15, evening, None, ()))
    codes = [
        await ports.discount_codes.own(coach, archived=archived, after=None, limit=1)
        for archived in (False, True)
    ]
    if not any(codes):
        await ports.discount_codes.create(coach, DEMO_CODE, _welcome())


def _offerings(currency: str) -> tuple[tuple[Format, Offering], ...]:
    """A short one that is firm at once, a long one that the coach is asked for, and a group."""
    return (
        (
            Format.ONE_TO_ONE,
            Offering(
                names={"en": "First conversation", "de": "Erstgespräch"},
                descriptions={
                    "en": "Half an hour to look at one situation and to find the next step.",
                    "de": "Eine halbe Stunde, eine Situation, der nächste Schritt.",
                },
                price=Money(4500, currency),
                duration_min=15,
                duration_max=60,
                duration_default=30,
                instant=True,
                notice_minutes=0,
                buffer_before_minutes=0,
                buffer_after_minutes=0,
                capacity=None,
                min_attendees=None,
                overtime_rate=None,
                policy=CancellationPolicy(),
                reminder_hours=[24, 1],
            ),
        ),
        (
            Format.ONE_TO_ONE,
            Offering(
                names={"en": "Deep dive", "de": "Intensivsitzung"},
                descriptions={
                    "en": "An hour and a half for something large. Say beforehand what it is about; I answer every request.",
                    "de": "Anderthalb Stunden für etwas Größeres. Bitte vorher schreiben, worum es geht.",
                },
                price=Money(18000, currency),
                duration_min=60,
                duration_max=120,
                duration_default=90,
                instant=False,
                notice_minutes=120,
                buffer_before_minutes=15,
                buffer_after_minutes=15,
                capacity=None,
                min_attendees=None,
                overtime_rate=Money(250, currency),
                policy=CancellationPolicy(full_refund_hours=48, partial_refund_hours=12, reschedule_hours=48),
                reminder_hours=[24, 1],
            ),
        ),
        (
            Format.GROUP,
            Offering(
                names={"en": "New leads' circle", "de": "Kreis neuer Führungskräfte"},
                descriptions={
                    "en": "Up to six people who have just begun to lead, one hour, everybody's question.",
                    "de": "Bis zu sechs Menschen, die gerade zu führen beginnen, eine Stunde.",
                },
                price=Money(2500, currency),
                duration_min=60,
                duration_max=60,
                duration_default=60,
                instant=True,
                notice_minutes=60,
                buffer_before_minutes=15,
                buffer_after_minutes=15,
                capacity=6,
                min_attendees=2,
                overtime_rate=None,
                policy=CancellationPolicy(),
                reminder_hours=[24, 1],
            ),
        ),
    )


def _welcome() -> CodeTerms:
    """A fifth off, once for everybody."""
    return CodeTerms(
        percent=20,
        off=None,
        valid_from=None,
        valid_until=None,
        max_uses=None,
        max_uses_per_person=1,
        budget=None,
        session_type_ids=(),
    )
