"""A coach's calendar over HTTP: edited by its coach, looked at by others.

The clock begins on Thursday, 1 January 2026, at midnight UTC.
"""

from dataclasses import replace
from typing import Any

from domain.booking.availability import MAX_SERIES
from domain.booking.slots import SlotChanges
from domain.ids import CoachId, SlotId, new_id
from domain.ports import Tx
from tests.support.door import Answer, Caller, Door

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = {"timeZone": "America/New_York", "weekly": {"mon": [{"from": "09:00", "to": "12:00"}]}}
OFFER = {
    "names": {"en": "Hour"},
    "format": "one_to_one",
    "price": {"amount": 9000, "currency": "USD"},
    "durationMin": 60,
    "durationDefault": 60,
    "durationMax": 120,
    "noticeMinutes": 60,
}
#: Monday, 5 January.
MONDAY = "2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"
JANUARY = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


async def put(caller: Caller, path: str, body: Any, version: int) -> Answer:
    return await caller.call("PUT", path, body, headers={"If-Match": f'"{version}"'})


async def scheduled(coach: Caller, **different: Any) -> Answer:
    version = (await coach.get("/api/availability/schedule")).json["version"]
    return await put(coach, "/api/availability/schedule", {**WEEK, **different}, version)


async def offered(coach: Caller, **different: Any) -> str:
    answer = await coach.post("/api/session-types", {**OFFER, **different})
    assert answer.status == 201, answer.body
    return str(answer.json["sessionTypeId"])


async def slot(coach: Caller, start: str, end: str, **more: Any) -> Answer:
    return await coach.post("/api/bookings/availability", {"start": start, "end": end, **more})


async def listed(coach: Caller, window: tuple[str, str] = JANUARY) -> list[dict[str, Any]]:
    answer = await coach.get(f"/api/bookings/availability?from={window[0]}&to={window[1]}")
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.json["items"]
    return items


async def starts(caller: Caller, coach: Caller, session_type: str, *more: str) -> Answer:
    query = "&".join([f"sessionTypeId={session_type}", f"from={MONDAY[0]}", f"to={MONDAY[1]}", *more])
    return await caller.get(f"/api/coaches/{coach.user['userId']}/starts?{query}")


def times(items: list[dict[str, Any]]) -> list[str]:
    """Of a list of spans: day and time of the starts."""
    return [one["start"][8:16].replace("T", " ") for one in items]


def wrong(answer: Answer) -> str:
    """The field that was refused."""
    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), answer.body
    return str(answer.json["details"]["fields"][0]["path"])


# --- the schedule ---


async def test_a_schedule_is_written_whole_and_read_back(coach: Caller) -> None:
    exceptions = [{"date": "2026-01-12", "windows": []}]

    empty = (await coach.get("/api/availability/schedule")).json
    written = await scheduled(coach, instant=False, exceptions=exceptions)
    read = await coach.get("/api/availability/schedule")

    assert (empty["version"], empty["weekly"]["mon"]) == (0, [])
    assert written.status == 200
    assert read.json == written.json
    assert read.headers["ETag"] == '"1"'
    assert read.json == {
        "timeZone": "America/New_York",
        "weekly": {day: [] for day in DAYS[1:]} | {"mon": [{"from": "09:00", "to": "12:00"}]},
        "instant": False,
        "exceptions": exceptions,
        "version": 1,
    }


async def test_hours_can_be_changed_though_an_exception_is_long_past(door: Door, coach: Caller) -> None:
    await scheduled(coach, exceptions=[{"date": "2026-01-12", "windows": []}])
    door.house.clock.advance(80 * 24 * 3600)
    coach = await door.person("coach@demo.test")

    read = (await coach.get("/api/availability/schedule")).json
    body = {name: read[name] for name in ("timeZone", "weekly", "instant", "exceptions")}
    written = await put(coach, "/api/availability/schedule", body, read["version"])

    assert written.status == 200, written.body
    assert (await coach.get("/api/availability/schedule")).json["exceptions"] == []


