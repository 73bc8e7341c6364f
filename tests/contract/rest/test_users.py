"""Profiles, coaches and blocks."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest

from domain.accounts.account import Role
from domain.coaching.coach import Claim, ClaimState, Status, Wish
from domain.events import ToWatchers
from domain.ids import SessionId, UserId, new_id
from domain.money import Money
from tests.support.door import Caller, Door
from tests.support.house import Party


async def patched(caller: Caller, **change: Any) -> Any:
    answer = await caller.call("PATCH", "/api/users/me", change)
    assert answer.status == 200, answer.body
    return answer.json


async def test_a_profile_shows_everything_of_oneself(client: Caller) -> None:
    me = (await client.get("/api/users/me")).json

    assert me.items() >= {"email": "client@demo.test", "emailVerified": True, "role": "client"}.items()
    assert "coach" not in me
    assert "passwordHash" not in me


async def test_what_is_left_out_of_a_patch_stays(client: Caller) -> None:
    await patched(client, phone="+4930123456", avatarUrl="https://images.example.com/me.jpg")

    me = await patched(client, name="New Name", timeZone="Europe/Vienna", billingCountry="AT", locale="de-AT")

    assert me["phone"] == "+4930123456"
    assert (me["name"], me["timeZone"], me["billingCountry"]) == ("New Name", "Europe/Vienna", "AT")


async def test_null_clears_what_may_be_empty(client: Caller) -> None:
    await patched(client, phone="+4930123456")

    assert "phone" not in await patched(client, phone=None)


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": "  "},
        {"role": "admin"},
        {"emailVerified": True},
        {"phone": "030 123"},
        {"avatarUrl": "http://images.example.com/me.jpg"},
        {"avatarUrl": "javascript:alert(1)"},
        {"timeZone": "Nowhere"},
        {"coach": None},
    ],
)
async def test_a_wrong_patch_changes_nothing(client: Caller, change: dict[str, Any]) -> None:
    before = (await client.get("/api/users/me")).json

    answer = await client.call("PATCH", "/api/users/me", change)

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")
    assert (await client.get("/api/users/me")).json == before


async def test_a_client_has_no_business_profile(client: Caller) -> None:
    answer = await client.call("PATCH", "/api/users/me", {"coach": {"headline": "Me too"}})

    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_coachs_new_rate_is_told_to_watchers(door: Door, coach: Caller) -> None:
    me = await patched(
        coach,
        coach={
            "headline": "Calm under pressure",
            "languages": ["en", "de"],
            "yearsOfExperience": 12,
            "ratePerMinute": {"amount": 400, "currency": "USD"},
        },
    )

    told = [(to, data) for to, name, data in door.house.published.events if name == "coach_status"]
    assert me["coach"]["ratePerMinute"] == {"amount": 400, "currency": "USD"}
    assert told[-1][0] == ToWatchers(coach.user["coachId"])
    assert told[-1][1]["ratePerMinute"] == {"amount": 400, "currency": "USD"}


async def test_a_coachs_rate_keeps_its_currency(coach: Caller) -> None:
    before = (await coach.get("/api/users/me")).json
    change = {"headline": "New", "ratePerMinute": {"amount": 400, "currency": "EUR"}}

    answer = await coach.call("PATCH", "/api/users/me", {"coach": change})

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")
    assert [one["path"] for one in answer.json["details"]["fields"]] == ["ratePerMinute.currency"]
    assert (await coach.get("/api/users/me")).json == before


async def test_two_changes_at_once_both_count(client: Caller) -> None:
    await asyncio.gather(patched(client, name="New Name"), patched(client, locale="fr"))

    me = (await client.get("/api/users/me")).json
    assert (me["name"], me["locale"]) == ("New Name", "fr")


async def listed(caller: Caller, **query: str) -> list[str]:
    answer = await caller.get("/api/coaches", params=query)
    assert answer.status == 200, answer.body
    return [coach["name"] for coach in answer.json["items"]]


async def three(door: Door) -> list[Party]:
    """Three coaches beside the demo one, the third offline."""
    house = door.house
    alpha = await house.coach("Alpha Coach", rate=Money(100, "USD"))
    beta = await house.coach("Beta Coach", rate=Money(300, "USD"))
    carat = await house.coach("Carat Coach", online=False, rate=Money(200, "USD"))
    return [alpha, beta, carat]


async def test_pages_give_every_coach_once_in_every_order(door: Door, client: Caller) -> None:
    await three(door)
    orders = {"newest", "rating", "price_low", "price_high"}
    for order in orders:
        seen: list[str] = []
        cursor: dict[str, str] = {}
        for _ in range(4):
            page = (await client.get("/api/coaches", params={"sort": order, "limit": "1", **cursor})).json
            seen += [coach["name"] for coach in page["items"]]
            cursor = {"cursor": page.get("nextCursor", "")}
        assert sorted(seen) == ["Alpha Coach", "Beta Coach", "Carat Coach", "Demo Coach"], order
        assert cursor == {"cursor": ""}


async def test_the_order_is_what_was_asked_for(door: Door, client: Caller) -> None:
    await three(door)

    assert await listed(client, sort="price_low") == [
        "Alpha Coach",
        "Carat Coach",
        "Demo Coach",
        "Beta Coach",
    ]
    assert await listed(client, sort="price_high") == [
        "Beta Coach",
        "Demo Coach",
        "Carat Coach",
        "Alpha Coach",
    ]


async def test_coaches_are_found_by_status_words_language_and_topic(
    door: Door, client: Caller, coach: Caller
) -> None:
    _, beta, _ = await three(door)
    await patched(coach, coach={"bio": "Speaks about chess", "languages": ["is"], "expertise": ["Chess"]})
    stores = door.house.stores

    async def claim(tx: Any) -> None:
        found = await stores.coaches.of_user(tx, beta.who.user_id)
        assert found is not None
        found.claim = Claim(ClaimState.RINGING, SessionId(new_id()), door.house.clock.now())
        await stores.coaches.save(tx, found)

    await stores.transact(claim)

    assert await listed(client, status="online") == ["Alpha Coach"]
    assert await listed(client, status="busy") == ["Beta Coach"]
    assert await listed(client, status="offline") == ["Carat Coach", "Demo Coach"]
    assert await listed(client, text="alpha") == ["Alpha Coach"]
    assert await listed(client, text="chess") == ["Demo Coach"]
    assert await listed(client, language="is") == ["Demo Coach"]
    assert await listed(client, expertise="Chess") == ["Demo Coach"]
    assert await listed(client, expertise="Chess", status="online") == []


async def test_the_filter_agrees_with_the_status_that_is_shown(door: Door, client: Caller) -> None:
    stores, now = door.house.stores, door.house.clock.now()
    demo = door.demo["coach@demo.test"]
    coach_id = demo.coach_id
    assert coach_id is not None
    claims = (None, ClaimState.RESERVING, ClaimState.COOLDOWN)
    for wish, absent, claim in itertools.product(Wish, (None, 10, 31), claims):

        async def set_up(
            tx: Any, wish: Wish = wish, absent: int | None = absent, claim: ClaimState | None = claim
        ) -> None:
            coach = await stores.coaches.get(tx, coach_id)
            coach.wish = wish
            coach.absent_since = None if absent is None else now - timedelta(seconds=absent)
            coach.claim = None if claim is None else Claim(claim, SessionId(new_id()), now)
            await stores.coaches.save(tx, coach)

        await stores.transact(set_up)
        shown = (await client.get(f"/api/coaches/{demo.user_id}/profile")).json["status"]
        found = [status for status in Status if await listed(client, status=status)]
        assert found == [shown], (wish, absent, claim)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "1e1"},
        {"limit": "1.0"},
        {"limit": " 1"},
        {"status": "away"},
        {"cursor": "bm9uc2Vuc2U"},
        {"cursor": "%%%"},
        {"sort": ""},
        {"unknown": "1"},
    ],
)
async def test_a_wrong_query_is_refused(client: Caller, query: dict[str, str]) -> None:
    answer = await client.get("/api/coaches", params=query)

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")


async def test_a_cursor_of_another_order_is_refused(door: Door, client: Caller) -> None:
    await three(door)
    page = (await client.get("/api/coaches", params={"limit": "1", "sort": "price_low"})).json

    answer = await client.get("/api/coaches", params={"cursor": page["nextCursor"], "sort": "rating"})

    assert answer.code == "INVALID_PAYLOAD"


@pytest.mark.parametrize("blocker", ["client@demo.test", "coach@demo.test"])
async def test_whoever_blocks_neither_finds_the_other(door: Door, blocker: str) -> None:
    client = await door.person("client@demo.test")
    people = {"client@demo.test": "coach@demo.test", "coach@demo.test": "client@demo.test"}
    other = door.demo[people[blocker]].user_id
    coach = door.demo["coach@demo.test"].user_id
    by = await door.person(blocker)

    assert (await by.post(f"/api/blocks/{other}")).status == 204
    assert (await by.post(f"/api/blocks/{other}")).status == 204
    assert (await client.get(f"/api/coaches/{coach}/profile")).code == "NOT_FOUND"
    assert await listed(client) == []

    assert (await by.call("DELETE", f"/api/blocks/{other}")).status == 204
    assert (await client.get(f"/api/coaches/{coach}/profile")).status == 200
    assert await listed(client) == ["Demo Coach"]


async def test_nobody_blocks_themselves_or_nobody(client: Caller) -> None:
    assert (await client.post(f"/api/blocks/{client.user['userId']}")).code == "OWN_ACCOUNT"
    assert (await client.post(f"/api/blocks/{new_id()}")).code == "NOT_FOUND"


async def test_a_client_is_no_coach(door: Door, client: Caller) -> None:
    assert (await client.get(f"/api/coaches/{client.user['userId']}/profile")).code == "NOT_FOUND"
    assert (await client.get(f"/api/coaches/{UserId(new_id())}/profile")).code == "NOT_FOUND"


async def test_an_unverified_coach_is_seen_by_nobody_else(door: Door, client: Caller) -> None:
    body = {"email": "late@demo.test", "password": "correct horse", "name": "Late", "role": Role.COACH}
    user_id = (await door.stranger().post("/api/auth/register", body)).json["user"]["userId"]
    late = await door.person("late@demo.test", "correct horse")

    assert await listed(client) == ["Demo Coach"]
    assert (await client.get(f"/api/coaches/{user_id}/profile")).code == "NOT_FOUND"
    assert (await late.get(f"/api/coaches/{user_id}/profile")).status == 200
