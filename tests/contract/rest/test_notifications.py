"""Notifications, by which ways they come, and the people they are about."""

from typing import Any

import pytest

from domain.ids import UserId, new_id
from domain.ports import Tx
from tests.support.door import Caller, Door
from tests.support.mail import mails_to

ALL_ON = {"email": True, "sms": False}
BOOKING = {
    "bookingId": "b" * 24,
    "title": "Focus",
    "start": "2026-05-08T15:00:00.000Z",
    "personName": "Ann",
}


async def told(door: Door, caller: Caller, kind: str = "missed_call", **params: str) -> None:
    async def work(tx: Tx) -> None:
        await door.house.calls.notifications.notify(tx, UserId(caller.user["userId"]), kind, params=params)

    await door.house.stores.transact(work)


async def test_notifications_are_listed_newest_first_and_can_be_read(door: Door, client: Caller) -> None:
    for number in ("first", "second", "third"):
        await told(door, client, number=number)

    page = (await client.get("/api/notifications", params={"limit": "2"})).json
    rest = (await client.get("/api/notifications", params={"cursor": page["nextCursor"]})).json
    one = await client.post("/api/notifications/read", {"ids": [page["items"][0]["id"]]})
    unread = (await client.get("/api/notifications", params={"unread": "true"})).json
    everything = await client.post("/api/notifications/read", {"all": True})

    numbers = [item["params"]["number"] for item in page["items"] + rest["items"]]
    assert (numbers, page["unread"]) == (["third", "second", "first"], 3)
    assert "nextCursor" not in rest
    assert (one.json, len(unread["items"]), everything.json) == ({"unread": 2}, 2, {"unread": 0})
    assert door.house.published.named("notifications_read") == [{"unread": 2}, {"unread": 0}]


async def test_notifications_of_others_are_left_alone(door: Door, client: Caller) -> None:
    await told(door, client)
    (mine,) = (await client.get("/api/notifications")).json["items"]
    other = await door.person("client2@demo.test")

    assert (await other.post("/api/notifications/read", {"ids": [mine["id"]]})).json == {"unread": 0}
    assert (await other.call("DELETE", f"/api/notifications/{mine['id']}")).code == "NOT_FOUND"
    assert (await client.get("/api/notifications")).json["unread"] == 1


async def test_an_expired_notification_is_neither_listed_nor_counted(door: Door, client: Caller) -> None:
    await told(door, client)
    door.house.clock.advance(31 * 86_400)
    again = await door.person("client@demo.test")

    assert (await again.get("/api/notifications")).json == {"items": [], "unread": 0}


@pytest.mark.parametrize("body", [{}, {"all": False}, {"ids": []}, {"ids": [new_id()], "all": True}])
async def test_reading_needs_some_or_all(client: Caller, body: dict[str, Any]) -> None:
    assert (await client.post("/api/notifications/read", body)).code == "INVALID_PAYLOAD"


async def test_a_deleted_notification_is_gone_and_all_tabs_hear_the_count(door: Door, client: Caller) -> None:
    await told(door, client)
    await told(door, client)
    newest = (await client.get("/api/notifications")).json["items"][0]

    gone = await client.call("DELETE", f"/api/notifications/{newest['id']}")
    again = await client.call("DELETE", f"/api/notifications/{newest['id']}")

    assert (gone.status, again.status) == (204, 404)
    assert (await client.get("/api/notifications")).json["unread"] == 1
    assert door.house.published.named("notifications_read") == [{"unread": 1}]


async def test_a_notification_says_how_far_it_got_on_each_way(door: Door, client: Caller) -> None:
    await told(door, client, "booking_confirmed", **BOOKING)
    before = (await client.get("/api/notifications")).json["items"][0]["delivery"]
    await door.house.run_due()
    after = (await client.get("/api/notifications")).json["items"][0]["delivery"]

    assert before == {"socket": "pending", "email": "pending"}
    assert after == {"socket": "pending", "email": "sent"}


async def test_ways_are_chosen_by_what_it_is_about_and_the_others_stay(client: Caller) -> None:
    before = (await client.get("/api/notifications/preferences")).json
    changed = await client.call(
        "PUT", "/api/notifications/preferences", {"bookings": {"email": False, "sms": True}}
    )
    after = (await client.get("/api/notifications/preferences")).json

    assert before == {
        "calls": {"email": False, "sms": False},
        "bookings": ALL_ON,
        "reminders": ALL_ON,
        "payments": ALL_ON,
        "people": ALL_ON,
    }
    assert changed.json == after == before | {"bookings": {"email": False, "sms": True}}


@pytest.mark.parametrize(
    "body", [{"account": ALL_ON}, {"calls": {"push": True}}, {"calls": {}}, {"calls": {"email": "yes"}}]
)
async def test_preferences_against_the_rules_are_refused(client: Caller, body: dict[str, Any]) -> None:
    assert (await client.call("PUT", "/api/notifications/preferences", body)).code == "INVALID_PAYLOAD"


async def test_people_connect_over_the_door(door: Door, client: Caller, coach: Caller) -> None:
    ask = {"userId": coach.user["userId"], "message": "We met on Monday."}
    made = await client.post("/api/connections", ask)
    path = f"/api/connections/{made.json['connectionId']}"
    for_coach = (await coach.get("/api/connections", params={"state": "pending"})).json["items"]
    own = await client.post(f"{path}/accept")
    accepted = await coach.post(f"{path}/accept")
    left = await client.call("DELETE", path)
    await door.house.run_due()

    assert (made.status, made.json["state"], made.json["mine"]) == (201, "pending", True)
    assert [(one["name"], one["mine"], one["message"]) for one in for_coach] == [
        ("Demo Client", False, "We met on Monday.")
    ]
    assert (own.status, own.code) == (409, "ILLEGAL_STATE")
    assert (accepted.json["state"], left.status) == ("accepted", 204)
    assert (await coach.get("/api/connections")).json == {"items": []}
    subjects = [mail["subject"] for mail in await mails_to(door.house, "coach@demo.test")]
    assert subjects == ["Demo Client would like to connect"]


async def test_a_coach_chooses_who_sees_the_calendar(client: Caller, coach: Caller) -> None:
    before = (await coach.get("/api/calendar/privacy")).json
    changed = await coach.call("PUT", "/api/calendar/privacy", {"privacy": "connected"})
    wrong = await coach.call("PUT", "/api/calendar/privacy", {"privacy": "friends"})
    stranger = await client.get("/api/calendar/privacy")

    assert (before, changed.json) == ({"privacy": "public"}, {"privacy": "connected"})
    assert (wrong.code, stranger.code) == ("INVALID_PAYLOAD", "FORBIDDEN")
