"""What a page is told before anybody logs in, and nothing more than that."""

from dataclasses import replace

import pytest

from bootstrap.demo import DEMO_DOMAIN, DEMO_PROFILE, TEST_CARDS, seed_demo
from domain.events import rfc3339
from tests.support.door import Caller, Door, demo_ports, facts_of, open_door
from tests.support.house import House
from tests.support.program import Program


async def test_demo_accounts_that_exist_are_told_with_the_password_that_opens_them(door: Door) -> None:
    demo = (await door.stranger().get("/api/about")).json["demo"]

    logins = [await door.stranger().log_in(one["email"], demo["password"]) for one in demo["accounts"]]

    assert [one["role"] for one in demo["accounts"]] == ["coach", "client", "client", "admin"]
    assert {answer.status for answer in logins} == {200}


async def test_nobody_is_told_of_demo_accounts_that_were_never_made(empty_door: Door) -> None:
    about = (await empty_door.stranger().get("/api/about")).json

    assert "demo" not in about
    assert "rapport-demo" not in str(about)


async def test_nobody_is_told_of_demo_accounts_that_cannot_log_in(door: Door) -> None:
    async for exposed in open_door(door.house, refused_domains=frozenset({DEMO_DOMAIN})):
        about = (await exposed.stranger().get("/api/about")).json

        assert "demo" not in about
        assert (await exposed.stranger().log_in("client@demo.test")).status != 200


async def test_a_suspended_demo_account_is_not_offered(door: Door, admin: Caller) -> None:
    suspended = door.demo["client2@demo.test"].user_id
    await admin.call("PATCH", f"/api/admin/users/{suspended}/suspend", {"suspended": True})

    demo = (await door.stranger().get("/api/about")).json["demo"]

    assert [one["email"] for one in demo["accounts"]] == [
        "coach@demo.test",
        "client@demo.test",
        "admin@demo.test",
    ]


async def test_the_sandbox_and_its_cards_are_told_only_where_it_is_the_gateway(house: House) -> None:
    async for door in open_door(house):
        here = (await door.stranger().get("/api/about")).json["payments"]
    async for door in open_door(house, about=replace(facts_of(house), sandbox=False)):
        there = (await door.stranger().get("/api/about")).json["payments"]
    async for door in open_door(house, about=replace(facts_of(house), sandbox_url=None)):
        exposed = (await door.stranger().get("/api/about")).json["payments"]

    assert here["gateway"] == "sandbox"
    assert here["sandboxUrl"] == house.sandbox.url
    assert [card["token"] for card in here["testCards"]] == [token for token, _ in TEST_CARDS]
    assert there == {"gateway": "stripe"}
    assert exposed == {"gateway": "sandbox", "testCards": here["testCards"]}


@pytest.mark.parametrize(("token", "label"), TEST_CARDS)
async def test_a_test_card_behaves_as_its_label_says(door: Door, token: str, label: str) -> None:
    coach = await door.person("coach@demo.test")

    saved = await coach.post("/api/payment-methods", {"paymentMethodToken": token})

    assert (saved.status == 201) is not ("refused when you save it" in label), saved.body


async def test_the_clock_and_the_environment_are_told(door: Door) -> None:
    about = (await door.stranger().get("/api/about")).json

    assert about.items() >= {"environment": "local", "clockSpeed": 1.0, "turn": False}.items()
    assert about["version"]
    assert about["serverTime"] == rfc3339(door.house.clock.now())


async def test_the_terms_of_calls_are_told(door: Door) -> None:
    told = (await door.stranger().get("/api/about")).json["calls"]

    terms = door.house.terms
    assert told == {
        "blockMinutes": terms.block_minutes,
        "ringSeconds": terms.ring,
        "actionSeconds": terms.action,
        "graceSeconds": terms.grace,
        "cooldownSeconds": terms.cooldown,
    }


async def test_the_program_as_it_is_started_tells_where_its_sandbox_is(program: Program) -> None:
    async with program.http.get(f"{program.urls[0]}/api/about") as answer:
        about = await answer.json()

    assert about["payments"]["sandboxUrl"] == program.running.sandbox_url
    assert about["demo"]["password"] == "rapport-demo"


async def test_the_demo_coach_says_something_of_themselves(client: Caller, door: Door) -> None:
    coach = (await client.get("/api/coaches?text=leadership")).json["items"][0]

    assert coach["userId"] == door.demo["coach@demo.test"].user_id
    assert (coach["headline"], coach["expertise"]) == (DEMO_PROFILE.headline, DEMO_PROFILE.expertise)


async def test_what_a_demo_coach_wrote_stays_at_the_next_start(coach: Caller, door: Door) -> None:
    await coach.call("PATCH", "/api/users/me", {"coach": {"headline": "My own words", "bio": ""}})
    await seed_demo(demo_ports(door))

    profile = (await coach.get("/api/users/me")).json["coach"]

    assert (profile["headline"], profile["bio"]) == ("My own words", "")


async def test_a_demo_coach_of_an_earlier_version_is_introduced_at_the_next_start(
    coach: Caller, door: Door
) -> None:
    nothing = {"headline": "", "bio": "", "expertise": [], "languages": [], "yearsOfExperience": None}
    await coach.call("PATCH", "/api/users/me", {"coach": nothing})
    await seed_demo(demo_ports(door))

    profile = (await coach.get("/api/users/me")).json["coach"]

    assert (profile["headline"], profile["languages"]) == (DEMO_PROFILE.headline, DEMO_PROFILE.languages)