async def test_an_edit_of_an_old_schedule_is_refused_but_not_because_somebody_booked(
    door: Door, coach: Caller, client: Caller
) -> None:
    await scheduled(coach)
    session_type = await offered(coach)
    start = (await starts(client, coach, session_type)).json["items"][0]["start"]
    booking = {
        "coachId": str(door.demo["coach@demo.test"].coach_id),
        "sessionTypeId": session_type,
        "start": start,
        "minutes": 60,
    }

    booked = await client.post("/api/bookings", booking)
    fresh = await put(coach, "/api/availability/schedule", WEEK, 1)
    stale = await put(coach, "/api/availability/schedule", WEEK, 1)

    assert (booked.status, fresh.status) == (201, 200), booked.body
    assert (stale.status, stale.code) == (412, "VERSION_MISMATCH")
    assert stale.json["details"] == {"version": 2}


SENSELESS_SCHEDULES: list[tuple[dict[str, Any], str]] = [
    ({"timeZone": "Mars/Olympus"}, "timeZone"),
    ({"weekly": {"mon": [{"from": "9:00", "to": "12:00"}]}}, "weekly.mon.0.from"),
    ({"weekly": {"mon": [{"from": "24:00", "to": "12:00"}]}}, "weekly.mon"),
    ({"weekly": {"mon": [{"from": "09:00", "to": "09:00"}]}}, "weekly.mon"),
    (
        {"weekly": {"mon": [{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]}},
        "weekly.mon",
    ),
    ({"weekly": {"noday": []}}, "weekly.noday"),
    ({"exceptions": [{"date": "2026-02-30", "windows": []}]}, "exceptions.0.date"),
    ({"exceptions": [{"date": "2036-02-20", "windows": []}]}, "exceptions.2036-02-20"),
]


async def test_a_schedule_that_makes_no_sense_is_refused_by_its_field(coach: Caller) -> None:
    refused = [wrong(await scheduled(coach, **different)) for different, _ in SENSELESS_SCHEDULES]

    assert refused == [path for _, path in SENSELESS_SCHEDULES]
    assert (await coach.get("/api/availability/schedule")).json["version"] == 0


async def test_an_exception_is_set_and_taken_back(coach: Caller) -> None:
    await scheduled(coach)
    path = "/api/availability/exceptions/2026-01-05"

    put_there = await coach.call("PUT", path, {"windows": [{"from": "22:00", "to": "02:00"}]})
    night = times(await listed(coach, (MONDAY[0], "2026-01-07T00:00:00Z")))
    away = await coach.call("PUT", path, {"windows": []})
    nothing = await listed(coach, MONDAY)
    gone, again = await coach.call("DELETE", path), await coach.call("DELETE", path)

    assert put_there.json["exceptions"] == [
        {"date": "2026-01-05", "windows": [{"from": "22:00", "to": "02:00"}]}
    ]
    assert night == ["06 03:00"]
    assert (away.status, nothing) == (200, [])
    assert (gone.status, again.status) == (204, 404)
    assert times(await listed(coach, MONDAY)) == ["05 14:00"]
    assert wrong(await coach.call("DELETE", "/api/availability/exceptions/2026-02-31")) == "date"


# --- slots ---


async def test_a_slot_is_made_changed_and_removed(coach: Caller) -> None:
    made = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00+01:00", instant=False)
    path = f"/api/bookings/availability/{made.json['slotId']}"
    body = {"start": "2026-01-07T10:00:00Z", "end": "2026-01-07T13:00:00Z"}

    changed = await put(coach, path, body, made.json["version"])
    stale = await put(coach, path, body, made.json["version"])
    items = await listed(coach)
    removed = await coach.call("DELETE", path)

    assert made.status == 201
    assert made.json["end"] == "2026-01-07T11:00:00.000Z"
    assert made.headers["ETag"] == f'"{made.json["version"]}"'
    assert (changed.status, changed.json["slotId"]) == (200, made.json["slotId"])
    assert (stale.status, stale.code) == (412, "VERSION_MISMATCH")
    assert items == [
        {
            "source": "slot",
            "slotId": made.json["slotId"],
            "start": "2026-01-07T10:00:00.000Z",
            "end": "2026-01-07T13:00:00.000Z",
            "instant": True,
            "sessionTypeIds": [],
            "version": 2,
        }
    ]
    assert (removed.status, await listed(coach)) == (204, [])


async def test_the_same_key_makes_one_slot(coach: Caller) -> None:
    body = {"start": "2026-01-07T09:00:00Z", "end": "2026-01-07T12:00:00Z"}
    answers = [
        await coach.post("/api/bookings/availability", body, headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]

    assert answers[0].json == answers[1].json
    assert len(await listed(coach)) == 1


async def test_slots_that_overlap_are_refused_and_neighbours_are_not(coach: Caller) -> None:
    first = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z")
    over = await slot(coach, "2026-01-07T11:45:00Z", "2026-01-07T13:00:00Z")
    beside = await slot(coach, "2026-01-07T12:00:00Z", "2026-01-07T13:00:00Z")
    moved = await put(
        coach,
        f"/api/bookings/availability/{beside.json['slotId']}",
        {"start": "2026-01-07T11:00:00Z", "end": "2026-01-07T13:00:00Z"},
        1,
    )

    assert (over.status, over.code) == (409, "SLOT_TAKEN")
    assert over.json["details"] == {"slotId": first.json["slotId"]}
    assert beside.status == 201
    assert (moved.status, moved.code) == (409, "SLOT_TAKEN")


SENSELESS_SLOTS: list[tuple[dict[str, Any], str]] = [
    ({"end": "2026-01-07T09:00:00Z"}, ""),
    ({"end": "2026-01-07T09:01:00Z"}, "end"),
    ({"end": "2026-01-20T09:00:00Z"}, "end"),
    ({"start": "2026-01-07T09:00:01Z"}, "start"),
    ({"start": "2026-01-07T09:00:00"}, "start"),
    ({"start": "2025-12-31T09:00:00Z", "end": "2025-12-31T10:00:00Z"}, "end"),
    ({"start": "2030-01-07T09:00:00Z", "end": "2030-01-07T10:00:00Z"}, "start"),
    ({"start": "0001-01-01T00:00:00Z", "end": "0001-01-01T10:00:00Z"}, "start"),
    ({"sessionTypeIds": ["0" * 24]}, "sessionTypeIds"),
    ({"recurrence": {"rule": "FREQ=WEEKLY", "timeZone": "UTC"}}, "recurrence.rule"),
    ({"recurrence": {"rule": "FREQ=DAILY;COUNT=99999", "timeZone": "UTC"}}, "recurrence.rule"),
    ({"recurrence": {"rule": "FREQ=WEEKLY;COUNT=3", "timeZone": "Nowhere"}}, "recurrence.timeZone"),
    (
        {"end": "2026-01-08T10:00:00Z", "recurrence": {"rule": "FREQ=WEEKLY;COUNT=3", "timeZone": "UTC"}},
        "recurrence.rule",
    ),
    (
        {
            "start": "0001-01-01T00:00:00Z",
            "end": "0001-01-01T10:00:00Z",
            "recurrence": {"rule": "FREQ=WEEKLY;COUNT=3", "timeZone": "America/New_York"},
        },
        "start",
    ),
]


async def test_a_slot_that_makes_no_sense_is_refused_by_its_field(coach: Caller) -> None:
    good = {"start": "2026-01-07T09:00:00Z", "end": "2026-01-07T10:00:00Z"}

    answers = [
        await coach.post("/api/bookings/availability", {**good, **body}) for body, _ in SENSELESS_SLOTS
    ]

    assert [wrong(answer) for answer in answers] == [path for _, path in SENSELESS_SLOTS]
    assert await listed(coach) == []


async def test_a_slot_of_somebody_else_is_not_there(door: Door, coach: Caller) -> None:
    made = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z")
    path = f"/api/bookings/availability/{made.json['slotId']}"
    client = await door.person("client@demo.test")
    other = await another_coach(door)

    answers = [
        await put(other, path, {"start": "2026-01-07T09:00:00Z", "end": "2026-01-07T12:00:00Z"}, 1),
        await other.call("DELETE", path),
    ]

    assert {(answer.status, answer.code) for answer in answers} == {(404, "NOT_FOUND")}
    assert (await client.call("DELETE", path)).code == "FORBIDDEN"
    assert len(await listed(coach)) == 1


async def another_coach(door: Door) -> Caller:
    body = {
        "email": "other@demo.test",
        "password": "rapport-demo",
        "name": "Other",
        "role": "coach",
        "ratePerMinute": 100,
        "currency": "USD",
    }
    answer = await door.stranger().post("/api/auth/register", body)
    assert answer.status == 201, answer.body
    return await door.person("other@demo.test")


# --- series ---

WEEKLY = {"rule": "FREQ=WEEKLY;COUNT=4", "timeZone": "Europe/Berlin"}


async def series(coach: Caller) -> tuple[str, int]:
    made = await slot(coach, "2026-01-06T09:00:00Z", "2026-01-06T11:00:00Z", recurrence=WEEKLY)
    assert made.status == 201, made.body
    return f"/api/bookings/availability/{made.json['slotId']}", made.json["version"]


async def test_a_series_is_expanded(coach: Caller) -> None:
    await series(coach)

    items = await listed(coach)

    assert times(items) == ["06 09:00", "13 09:00", "20 09:00", "27 09:00"]
    assert {one["source"] for one in items} == {"occurrence"}
    assert items[0]["recurrence"] == {**WEEKLY, "excluded": []}


async def test_one_occurrence_is_changed_alone(coach: Caller) -> None:
    path, version = await series(coach)
    body = {"start": "2026-01-14T10:00:00Z", "end": "2026-01-14T11:00:00Z", "instant": False}

    single = await put(coach, f"{path}?scope=this&occurrence=2026-01-13T09:00:00Z", body, version)
    items = await listed(coach)

    assert single.status == 200
    assert "recurrence" not in single.json
    assert times(items) == ["06 09:00", "14 10:00", "20 09:00", "27 09:00"]
    assert [one["source"] for one in items] == ["occurrence", "slot", "occurrence", "occurrence"]
    assert items[0]["recurrence"]["excluded"] == ["2026-01-13"]


async def test_one_and_those_that_follow_become_a_series_of_their_own(coach: Caller) -> None:
    path, version = await series(coach)
    body = {"start": "2026-01-20T13:00:00Z", "end": "2026-01-20T16:00:00Z"}

    later = await put(coach, f"{path}?scope=following&occurrence=2026-01-20T09:00:00Z", body, version)
    items = await listed(coach)

    assert later.json["recurrence"]["rule"] == "FREQ=WEEKLY;COUNT=2"
    assert times(items) == ["06 09:00", "13 09:00", "20 13:00", "27 13:00"]
    assert len({one["slotId"] for one in items}) == 2


async def test_all_are_moved_by_the_clock_on_the_wall(coach: Caller) -> None:
    path, version = await series(coach)
    await coach.call("DELETE", f"{path}?scope=this&occurrence=2026-01-13T09:00:00Z")
    body = {"start": "2026-01-20T08:00:00Z", "end": "2026-01-20T12:00:00Z"}

    moved = await put(coach, f"{path}?scope=all&occurrence=2026-01-20T09:00:00Z", body, version + 1)
    other_day = await put(
        coach,
        f"{path}?scope=all",
        {"start": "2026-01-07T08:00:00Z", "end": "2026-01-07T12:00:00Z"},
        version + 2,
    )
    with_rule = await put(
        coach,
        f"{path}?scope=all",
        {
            "start": "2026-01-07T08:00:00Z",
            "end": "2026-01-07T12:00:00Z",
            "recurrence": {**WEEKLY, "rule": "FREQ=WEEKLY;BYDAY=WE;COUNT=2"},
        },
        version + 3,
    )

    assert moved.status == 200, moved.body
    # What was deleted stays deleted. Without BYDAY a series goes where its first occurrence goes.
    assert times(await listed(coach)) == ["07 08:00"]
    assert (other_day.status, with_rule.status) == (200, 200), with_rule.body


async def test_so_much_of_a_series_is_removed_as_was_said(coach: Caller) -> None:
    path, _ = await series(coach)

    one = await coach.call("DELETE", f"{path}?scope=this&occurrence=2026-01-06T09:00:00Z")
    without_first = times(await listed(coach))
    following = await coach.call("DELETE", f"{path}?scope=following&occurrence=2026-01-20T09:00:00Z")
    without_last = times(await listed(coach))
    rest = await coach.call("DELETE", f"{path}?scope=following&occurrence=2026-01-13T09:00:00Z")

    assert without_first == ["13 09:00", "20 09:00", "27 09:00"]
    assert without_last == ["13 09:00"]
    assert [answer.status for answer in (one, following, rest)] == [204, 204, 204]
    assert await listed(coach) == []


async def test_there_are_no_more_series_than_a_process_can_expand_at_once(door: Door, coach: Caller) -> None:
    path, version = await series(coach)
    stores, slot_id = door.house.stores, SlotId(path.rpartition("/")[2])
    coach_id = CoachId(coach.user["coachId"])

    async def repeat(tx: Tx) -> None:
        known = await stores.slots.get(tx, coach_id, slot_id)
        more = [replace(known, id=SlotId(new_id())) for _ in range(MAX_SERIES - 1)]
        await stores.slots.apply(tx, SlotChanges(inserted=more))

    await stores.transact(repeat)
    single = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z")
    span = {"start": "2026-01-07T13:00:00Z", "end": "2026-01-07T14:00:00Z"}
    plain = f"/api/bookings/availability/{single.json['slotId']}"

    for refused in (
        await slot(coach, **span, recurrence=WEEKLY),
        await put(coach, plain, {**span, "recurrence": WEEKLY}, single.json["version"]),
    ):
        assert (refused.status, refused.json["details"]["limit"]) == (409, MAX_SERIES), refused.body
    body = {"start": "2026-01-06T10:00:00Z", "end": "2026-01-06T11:00:00Z"}
    assert (await put(coach, path, body, version)).status == 200


async def test_what_is_asked_of_a_series_has_to_fit(coach: Caller) -> None:
    path, version = await series(coach)
    body = {"start": "2026-01-20T13:00:00Z", "end": "2026-01-20T16:00:00Z"}
    single = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z")
    plain = f"/api/bookings/availability/{single.json['slotId']}"

    assert wrong(await put(coach, f"{path}?scope=this", body, version)) == "occurrence"
    assert wrong(await put(coach, f"{path}?scope=following", body, version)) == "occurrence"
    assert wrong(await coach.call("DELETE", f"{path}?scope=this")) == "occurrence"
    assert wrong(await coach.call("DELETE", f"{plain}?scope=this")) == "scope"
    assert wrong(await coach.call("DELETE", f"{path}?scope=some")) == "scope"
    stray = await coach.call("DELETE", f"{path}?scope=this&occurrence=2026-01-13T10:00:00Z")
    assert (stray.status, stray.code) == (404, "NOT_FOUND")
    again = {**body, "recurrence": WEEKLY}
    repeated = await put(coach, f"{path}?scope=this&occurrence=2026-01-20T09:00:00Z", again, version)
    assert wrong(repeated) == "recurrence"


# --- as others see it ---


async def test_a_client_sees_where_a_session_can_begin(coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    await slot(coach, "2026-01-05T20:00:00Z", "2026-01-05T21:00:00Z", instant=False)
    session_type = await offered(coach)

    answer = await starts(client, coach, session_type)

    assert answer.json["timeZone"] == "America/New_York"
    assert answer.json["minutes"] == 60
    # Nine to twelve in New York, and an hour in the evening for which the coach wants to be asked.
    assert times(answer.json["items"]) == [
        *(f"05 {14 + quarter // 4}:{quarter % 4 * 15:02d}" for quarter in range(9)),
        "05 20:00",
    ]
    assert [one["instant"] for one in answer.json["items"]] == [True] * 9 + [False]
    assert answer.json["items"][0]["end"] == "2026-01-05T15:00:00.000Z"
    assert "nextFrom" not in answer.json
    two_hours = await starts(client, coach, session_type, "minutes=120")
    assert times(two_hours.json["items"]) == ["05 14:00", "05 14:15", "05 14:30", "05 14:45", "05 15:00"]


async def test_a_long_list_comes_in_pages(coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    session_type = await offered(coach)
    query = f"sessionTypeId={session_type}&to=2026-12-31T00:00:00Z&limit=100"
    path = f"/api/coaches/{coach.user['userId']}/starts?{query}"

    found: list[str] = []
    place = "2026-01-01T00:00:00Z"
    while place:
        page = (await client.get(f"{path}&from={place}")).json
        found += [one["start"] for one in page["items"]]
        place = page.get("nextFrom", "")

    assert len(found) == len(set(found)) == 9 * 52
    assert found == sorted(found)


async def test_notice_is_kept_and_nothing_is_offered_too_far_ahead(
    door: Door, coach: Caller, client: Caller
) -> None:
    every_day = {day: [{"from": "00:00", "to": "24:00"}] for day in DAYS}
    await scheduled(coach, timeZone="UTC", weekly=every_day)
    session_type = await offered(coach, noticeMinutes=24 * 60)
    path = f"/api/coaches/{coach.user['userId']}/starts?sessionTypeId={session_type}"

    soon = await client.get(f"{path}&from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z")
    late = await client.get(f"{path}&from=2026-12-31T00:00:00Z&to=2027-02-01T00:00:00Z")

    assert times(soon.json["items"])[0] == "02 00:00"
    assert late.json["items"][-1]["start"] == "2027-01-01T23:45:00.000Z"


async def test_what_is_booked_is_free_no_more_and_free_again_when_it_is_called_off(
    door: Door, coach: Caller, client: Caller
) -> None:
    await scheduled(coach)
    session_type = await offered(coach, bufferAfterMinutes=30)
    booking = {
        "coachId": str(door.demo["coach@demo.test"].coach_id),
        "sessionTypeId": session_type,
        "start": "2026-01-05T14:00:00Z",
        "minutes": 60,
    }
    before = await starts(client, coach, session_type)

    booked = await client.post("/api/bookings", booking)
    during = await starts(client, coach, session_type)
    seen = await client.get(f"/api/coaches/{coach.user['userId']}/calendar?from={MONDAY[0]}&to={MONDAY[1]}")
    await client.post(f"/api/bookings/{booked.json['bookingId']}/cancel", {})
    afterwards = await starts(client, coach, session_type)

    assert booked.status == 201, booked.body
    assert times(during.json["items"]) == ["05 15:30", "05 15:45", "05 16:00"]
    assert seen.json["busy"] == [{"start": "2026-01-05T14:00:00.000Z", "end": "2026-01-05T15:00:00.000Z"}]
    assert [(one["start"], one["end"]) for one in seen.json["free"]] == [
        ("2026-01-05T15:30:00.000Z", "2026-01-05T17:00:00.000Z")
    ]
    assert [one["bookingId"] for one in seen.json["own"]] == [booked.json["bookingId"]]
    assert afterwards.json == before.json


async def test_what_others_booked_is_only_busy(door: Door, coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    session_type = await offered(coach)
    booking = {
        "coachId": str(door.demo["coach@demo.test"].coach_id),
        "sessionTypeId": session_type,
        "start": "2026-01-05T14:00:00Z",
        "minutes": 60,
        "goals": "Nobody else's business.",
    }
    booked = await client.post("/api/bookings", booking)
    other = await another_coach(door)

    seen = await other.get(f"/api/coaches/{coach.user['userId']}/calendar?from={MONDAY[0]}&to={MONDAY[1]}")

    assert len(seen.json["busy"]) == 1
    assert seen.json["own"] == []
    for secret in (booked.json["bookingId"], "business", client.user["userId"], session_type):
        assert secret not in seen.body.decode()


async def test_a_private_calendar_is_shown_to_nobody_else(coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    session_type = await offered(coach)
    seen = f"/api/coaches/{coach.user['userId']}/calendar?from={MONDAY[0]}&to={MONDAY[1]}"

    answer = await coach.call("PUT", "/api/calendar/privacy", {"privacy": "private"})

    assert answer.status == 200, answer.body
    assert (await starts(client, coach, session_type)).code == "CALENDAR_PRIVATE"
    assert (await client.get(seen)).code == "CALENDAR_PRIVATE"
    assert (await starts(coach, coach, session_type)).status == 200
    assert (await coach.get(seen)).status == 200


async def test_blocks_hide_a_calendar_both_ways(coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    session_type = await offered(coach)
    for blocker, blocked in ((coach, client), (client, coach)):
        await blocker.post(f"/api/blocks/{blocked.user['userId']}")
        answer = await starts(client, coach, session_type)
        await blocker.call("DELETE", f"/api/blocks/{blocked.user['userId']}")

        assert (answer.status, answer.code) == (403, "BLOCKED")

    assert (await starts(client, coach, session_type)).status == 200


async def test_only_what_exists_can_be_looked_at(coach: Caller, client: Caller) -> None:
    session_type = await offered(coach)
    group = await offered(
        coach,
        format="group",
        capacity=5,
        minAttendees=2,
        durationMax=60,
        price={"amount": 500, "currency": "USD"},
    )

    assert (await starts(client, client, session_type)).code == "NOT_FOUND"
    assert (await starts(client, coach, "0" * 24)).code == "NOT_FOUND"
    assert wrong(await starts(client, coach, group)) == "sessionTypeId"
    assert wrong(await starts(client, coach, session_type, "minutes=61")) == "minutes"
    path = f"/api/coaches/{coach.user['userId']}/calendar"
    assert wrong(await client.get(f"{path}?from={MONDAY[1]}&to={MONDAY[0]}")) == "to"
    assert wrong(await client.get(f"{path}?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z")) == "to"
    assert wrong(await client.get(f"{path}?from=0001-01-01T00:00:00Z&to=0001-01-02T00:00:00Z")) == "from"


async def test_everybody_concerned_is_told_of_a_change(door: Door, coach: Caller) -> None:
    door.house.published.events.clear()
    await scheduled(coach)
    made = await slot(coach, "2026-01-07T09:00:00Z", "2026-01-07T12:00:00Z")
    await coach.call("DELETE", f"/api/bookings/availability/{made.json['slotId']}")

    told = [
        (type(to).__name__, data["start"][:13])
        for to, name, data in door.house.published.events
        if name == "availability_update"
    ]

    assert told == [
        (to, start)
        for start in ("2026-01-01T00", "2026-01-07T09", "2026-01-07T09")
        for to in ("ToUser", "ToWatchers")
    ]
