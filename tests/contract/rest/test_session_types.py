"""What a coach offers, over HTTP: made, changed by version, archived, and seen by clients."""

from typing import Any

import pytest

from domain.ids import CoachId, SessionTypeId, new_id
from domain.money import Money
from tests.support.door import Answer, Caller, Door

HOUR: dict[str, Any] = {
    "names": {"en": "Hour", "de": "Stunde"},
    "descriptions": {"en": "Sixty minutes."},
    "price": {"amount": 9000, "currency": "USD"},
    "durationMin": 30,
    "durationDefault": 60,
    "durationMax": 90,
}
GROUP = HOUR | {"format": "group", "capacity": 6, "minAttendees": 2}

#: What cannot be sold, and which field says so.
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"durationDefault": 20}, "durationDefault"),
    ({"durationMin": 75}, "durationDefault"),
    ({"price": {"amount": 9000, "currency": "EUR"}}, "price.currency"),
    ({"price": {"amount": 99, "currency": "USD"}}, "price.amount"),
    ({"price": {"amount": 99_999_999, "currency": "USD"}}, "price.amount"),
    ({"overtimeRate": {"amount": 100, "currency": "EUR"}}, "overtimeRate.currency"),
    ({"names": {"en": " "}}, "names.en"),
    ({"descriptions": {"fr": "Une heure."}}, "descriptions"),
    ({"capacity": 5}, "capacity"),
    ({"format": "group"}, "capacity"),
    (GROUP | {"minAttendees": 7}, "minAttendees"),
    ({"policy": {"fullRefundHours": 1, "partialRefundHours": 2}}, "policy.partialRefundHours"),
    ({"policy": {"fullRefundHours": 48}}, "policy.rescheduleHours"),
    ({"policy": {"rescheduleHours": 23}}, "policy.rescheduleHours"),
    (
        {"policy": {"partialRefundHours": 3, "partialRefundPercent": 100, "rescheduleHours": 2}},
        "policy.rescheduleHours",
    ),
    ({"reminderHours": [24, 24]}, "reminderHours"),
]


async def made(coach: Caller, **changes: Any) -> dict[str, Any]:
    answer = await coach.post("/api/session-types", HOUR | changes)
    assert answer.status == 201, answer.body
    view: dict[str, Any] = answer.json
    return view


#: Where a client who moves and then cancels gets back no more than one who cancels.
FITTING: list[dict[str, Any]] = [
    {"policy": {"fullRefundHours": 48, "rescheduleHours": 48}},
    {"policy": {"partialRefundHours": 3, "partialRefundPercent": 100, "rescheduleHours": 3}},
    {"policy": {"rescheduleHours": 2}, "price": {"amount": 0, "currency": "USD"}},
    GROUP | {"policy": {"rescheduleHours": 2}},
]


def path(view: dict[str, Any]) -> str:
    return f"/api/session-types/{view['sessionTypeId']}"


async def change(caller: Caller, view: dict[str, Any], version: int, **changes: Any) -> Answer:
    body = {key: value for key, value in (HOUR | changes).items() if key != "format"}
    return await caller.call("PUT", path(view), body, headers={"If-Match": f'"{version}"'})


@pytest.fixture
async def other_coach(door: Door) -> Caller:
    """Somebody else's business."""
    party, s = await door.house.coach("Another coach", online=False), door.house.stores
    account = await s.transact(lambda tx: s.accounts.get(tx, party.who.user_id))
    return await door.person(account.email, "a-long-password")


async def test_an_offer_has_its_defaults_and_is_read_back(coach: Caller) -> None:
    view = await made(coach)

    assert (await coach.get(path(view))).json == view
    assert {key: view[key] for key in ("format", "instant", "noticeMinutes", "archived", "used", "version")} == {
        "format": "one_to_one", "instant": True, "noticeMinutes": 60, "archived": False, "used": False, "version": 1,
    }  # fmt: skip
    assert view["durations"] == [30, 45, 60, 75, 90]
    assert view["overtimeRate"] == {"amount": 150, "currency": "USD"}
    assert view["policy"] == {
        "fullRefundHours": 24, "partialRefundHours": 2, "partialRefundPercent": 50, "rescheduleHours": 24,
    }  # fmt: skip
    assert view["reminderHours"] == [24, 1]


async def test_the_second_of_two_editors_is_told_and_undoes_nothing(coach: Caller) -> None:
    view = await made(coach)
    first = await change(coach, view, 1, price={"amount": 9900, "currency": "USD"})
    second = await change(coach, view, 1, names={"en": "Old page"})

    assert (first.status, first.headers["ETag"], first.json["version"]) == (200, '"2"', 2)
    assert (second.status, second.code, second.json["details"]) == (412, "VERSION_MISMATCH", {"version": 2})
    now = await coach.get(path(view))
    assert (now.headers["ETag"], now.json["price"]["amount"]) == ('"2"', 9900)
    assert now.json["names"] == HOUR["names"]


