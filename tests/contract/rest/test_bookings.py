"""Bookings over HTTP: the road from a coach's hours to a paid session and back, and who may do what.

The clock begins on Thursday, 1 January 2026, at midnight UTC.
"""

from typing import Any

from rest.endpoints.booking_moves import BookingMoves
from rest.endpoints.bookings import Bookings
from rest.endpoints.groups import GroupSessions
from rest.registry import endpoints_of
from tests.support.door import Answer, Caller, Door

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"timeZone": "UTC", "weekly": {day: [{"from": "00:00", "to": "24:00"}] for day in DAYS}}
OFFER = {
    "names": {"en": "Hour", "de": "Stunde"},
    "format": "one_to_one",
    "price": {"amount": 9000, "currency": "USD"},
    "durationMin": 60,
    "durationDefault": 60,
    "durationMax": 60,
}
CIRCLE = OFFER | {"names": {"en": "Circle"}, "format": "group", "capacity": 5, "minAttendees": 2}
START = "2026-01-05T16:00:00.000Z"
LATER = "2026-01-08T16:00:00.000Z"
SPAN = {"start": LATER, "end": "2026-01-08T17:00:00.000Z"}
#: What nobody may say of a booking.
FORGED: dict[str, Any] = {
    "price": {"amount": 1, "currency": "USD"},
    "amount": 1,
    "feePercent": 0,
    "state": "confirmed",
    "coachUserId": "0" * 24,
    "clientId": "0" * 24,
    "paymentId": "0" * 24,
    "firm": True,
}
ENDPOINTS = [one for group in (Bookings, BookingMoves, GroupSessions) for one, _ in endpoints_of(group)]
OF_ONE = [one for one in ENDPOINTS if one.parameters == ("bookingId",)]
BODIES: dict[str, dict[str, Any]] = {
    "suggest_times": {"times": [SPAN]},
    "choose_time": {"start": LATER},
    "reschedule_booking": {"start": LATER},
    "set_status": {"status": "completed"},
}


async def open_calendar(coach: Caller, *, instant: bool = True) -> None:
    headers = {"If-Match": f'"{(await coach.get("/api/availability/schedule")).json["version"]}"'}
    answer = await coach.call(
        "PUT", "/api/availability/schedule", ALWAYS | {"instant": instant}, headers=headers
    )
    assert answer.status == 200, answer.body


async def offered(coach: Caller, offer: dict[str, Any] = OFFER) -> str:
    answer = await coach.post("/api/session-types", offer)
    assert answer.status == 201, answer.body
    return str(answer.json["sessionTypeId"])


def coach_id(coach: Caller) -> str:
    return str(coach.user["coachId"])


async def book(client: Caller, coach: Caller, session_type: str, **more: Any) -> Answer:
    body = {"coachId": coach_id(coach), "sessionTypeId": session_type, "start": START, "minutes": 60}
    return await client.post("/api/bookings", body | more)


async def booked(client: Caller, coach: Caller, **more: Any) -> dict[str, Any]:
    await open_calendar(coach)
    answer = await book(client, coach, await offered(coach), **more)
    assert answer.status == 201, answer.body
    booking: dict[str, Any] = answer.json
    return booking


async def bought(client: Caller, coach: Caller, **more: Any) -> dict[str, Any]:
    booking = await booked(client, coach, **more)
    answer = await client.post("/api/payments/intents", {"bookingId": booking["bookingId"]})
    assert answer.status == 201, answer.body
    return await read(client, booking["bookingId"])


async def read(caller: Caller, booking_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get(f"/api/bookings/{booking_id}")).json
    return found


async def sessions(caller: Caller, query: str = "") -> list[str]:
    answer = await caller.get(f"/api/bookings/user/{caller.user['userId']}/sessions?{query}")
    assert answer.status == 200, answer.body
    return [one["bookingId"] for one in answer.json["items"]]


