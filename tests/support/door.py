"""The HTTP door of a house, on a real port, and people who call at it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import cache
from ipaddress import ip_network
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry

from adapters.passwords import BcryptHasher
from adapters.payments.stripe import StripeGateway, StripeSettings
from bootstrap.demo import DEMO_PASSWORD, TEST_CARDS, DemoAccounts, DemoPorts, seed_demo
from bootstrap.wiring.operations import build_operations
from bootstrap.wiring.rest import AccountHouse, build_accounts, build_door, web_files
from domain.accounts.account import Identity
from domain.accounts.revocations import Revocation, RevokedTokens
from rest.door import RestDoor
from rest.endpoints.about import About, AboutFacts
from rest.settings import RestSettings
from rest.web_files import WebFiles
from tests.support.house import House
from tests.support.sandbox import GATEWAY_PATIENCE, SECRET_KEY, WEBHOOK_SECRET

SECRET = b"a secret for tests, 32 bytes long"
ORIGIN = "https://app.example"
#: Each caller comes from an address of its own, so that tests do not share buckets.
SETTINGS = RestSettings(
    allowed_origins=frozenset({ORIGIN}),
    trusted_proxies=(ip_network("127.0.0.0/8"),),
    body_limit=64 * 1024,
)


@dataclass
class Answer:
    """A response, read whole."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem, which must be one."""
        assert self.headers["Content-Type"] == "application/problem+json; charset=utf-8" or self.headers[
            "Content-Type"
        ].startswith("application/problem+json")
        problem = self.json
        assert problem["status"] == self.status
        assert problem["requestId"] == self.headers["X-Request-Id"]
        assert "Traceback" not in self.body.decode()
        return str(problem["code"])


@dataclass
class Caller:
    """Somebody with or without a token."""

    url: str
    session: aiohttp.ClientSession
    address: str
    token: str | None = None
    refresh: str | None = None
    user: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, path: str, json: Any = None, **options: Any) -> Answer:
        headers = {"X-Forwarded-For": self.address, **options.pop("headers", {})}
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            options["data"] = orjson.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        async with self.session.request(method, self.url + path, headers=headers, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.call("POST", path, json, **options)

    async def log_in(self, email: str, password: str = DEMO_PASSWORD) -> Answer:
        return await self.post("/api/auth/login", {"email": email, "password": password})


@dataclass
class Door:
    """An open door."""

    house: House
    accounts: AccountHouse
    door: RestDoor
    url: str
    session: aiohttp.ClientSession
    revoked: RevokedTokens
    metrics: CollectorRegistry
    demo: dict[str, Identity] = field(default_factory=dict)
    callers: int = 0

    def stranger(self) -> Caller:
        """Somebody without a token, at an address of their own."""
        self.callers += 1
        return Caller(self.url, self.session, f"198.51.100.{self.callers}")

    async def person(self, email: str, password: str = DEMO_PASSWORD) -> Caller:
        """Somebody who logs in."""
        caller = self.stranger()
        answer = await caller.log_in(email, password)
        assert answer.status == 200, answer.body
        tokens = answer.json
        return replace(
            caller, token=tokens["accessToken"], refresh=tokens["refreshToken"], user=tokens["user"]
        )


class LocalFeed:
    """A feed of one process."""

    def __init__(self, revoked: RevokedTokens) -> None:
        self._revoked = revoked

    async def announce(self, revocation: Revocation) -> None:
        self._revoked.add(revocation)


@cache
def _console() -> WebFiles:
    """Packed once for all doors of a run."""
    return web_files()


async def open_door(
    house: House,
    settings: RestSettings = SETTINGS,
    refused_domains: frozenset[str] = frozenset(),
    about: AboutFacts | None = None,
) -> AsyncIterator[Door]:
    """Serve the door of a house on a free port."""
    revoked, metrics = RevokedTokens(), CollectorRegistry()
    passwords = BcryptHasher(cost=4)
    gateway = StripeGateway(
        StripeSettings(SECRET_KEY, WEBHOOK_SECRET, address=house.sandbox.url, timeout=GATEWAY_PATIENCE)
    )
    accounts = build_accounts(
        stores=house.stores,
        calls=house.calls,
        clock=house.clock,
        gateway=gateway,
        secret=SECRET,
        passwords=passwords,
        revoked=revoked,
        feed=LocalFeed(revoked),
        refused_domains=refused_domains,
    )

    async def ready() -> dict[str, bool]:
        return {"mongodb": True}

    door = build_door(
        accounts=accounts,
        calls=house.calls,
        booking=house.booking,
        stores=house.stores,
        clock=house.clock,
        settings=settings,
        metrics=metrics,
        readiness=ready,
        asyncapi=lambda: b'{"asyncapi": "3.0.0"}',
        operations=build_operations(house.stores, house.clock, house.terms, overview_for=0.0),
        about=About(
            about or facts_of(house), DemoAccounts(house.stores.accounts, refused_domains), house.clock
        ),
        files=_console(),
    )
    app = web.Application()
    door.add_to(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession() as session:
            yield Door(house, accounts, door, url, session, revoked, metrics)
    finally:
        await runner.cleanup()
        await gateway.close()
        passwords.close()


def facts_of(house: House) -> AboutFacts:
    """What a server with the sandbox says of itself."""
    return AboutFacts(
        environment="local",
        version="0",
        turn=False,
        terms=house.terms,
        demo_password=DEMO_PASSWORD,
        sandbox=True,
        sandbox_url=house.sandbox.url,
        test_cards=TEST_CARDS,
    )


def demo_ports(door: Door) -> DemoPorts:
    """What seeding needs."""
    s = door.house.stores
    return DemoPorts(
        s.transact,
        s.accounts,
        s.coaches,
        door.accounts.registration,
        door.accounts.payment_methods,
        door.house.clock,
    )


@pytest.fixture
async def empty_door(house: House) -> AsyncIterator[Door]:
    """A door nobody has an account behind."""
    async for door in open_door(house):
        yield door


@pytest.fixture
async def door(empty_door: Door) -> Door:
    """A door with the demo accounts behind it."""
    empty_door.demo = await seed_demo(demo_ports(empty_door))
    return empty_door


@pytest.fixture
async def client(door: Door) -> Caller:
    """The demo client, logged in."""
    return await door.person("client@demo.test")


@pytest.fixture
async def coach(door: Door) -> Caller:
    """The demo coach, logged in."""
    return await door.person("coach@demo.test")


@pytest.fixture
async def admin(door: Door) -> Caller:
    """The demo admin, logged in."""
    return await door.person("admin@demo.test")