async def test_a_repeated_request_makes_one_offer_and_gives_its_tag_again(coach: Caller) -> None:
    key = {"Idempotency-Key": "offer-1"}
    first = await coach.post("/api/session-types", HOUR, headers=key)
    again = await coach.post("/api/session-types", HOUR, headers=key)

    assert first.json == again.json
    assert first.headers["ETag"] == again.headers["ETag"] == '"1"'
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len((await coach.get("/api/session-types")).json["items"]) == 1


async def test_what_was_never_booked_is_deleted_and_what_was_is_archived(coach: Caller, door: Door) -> None:
    fresh, booked = await made(coach), await made(coach)
    s = door.house.stores

    async def book(tx: Any) -> None:
        await s.session_types.mark_used(tx, await s.session_types.get(tx, booked["sessionTypeId"]))

    await s.transact(book)
    removed = [(await coach.call("DELETE", path(one))).status for one in (fresh, booked, booked)]

    assert removed == [204, 204, 204]
    assert (await coach.get(path(fresh))).code == "NOT_FOUND"
    assert (await coach.get(path(booked))).json["archived"] is True
    assert (await coach.get("/api/session-types")).json["items"] == []
    archived = (await coach.get("/api/session-types?archived=true")).json["items"]
    assert [one["sessionTypeId"] for one in archived] == [booked["sessionTypeId"]]
    assert (await coach.post(path(booked) + "/restore")).json["archived"] is False
    assert len((await coach.get("/api/session-types")).json["items"]) == 1


async def test_clients_see_what_is_offered_and_nobody_changes_what_is_anothers(
    coach: Caller, client: Caller, other_coach: Caller
) -> None:
    view = await made(coach)
    offers = await client.get(f"/api/coaches/{coach.user['userId']}/session-types")
    refused = [
        await other_coach.get(path(view)),
        await change(other_coach, view, 1),
        await other_coach.call("DELETE", path(view)),
        await other_coach.post(path(view) + "/restore"),
    ]

    assert [one["sessionTypeId"] for one in offers.json["items"]] == [view["sessionTypeId"]]
    assert [(one.status, one.code) for one in refused] == [(404, "NOT_FOUND")] * 4
    assert (await client.post("/api/session-types", HOUR)).code == "FORBIDDEN"
    assert (await client.get(f"/api/coaches/{new_id()}/session-types")).code == "NOT_FOUND"


async def test_somebody_blocked_sees_no_offers(coach: Caller, client: Caller) -> None:
    await made(coach)
    await coach.post(f"/api/blocks/{client.user['userId']}")

    assert (await client.get(f"/api/coaches/{coach.user['userId']}/session-types")).code == "NOT_FOUND"


async def test_what_cannot_be_sold_is_refused_with_the_field(coach: Caller) -> None:
    for wrong, field in WRONG:
        answer = await coach.post("/api/session-types", HOUR | wrong)
        assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD"), wrong
        assert field in [one["path"] for one in answer.json["details"]["fields"]], wrong
    assert (await coach.get("/api/session-types")).json["items"] == []


async def test_a_policy_in_which_moving_first_brings_nothing_more_may_be_offered(coach: Caller) -> None:
    for fitting in FITTING:
        view = await made(coach, **fitting)
        assert view["policy"].items() >= fitting["policy"].items()


async def test_free_sessions_and_the_smallest_charge_may_be_offered(coach: Caller) -> None:
    free = await made(coach, price={"amount": 0, "currency": "USD"})
    least = await made(coach, price={"amount": 100, "currency": "USD"})

    assert (free["price"]["amount"], least["price"]["amount"]) == (0, 100)


async def test_a_coach_offers_no_more_than_fifty(coach: Caller, door: Door) -> None:
    view = await made(coach)
    s = door.house.stores
    coach_id = CoachId(view["coachId"])

    async def fill(tx: Any) -> None:
        original = await s.session_types.get(tx, SessionTypeId(view["sessionTypeId"]))
        original.price = Money(9000, "USD")
        for _ in range(49):
            original.id = SessionTypeId(new_id())
            await s.session_types.insert(tx, original)

    await s.transact(fill)
    answer = await coach.post("/api/session-types", HOUR)

    assert (answer.status, answer.code, answer.json["details"]) == (409, "ILLEGAL_STATE", {"limit": 50})
    assert await s.transact(lambda tx: s.session_types.count_offered(tx, coach_id)) == 50


async def test_pages_follow_each_other(coach: Caller) -> None:
    ids = [(await made(coach))["sessionTypeId"] for _ in range(3)]
    first = (await coach.get("/api/session-types?limit=2")).json
    second = (await coach.get(f"/api/session-types?limit=2&cursor={first['nextCursor']}")).json

    assert [one["sessionTypeId"] for one in [*first["items"], *second["items"]]] == ids
    assert "nextCursor" not in second


async def test_every_change_is_told_to_the_coachs_other_windows_and_to_watchers(
    coach: Caller, door: Door
) -> None:
    view = await made(coach)
    await change(coach, view, 1)
    await coach.call("DELETE", path(view))

    told = door.house.published.named("availability_update")
    assert [one["coachId"] for one in told] == [view["coachId"]] * 6
