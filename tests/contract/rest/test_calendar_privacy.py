"""Who sees, and so books, a coach's calendar: the same answer at every door that leads to it, whatever a page shows."""

from typing import Any

import pytest

from tests.contract.rest.test_bookings import CIRCLE, LATER, START, book, coach_id, offered, open_calendar
from tests.support.door import Answer, Caller, Door

WINDOW = "from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z"
Ways = dict[str, Answer]
#: Whoever may not see a calendar does not learn that there is such a group session.
CLOSED = {
    "starts": "CALENDAR_PRIVATE",
    "calendar": "CALENDAR_PRIVATE",
    "groups": "CALENDAR_PRIVATE",
    "price": "CALENDAR_PRIVATE",
    "book": "CALENDAR_PRIVATE",
    "register": "NOT_FOUND",
}
OPEN = dict.fromkeys(CLOSED)


async def business(coach: Caller) -> dict[str, str]:
    """A coach with hours, an offer, and a group session; their ids."""
    await open_calendar(coach)
    offer, circle = await offered(coach), await offered(coach, CIRCLE)
    body = {
        "sessionTypeId": circle,
        "start": LATER,
        "minutes": 60,
        "meetingUrl": "https://meet.example.com/room",
    }
    group = await coach.post("/api/bookings/groups", body)
    assert group.status == 201, group.body
    return {"offer": offer, "group": group.json["bookingId"]}


async def tried(client: Caller, coach: Caller, ids: dict[str, str]) -> Ways:
    """Every way to a calendar, one after another."""
    person, ask = coach.user["userId"], {"sessionTypeId": ids["offer"], "start": START, "minutes": 60}
    return {
        "starts": await client.get(f"/api/coaches/{person}/starts?sessionTypeId={ids['offer']}&{WINDOW}"),
        "calendar": await client.get(f"/api/coaches/{person}/calendar?{WINDOW}"),
        "groups": await client.get(f"/api/coaches/{person}/groups"),
        "price": await client.post("/api/prices/calculate", ask | {"coachId": coach_id(coach)}),
        "book": await book(client, coach, ids["offer"]),
        "register": await client.post(f"/api/bookings/{ids['group']}/register", {}),
    }


def codes(ways: Ways) -> dict[str, str | None]:
    return {name: answer.code if answer.status >= 400 else None for name, answer in ways.items()}


async def connects(client: Caller, coach: Caller) -> None:
    asked = await client.post("/api/connections", {"userId": coach.user["userId"]})
    await coach.post(f"/api/connections/{asked.json['connectionId']}/accept")


async def shows(coach: Caller, privacy: str) -> None:
    answer = await coach.call("PUT", "/api/calendar/privacy", {"privacy": privacy})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("privacy", ["connected", "private"])
async def test_a_stranger_gets_in_nowhere(door: Door, client: Caller, coach: Caller, privacy: str) -> None:
    ids = await business(coach)
    await shows(coach, privacy)

    ways = await tried(client, coach, ids)

    assert codes(ways) == CLOSED
    assert await door.house.stores.db["bookings"].count_documents({"client": {"$ne": None}}) == 0


async def test_a_connection_opens_every_door_and_its_end_closes_them(client: Caller, coach: Caller) -> None:
    ids = await business(coach)
    await shows(coach, "connected")
    await connects(client, coach)

    opened = await tried(client, coach, ids)
    (mine,) = (await client.get("/api/connections")).json["items"]
    await coach.call("DELETE", f"/api/connections/{mine['connectionId']}")
    closed = await tried(client, coach, ids)

    assert codes(opened) == OPEN
    assert codes(closed) == CLOSED


async def test_a_connection_does_not_open_a_private_calendar(client: Caller, coach: Caller) -> None:
    ids = await business(coach)
    await connects(client, coach)
    await shows(coach, "private")

    assert codes(await tried(client, coach, ids)) == CLOSED


@pytest.mark.parametrize("by_coach", [True, False])
async def test_a_block_closes_every_door_of_a_public_calendar(
    client: Caller, coach: Caller, by_coach: bool
) -> None:
    ids = await business(coach)
    await connects(client, coach)
    blocker, blocked = (coach, client) if by_coach else (client, coach)
    await blocker.post(f"/api/blocks/{blocked.user['userId']}")

    ways = codes(await tried(client, coach, ids))

    assert set(ways.values()) == {"BLOCKED", "NOT_FOUND"}


async def test_what_was_booked_before_stays_readable_and_cancellable(client: Caller, coach: Caller) -> None:
    ids = await business(coach)
    booking: dict[str, Any] = (await book(client, coach, ids["offer"])).json
    await shows(coach, "private")

    read = await client.get(f"/api/bookings/{booking['bookingId']}")
    cancelled = await client.post(f"/api/bookings/{booking['bookingId']}/cancel", {})

    assert (read.status, cancelled.status) == (200, 200)


async def test_a_private_calendar_is_open_to_its_coach(coach: Caller) -> None:
    ids = await business(coach)
    await shows(coach, "private")

    own = await coach.get(f"/api/coaches/{coach.user['userId']}/calendar?{WINDOW}")

    assert own.status == 200
    assert (await book(coach, coach, ids["offer"])).code == "OWN_ACCOUNT"