async def test_the_whole_road_from_a_schedule_to_a_refund(door: Door, client: Caller, coach: Caller) -> None:
    await open_calendar(coach)
    session_type, of_coach = await offered(coach), coach.user["userId"]
    window = "from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z"
    starts = await client.get(f"/api/coaches/{of_coach}/starts?sessionTypeId={session_type}&{window}")
    assert START in [one["start"] for one in starts.json["items"]]
    question = {"coachId": coach_id(coach), "sessionTypeId": session_type, "start": START, "minutes": 60}
    price = (await client.post("/api/prices/calculate", question)).json

    answer = await book(client, coach, session_type, goals="To say no.", timeZone="Europe/Berlin")
    booking = answer.json
    assert (answer.status, answer.headers["ETag"]) == (201, f'"{booking["version"]}"')
    assert (booking["state"], booking["role"], booking["title"]) == ("pending_payment", "client", "Hour")
    assert booking["price"]["amount"] == price["amount"] == 9000
    assert booking["expiresAt"] == "2026-01-01T00:15:00.000Z"
    await client.post("/api/payments/intents", {"bookingId": booking["bookingId"]})
    paid = await read(coach, booking["bookingId"])
    assert (paid["state"], paid["role"], paid["paymentState"]) == ("confirmed", "coach", "captured")
    assert (paid["goals"], paid["timeZone"]) == ("To say no.", "Europe/Berlin")
    assert [step["what"] for step in paid["timeline"]] == ["create", "pay"]
    assert paid["cancellable"]["rescheduleUntil"] == "2026-01-04T16:00:00.000Z"

    path = f"/api/bookings/{booking['bookingId']}"
    shown = (await client.get(f"{path}/cancellation")).json
    assert (shown["allowed"], shown["refundPercent"], shown["refund"]["amount"]) == (True, 100, 9000)
    over = (await client.post(f"{path}/cancel", {"reason": "I am ill."})).json
    await door.house.pass_time(5)
    assert over["state"] == "cancelled_by_client"
    assert over["cancellable"]["allowed"] is False
    assert (await read(client, booking["bookingId"]))["paymentState"] == "refunded"


async def test_one_key_books_once(client: Caller, coach: Caller) -> None:
    await open_calendar(coach)
    body = {"coachId": coach_id(coach), "sessionTypeId": await offered(coach), "start": START, "minutes": 60}

    answers = [await client.post("/api/bookings", body, headers={"Idempotency-Key": "b1"}) for _ in range(3)]
    again = await client.post("/api/bookings", body)

    assert [one.status for one in answers] == [201, 201, 201]
    assert len({one.json["bookingId"] for one in answers}) == 1
    assert (again.status, again.code) == (409, "SLOT_TAKEN")


async def test_no_request_says_what_a_booking_costs_or_is(client: Caller, coach: Caller) -> None:
    booking = await booked(client, coach)
    before = await read(client, booking["bookingId"])
    path = f"/api/bookings/{booking['bookingId']}"
    asks = [("POST", "/api/bookings", {"coachId": coach_id(coach), "sessionTypeId": "0" * 24} | SPAN)]
    asks += [
        (one.method, one.path.replace("{bookingId}", booking["bookingId"]), BODIES.get(one.name, {}))
        for one in OF_ONE
        if one.body
    ]

    for method, address, body in asks:
        for name, value in FORGED.items():
            answer = await client.call(method, address, body | {name: value})
            assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), (address, name)

    assert len(asks) == 9
    after = (await client.get(path)).json
    assert {**after, "serverTime": ""} == {**before, "serverTime": ""}


async def test_strangers_find_no_booking(door: Door, client: Caller, coach: Caller) -> None:
    booking = await booked(client, coach)
    stranger = await door.person("admin@demo.test")

    for endpoint in OF_ONE:
        path = endpoint.path.replace("{bookingId}", booking["bookingId"])
        answer = await stranger.call(endpoint.method, path, BODIES.get(endpoint.name))
        assert (answer.status, answer.code) == (404, "NOT_FOUND"), endpoint.name


