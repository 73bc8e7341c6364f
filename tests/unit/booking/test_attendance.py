"""Who came, and which timers a booking needs."""

from datetime import datetime, timedelta

import pytest

from domain.booking.attendance import is_watched, missing
from domain.booking.booking import Rescheduling
from domain.booking.flow import timers_of
from domain.booking.session_type import Format
from domain.booking.states import BookingState
from domain.ids import BookingId, new_id
from domain.scheduled.session import Visit
from domain.timers import TimerKind
from tests.unit.booking.made import HOUR, NOW, START, a_booking, a_meeting

STAYED = [Visit(START - timedelta(minutes=5))]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


@pytest.mark.parametrize(
    ("visits", "came"),
    [
        ([], False),
        ([Visit(START - minutes(9), START - minutes(1))], False),
        ([Visit(START - minutes(9), START + minutes(1))], True),
        ([Visit(START + minutes(15))], True),
        ([Visit(START + minutes(16))], False),
        ([Visit(START - minutes(9), START - minutes(8)), Visit(START + minutes(3))], True),
    ],
)
def test_who_was_there_within_a_quarter_of_an_hour_came(visits: list[Visit], came: bool) -> None:
    booking = a_booking()

    assert missing(booking, a_meeting(booking, STAYED, visits)) == (None if came else "client")
    assert missing(booking, a_meeting(booking, visits, STAYED)) == (None if came else "coach")
    assert missing(booking, a_meeting(booking, visits, visits)) == (None if came else "both")


def test_who_meets_elsewhere_is_not_watched() -> None:
    assert is_watched(a_booking())
    assert not is_watched(a_booking(meeting_url="https://meet.example.com/room"))
    assert not is_watched(a_booking(format=Format.GROUP, client=None))
    assert not is_watched(a_booking(format=Format.GROUP, group_id=BookingId(new_id())))


def due(now: datetime = NOW, **different: object) -> dict[str, datetime]:
    booking = a_booking(reminder_hours=[24, 1], **different)
    return {
        f"{kind}{key.removeprefix(booking.id)}": at
        for (kind, key), at in timers_of(booking, now).items()
        if at is not None
    }


def test_what_stands_reminds_looks_who_came_and_ends() -> None:
    assert due() == {
        "booking_reminder:24": START - HOUR * 24,
        "booking_reminder:1": START - HOUR,
        "booking_no_show": START + minutes(15),
        "booking_complete": START + HOUR,
    }


def test_a_reminder_that_would_be_late_is_not_sent() -> None:
    assert "booking_reminder:24" not in due(now=START - HOUR * 20)


def test_what_is_not_paid_only_expires() -> None:
    until = NOW + minutes(15)

    assert due(state=BookingState.PENDING_PAYMENT, expires_at=until) == {"booking_expiry": until}


def test_what_is_over_has_no_timer() -> None:
    assert due(state=BookingState.CANCELLED_BY_CLIENT) == {}


def test_a_wish_for_another_time_expires_too() -> None:
    wish = Rescheduling(START + HOUR, START + HOUR * 2, NOW + HOUR)

    assert due(rescheduling=wish)["booking_expiry"] == NOW + HOUR


def test_a_group_that_is_too_small_is_counted_once_it_is_large_enough_it_is_not() -> None:
    group = {"format": Format.GROUP, "client": None, "meeting_url": "https://meet.example.com/room"}

    small = due(state=BookingState.PENDING_MINIMUM_ATTENDEES, **group)
    assert small == {"group_minimum": START - HOUR * 24}
    stands = due(state=BookingState.SCHEDULED, **group)
    assert TimerKind.GROUP_MINIMUM not in stands
    assert TimerKind.BOOKING_NO_SHOW not in stands
