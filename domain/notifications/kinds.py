"""Every kind of notification: what it is about, and what its words need. The words stand beside whoever shows them.

Parameters are strings: identifiers, names, amounts in minor units with their currency, instants as RFC 3339 in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """What people choose channels by."""

    CALLS = "calls"  # live calls that were missed
    BOOKINGS = "bookings"  # booked sessions: asked for, confirmed, moved, cancelled
    REMINDERS = "reminders"  # a booked session begins soon
    PAYMENTS = "payments"  # money that went back, a payment that failed
    PEOPLE = "people"  # connections


@dataclass(frozen=True, slots=True)
class Kind:
    """``params`` must all be given; others may be."""

    category: Category
    params: frozenset[str] = frozenset()


_BOOKING = frozenset({"bookingId", "title", "start", "personName"})
_PERSON = frozenset({"personName"})


def _bookings(*names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, Kind(Category.BOOKINGS, _BOOKING))


KINDS: Mapping[str, Kind] = {
    "missed_call": Kind(Category.CALLS),
    "went_offline": Kind(Category.CALLS),
    **_bookings(
        "booking_requested",
        "booking_confirmed",
        "booking_accepted",
        "booking_declined",
        "booking_times_suggested",
        "booking_rescheduled",
        "reschedule_requested",
        "reschedule_declined",
        "booking_cancelled",
        "booking_expired",
        "booking_no_show",
        "group_registered",
        "group_full_refunded",
        "group_cancelled_minimum",
    ),
    "booking_reminder": Kind(Category.REMINDERS, _BOOKING | {"hours"}),
    "payment_refunded": Kind(Category.PAYMENTS, frozenset({"amount", "currency"})),
    "overtime_failed": Kind(Category.PAYMENTS, _BOOKING),
    "connection_requested": Kind(Category.PEOPLE, _PERSON),
    "connection_accepted": Kind(Category.PEOPLE, _PERSON),
}


def kind_of(name: str, params: Mapping[str, str]) -> Kind:
    """The kind, with all that its words need.

    Raises:
        ValueError: no such kind, or a parameter is missing: a mistake of whoever calls.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise ValueError(f"{name} is no kind of notification; domain/notifications/kinds.py lists them")
    missing = sorted(kind.params - set(params))
    if missing:
        raise ValueError(f"a notification {name} needs {', '.join(missing)}")
    return kind