async def test_what_is_for_one_side_is_not_for_the_other(client: Caller, coach: Caller) -> None:
    path = f"/api/bookings/{(await booked(client, coach))['bookingId']}"
    acts = [
        (client, "POST", "accept", None),
        (client, "POST", "suggest", BODIES["suggest_times"]),
        (client, "POST", "reopen", None),
        (client, "PUT", "status", BODIES["set_status"]),
        (coach, "POST", "choose", BODIES["choose_time"]),
        (coach, "POST", "reschedule", BODIES["reschedule_booking"]),
    ]

    for caller, method, act, body in acts:
        answer = await caller.call(method, f"{path}/{act}", body)
        assert (answer.status, answer.code) == (403, "FORBIDDEN"), act


async def test_an_illegal_move_is_a_conflict_that_says_both_states(client: Caller, coach: Caller) -> None:
    path = f"/api/bookings/{(await bought(client, coach))['bookingId']}"

    stale = await coach.post(f"{path}/accept", {"start": "2026-01-02T00:00:00Z"})
    assert (stale.status, stale.code) == (412, "VERSION_MISMATCH")
    accepted = await coach.post(f"{path}/accept")
    declined = await coach.post(f"{path}/decline")
    suggested = await coach.post(f"{path}/suggest", BODIES["suggest_times"])
    chosen = await client.post(f"{path}/choose", BODIES["choose_time"])

    wanted = [
        (accepted, ["pending_payment"]),
        (declined, ["declined"]),
        (suggested, ["time_suggested"]),
        (chosen, ["pending_payment"]),
    ]
    for answer, states in wanted:
        assert (answer.status, answer.code) == (409, "ILLEGAL_STATE")
        assert answer.json["details"] == {"state": "confirmed", "wanted": states}


async def test_a_request_is_answered_with_other_times_and_one_is_chosen(
    client: Caller, coach: Caller
) -> None:
    await open_calendar(coach, instant=False)
    booking = (await book(client, coach, await offered(coach))).json
    path = f"/api/bookings/{booking['bookingId']}"
    assert (booking["state"], booking["firm"]) == ("requested", False)

    suggested = await coach.post(f"{path}/suggest", {"times": [SPAN], "message": "In the evening?"})
    assert suggested.json["suggestions"] == [SPAN]
    chosen = await client.post(f"{path}/choose", {"start": LATER})

    assert (chosen.status, chosen.json["state"], chosen.json["start"]) == (200, "pending_payment", LATER)


async def test_both_find_a_session_in_their_lists_by_time_and_state(
    door: Door, client: Caller, coach: Caller
) -> None:
    first = await bought(client, coach)
    session_type = first["sessionTypeId"]
    second = (await book(client, coach, session_type, start=LATER)).json

    ids = [first["bookingId"], second["bookingId"]]
    for caller in (client, coach):
        assert await sessions(caller) == ids[::-1]
        assert await sessions(caller, "order=oldest") == ids
        assert await sessions(caller, "state=confirmed&state=completed") == ids[:1]
        assert await sessions(caller, f"start={LATER}") == ids[1:]
        assert await sessions(caller, f"end={LATER}") == ids[:1]
    foreign = await client.get(f"/api/bookings/user/{coach.user['userId']}/sessions")
    assert (foreign.status, foreign.code) == (404, "NOT_FOUND")


async def test_a_list_is_read_page_by_page(client: Caller, coach: Caller) -> None:
    session_type = (await bought(client, coach))["sessionTypeId"]
    for day in (6, 7):
        await book(client, coach, session_type, start=f"2026-01-0{day}T16:00:00Z")
    path = f"/api/bookings/user/{client.user['userId']}/sessions?limit=2&order=oldest"

    page = (await client.get(path)).json
    rest = (await client.get(f"{path}&cursor={page['nextCursor']}")).json

    assert [one["start"][8:10] for one in page["items"] + rest["items"]] == ["05", "06", "07"]
    assert "nextCursor" not in rest
    assert (await client.get(f"{path}&cursor=bm90aGluZw")).code == "INVALID_PAYLOAD"


