"""The store of bookings: what is written is read, every query uses an index, writers conflict."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.mongo.documents import oid
from domain.booking.booking import LONGEST, Attendee, Booking, Rescheduling, TakenPiece
from domain.booking.ports import BookingSearch
from domain.booking.session_type import Format
from domain.booking.spans import Span
from domain.booking.states import BookingState
from domain.errors import Invalid, NotFound, Unavailable
from domain.ids import BookingId, CoachId, PaymentId, SessionTypeId, UserId, new_id
from domain.pricing.quote import Candidate, PriceReason, Quote
from domain.timeline import TimelineEntry
from tests.support.house import House
from tests.support.stores import plans
from tests.unit.booking.made import HOUR, NOW, START, a_booking

COACH = CoachId(new_id())


async def kept(house: House, **different: Any) -> Booking:
    booking = a_booking(coach_id=COACH, **different)
    await house.stores.transact(lambda tx: house.stores.bookings.insert(tx, booking))
    return booking


async def stored(house: House, booking: Booking) -> Booking:
    return await house.stores.transact(lambda tx: house.stores.bookings.get(tx, booking.id))


async def test_what_is_written_is_read(house: House) -> None:
    booking = a_booking(
        title="Über Gehälter",
        goals="To ask for more.",
        format=Format.GROUP,
        meeting_url="https://meet.example.com/room",
        occupies=False,
        expires_at=NOW + HOUR,
        pieces=(TakenPiece(START, START + HOUR, True, (SessionTypeId(new_id()),)),),
        payment_id=PaymentId(new_id()),
        suggestions=(Span(START, START + HOUR),),
        rescheduling=Rescheduling(START, START + HOUR, NOW, (TakenPiece(START, START + HOUR, False),)),
        group_id=BookingId(new_id()),
        capacity=5,
        min_attendees=2,
        attendees=[Attendee(UserId(new_id()), "Client", BookingId(new_id()), NOW)],
        missed_by="both",
        reminder_hours=[24, 1],
        timeline=[TimelineEntry(NOW, "create", "client", "p1", {"firm": 1})],
        price=Quote(
            "EUR", 9000, 7200, PriceReason.CODE, "WELCOME", (Candidate(PriceReason.BASE, "", 9000),), None
        ),
    )

    await house.stores.transact(lambda tx: house.stores.bookings.insert(tx, booking))

    assert await stored(house, booking) == booking


async def test_who_writes_second_is_told(house: House) -> None:
    booking = await kept(house)
    first, second = await stored(house, booking), await stored(house, booking)
    await house.stores.transact(lambda tx: house.stores.bookings.save(tx, first))

    with pytest.raises(Unavailable):
        await house.stores.transact(lambda tx: house.stores.bookings.save(tx, second))
    assert (await stored(house, booking)).version == booking.version + 1


async def test_a_slot_is_no_booking(house: House) -> None:
    booking = await kept(house)
    await house.stores.db["bookings"].update_one(
        {"_id": oid(booking.id)}, {"$set": {"is_availability": True}}
    )

    with pytest.raises(NotFound):
        await stored(house, booking)
    assert await house.stores.bookings.find([booking.id]) == []


async def test_time_is_kept_with_its_buffers_and_by_a_wish_and_not_by_what_let_it_go(house: House) -> None:
    quarter = timedelta(minutes=15)
    wish = Rescheduling(START + 5 * HOUR, START + 6 * HOUR, NOW)
    one = await kept(house, busy_from=START - quarter, busy_until=START + HOUR + quarter, rescheduling=wish)
    await kept(house, occupies=False)
    await kept(house, start=START + 2 * HOUR)
    await house.stores.transact(lambda tx: house.stores.bookings.insert(tx, a_booking()))

    async def found(after: timedelta, length: timedelta) -> list[BookingId]:
        span = Span(START + after, START + after + length)
        rows = await house.stores.transact(lambda tx: house.stores.bookings.occupying(tx, COACH, span))
        return [row.id for row in rows]

    assert await found(-HOUR, 3 * quarter) == []
    assert await found(-HOUR, 3 * quarter + timedelta(minutes=1)) == [one.id]
    assert await found(HOUR + quarter, quarter) == []
    assert await found(5 * HOUR - quarter, timedelta(minutes=1)) == [one.id]
    assert await found(6 * HOUR + quarter, HOUR) == []


async def test_a_booking_that_keeps_more_time_than_is_looked_back_for_is_a_fault(house: House) -> None:
    with pytest.raises(ValueError, match="more time"):
        await kept(house, busy_until=START + LONGEST + HOUR)


async def test_unpaid_are_those_to_come_that_may_still_be_paid(house: House) -> None:
    booking = await kept(house, state=BookingState.REQUESTED)
    client = booking.client
    assert client is not None
    await kept(house, client=client, state=BookingState.PENDING_PAYMENT)
    await kept(house, client=client, state=BookingState.CONFIRMED)
    await kept(house, client=client, state=BookingState.TIME_SUGGESTED, start=NOW - HOUR)

    count = await house.stores.transact(
        lambda tx: house.stores.bookings.count_unpaid(tx, client.user_id, NOW)
    )

    assert count == 2


async def test_pages_of_equal_starts_leave_nothing_out_and_repeat_nothing(house: House) -> None:
    made = [await kept(house, start=START + HOUR * (number // 3)) for number in range(8)]

    for newest in (True, False):
        seen: list[BookingId] = []
        search = BookingSearch(limit=3, newest_first=newest)
        while True:
            page = await house.stores.bookings.of_coach(COACH, search)
            seen += [one.id for one in page.items]
            if page.next_cursor is None:
                break
            search = replace(search, cursor=page.next_cursor)
        expected = sorted(made, key=lambda one: (one.start, one.id), reverse=newest)
        assert seen == [one.id for one in expected]
    with pytest.raises(Invalid):
        await house.stores.bookings.of_coach(COACH, BookingSearch(cursor="WzEsMl0"))


async def test_every_query_reads_an_index_and_little_more_than_it_gives(house: House) -> None:
    for number in range(300):
        await kept(house, start=START + HOUR * number, state=list(BookingState)[number % 12])
    booking = await kept(house, group_id=BookingId(new_id()), format=Format.GROUP)
    client, group = booking.client, booking.group_id
    assert client is not None
    assert group is not None
    bookings, transact, user = house.stores.bookings, house.stores.transact, client.user_id
    window = BookingSearch(START, START + 5 * HOUR)
    confirmed = BookingSearch(states=(BookingState.CONFIRMED,))

    async with plans(house.stores.db) as profile:
        await transact(lambda tx: bookings.get(tx, booking.id))
        await transact(lambda tx: bookings.save(tx, booking))
        await transact(lambda tx: bookings.occupying(tx, COACH, Span(START, START + HOUR)))
        await transact(lambda tx: bookings.count_unpaid(tx, user, NOW))
        await transact(lambda tx: bookings.place_of(tx, group, user))
        await transact(lambda tx: bookings.places(tx, group))
        await bookings.find([booking.id])
        for search in (BookingSearch(), window, confirmed, BookingSearch(newest_first=False)):
            await bookings.of_user(booking.coach_user_id, search)
            await bookings.of_coach(COACH, search)
            await bookings.of_coach(COACH, search, client=user)
        await bookings.groups(COACH, START, BookingSearch(newest_first=False))
        await bookings.places_of(user, [group])

    read = [one for one in profile if one.get("ns", "").endswith(".bookings") and "planSummary" in one]
    assert len(read) >= 20
    for one in read:
        assert "COLLSCAN" not in one["planSummary"], one["command"]
        assert not one.get("hasSortStage"), one["command"]
        assert one.get("docsExamined", 0) <= max(60, 4 * one.get("nreturned", 0)), one["command"]
