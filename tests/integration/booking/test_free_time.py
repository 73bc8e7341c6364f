"""Free time in transactions, through two processes, and what a process remembers of it."""

import asyncio
from datetime import timedelta

from bootstrap.wiring.availability import build_availability
from domain.accounts.account import Identity
from domain.booking.booking import Booking
from domain.booking.months import months_of
from domain.booking.open_times import OpenTimes, StartSearch
from domain.booking.spans import Span
from domain.errors import Code, Conflict, DomainError
from tests.support.booking import HOUR, Practice
from tests.support.house import House, Party
from tests.support.selling import open_shop
from tests.support.stores import plans


async def practice_in(house: House) -> Practice:
    shop = await open_shop(house)
    return Practice(shop.house, shop.coach, shop.offer)


def eyes(house: House) -> OpenTimes:
    """What a process shows of calendars."""
    return build_availability(house.stores, house.booking.calendars, house.clock).open_times


async def starts(seen: OpenTimes, practice: Practice, who: Identity, span: Span) -> list[Span]:
    search = StartSearch(practice.offer.id, 60, span, 10_000)
    return [one.span for one in (await seen.starts(who, practice.coach.who.user_id, search)).items]


async def test_a_booking_cuts_its_slot_and_calling_it_off_restores_it(house: House) -> None:
    practice, client = await practice_in(house), await house.client()
    start = practice.at()
    await practice.slot(start - HOUR, start + 3 * HOUR)

    booking = await practice.ask(client, start)
    cut = await practice.slots()
    await house.booking.cases.changes.cancel(client.who, booking.id)

    assert cut == [Span(start - HOUR, start), Span(start + HOUR, start + 3 * HOUR)]
    assert await practice.slots() == [Span(start - HOUR, start + 3 * HOUR)]


async def test_one_of_many_gets_a_start_of_a_slot_through_two_processes(
    house: House, neighbour: House
) -> None:
    practice = await practice_in(house)
    start = practice.at()
    await practice.slot(start - HOUR, start + 2 * HOUR)
    clients = [await house.client(f"Client {number}", card=None) for number in range(16)]

    async def ask(number: int, client: Party) -> Booking | DomainError:
        at = Practice(neighbour if number % 2 else house, practice.coach, practice.offer)
        try:
            # Not all the same start: whatever overlaps it is taken, too.
            return await at.ask(client, start + number % 4 * timedelta(minutes=15))
        except Conflict as refused:
            return refused

    answers = await asyncio.gather(*(ask(number, client) for number, client in enumerate(clients)))

    booked = [one for one in answers if isinstance(one, Booking)]
    assert len(booked) == 1
    assert {one.code for one in answers if isinstance(one, DomainError)} == {Code.SLOT_TAKEN}
    assert await practice.slots() == [
        Span(start - HOUR, booked[0].start),
        Span(booked[0].end, start + 2 * HOUR),
    ]


async def test_a_booking_through_another_process_is_seen_at_once(house: House, neighbour: House) -> None:
    practice, client = await practice_in(house), await house.client(card=None)
    here, there = eyes(house), eyes(neighbour)
    start = practice.at()
    window = Span(start - 2 * HOUR, start + 2 * HOUR)
    before = [await starts(seen, practice, client.who, window) for seen in (here, there)]

    booking = await practice.ask(client, start)
    during = [await starts(seen, practice, client.who, window) for seen in (here, there)]
    await house.booking.cases.changes.cancel(client.who, booking.id)
    afterwards = [await starts(seen, practice, client.who, window) for seen in (here, there)]

    assert before[0] == before[1] == afterwards[0] == afterwards[1]
    assert during[0] == during[1] == [span for span in before[0] if not span.overlaps(booking.span)]


async def test_what_did_not_change_is_not_read_again(house: House) -> None:
    practice, client = await practice_in(house), await house.client(card=None)
    seen, start = eyes(house), practice.at()
    year = Span(house.clock.now(), house.clock.now() + timedelta(days=366))
    await starts(seen, practice, client.who, year)

    async with plans(house.stores.db) as ran:
        await starts(seen, practice, client.who, Span(start, start + 24 * HOUR))
        await seen.calendar(client.who, practice.coach.who.user_id, Span(start, start + 24 * HOUR))

    read = [one for one in ran if one["ns"].endswith(".bookings")]
    # Only the viewer's own bookings, for the calendar.
    assert ["shown_to" in str(one["command"]) for one in read] == [True]


async def test_a_booking_makes_its_own_month_be_read_again_and_no_other(house: House) -> None:
    practice, client = await practice_in(house), await house.client(card=None)
    seen, now = eyes(house), house.clock.now()
    quarter = Span(now, now + timedelta(days=100))
    before = await starts(seen, practice, client.who, quarter)
    booking = await practice.ask(client, practice.at(days=45))

    async with plans(house.stores.db) as ran:
        afterwards = await starts(seen, practice, client.who, quarter)

    assert afterwards == [span for span in before if not span.overlaps(booking.span)]
    read = [one["command"]["filter"] for one in ran if one["ns"].endswith(".bookings")]
    (kept,) = [one for one in read if "occupies" in one]
    (month,) = months_of(booking.span)
    assert kept["busy_from"]["$lt"] == month.around.end
    assert kept["busy_until"]["$gt"] == month.around.start


async def test_all_that_is_offered_can_be_booked_and_nothing_else(house: House) -> None:
    """Display equals action: every quarter hour of a day with two bookings, tried."""
    practice, client = await practice_in(house), await house.client(card=None)
    day = practice.at(days=10)
    await practice.slot(day, day + 6 * HOUR)
    for hour in (1, 3):
        await practice.ask(await house.client(card=None), day + hour * HOUR)
    window = Span(day - HOUR, day + 7 * HOUR)
    shown = {span.start for span in await starts(eyes(house), practice, client.who, window)}

    tried = {
        start
        for quarter in range(-4, 28)
        if await practice.free(start := day + quarter * timedelta(minutes=15), by=client)
    }

    assert shown == tried
    assert shown == {day, day + 2 * HOUR, *(day + 4 * HOUR + n * timedelta(minutes=15) for n in range(5))}