async def test_of_a_coach_everybody_reads_only_their_own_bookings(
    door: Door, client: Caller, coach: Caller
) -> None:
    booking, path = await booked(client, coach), f"/api/bookings/{coach.user['userId']}/bookings"
    stranger = await door.person("admin@demo.test")

    def listed(answer: Answer) -> list[str]:
        return [one["bookingId"] for one in answer.json["items"]]

    assert listed(await coach.get(path)) == listed(await client.get(path)) == [booking["bookingId"]]
    assert listed(await stranger.get(path)) == []
    nobody = await client.get(f"/api/bookings/{client.user['userId']}/bookings")
    assert (nobody.status, nobody.code) == (404, "NOT_FOUND")


async def test_a_group_is_found_registered_for_and_its_link_is_for_those_who_paid(
    client: Caller, coach: Caller
) -> None:
    url, groups = "https://meet.example.com/room", f"/api/coaches/{coach.user['userId']}/groups"
    body = {"sessionTypeId": await offered(coach, CIRCLE), "start": START, "minutes": 60, "meetingUrl": url}
    wrong = await coach.post("/api/bookings/groups", body | {"minutes": 345})
    problem = "This session type lasts 60 minutes."
    assert wrong.json["details"]["fields"] == [{"path": "minutes", "problem": problem}]
    group = (await coach.post("/api/bookings/groups", body)).json
    assert (group["state"], group["attendees"], group["attendeeList"]) == ("pending_minimum_attendees", 0, [])

    (found,) = (await client.get(groups)).json["items"]
    assert (found["bookingId"], found["capacity"], found["minAttendees"]) == (group["bookingId"], 5, 2)
    assert not {"meetingUrl", "attendeeList", "placeId", "cancellable"} & found.keys()
    place = await client.post(f"/api/bookings/{group['bookingId']}/register")
    assert (place.status, place.json["groupId"]) == (201, group["bookingId"])
    assert "meetingUrl" not in place.json
    await client.post("/api/payments/intents", {"bookingId": place.json["bookingId"]})

    mine = await read(client, place.json["bookingId"])
    assert mine["meetingUrl"] == url
    assert "rescheduleUntil" not in mine["cancellable"]
    (found,) = (await client.get(groups)).json["items"]
    assert (found["attendees"], found["placeId"]) == (1, place.json["bookingId"])
    again = await client.post(f"/api/bookings/{group['bookingId']}/register")
    assert (again.status, again.code) == (409, "ALREADY_REGISTERED")


async def test_only_coaches_announce_group_sessions(client: Caller) -> None:
    body = {"sessionTypeId": "0" * 24, "start": START, "minutes": 60, "meetingUrl": "https://a.example"}

    answer = await client.post("/api/bookings/groups", body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_private_calendar_is_neither_booked_nor_shown(client: Caller, coach: Caller) -> None:
    await open_calendar(coach)
    session_type = await offered(coach)
    await coach.call("PUT", "/api/calendar/privacy", {"privacy": "private"})

    booked_one = await book(client, coach, session_type)
    groups = await client.get(f"/api/coaches/{coach.user['userId']}/groups")

    assert (booked_one.status, booked_one.code) == (403, "CALENDAR_PRIVATE")
    assert (groups.status, groups.code) == (403, "CALENDAR_PRIVATE")


async def test_an_instant_without_a_zone_or_in_no_year_is_refused(client: Caller, coach: Caller) -> None:
    for start in ("2026-01-05T16:00:00", "9999-12-31T23:45:00Z", "1999-01-01T00:00:00Z", "tomorrow"):
        answer = await book(client, coach, "0" * 24, start=start)
        assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), start
