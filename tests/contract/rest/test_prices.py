"""Prices and their reasons over HTTP: what a client is shown, and the rules and codes behind it."""

from dataclasses import dataclass
from typing import Any

import pytest

from bootstrap.seeding import seed_coach
from domain.ids import UserId, new_id
from domain.pricing.quote import Quote
from tests.support.door import Answer, Caller, Door

#: 18:30 and 12:00 in Berlin on a Monday.
EVENING, NOON = "2026-01-05T17:30:00Z", "2026-01-05T11:00:00Z"
RULE = {
    "label": "Late hours",
    "percent": 30,
    "timeRate": {"days": ["mon"], "from": "18:00", "to": "24:00"},
}


@dataclass
class Desk:
    """The demo coach's prices, as a client asks for them."""

    door: Door
    coach: Caller
    client: Caller
    #: what the demo coach offers: 45 dollars for half an hour; 15 % off from 18:00; 20 % off with WELCOME
    offer: dict[str, Any]

    async def ask(
        self, start: str = NOON, minutes: int = 30, code: str | None = None, **changes: Any
    ) -> Answer:
        body = {
            "coachId": self.offer["coachId"],
            "sessionTypeId": self.offer["sessionTypeId"],
            "start": start,
            "minutes": minutes,
        }
        if code is not None:
            body["discountCode"] = code
        return await self.client.post("/api/prices/calculate", body | changes)

    async def price(self, *asked: Any, **more: Any) -> tuple[int, str, str]:
        answer = await self.ask(*asked, **more)
        assert answer.status == 200, answer.body
        return answer.json["amount"], answer.json["reason"], answer.json["label"]

    async def rule(self, **changes: Any) -> Answer:
        return await self.coach.post("/api/price-rules", RULE | changes)

    async def code(self, **terms: Any) -> Answer:
        return await self.coach.post("/api/discount-codes", terms)


@pytest.fixture
async def desk(door: Door, coach: Caller, client: Caller) -> Desk:
    await seed_coach(door.house.stores, door.house.booking, door.house.clock, door.demo["coach@demo.test"])
    offers = (await client.get(f"/api/coaches/{coach.user['userId']}/session-types")).json["items"]
    return Desk(door, coach, client, offers[0])


async def test_the_lowest_price_wins_and_says_why(desk: Desk) -> None:
    assert await desk.price(NOON) == (4500, "base", "")
    assert await desk.price(NOON, minutes=45) == (6750, "base", "")
    assert await desk.price(EVENING) == (3825, "time_rate", "Evening discount")
    assert await desk.price(EVENING, code="welcome") == (3600, "code", "WELCOME")
    answer = (await desk.ask(EVENING, code="WELCOME")).json
    assert (answer["base"], answer["currency"]) == (4500, "USD")
    assert answer["candidates"] == [
        {"reason": "code", "label": "WELCOME", "amount": 3600},
        {"reason": "time_rate", "label": "Evening discount", "amount": 3825},
        {"reason": "base", "label": "", "amount": 4500},
    ]


async def test_rules_are_made_changed_by_version_and_taken_away(desk: Desk) -> None:
    made = await desk.rule()
    path = f"/api/price-rules/{made.json['priceRuleId']}"
    assert made.json["timeRate"] == {"days": ["mon"], "from": "18:00", "to": "24:00"}
    assert await desk.price(EVENING) == (3150, "time_rate", "Late hours")

    period = {"label": "New year", "percent": 40, "period": {"first": "2026-01-05", "last": "2026-01-05"}}
    changed = await desk.coach.call("PUT", path, period, headers={"If-Match": made.headers["ETag"]})
    stale = await desk.coach.call("PUT", path, RULE, headers={"If-Match": made.headers["ETag"]})
    assert (changed.headers["ETag"], stale.code) == ('"2"', "VERSION_MISMATCH")
    assert "timeRate" not in changed.json
    assert await desk.price(NOON) == (2700, "special_period", "New year")

    assert (await desk.coach.call("DELETE", path)).status == 204
    assert await desk.price(NOON) == (4500, "base", "")
    assert (await desk.coach.get(path)).code == "NOT_FOUND"


