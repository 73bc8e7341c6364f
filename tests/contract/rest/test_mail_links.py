"""Proving an address and choosing a new password by mail: what works, and what nobody can make of it."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from adapters.one_time import HmacOneTimeTokens
from bootstrap.demo import DEMO_DOMAIN, DEMO_PASSWORD
from domain.accounts.one_time import LIFETIME, Purpose
from domain.accounts.requests import REQUESTS_ALLOWED, WINDOW
from tests.support.door import Answer, Caller, Door, open_door
from tests.support.mail import mails_to, token_in

PASSWORD = "correct horse battery"
ANOTHER = "battery horse correct"
NEW = {"email": "nova@demo.test", "password": PASSWORD, "name": "Nova", "role": "client"}
CLIENT = "client@demo.test"


async def registered(door: Door, **more: str) -> Caller:
    """Somebody new; the mail has been sent."""
    answer = await door.stranger().post("/api/auth/register", NEW | more)
    assert answer.status == 201, answer.body
    await door.house.run_due()
    return await door.person(NEW["email"], PASSWORD)


async def newest(door: Door, address: str) -> dict[str, Any]:
    await door.house.run_due()
    return (await mails_to(door.house, address))[-1]


async def forgot(door: Door, email: str = CLIENT) -> Answer:
    return await door.stranger().post("/api/auth/forgot-password", {"email": email})


async def reset_link(door: Door, email: str = CLIENT) -> str:
    assert (await forgot(door, email)).status == 204
    return token_in(await newest(door, email))


async def reset(door: Door, token: str, password: str = ANOTHER) -> Answer:
    return await door.stranger().post("/api/auth/reset-password", {"token": token, "password": password})


async def verify(door: Door, token: str) -> Answer:
    return await door.stranger().post("/api/auth/verify-email", {"token": token})


# --- proving an address ---


async def test_a_new_account_is_sent_a_link_that_proves_its_address(door: Door) -> None:
    caller = await registered(door)
    (mail,) = await mails_to(door.house, NEW["email"])

    proven = await verify(door, token_in(mail))

    assert mail["subject"] == "Please confirm your e-mail address"
    assert (proven.status, proven.json) == (200, {"email": NEW["email"], "emailVerified": True})
    assert (await caller.get("/api/users/me")).json["emailVerified"] is True


async def test_a_mail_is_in_the_language_of_its_reader(door: Door) -> None:
    await registered(door, locale="de-CH")

    assert (await newest(door, NEW["email"]))["subject"] == "Bitte bestätige deine E-Mail-Adresse"


async def test_following_the_link_again_is_no_error(door: Door) -> None:
    await registered(door)
    token = token_in(await newest(door, NEW["email"]))

    assert [(await verify(door, token)).status for _ in range(3)] == [200, 200, 200]


async def test_a_demo_account_gets_no_link_because_it_needs_none(door: Door) -> None:
    await door.house.run_due()

    assert await mails_to(door.house, CLIENT) == []


async def test_a_link_runs_out_after_two_days_and_another_is_sent(door: Door) -> None:
    caller = await registered(door)
    old = token_in(await newest(door, NEW["email"]))
    door.house.clock.advance(LIFETIME[Purpose.VERIFY_EMAIL].total_seconds())

    late = await verify(door, old)
    caller = await door.person(NEW["email"], PASSWORD)
    again = await caller.post("/api/auth/resend-verification")
    fresh = await verify(door, token_in(await newest(door, NEW["email"])))

    assert (late.status, late.code) == (410, "LINK_INVALID")
    assert (again.status, fresh.status) == (204, 200)


async def test_links_are_sent_again_five_times_an_hour_and_not_to_who_is_proven(door: Door) -> None:
    caller = await registered(door)
    statuses = [(await caller.post("/api/auth/resend-verification")).status for _ in range(REQUESTS_ALLOWED)]
    limited = await caller.post("/api/auth/resend-verification")
    door.house.clock.advance(WINDOW.total_seconds())
    caller = await door.person(NEW["email"], PASSWORD)
    later = await caller.post("/api/auth/resend-verification")
    await verify(door, token_in(await newest(door, NEW["email"])))
    proven = await caller.post("/api/auth/resend-verification")
    await door.house.run_due()

    assert statuses == [204] * REQUESTS_ALLOWED
    assert (limited.status, limited.code) == (429, "RATE_LIMITED")
    assert int(limited.headers["Retry-After"]) > 3000
    assert (later.status, proven.status) == (204, 204)
    assert len(await mails_to(door.house, NEW["email"])) == 1 + REQUESTS_ALLOWED + 1


# --- forgetting a password ---


async def test_a_new_password_lets_in_and_the_old_one_does_not(door: Door) -> None:
    done = await reset(door, await reset_link(door))

    assert done.status == 204
    assert (await door.stranger().log_in(CLIENT, DEMO_PASSWORD)).status == 401
    assert (await door.stranger().log_in(CLIENT, ANOTHER)).status == 200


async def test_a_reset_ends_every_log_in_at_once(door: Door) -> None:
    here, there = await door.person(CLIENT), await door.person(CLIENT)

    await reset(door, await reset_link(door))

    for caller in (here, there):
        assert (await caller.get("/api/users/me")).status == 401
        refreshed = await caller.post("/api/auth/refresh-token", {"refreshToken": caller.refresh})
        assert refreshed.status == 401


async def test_a_link_resets_once_and_all_other_links_end_with_it(door: Door) -> None:
    first, second = await reset_link(door), await reset_link(door)

    done = await reset(door, second)
    again, other = await reset(door, second, PASSWORD), await reset(door, first, PASSWORD)

    assert done.status == 204
    assert [(one.status, one.code) for one in (again, other)] == [(410, "LINK_INVALID")] * 2
    assert (await door.stranger().log_in(CLIENT, ANOTHER)).status == 200


async def test_of_many_resets_by_one_link_at_once_one_counts(door: Door) -> None:
    token = await reset_link(door)
    passwords = [f"password number {number}" for number in range(5)]

    done = await asyncio.gather(*(reset(door, token, one) for one in passwords))

    assert sorted(one.status for one in done) == [204, 410, 410, 410, 410]
    lets_in = [(await door.stranger().log_in(CLIENT, one)).status for one in passwords]
    assert [status == 200 for status in lets_in] == [one.status == 204 for one in done]


async def test_a_log_in_by_the_old_password_never_survives_a_reset(door: Door) -> None:
    token = await reset_link(door)

    *logged_in, done = await asyncio.gather(
        *(door.stranger().log_in(CLIENT) for _ in range(4)), reset(door, token)
    )

    assert done.status == 204
    for answer in logged_in:
        if answer.status == 200:
            bearer = {"Authorization": f"Bearer {answer.json['accessToken']}"}
            assert (await door.stranger().get("/api/users/me", headers=bearer)).status == 401


async def test_the_person_is_told_that_the_password_was_changed(door: Door) -> None:
    await reset(door, await reset_link(door))

    assert (await newest(door, CLIENT))["subject"] == "Your password was changed"


async def test_a_reset_opens_a_locked_address_and_proves_it(door: Door) -> None:
    await registered(door)
    for _ in range(11):
        locked = await door.stranger().log_in(NEW["email"], "wrong password")
    await reset(door, await reset_link(door, NEW["email"]))

    caller = await door.person(NEW["email"], ANOTHER)

    assert locked.code == "ACCOUNT_LOCKED"
    assert (await caller.get("/api/users/me")).json["emailVerified"] is True


async def test_a_link_to_reset_runs_out_after_an_hour(door: Door) -> None:
    token = await reset_link(door)
    door.house.clock.advance(LIFETIME[Purpose.RESET_PASSWORD].total_seconds())

    assert (await reset(door, token)).code == "LINK_INVALID"


async def test_a_password_against_the_rules_does_not_use_the_link_up(door: Door) -> None:
    token = await reset_link(door)

    short = await reset(door, token, "short")

    assert (short.status, short.code) == (400, "INVALID_PAYLOAD")
    assert (await reset(door, token)).status == 204


# --- what nobody learns, and nobody gets ---


async def test_a_known_and_an_unknown_address_get_the_same_answer_and_the_same_work(door: Door) -> None:
    known, unknown = await forgot(door), await forgot(door, "nobody@demo.test")
    rows = [row async for row in door.house.stores.db["mails"].find({"kind": "reset_password"})]

    assert (known.status, known.body) == (unknown.status, unknown.body) == (204, b"")
    assert [set(row) for row in rows] == [set(rows[0])] * 2
    assert {row["user_id"] for row in rows} == {None}


async def test_an_unknown_address_gets_no_mail_and_is_not_kept(door: Door) -> None:
    await forgot(door, "nobody@demo.test")
    await door.house.run_due()

    (row,) = [row async for row in door.house.stores.db["mails"].find({"kind": "reset_password"})]
    assert (row["state"], row["address"]) == ("unreachable", None)
    assert await mails_to(door.house, "nobody@demo.test") == []
    assert await door.house.stores.db["one_time_tokens"].count_documents({}) == 0


@pytest.mark.parametrize("email", [CLIENT, "nobody@demo.test"])
async def test_an_address_is_limited_whether_it_has_an_account_or_not(door: Door, email: str) -> None:
    statuses = [(await forgot(door, email)).status for _ in range(REQUESTS_ALLOWED + 1)]

    assert statuses == [204] * REQUESTS_ALLOWED + [429]
    assert (await forgot(door, "other@demo.test")).status == 204


async def test_many_requests_at_once_are_no_more_than_five(door: Door) -> None:
    answers = await asyncio.gather(*(forgot(door) for _ in range(9)))

    assert sorted(one.status for one in answers) == [204] * REQUESTS_ALLOWED + [429] * 4


async def test_asking_from_one_place_is_limited_too(door: Door) -> None:
    caller = door.stranger()
    answers = [
        await caller.post("/api/auth/forgot-password", {"email": f"person{number}@demo.test"})
        for number in range(11)
    ]

    assert [one.status for one in answers] == [204] * 10 + [429]


async def test_a_token_is_nowhere_in_the_database(door: Door) -> None:
    token = await reset_link(door)
    tag = token.partition(".")[2]

    for name in await door.house.stores.db.list_collection_names():
        async for row in door.house.stores.db[name].find():
            assert tag not in str(row), name
    (kept,) = [row async for row in door.house.stores.db["one_time_tokens"].find()]
    assert kept["digest"] == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize("change", ["tag", "id", "nonsense", "empty tag"])
async def test_a_forged_link_opens_nothing(door: Door, change: str) -> None:
    token = await reset_link(door)
    number, _, tag = token.partition(".")
    forged = {
        "tag": f"{number}.{tag[:-1]}{'A' if tag[-1] != 'A' else 'B'}",
        "id": f"{'0' * 24}.{tag}",
        "nonsense": "é" * 20,
        "empty tag": f"{number}.",
    }[change]

    assert (await reset(door, forged)).code == "LINK_INVALID"
    assert (await door.stranger().log_in(CLIENT, DEMO_PASSWORD)).status == 200


async def test_a_link_is_good_for_its_purpose_alone(door: Door) -> None:
    await registered(door)
    proof = token_in(await newest(door, NEW["email"]))
    other = await reset_link(door)

    assert (await reset(door, proof)).code == "LINK_INVALID"
    assert (await verify(door, other)).code == "LINK_INVALID"


async def test_a_link_signed_with_another_secret_is_none(door: Door) -> None:
    token = await reset_link(door)
    other = HmacOneTimeTokens(b"another secret of thirty-two bytes")

    assert (
        await reset(door, other.token(token.partition(".")[0], Purpose.RESET_PASSWORD))
    ).code == "LINK_INVALID"


async def test_a_link_for_an_address_that_was_changed_proves_nothing(door: Door) -> None:
    token = await reset_link(door)
    await door.house.stores.db["accounts"].update_one({"email": CLIENT}, {"$set": {"email": "new@demo.test"}})

    assert (await reset(door, token)).code == "LINK_INVALID"


async def test_a_suspended_person_gets_no_link_and_cannot_use_one(door: Door, admin: Caller) -> None:
    person = await door.person(CLIENT)
    token = await reset_link(door)
    path = f"/api/admin/users/{person.user['userId']}/suspend"
    await admin.call("PATCH", path, {"suspended": True})
    before = len(await mails_to(door.house, CLIENT))

    used = await reset(door, token)
    await forgot(door)
    await door.house.run_due()

    assert (used.status, used.code) == (403, "ACCOUNT_SUSPENDED")
    assert len(await mails_to(door.house, CLIENT)) == before


async def test_where_demo_accounts_are_refused_their_links_open_nothing(door: Door) -> None:
    token = await reset_link(door)
    async for elsewhere in open_door(door.house, refused_domains=frozenset({DEMO_DOMAIN})):
        assert (await reset(elsewhere, token)).code == "LINK_INVALID"


async def test_a_message_is_not_sent_after_its_link_ran_out(door: Door) -> None:
    await forgot(door)
    door.house.clock.advance(timedelta(hours=1).total_seconds())
    await door.house.run_due()

    (row,) = [row async for row in door.house.stores.db["mails"].find({"kind": "reset_password"})]
    assert row["state"] == "expired"
    assert await mails_to(door.house, CLIENT) == []
