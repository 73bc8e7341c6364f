"""What the door adds to every answer: ids, limits, headers, problems, measurements."""

from dataclasses import replace
from typing import Any

import pytest

from bootstrap.demo import seed_demo
from rest.registry import Call, Rate, anyone, endpoint, endpoints_of
from tests.support.door import ORIGIN, SETTINGS, Caller, Door, demo_ports, open_door
from tests.support.house import House
from tests.support.program import Program


async def test_an_unknown_address_is_a_problem(empty_door: Door) -> None:
    answer = await empty_door.stranger().get("/api/nothing")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


async def test_a_wrong_method_is_a_problem_that_says_which_are_right(empty_door: Door) -> None:
    answer = await empty_door.stranger().call("DELETE", "/api/auth/login")

    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "POST"


async def test_a_sane_request_id_comes_back(empty_door: Door) -> None:
    answer = await empty_door.stranger().get("/health", headers={"X-Request-Id": "trace-0001"})

    assert answer.headers["X-Request-Id"] == "trace-0001"


async def test_limits_are_announced(client: Caller) -> None:
    first, second = await client.get("/api/users/me"), await client.get("/api/users/me")

    assert first.headers["RateLimit-Policy"] == '"user";q=300;w=60'
    assert int(second.headers["RateLimit"].split(";r=")[1].split(";")[0]) < 300


async def test_a_user_has_a_limit_of_their_own(house: House) -> None:
    async for door in open_door(house, replace(SETTINGS, user_limit=3)):
        await seed_demo(demo_ports(door))
        client, other = await door.person("client@demo.test"), await door.person("client2@demo.test")
        statuses = [(await client.get("/api/users/me")).status for _ in range(4)]
        limited = await client.get("/api/users/me")

        assert statuses == [200, 200, 200, 429]
        assert limited.code == "RATE_LIMITED"
        assert limited.json["retryable"] is True
        assert (await other.get("/api/users/me")).status == 200


async def test_guessing_tokens_is_limited_by_address(house: House) -> None:
    async for door in open_door(house, replace(SETTINGS, address_limit=2)):
        stranger = door.stranger()
        stranger.token = "guess"
        statuses = [(await stranger.get("/api/users/me")).status for _ in range(3)]

        assert statuses == [401, 401, 429]


async def test_a_known_origin_may_read_and_another_may_not(empty_door: Door) -> None:
    known = await empty_door.stranger().get("/health", headers={"Origin": ORIGIN})
    other = await empty_door.stranger().get("/health", headers={"Origin": "https://evil.example"})

    assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Origin" in other.headers["Vary"]


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, True), ("https://evil.example", False)])
async def test_a_preflight_is_answered_for_known_origins(
    empty_door: Door, origin: str, allowed: bool
) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    answer = await empty_door.stranger().call("OPTIONS", "/api/users/me", headers=headers)

    assert answer.status == 204
    assert ("Access-Control-Allow-Methods" in answer.headers) is allowed


async def test_security_headers_are_on_every_answer(house: House) -> None:
    async for door in open_door(house, replace(SETTINGS, secure=True)):
        for path in ("/", "/api/users/me", "/nothing"):
            headers = (await door.stranger().get(path)).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Server"] == "rapport"
            assert headers["Strict-Transport-Security"].startswith("max-age=")
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert "unsafe" not in headers["Content-Security-Policy"]


async def test_pages_hold_no_inline_script_or_style_and_nothing_foreign(empty_door: Door) -> None:
    for path in ("/", "/about", "/docs"):
        page = (await empty_door.stranger().get(path)).body.decode()
        assert "<style" not in page
        assert "style=" not in page
        assert " onclick" not in page
        assert page.count("<script") == page.count('<script type="module" src="/web/')
        assert "http://" not in page
        assert "https://" not in page


async def test_an_unready_server_says_what_is_missing(empty_door: Door, monkeypatch: Any) -> None:
    async def unready() -> dict[str, bool]:
        return {"mongodb": True, "valkey": False}

    system = next(
        handler.__self__  # type: ignore[attr-defined]
        for endpoint, handler in empty_door.door.endpoints
        if endpoint.name == "ready"
    )
    monkeypatch.setattr(system, "_readiness", unready)

    answer = await empty_door.stranger().get("/ready")

    assert (answer.status, answer.json) == (
        503,
        {"ready": False, "checks": {"mongodb": True, "valkey": False}},
    )


async def test_an_unforeseen_error_is_a_problem_without_a_stack(empty_door: Door, monkeypatch: Any) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("hunter2")

    monkeypatch.setattr(empty_door.accounts.login, "_begin", broken)

    answer = await empty_door.stranger().log_in("client@demo.test")

    assert (answer.status, answer.code) == (500, "INTERNAL")
    assert b"hunter2" not in answer.body


async def test_requests_are_measured_by_route_and_never_by_identifier(door: Door, client: Caller) -> None:
    coach = door.demo["coach@demo.test"].user_id
    await client.get(f"/api/coaches/{coach}/profile")
    await client.get("/etc/passwd")

    text = (await client.get("/metrics")).body.decode()

    route = 'route="/api/coaches/{userId}/profile"'
    assert f'rapport_http_requests_total{{method="GET",{route},status="200"}} 1.0' in text
    assert coach not in text
    assert "passwd" not in text


def test_a_tag_keeps_what_stands_above_the_handler() -> None:
    class Group:
        @endpoint("GET", "/thing/{thingId}", may=anyone, rate=Rate.ADDRESS)
        async def get_thing(self, call: Call[None, None]) -> None:
            """Get a thing.

            At length.
            """

    ((tagged, _),) = endpoints_of(Group)

    assert (tagged.name, tagged.parameters) == ("get_thing", ("thingId",))
    assert (tagged.summary, tagged.description) == ("Get a thing.", "At length.")


@pytest.mark.parametrize("path", ["/socket.io/?EIO=4&transport=polling", "/socket.io/nothing", "/nothing"])
async def test_neither_door_tells_strangers_which_versions_answer_them(program: Program, path: str) -> None:
    async with program.http.get(program.urls[0] + path) as answer:
        assert answer.headers["Server"] == "rapport"


async def test_an_address_that_only_begins_like_the_other_doors_is_no_business_of_it(
    program: Program,
) -> None:
    async with program.http.get(f"{program.urls[0]}/socket.iophone") as answer:
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_a_literal_address_allows_what_it_has_and_not_what_a_template_beside_it_has(
    client: Caller,
) -> None:
    own = [await client.call(method, "/api/bookings/groups") for method in ("DELETE", "GET", "OPTIONS")]
    template = f"/api/bookings/{'0' * 24}"

    assert {(one.status, one.code, one.headers["Allow"]) for one in own} == {
        (405, "METHOD_NOT_ALLOWED", "POST")
    }
    assert (await client.call("DELETE", template)).headers["Allow"] == "GET,HEAD"
