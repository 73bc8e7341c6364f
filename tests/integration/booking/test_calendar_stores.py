"""Calendars and slots as they are kept: versions that make transactions conflict, and queries that use their indexes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mongo.documents import oid
from adapters.mongo.slots import busy_query, slots_query, wishes_query
from domain.booking.calendar import Schedule, Weekday
from domain.booking.slots import Slot, SlotChanges
from domain.booking.spans import Span
from domain.booking.zones import WallWindow
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, SlotId, new_id
from domain.ports import Tx
from tests.support.house import House
from tests.support.stores import assert_uses_index, plans

MARCH = Span(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


async def coach_of(house: House) -> CoachId:
    party = await house.coach(online=False)
    assert party.who.coach_id is not None
    return party.who.coach_id


async def test_the_first_transactions_about_a_coach_are_counted_one_by_one(house: House) -> None:
    coach_id, calendars = await coach_of(house), house.stores.calendars
    assert (await calendars.peek(coach_id)).version == 0

    async def touch() -> int:
        return (await house.stores.transact(lambda tx: calendars.touch(tx, coach_id))).version

    # All at once, when there is no document yet: each finds what the one before it wrote.
    versions = await asyncio.gather(*(touch() for _ in range(12)))

    assert sorted(versions) == list(range(1, 13))


async def test_a_calendar_of_nobody_is_not_there(house: House) -> None:
    with pytest.raises(NotFound):
        await house.stores.calendars.peek(CoachId(new_id()))
    with pytest.raises(NotFound):
        await house.stores.transact(lambda tx: house.stores.calendars.touch(tx, CoachId(new_id())))
    assert await house.stores.db["calendars"].count_documents({}) == 0


async def test_a_schedule_is_kept_beside_what_others_write_into_the_calendar(house: House) -> None:
    coach_id, calendars = await coach_of(house), house.stores.calendars
    schedule = Schedule("Asia/Kathmandu", {Weekday.FRI: (WallWindow(600, 660),)}, instant=False)

    async def write(tx: Tx) -> None:
        calendar = await calendars.touch(tx, coach_id)
        calendar.schedule = schedule
        await calendars.save_schedule(tx, calendar)

    own = {"_id": oid(coach_id), "privacy": "private", "version": 3}
    await house.stores.db["calendars"].insert_one(own)
    await house.stores.transact(write)
    kept = await calendars.peek(coach_id)

    assert (kept.schedule, kept.schedule_version, kept.version) == (schedule, 1, 5)
    stored = await house.stores.db["calendars"].find_one({"_id": oid(coach_id)})
    assert stored is not None
    assert stored["privacy"] == "private"


async def test_a_slot_that_changed_meanwhile_is_not_overwritten(house: House) -> None:
    coach_id, slots = await coach_of(house), house.stores.slots
    slot = Slot(SlotId(new_id()), coach_id, MARCH.start, MARCH.start + timedelta(hours=1), True)
    await house.stores.transact(lambda tx: slots.apply(tx, SlotChanges(inserted=[slot])))
    await house.stores.db["bookings"].update_one({}, {"$inc": {"version": 1}})

    for stale in (SlotChanges(saved=[slot]), SlotChanges(deleted=[slot])):
        slot.version = 1
        with pytest.raises(Unavailable):
            await house.stores.transact(lambda tx, stale=stale: slots.apply(tx, stale))  # type: ignore[misc]
    assert len(await slots.inside(coach_id, MARCH)) == 1
    assert await slots.inside(CoachId(new_id()), MARCH) == []


async def test_free_time_is_read_by_index_and_what_is_booked_from_the_index_alone(house: House) -> None:
    coach_id, db = await coach_of(house), house.stores.db

    await assert_uses_index(db, "bookings", slots_query(coach_id, MARCH))
    await assert_uses_index(db, "bookings", busy_query(coach_id, MARCH))
    await assert_uses_index(db, "bookings", wishes_query(coach_id, MARCH))
    async with plans(db) as ran:
        await house.stores.slots.busy(coach_id, MARCH)
    busy = next(one for one in ran if one.get("command", {}).get("filter", {}).get("occupies"))
    assert "COUNT" not in busy["planSummary"]
    assert "occupies" in busy["planSummary"]
    assert busy["docsExamined"] == 0
