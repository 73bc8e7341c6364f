"""A session reminds its two a day and an hour before it begins: once each, whatever happens to its timers and its start."""

from datetime import timedelta

from domain.booking.booking import Booking
from domain.timers import TimerKind
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party

REMINDER = "booking_reminder"


async def reminded(practice: Practice, party: Party) -> list[tuple[str, str]]:
    """Hours and start that each reminder of a party told, in order."""
    heard = practice.house.published.heard_by(party, "notification")
    return [(one["params"]["hours"], one["params"]["start"]) for one in heard if one["kind"] == REMINDER]


async def come_near(practice: Practice, booking: Booking) -> None:
    """Let time pass up to an hour before a booking, as workers do that are never late."""
    for before in (25, 24, 23, 1):
        await practice.until(booking.start - HOUR * before)


def told_of(booking: Booking) -> list[tuple[str, str]]:
    start = booking.start.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return [("24", start), ("1", start)]


async def test_a_session_that_moved_reminds_of_its_new_start_alone(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    moved = await house.booking.cases.reschedules.reschedule(client.who, booking.id, practice.at(days=6))
    await practice.until(booking.start)
    early = await reminded(practice, client)
    await come_near(practice, moved)

    assert early == []
    for party in (client, practice.coach):
        assert await reminded(practice, party) == told_of(moved)


async def test_a_session_that_moved_after_a_reminder_reminds_again(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    await practice.until(booking.start - timedelta(hours=24))

    moved = await house.booking.cases.reschedules.reschedule(client.who, booking.id, practice.at(days=5))
    await come_near(practice, moved)

    assert await reminded(practice, client) == [told_of(booking)[0], *told_of(moved)]


async def test_a_reminder_that_comes_again_or_of_an_earlier_start_is_not_told(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)
    remind, key = house.booking.cases.deadlines.remind, f"{booking.id}:24"
    await practice.until(booking.start - timedelta(hours=24))

    # A worker that died before it could say that it was done lets another one run the timer again.
    await remind(key)
    once = await reminded(practice, client)
    await house.booking.cases.reschedules.reschedule(client.who, booking.id, practice.at(days=5))
    # And one that had it in hands while the booking moved runs it afterwards.
    await remind(key)

    assert once == await reminded(practice, client) == told_of(booking)[:1]


async def test_what_was_called_off_reminds_nobody(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    await house.booking.cases.changes.cancel(client.who, booking.id)

    assert await house.stores.db["timers"].count_documents({"kind": TimerKind.BOOKING_REMINDER.value}) == 0
    await house.booking.cases.deadlines.remind(f"{booking.id}:24")
    assert await reminded(practice, client) == []


async def test_a_reminder_that_comes_too_late_leaves_it_to_the_next_one(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    booking = await practice.bought(client)

    # No worker ran from before the first reminder until after the second one was due.
    await practice.until(booking.start - HOUR / 2)

    for party in (client, practice.coach):
        assert await reminded(practice, party) == told_of(booking)[1:]