async def test_codes_are_made_changed_by_version_and_taken_away(desk: Desk) -> None:
    made = await desk.code(code="spring-27", off={"amount": 1000, "currency": "USD"}, maxUses=1)
    path = f"/api/discount-codes/{made.json['discountCodeId']}"
    assert (made.json["code"], made.json["uses"], made.headers["ETag"]) == ("SPRING-27", 0, '"1"')
    assert await desk.price(code="Spring-27") == (3500, "code", "SPRING-27")

    used = await use(desk, "SPRING-27")
    assert used.amount == 3500
    assert (await desk.ask(code="SPRING-27")).code == "CODE_USED_UP"
    read = await desk.coach.get(path)
    assert (read.json["uses"], read.json["discounted"], read.headers["ETag"]) == (1, 1000, '"1"')

    changed = await desk.coach.call("PUT", path, {"percent": 50}, headers={"If-Match": '"1"'})
    assert (changed.json["percent"], changed.json["uses"], changed.json["version"]) == (50, 1, 2)
    assert await desk.price(code="SPRING-27") == (2250, "code", "SPRING-27")

    assert (await desk.coach.call("DELETE", path)).status == 204
    assert (await desk.ask(code="SPRING-27")).code == "CODE_INVALID"
    assert (await desk.coach.get(path)).json["archived"] is True
    assert (await desk.code(code="SPRING-27", percent=10)).code == "ILLEGAL_STATE"


async def use(desk: Desk, code: str) -> Quote:
    """Somebody else's order with the code."""
    house, buyer = desk.door.house, UserId(new_id())

    async def work(tx: Any) -> Quote:
        offer = await house.stores.session_types.get(tx, desk.offer["sessionTypeId"])
        quote = await house.booking.prices.quote(
            tx, buyer=buyer, session_type=offer, start=house.clock.now(), minutes=30, code=code
        )
        await house.booking.prices.consume(tx, quote, buyer, new_id())
        return quote

    return await house.stores.transact(work)


async def test_a_code_that_is_not_for_this_is_refused_without_a_word_on_why(desk: Desk) -> None:
    await desk.code(code="OTHERS", percent=10, sessionTypeIds=[new_id()])
    await desk.code(code="EARLY", percent=10, validFrom="2026-02-01T00:00:00Z")
    await desk.code(code="LATE", percent=10, validUntil="2025-12-31T00:00:00Z")

    refusals = [await desk.ask(code=code) for code in ("OTHERS", "EARLY", "LATE", "NOTHING")]

    assert {(one.status, one.code, one.json["detail"]) for one in refusals} == {
        (409, "CODE_INVALID", "This discount code is not valid here.")
    }


async def test_only_what_is_offered_has_a_price(desk: Desk) -> None:
    unknown = [await desk.ask(coachId=new_id()), await desk.ask(sessionTypeId=new_id())]
    wrong = [
        await desk.ask(minutes=20),
        await desk.ask("2029-01-01T12:00:00Z"),
        await desk.ask("2025-01-01T12:00:00Z"),
    ]

    assert [(one.status, one.code) for one in unknown] == [(404, "NOT_FOUND")] * 2
    assert [(one.status, one.code) for one in wrong] == [(400, "INVALID_PAYLOAD")] * 3


async def test_whoever_may_not_book_is_told_no_price(desk: Desk) -> None:
    await desk.coach.call("PUT", "/api/calendar/privacy", {"privacy": "private"})
    private = await desk.ask()
    await desk.coach.post(f"/api/blocks/{desk.client.user['userId']}")

    assert (private.status, private.code) == (403, "CALENDAR_PRIVATE")
    assert (await desk.ask()).code == "BLOCKED"


async def test_nothing_in_the_body_makes_it_cheaper(desk: Desk) -> None:
    for field in ("amount", "price", "base", "percent", "currency", "reason", "codeId"):
        assert (await desk.ask(**{field: 1})).code == "INVALID_PAYLOAD", field


