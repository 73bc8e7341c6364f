"""Opening an account, logging in, staying logged in, logging out."""

import asyncio
from dataclasses import replace

import jwt
import pytest

from adapters.mongo.revocation_watch import RevocationWatch
from bootstrap.demo import DEMO_DOMAIN, seed_demo
from domain.accounts.attempts import FAILURES_ALLOWED, LOCK
from domain.accounts.families import REUSE_GRACE
from domain.accounts.revocations import ACCESS_LIFETIME, RevokedTokens
from tests.support.door import Caller, Door, demo_ports, open_door
from tests.support.house import House
from tests.support.sandbox import eventually

PASSWORD = "correct horse battery"
NEW = {"email": "New@Demo.test", "password": PASSWORD, "name": "Nova", "role": "client"}


async def refreshed(caller: Caller, token: str | None) -> tuple[int, dict[str, str]]:
    answer = await caller.post("/api/auth/refresh-token", {"refreshToken": token})
    return answer.status, answer.json


async def test_a_new_client_is_unverified_and_can_log_in(door: Door) -> None:
    registered = await door.stranger().post("/api/auth/register", NEW)

    assert registered.status == 201
    assert registered.json["emailVerified"] is False
    assert registered.json["user"].items() >= {"role": "client", "name": "Nova"}.items()
    assert (await door.person("new@demo.test", PASSWORD)).user == registered.json["user"]


async def test_a_new_coach_gets_a_business_that_waits_for_verification(door: Door) -> None:
    body = {**NEW, "role": "coach", "ratePerMinute": 300, "currency": "EUR"}
    registered = await door.stranger().post("/api/auth/register", body)
    coach = await door.person("new@demo.test", PASSWORD)

    me = (await coach.get("/api/users/me")).json

    assert me["coach"]["coachId"] == registered.json["user"]["coachId"] == coach.user["coachId"]
    assert me["coach"]["verified"] is False
    assert me["coach"]["ratePerMinute"] == {"amount": 300, "currency": "EUR"}


async def test_an_address_has_one_account_however_it_is_written(door: Door) -> None:
    first = await door.stranger().post("/api/auth/register", NEW)
    again = await door.stranger().post("/api/auth/register", {**NEW, "email": "nEW@demo.TEST"})

    assert first.status == 201
    assert (again.status, again.code) == (409, "EMAIL_TAKEN")


async def test_of_many_registrations_at_once_one_wins(door: Door) -> None:
    callers = [door.stranger() for _ in range(5)]
    answers = await asyncio.gather(*(caller.post("/api/auth/register", NEW) for caller in callers))

    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "admin"},
        {"password": "too short"},
        {"email": "nobody"},
        {"name": ""},
        {"name": "\u0007bell"},
        {"ratePerMinute": 100},
        {"role": "coach", "currency": "EUR"},
        {"role": "coach", "ratePerMinute": 0},
        {"role": "coach", "ratePerMinute": 100, "currency": "XXX"},
        {"timeZone": "Mars/Olympus"},
        {"billingCountry": "XX"},
        {"suspendedAt": None},
    ],
)
async def test_an_application_against_the_rules_is_refused(
    empty_door: Door, change: dict[str, object]
) -> None:
    answer = await empty_door.stranger().post("/api/auth/register", {**NEW, **change})

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")
    assert await empty_door.house.stores.db["accounts"].count_documents({}) == 0


async def test_a_log_in_gives_what_the_contract_says(door: Door) -> None:
    answer = await door.stranger().log_in("coach@demo.test")

    assert set(answer.json) == {"accessToken", "refreshToken", "expiresAt", "user"}
    assert set(answer.json["user"]) == {"userId", "coachId", "role", "name"}
    claims = jwt.decode(answer.json["accessToken"], options={"verify_signature": False})
    assert (claims["sub"], claims["role"]) == (answer.json["user"]["userId"], "coach")


async def test_wrong_password_and_unknown_address_get_the_same_answer(door: Door) -> None:
    wrong = await door.stranger().log_in("client@demo.test", "wrong password")
    unknown = await door.stranger().log_in("nobody@demo.test", "wrong password")

    assert (wrong.status, wrong.code) == (unknown.status, unknown.code) == (401, "BAD_CREDENTIALS")
    assert wrong.json | {"requestId": ""} == unknown.json | {"requestId": ""}


@pytest.mark.parametrize("email", ["client@demo.test", "nobody@demo.test"])
async def test_ten_failures_lock_an_address_whether_it_has_an_account_or_not(door: Door, email: str) -> None:
    for _ in range(FAILURES_ALLOWED):
        assert (await door.stranger().log_in(email, "wrong password")).status == 401

    locked = await door.stranger().log_in(email)

    assert (locked.status, locked.code) == (423, "ACCOUNT_LOCKED")
    assert locked.headers["Retry-After"] == str(int(LOCK.total_seconds()))


async def test_a_lock_ends_after_a_quarter_of_an_hour(door: Door) -> None:
    for _ in range(FAILURES_ALLOWED):
        await door.stranger().log_in("client@demo.test", "wrong password")
    door.house.clock.advance(LOCK.total_seconds())

    assert (await door.stranger().log_in("client@demo.test")).status == 200


