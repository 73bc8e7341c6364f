"""Load goes nowhere but to this machine."""

import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from loadtests.load.people import People, Person
from loadtests.load.target import NoTarget, Processes, Target, listening, require_loopback


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.8.7:80/path?x", "http://127.9.8.7:80"),
        ("http://localhost:1/", "http://localhost:1"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_loopback_is_taken(given: str, expected: str) -> None:
    assert require_loopback(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "http://example.org:8080", "http://10.0.0.1:8080", "http://0.0.0.0:8080", "http://127.0.0.1.example.org:80",
        "http://localhost@example.org:80", "http://[2001:db8::1]:80", "", "http://:8080",
    ],
)  # fmt: skip
def test_everything_else_is_refused(given: str) -> None:
    with pytest.raises(NoTarget, match="not on this machine"):
        require_loopback(given)


@pytest.mark.parametrize("given", ["https://127.0.0.1:8080", "http://127.0.0.1", "http://127.0.0.1:99999"])
def test_what_is_no_whole_address_is_refused(given: str) -> None:
    with pytest.raises(NoTarget, match="http and a port"):
        require_loopback(given)


def test_who_listens_at_a_port_is_seen_and_what_it_uses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as here:
        port = here.getsockname()[1]
        watched = Processes(port)
        usage = watched.usage()

    assert watched.pids == [os.getpid()]
    assert usage is not None
    assert usage.rss_bytes > 10 * 2**20
    assert usage.cpu_seconds > 0
    assert listening(port) == []


def test_people_come_from_loopback_addresses_of_their_own() -> None:
    people = [Person("", "", role, number) for role in ("client", "coach") for number in range(5_000)]

    sources = [person.source for person in people]

    assert len(set(sources)) == len(people)
    assert all(source is not None and require_loopback(f"http://{source}:1") for source in sources)
    assert "127.0.0.1" not in sources


class Door:
    """The doors of a server that knows a token, or not; who logs in gets another."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.logins = 0

    async def me(self, request: web.Request) -> web.Response:
        known = request.headers["Authorization"] == f"Bearer {self.token}"
        return web.json_response({}, status=200 if known else 401)

    async def log_in(self, request: web.Request) -> web.Response:
        self.logins += 1
        told = {"accessToken": "new", "expiresAt": "2999-01-01T00:00:00Z", "user": {"coachId": None}}
        return web.json_response(told)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Target]:
        app = web.Application()
        app.router.add_get("/api/users/me", self.me)
        app.router.add_post("/api/auth/login", self.log_in)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield Target(f"http://127.0.0.1:{runner.addresses[0][1]}", "1", 1.0, 0.0, sandbox=True)
        finally:
            await runner.cleanup()


async def nobody_new(email: str) -> None:
    raise AssertionError("nobody is to be verified")


async def clients(target: Target, folder: Path, seconds: float = 10.0) -> Sequence[Person]:
    people = People(target, folder, nobody_new)
    return await people.need("client", 2, seconds, trusted=False, say=lambda _: None)


async def test_people_are_kept_for_the_next_load_by_nobody_but_their_owner(tmp_path: Path) -> None:
    door = Door("new")
    async with door.open() as target:
        first = await clients(target, tmp_path)
        again = await clients(target, tmp_path)

    assert door.logins == 2, "once each"
    assert first == again
    assert (tmp_path / "load-people.json").stat().st_mode & 0o777 == 0o600


async def test_why_nobody_could_be_verified_is_told_once(tmp_path: Path) -> None:
    async def verify(email: str) -> None:
        raise ValueError("no database")

    async with Door("new").open() as target:
        with pytest.raises(ValueError, match="no database"):
            await People(target, tmp_path, verify).need("client", 3, 1.0, trusted=True, say=lambda _: None)


async def test_people_whom_the_server_does_not_know_any_more_log_in_again(tmp_path: Path) -> None:
    door = Door("another")
    async with door.open() as target:
        await clients(target, tmp_path)
        await clients(target, tmp_path)

    assert door.logins == 4
