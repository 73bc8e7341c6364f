"""Bookings for tests of rules, by what is particular about them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.booking.booking import Booking, Client
from domain.booking.session_type import CancellationPolicy, Format, SessionType
from domain.booking.states import BookingState
from domain.ids import BookingId, CoachId, SessionId, SessionTypeId, UserId, new_id
from domain.money import Money
from domain.pricing.quote import PriceReason, Quote
from domain.scheduled.session import Guest, ScheduledSession, Visit

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
START = NOW + timedelta(days=3)
HOUR = timedelta(hours=1)


def a_booking(**different: Any) -> Booking:
    """A confirmed hour between two, in three days, for 90 dollars."""
    start = different.pop("start", START)
    facts: dict[str, Any] = {
        "id": BookingId(new_id()),
        "coach_id": CoachId(new_id()),
        "coach_user_id": UserId(new_id()),
        "coach_name": "Coach",
        "session_type_id": SessionTypeId(new_id()),
        "format": Format.ONE_TO_ONE,
        "title": "Hour",
        "start": start,
        "end": start + HOUR,
        "busy_from": start,
        "busy_until": start + HOUR,
        "firm": True,
        "price": Quote("USD", 9000, 9000, PriceReason.BASE, ""),
        "fee_percent": 20,
        "policy": CancellationPolicy(),
        "session_id": SessionId(new_id()),
        "created_at": NOW,
        "state": BookingState.CONFIRMED,
        "client": Client(UserId(new_id()), "Client", "Europe/Berlin", "de"),
    }
    return Booking(**{**facts, **different})


def an_offer(**different: Any) -> SessionType:
    """An hour for 90 dollars, in English and German."""
    facts: dict[str, Any] = {
        "id": SessionTypeId(new_id()),
        "coach_id": CoachId(new_id()),
        "names": {"en": "Deep dive", "de": "Tiefgang"},
        "descriptions": {},
        "format": Format.ONE_TO_ONE,
        "price": Money(9000, "USD"),
        "duration_min": 60,
        "duration_max": 60,
        "duration_default": 60,
    }
    return SessionType(**{**facts, **different})


def a_meeting(booking: Booking, coach: list[Visit], client: list[Visit]) -> ScheduledSession:
    """The meeting of a booking, with who was there when."""
    assert booking.client is not None
    return ScheduledSession(
        id=booking.session_id,
        booking_id=booking.id,
        coach_id=booking.coach_id,
        coach=Guest(booking.coach_user_id, booking.coach_name, visits=coach),
        client=Guest(booking.client.user_id, booking.client.name, visits=client),
        start=booking.start,
        end=booking.end,
        title=booking.title,
        overtime_rate=Money(150, "USD"),
        fee_percent=booking.fee_percent,
    )