async def test_many_guesses_at_once_are_no_more_than_ten(door: Door) -> None:
    callers = [door.stranger() for _ in range(16)]

    answers = await asyncio.gather(*(caller.log_in("client@demo.test", "wrong") for caller in callers))

    assert sorted(answer.status for answer in answers) == [401] * FAILURES_ALLOWED + [423] * 6


async def test_a_success_forgets_failures(door: Door) -> None:
    for _ in range(FAILURES_ALLOWED - 1):
        await door.stranger().log_in("client@demo.test", "wrong password")
    await door.person("client@demo.test")

    assert (await door.stranger().log_in("client@demo.test", "wrong password")).status == 401


async def test_the_eleventh_request_of_an_address_in_a_minute_has_to_wait(door: Door) -> None:
    caller = door.stranger()
    for _ in range(10):
        await caller.log_in("nobody@demo.test", "wrong password")

    limited = await caller.log_in("someone@demo.test", "wrong password")

    assert (limited.status, limited.code) == (429, "RATE_LIMITED")
    assert int(limited.headers["Retry-After"]) in range(1, 7)


async def test_the_addresses_of_one_ipv6_network_share_a_limit(door: Door) -> None:
    callers = [replace(door.stranger(), address=f"2001:db8:0:7::{number}") for number in range(11)]

    tries = [await caller.log_in("nobody@demo.test", "wrong password") for caller in callers]
    neighbour = replace(callers[0], address="2001:db8:0:8::1")

    assert tries[9].code != "RATE_LIMITED"
    assert tries[10].code == "RATE_LIMITED"
    assert (await neighbour.log_in("someone@demo.test", "wrong password")).status == 401


async def test_a_refresh_rotates(client: Caller) -> None:
    status, tokens = await refreshed(client, client.refresh)

    assert status == 200
    assert tokens["refreshToken"] != client.refresh
    assert (await refreshed(client, tokens["refreshToken"]))[0] == 200


async def test_two_tabs_at_once_get_the_same_successor(client: Caller) -> None:
    answers = await asyncio.gather(*(refreshed(client, client.refresh) for _ in range(8)))

    assert {status for status, _ in answers} == {200}
    assert len({tokens["refreshToken"] for _, tokens in answers}) == 1


async def test_a_lost_reply_can_be_asked_for_again_for_thirty_seconds(door: Door, client: Caller) -> None:
    _, lost = await refreshed(client, client.refresh)
    door.house.clock.advance(REUSE_GRACE.total_seconds())

    assert (await refreshed(client, client.refresh))[1]["refreshToken"] == lost["refreshToken"]


async def test_reuse_after_the_grace_ends_the_whole_log_in(door: Door, client: Caller) -> None:
    _, tokens = await refreshed(client, client.refresh)
    door.house.clock.advance(REUSE_GRACE.total_seconds() + 1)

    reused = await client.post("/api/auth/refresh-token", {"refreshToken": client.refresh})

    assert (reused.status, reused.code) == (401, "TOKEN_REUSED")
    assert (await refreshed(client, tokens["refreshToken"]))[0] == 401
    assert (await client.get("/api/users/me")).code == "UNAUTHENTICATED"
    assert (await door.person("client@demo.test")).token is not None


@pytest.mark.parametrize("token", ["nonsense", "0" * 24 + ".a.b", "é"])
async def test_a_token_that_is_not_ours_is_refused(door: Door, token: str) -> None:
    answer = await door.stranger().post("/api/auth/refresh-token", {"refreshToken": token})

    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")


async def test_an_access_token_is_over_after_fifteen_minutes(door: Door, client: Caller) -> None:
    door.house.clock.advance(ACCESS_LIFETIME.total_seconds())

    answer = await client.get("/api/users/me")

    assert (answer.status, answer.code) == (401, "TOKEN_EXPIRED")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_stale_token_does_not_keep_anybody_from_logging_in(door: Door, client: Caller) -> None:
    door.house.clock.advance(ACCESS_LIFETIME.total_seconds())

    assert (await client.log_in("client@demo.test")).status == 200


async def test_logging_out_by_bearer_ends_access_and_refresh_at_once(client: Caller) -> None:
    out = await client.post("/api/auth/logout")

    assert out.status == 204
    assert (await client.get("/api/users/me")).code == "UNAUTHENTICATED"
    assert (await refreshed(client, client.refresh))[0] == 401


async def test_logging_out_by_refresh_token_leaves_other_devices_alone(door: Door, client: Caller) -> None:
    other = await door.person("client@demo.test")

    out = await door.stranger().post("/api/auth/logout", {"refreshToken": client.refresh})

    assert out.status == 204
    assert (await client.get("/api/users/me")).status == 401
    assert (await other.get("/api/users/me")).status == 200


async def test_logging_out_as_nobody_is_refused(door: Door) -> None:
    assert (await door.stranger().post("/api/auth/logout")).code == "UNAUTHENTICATED"


