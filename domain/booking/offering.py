"""What a session type may look like: the rules that need nothing but the values themselves."""

from dataclasses import dataclass

from domain.booking.session_type import CancellationPolicy, Format
from domain.currencies import charge_maximum
from domain.errors import Invalid
from domain.money import Money, charge_minimum

#: Every duration is a multiple of this, minutes.
DURATION_UNIT = 5
LONGEST_MINUTES = 480
MAX_NOTICE_MINUTES = 90 * 24 * 60
MAX_BUFFER_MINUTES = 240
MAX_CAPACITY = 500
MAX_HOURS = 720
MAX_REMINDERS = 5
LONGEST_REMINDER_HOURS = 168


@dataclass(frozen=True, slots=True)
class Offering:
    """What a coach says of a session type. Names are those of :class:`~domain.booking.session_type.SessionType`."""

    names: dict[str, str]
    descriptions: dict[str, str]
    price: Money
    duration_min: int
    duration_max: int
    duration_default: int
    instant: bool
    notice_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    capacity: int | None
    min_attendees: int | None
    overtime_rate: Money | None
    policy: CancellationPolicy
    reminder_hours: list[int]


def check_offering(format_: Format, offering: Offering, currency: str) -> None:
    """Raise unless it can be sold by a coach whose prices are in ``currency``.

    Raises:
        Invalid: ``details.fields`` names what is wrong, as the coach knows it.
    """
    _check_names(offering)
    _check_durations(offering)
    _check_prices(offering, currency)
    _check_places(format_, offering)
    _check_policy(offering.policy)
    if format_ is Format.ONE_TO_ONE and offering.price.amount > 0:
        _check_moving(offering.policy)
    _check_range(offering.notice_minutes, MAX_NOTICE_MINUTES, "noticeMinutes")
    _check_range(offering.buffer_before_minutes, MAX_BUFFER_MINUTES, "bufferBeforeMinutes")
    _check_range(offering.buffer_after_minutes, MAX_BUFFER_MINUTES, "bufferAfterMinutes")
    hours = offering.reminder_hours
    if len(hours) > MAX_REMINDERS or len(set(hours)) < len(hours):
        raise _wrong(f"There are at most {MAX_REMINDERS} reminders, at different hours.", "reminderHours")
    if any(not 1 <= one <= LONGEST_REMINDER_HOURS for one in hours):
        raise _wrong(f"A reminder is sent 1 to {LONGEST_REMINDER_HOURS} hours before.", "reminderHours")


def _check_names(offering: Offering) -> None:
    if not any(name.strip() for name in offering.names.values()):
        raise _wrong("A session type has a name in at least one language.", "names")
    if any(not name.strip() for name in offering.names.values()):
        raise _wrong("A name is not blank; leave the language out.", "names")
    if not offering.descriptions.keys() <= offering.names.keys():
        raise _wrong("A description belongs to a name of the same language.", "descriptions")


def _check_durations(offering: Offering) -> None:
    durations = {
        "durationMin": offering.duration_min,
        "durationDefault": offering.duration_default,
        "durationMax": offering.duration_max,
    }
    for field, minutes in durations.items():
        if not DURATION_UNIT <= minutes <= LONGEST_MINUTES or minutes % DURATION_UNIT:
            raise _wrong(
                f"A duration is a multiple of {DURATION_UNIT} minutes, up to {LONGEST_MINUTES}.", field
            )
    if not offering.duration_min <= offering.duration_default <= offering.duration_max:
        raise _wrong("The usual duration lies between the shortest and the longest.", "durationDefault")


def _check_prices(offering: Offering, currency: str) -> None:
    price, overtime = offering.price, offering.overtime_rate
    if price.currency != currency:
        raise _wrong(f"Your prices are in {currency}.", "price.currency")
    minimum = charge_minimum(currency)
    if price.amount * offering.duration_max > charge_maximum(currency) * offering.duration_default:
        raise _wrong("The longest session costs more than can be charged at once.", "price.amount")
    if price.amount < 0 or 0 < price.amount * offering.duration_min < minimum * offering.duration_default:
        raise _wrong(
            f"The shortest session costs at least {minimum} minor units of {currency}, or nothing.",
            "price.amount",
        )
    if overtime is None:
        return
    if overtime.currency != currency:
        raise _wrong(f"Your prices are in {currency}.", "overtimeRate.currency")
    if overtime.amount < 1:
        raise _wrong("A minute of overtime costs at least one minor unit.", "overtimeRate.amount")


def _check_places(format_: Format, offering: Offering) -> None:
    capacity, minimum = offering.capacity, offering.min_attendees
    if format_ is Format.ONE_TO_ONE:
        if capacity is not None or minimum is not None:
            raise _wrong("Only a group has places.", "capacity", "minAttendees")
        return
    if capacity is None or minimum is None:
        raise _wrong(
            "A group has a number of places, and one at which it takes place.", "capacity", "minAttendees"
        )
    if not 2 <= capacity <= MAX_CAPACITY:
        raise _wrong(f"A group has 2 to {MAX_CAPACITY} places.", "capacity")
    if not 1 <= minimum <= capacity:
        raise _wrong(
            "A group takes place with at least 1, and at most all, of its places taken.", "minAttendees"
        )


def _check_policy(policy: CancellationPolicy) -> None:
    _check_range(policy.full_refund_hours, MAX_HOURS, "policy.fullRefundHours")
    _check_range(policy.partial_refund_hours, MAX_HOURS, "policy.partialRefundHours")
    _check_range(policy.reschedule_hours, MAX_HOURS, "policy.rescheduleHours")
    _check_range(policy.partial_refund_percent, 100, "policy.partialRefundPercent")
    if policy.partial_refund_hours > policy.full_refund_hours:
        raise _wrong("Whoever cancels later does not get back more.", "policy.partialRefundHours")


def _check_moving(policy: CancellationPolicy) -> None:
    """Nobody gets back more by moving first: to a time far ahead, and cancelling that. A group's place is not moved."""
    whole = policy.partial_refund_percent == 100
    if policy.reschedule_hours < (policy.partial_refund_hours if whole else policy.full_refund_hours):
        raise _wrong(
            "Moving ends no later than the full refund, or a client moves the session far ahead and cancels it then.",
            "policy.rescheduleHours",
        )


def _check_range(value: int, most: int, field: str) -> None:
    if not 0 <= value <= most:
        raise _wrong(f"This is a number from 0 to {most}.", field)


def _wrong(message: str, *fields: str) -> Invalid:
    return Invalid(message, details={"fields": [{"path": field, "problem": message} for field in fields]})
