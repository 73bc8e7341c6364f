"""The whole life of bookings, by mongod's own profiler: no command of it walks a collection that grows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.booking.spans import Span
from domain.connections.connection import ConnectionState
from domain.ids import DiscountCodeId, new_id
from domain.operations.figures import read_figures
from domain.pricing.codes import DiscountCode
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party
from tests.support.sessions import Meeting
from tests.support.stores import plans

#: Collections of which there is one document for each process or shard, or none at all: walking them is reading them.
SMALL = {"processes", "leases", "meta", "outages"}
#: What this life must have touched, or it shows nothing.
TOUCHED = {
    "bookings", "sessions", "session_types", "price_rules", "discount_codes", "discount_uses", "calendars", "payments",
    "gateway_operations", "connections", "blocks", "accounts", "coaches", "cards", "notifications", "mails",
    "notification_preferences", "live_sessions", "ledger", "earnings", "timers", "events",
}  # fmt: skip


async def code(practice: Practice) -> None:
    coach_id = practice.coach.who.coach_id
    assert coach_id is not None
    made = DiscountCode(DiscountCodeId(new_id()), coach_id, "WELCOME", percent=20, max_uses_per_person=1)
    await practice.house.stores.transact(lambda tx: practice.house.stores.discount_codes.insert(tx, made))


async def meet(practice: Practice, client: Party) -> None:
    """Book with a code, pay, meet, go on for a minute of overtime, settle."""
    house = practice.house
    booking = await practice.ask(client, practice.at(days=1), discount_code="WELCOME")
    await practice.pay(client, booking)
    meeting = Meeting(house, booking.id, client, practice.coach)
    await meeting.pass_to(0)
    await meeting.both_join()
    await meeting.pass_to(50)
    await meeting.agreed(10)
    await meeting.pass_to(60)
    await meeting.both_prove()
    await meeting.talk(60)
    await meeting.end(client)
    await house.settle(meeting.room)
    await house.calls.sessions.records.one(client.who, booking.id)


async def change_their_minds(practice: Practice, client: Party) -> None:
    """Move and call off a booking that is paid; let one expire; answer a request with other times."""
    house, cases = practice.house, practice.house.booking.cases
    booking = await practice.bought(client, practice.at(days=6))
    await cases.reschedules.reschedule(client.who, booking.id, practice.at(days=7))
    await cases.changes.preview(client.who, booking.id)
    await cases.changes.cancel(client.who, booking.id)
    await practice.ask(client, practice.at(days=8))
    await house.pass_time(16 * 60)
    asking = replace(practice, offer=replace(practice.offer, instant=False))
    await house.stores.transact(lambda tx: house.stores.session_types.save(tx, asking.offer))
    request = await asking.ask(client, practice.at(days=9))
    other = Span(practice.at(days=10), practice.at(days=10) + HOUR)
    await cases.requests.suggest(practice.coach.who, request.id, [other])
    await cases.requests.choose(client.who, request.id, other.start)


async def gather(practice: Practice, client: Party) -> None:
    """A group session that somebody pays for and that comes to nothing."""
    group = await practice.group(practice.at(days=5), minimum=2)
    await practice.seated(client, group)
    await practice.until(group.start - timedelta(hours=24))
    await practice.quiet()


async def look(house: House, practice: Practice, client: Party) -> None:
    """What pages and operators read."""
    stores, coach = house.stores, practice.coach
    await stores.payments.history(client.who.user_id, None, 20)
    await stores.connections.page(client.who.user_id, state=ConnectionState.ACCEPTED, before=None, limit=5)
    await house.calls.notifications.page(client.who, before=None, unread_only=True, limit=20)
    coach_id = coach.who.coach_id
    assert coach_id is not None
    await stores.payments.earned_since(coach_id, house.clock.now())
    await read_figures(stores)


async def test_no_command_of_a_life_of_bookings_walks_a_collection(house: House) -> None:
    practice, client = await open_practice(house), await house.client()
    await code(practice)

    async with plans(house.stores.db) as profile:
        await meet(practice, client)
        await change_their_minds(practice, client)
        await gather(practice, client)
        await look(house, practice, client)

    planned = [row for row in profile if row.get("planSummary") and not asked_by_the_house(row)]
    assert {collection(row) for row in profile} >= TOUCHED
    assert [
        told(row) for row in planned if "COLLSCAN" in row["planSummary"] and collection(row) not in SMALL
    ] == []
    assert [told(row) for row in planned if row.get("hasSortStage") and "find" in row["command"]] == []


def asked_by_the_house(row: dict[str, Any]) -> bool:
    """What only tests ask: which timers are due on any shard, and whether some wait for the gateway."""
    command = row["command"]
    waiting = {"$match": {"kind": {"$in": ["purchase", "refund", "webhook"]}}}
    return command.get("distinct") == "timers" or waiting in command.get("pipeline", [])


def collection(row: dict[str, Any]) -> str:
    return str(row["ns"].partition(".")[2])


def told(row: dict[str, Any]) -> tuple[str, str]:
    return collection(row), repr(row["command"])[:400]