async def test_a_suspended_person_is_out_everywhere_until_let_in_again(
    door: Door, client: Caller, admin: Caller
) -> None:
    path = f"/api/admin/users/{client.user['userId']}/suspend"
    suspended = await admin.call("PATCH", path, {"suspended": True, "reason": "Chargebacks"})

    assert suspended.json.items() >= {"userId": client.user["userId"], "suspended": True}.items()
    assert (await client.get("/api/users/me")).status == 401
    assert (await refreshed(client, client.refresh))[0] == 401
    assert (await door.stranger().log_in("client@demo.test")).code == "ACCOUNT_SUSPENDED"
    assert (await door.stranger().log_in("client@demo.test", "wrong")).code == "BAD_CREDENTIALS"

    await admin.call("PATCH", path, {"suspended": False})

    assert (await door.person("client@demo.test")).token is not None
    assert (await client.get("/api/users/me")).status == 401


async def test_a_suspended_coach_is_offline_and_not_listed(
    door: Door, client: Caller, coach: Caller, admin: Caller
) -> None:
    user_id = coach.user["userId"]
    await admin.call("PATCH", f"/api/admin/users/{user_id}/suspend", {"suspended": True})

    assert (await client.get("/api/coaches")).json["items"] == []
    assert (await client.get(f"/api/coaches/{user_id}/profile")).status == 404


async def test_a_log_in_during_a_suspension_never_survives_it(
    door: Door, client: Caller, admin: Caller
) -> None:
    path = f"/api/admin/users/{client.user['userId']}/suspend"
    callers = [door.stranger() for _ in range(6)]
    *answers, _ = await asyncio.gather(
        *(caller.log_in("client@demo.test") for caller in callers),
        admin.call("PATCH", path, {"suspended": True}),
    )

    tokens = [answer.json["accessToken"] for answer in answers if answer.status == 200]
    seen = [
        (await door.stranger().get("/api/users/me", headers={"Authorization": f"Bearer {one}"})).status
        for one in tokens
    ]

    assert set(seen) <= {401}


async def test_nobody_suspends_themselves(admin: Caller) -> None:
    path = f"/api/admin/users/{admin.user['userId']}/suspend"

    assert (await admin.call("PATCH", path, {"suspended": True})).code == "OWN_ACCOUNT"


async def test_seeding_again_changes_nothing(door: Door) -> None:
    again = await seed_demo(demo_ports(door))

    assert {who: one.user_id for who, one in again.items()} == {
        who: one.user_id for who, one in door.demo.items()
    }
    assert await door.house.stores.db["cards"].count_documents({}) == 2


async def test_a_revocation_reaches_another_process_through_the_store(house: House, door: Door) -> None:
    client = await door.person("client@demo.test")
    await client.post("/api/auth/logout")
    elsewhere = RevokedTokens()
    watch = RevocationWatch(house.stores.revocations, elsewhere, house.clock, period=0.01)
    heard: list[str] = []
    elsewhere.listen(lambda revocation: heard.append(revocation.user_id))

    await watch.start()
    await watch.stop()

    assert heard == [client.user["userId"]]


async def test_a_revocation_that_the_bus_lost_is_found_in_the_store(house: House, door: Door) -> None:
    elsewhere = RevokedTokens()
    watch = RevocationWatch(house.stores.revocations, elsewhere, house.clock, period=0.01)
    heard: list[str] = []
    elsewhere.listen(lambda revocation: heard.append(revocation.user_id))
    client = await door.person("client@demo.test")

    await watch.start()
    await client.post("/api/auth/logout")
    await eventually(lambda: len(heard) > 0)
    await watch.stop()

    assert heard == [client.user["userId"]]


async def test_a_second_door_believes_no_revoked_token_after_loading(house: House, door: Door) -> None:
    client = await door.person("client@demo.test")
    await client.post("/api/auth/logout")
    async for second in open_door(house):
        second.revoked.load(await house.stores.revocations.since(house.clock.wall()), house.clock.wall())
        elsewhere = second.stranger()
        elsewhere.token = client.token
        assert (await elsewhere.get("/api/users/me")).code == "UNAUTHENTICATED"


async def test_demo_accounts_of_an_earlier_run_are_strangers_where_their_domain_is_refused(
    house: House, door: Door, client: Caller
) -> None:
    registered = {
        "email": "somebody@example.org",
        "password": "a-long-password",
        "name": "S",
        "role": "client",
    }
    async for elsewhere in open_door(house, refused_domains=frozenset({DEMO_DOMAIN})):
        login = await elsewhere.stranger().log_in("Admin@Demo.test ")
        unknown = await elsewhere.stranger().log_in("nobody@example.org")
        refresh = await elsewhere.stranger().post("/api/auth/refresh-token", {"refreshToken": client.refresh})
        await elsewhere.stranger().post("/api/auth/register", registered)
        somebody = await elsewhere.stranger().log_in("somebody@example.org", "a-long-password")

        assert (login.status, login.code) == (unknown.status, unknown.code) == (401, "BAD_CREDENTIALS")
        assert login.json["detail"] == unknown.json["detail"]
        assert (refresh.status, refresh.code) == (401, "UNAUTHENTICATED")
        assert somebody.status == 200