#: What is no rule and no code, and which field says so.
WRONG_RULES: list[tuple[dict[str, Any], str]] = [
    ({"period": {"first": "2026-01-05", "last": "2026-01-06"}}, "timeRate"),
    ({"timeRate": None}, "timeRate"),
    ({"percent": 0}, "percent"),
    ({"percent": 101}, "percent"),
    ({"label": "two\nlines"}, "label"),
    ({"timeRate": None, "period": {"first": "2026-01-06", "last": "2026-01-05"}}, "period.last"),
    ({"timeRate": {"days": [], "from": "18:00", "to": "22:00"}}, "timeRate.days"),
    ({"timeRate": {"days": ["mon"], "from": "24:00", "to": "22:00"}}, "timeRate.from"),
    ({"timeRate": {"days": ["mon"], "from": "9:00", "to": "22:00"}}, "timeRate.from"),
]
WRONG_CODES: list[tuple[dict[str, Any], str]] = [
    ({}, "percent"),
    ({"percent": 10, "off": {"amount": 100, "currency": "USD"}}, "percent"),
    ({"off": {"amount": 100, "currency": "EUR"}}, "off.currency"),
    ({"percent": 10, "budget": {"amount": 100, "currency": "EUR"}}, "budget.currency"),
    ({"percent": 10, "maxUses": 0}, "maxUses"),
    (
        {"percent": 10, "validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-02-01T00:00:00Z"},
        "validUntil",
    ),
    ({"percent": 10, "validFrom": "2026-02-01T00:00:00"}, "validFrom"),
    ({"percent": 10, "code": "no"}, "code"),
    ({"percent": 10, "code": "with space"}, "code"),
]


async def test_what_is_no_rule_or_no_code_is_refused_with_the_field(desk: Desk) -> None:
    for wrong, field in WRONG_RULES:
        given = {key: value for key, value in (RULE | wrong).items() if value is not None}
        answer = await desk.coach.post("/api/price-rules", given)
        assert (answer.code, field in fields_of(answer)) == ("INVALID_PAYLOAD", True), (wrong, answer.json)
    for wrong, field in WRONG_CODES:
        answer = await desk.code(**({"code": "SPRING"} | wrong))
        assert (answer.code, field in fields_of(answer)) == ("INVALID_PAYLOAD", True), (wrong, answer.json)


def fields_of(answer: Answer) -> list[str]:
    return [one["path"] for one in answer.json["details"]["fields"]]


async def test_strangers_to_a_business_find_neither_rules_nor_codes(desk: Desk) -> None:
    party, s = await desk.door.house.coach("Another coach", online=False), desk.door.house.stores
    account = await s.transact(lambda tx: s.accounts.get(tx, party.who.user_id))
    other = await desk.door.person(account.email, "a-long-password")
    rule, code = (await desk.rule()).json["priceRuleId"], (await desk.code(code="MINE", percent=10)).json
    paths = [f"/api/price-rules/{rule}", f"/api/discount-codes/{code['discountCodeId']}"]
    bodies: list[dict[str, Any]] = [RULE, {"percent": 90}]

    refused = [await other.get(path) for path in paths]
    refused += [await other.call("DELETE", path) for path in paths]
    refused += [
        await other.call("PUT", path, body, headers={"If-Match": '"1"'})
        for path, body in zip(paths, bodies, strict=True)
    ]

    assert {(one.status, one.code) for one in refused} == {(404, "NOT_FOUND")}
    assert (await other.get("/api/discount-codes")).json["items"] == []
    assert (await desk.client.get("/api/discount-codes")).code == "FORBIDDEN"


async def test_a_start_again_adds_nothing_to_what_the_demo_coach_offers(desk: Desk) -> None:
    house, who = desk.door.house, desk.door.demo["coach@demo.test"]
    path = f"/api/session-types/{desk.offer['sessionTypeId']}"
    await desk.coach.call("DELETE", path)
    await seed_coach(house.stores, house.booking, house.clock, who)

    counts = [
        await house.stores.db[name].count_documents({})
        for name in ("session_types", "price_rules", "discount_codes", "calendars")
    ]

    assert counts == [2, 1, 1, 1]


async def test_a_fresh_demo_coach_can_be_booked(desk: Desk) -> None:
    coach = desk.coach.user["userId"]
    offers = (await desk.client.get(f"/api/coaches/{coach}/session-types")).json["items"]
    query = f"sessionTypeId={desk.offer['sessionTypeId']}&from=2026-01-05T00:00:00Z&to=2026-01-06T00:00:00Z"
    starts = (await desk.client.get(f"/api/coaches/{coach}/starts?{query}&minutes=30")).json

    assert [(one["format"], one["instant"]) for one in offers] == [
        ("one_to_one", True), ("one_to_one", False), ("group", True),
    ]  # fmt: skip
    assert starts["timeZone"] == "Europe/Berlin"
    assert starts["items"][0]["start"] == "2026-01-05T06:00:00.000Z"
