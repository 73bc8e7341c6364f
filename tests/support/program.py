"""The whole program as it is run: embedded stores, sandbox, a worker and two server processes, and people who use it.

One for the whole session; tests make people of their own, so that nobody meets anybody by accident.
"""

import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import socketio
from bson import ObjectId

from adapters.mongo.client import MongoDatabase
from adapters.mongo.timers import timer_id
from adapters.passwords import BcryptHasher
from bootstrap.call.rest import Rest, sandbox_intents
from bootstrap.call.wire import SandboxIntent, Tokens
from bootstrap.embedded import ChildProcess
from bootstrap.settings import Settings
from bootstrap.up import Running, running
from bootstrap.wiring.common import Common, open_common
from domain.accounts.account import Role
from domain.accounts.registration import Application, Registration, Trust
from domain.ids import new_id
from domain.money import Money
from domain.timers import TimerKind
from loadtests.ports import free_port

DEADLINE = 60.0
PASSWORD = "a-long-password"
RATE = Money(250, "USD")
TRUSTED = Trust(True, True)
#: What makes a test quick, and what one address would otherwise be refused.
SPEED = {
    "RAPPORT_PASSWORD_COST": "4",
    "RAPPORT_AUTH_ATTEMPTS_PER_MINUTE": "100000",
    "RAPPORT_REQUESTS_PER_MINUTE": "100000",
    "RAPPORT_CONNECTIONS_PER_ADDRESS": "5000",
    "RAPPORT_LOG_JSON": "true",
    "RAPPORT_CALL_COOLDOWN": "0.1",
}


@dataclass
class Tab:
    """One Socket.IO connection and everything it heard, in order."""

    client: socketio.AsyncClient
    namespace: str
    device: str
    heard: list[tuple[str, Any]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, name: str, data: Any = None, *_: Any) -> None:
        self.heard.append((name, data))
        self._news.set()

    def leave(self, *_: Any) -> None:
        self.gone.set()
        self._news.set()

    def named(self, name: str, **fields: Any) -> list[Any]:
        """The data of all events of a name that have these fields."""
        return [data for known, data in self.heard if known == name and _has(data, fields)]

    async def until(self, name: str, *, count: int = 1, **fields: Any) -> Any:
        """The ``count``-th event of a name with these fields, once it came."""
        await self.when(lambda: len(self.named(name, **fields)) >= count)
        return self.named(name, **fields)[count - 1]

    async def when(self, condition: Callable[[], bool]) -> None:
        """Until something heard makes ``condition`` true, or a deadline."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def ask(self, name: str, data: Any) -> Any:
        """Send an event; its acknowledgement as it came."""
        return await self.client.call(name, data, namespace=self.namespace, timeout=DEADLINE)

    async def done(self, name: str, data: Any) -> Any:
        """Send an event that must succeed; its data."""
        ack = await self.ask(name, data)
        assert ack["ok"], (name, ack)
        return ack["data"]

    async def code(self, name: str, data: Any) -> str:
        """Send an event that must be refused; the code."""
        ack = await self.ask(name, data)
        assert not ack["ok"], (name, ack)
        return str(ack["error"]["code"])

    @property
    def position(self) -> dict[str, Any]:
        """Where this tab stands in its feed: what it connects with next time."""
        told = [data for name, data in self.heard if isinstance(data, dict) and data.get("seq") is not None]
        return {"epoch": told[-1]["epoch"], "seq": told[-1]["seq"]}


@dataclass
class Person:
    """Somebody who is logged in."""

    email: str
    rest: Rest
    tokens: Tokens

    @property
    def user_id(self) -> str:
        return self.tokens.user.user_id

    @property
    def name(self) -> str:
        return self.tokens.user.name

    @property
    def coach_id(self) -> str:
        assert self.tokens.user.coach_id is not None
        return self.tokens.user.coach_id


@dataclass
class Program:
    """Two servers on one pair of stores. ``urls[0]`` belongs to ``servers[0]``."""

    urls: tuple[str, str]
    servers: tuple[ChildProcess, ChildProcess]
    running: Running
    inside: Common
    register: Registration
    http: aiohttp.ClientSession
    stack: AsyncExitStack
    _names: Iterator[int] = field(default_factory=itertools.count)

    # --- people -------------------------------------------------------------------------------------------------------

    async def client(self, card: str | None = "pm_card_visa", *, at: int = 0) -> Person:
        """A client with a saved card, verified as a link in an e-mail would."""
        person = await self._person(Role.CLIENT, None, at)
        if card is not None:
            await person.rest.add_card(card)
        return person

    async def coach(self, *, verified: bool = True, at: int = 0) -> Person:
        """A coach, offline; one who is not verified can never be called."""
        return await self._person(Role.COACH, RATE, at, Trust(True, verified))

    async def admin(self) -> Person:
        """The demo admin."""
        return await self.log_in("admin@demo.test", "rapport-demo")

    async def log_in(self, email: str, password: str = PASSWORD, *, at: int = 0) -> Person:
        """Over REST, at one of the two servers."""
        rest = Rest(self.http, self.urls[at])
        tokens = await rest.log_in(email, password)
        rest.bear(tokens.access_token)
        return Person(email, rest, tokens)

    async def _person(self, role: Role, rate: Money | None, at: int, trust: Trust = TRUSTED) -> Person:
        email = f"{role.value}-{next(self._names)}-{new_id()}@example.test"
        await self.register(Application(email, PASSWORD, f"A {role.value}", role, rate), trust)
        return await self.log_in(email, at=at)

    async def get(self, person: Person, path: str, *, at: int = 0) -> Any:
        """A document that this person may read."""
        headers = {"Authorization": f"Bearer {person.tokens.access_token}"}
        async with self.http.get(self.urls[at] + path, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def suspend(self, admin: Person, person: Person, *, at: int = 0) -> None:
        """Shut somebody out."""
        headers = {"Authorization": f"Bearer {admin.tokens.access_token}"}
        url = f"{self.urls[at]}/api/admin/users/{person.user_id}/suspend"
        body = {"suspended": True, "reason": "a test"}
        async with self.http.patch(url, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    # --- sockets ------------------------------------------------------------------------------------------------------

    async def tab(self, person: Person, at: int = 0, namespace: str = "/notifications", **auth: Any) -> Tab:
        """A connected tab on one of the two servers; on ``/notifications``, brought up to date."""
        tab = await self.try_tab(person, at, namespace, **auth)
        assert not tab.refused, tab.refused
        if namespace == "/notifications":
            await tab.until("recovered")
        return tab

    async def try_tab(self, person: Person, at: int, namespace: str = "/notifications", **auth: Any) -> Tab:
        """A tab that may be refused."""
        auth = {"token": person.tokens.access_token, "deviceId": f"device-{new_id()}"} | auth
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        tab = Tab(client, namespace, auth["deviceId"])
        client.on("*", tab.take, namespace=namespace)
        client.on("connect_error", tab.refused.append, namespace=namespace)
        client.on("disconnect", tab.leave, namespace=namespace)
        self.stack.push_async_callback(client.disconnect)
        try:
            await client.connect(
                self.urls[at],
                auth=auth,
                namespaces=[namespace],
                transports=["websocket"],
                wait_timeout=DEADLINE,
            )
        except socketio.exceptions.ConnectionError as error:
            tab.refused = tab.refused or [str(error)]
        return tab

    async def online_coach(self, *, at: int = 0) -> tuple[Person, Tab]:
        """A coach who can be called, and the tab that says so."""
        coach = await self.coach(at=at)
        tab = await self.tab(coach, at)
        await tab.done("coach_status_set", {"status": "online"})
        return coach, tab

    async def seats(
        self, caller: Person, callee: Person, session_id: str, *, at: tuple[int, int] = (0, 1)
    ) -> tuple[Tab, Tab]:
        """Both participants' dedicated sockets, joined: the caller's on ``at[0]``, the callee's on ``at[1]``."""
        tabs = await self.tab(caller, at[0], "/live"), await self.tab(callee, at[1], "/live")
        for tab in tabs:
            join = {"sessionId": session_id, "deviceId": tab.device}
            await tab.done("join-live-session-handshake", join)
        return tabs

    # --- time ---------------------------------------------------------------------------------------------------------

    async def ring_is_over(self, session_id: str) -> None:
        """Nobody answered in time: a call that rings does so no longer than until now."""
        now = self.inside.clock.now()
        calls, timers = self.db["live_sessions"], self.db["timers"]
        await calls.update_one({"_id": ObjectId(session_id)}, {"$set": {"expires_at": now}})
        found = await timers.update_one(
            {"_id": timer_id(TimerKind.RING_TIMEOUT, session_id)}, {"$set": {"due_at": now}}
        )
        assert found.matched_count == 1

    # --- what is known elsewhere --------------------------------------------------------------------------------------

    @property
    def db(self) -> MongoDatabase:
        return self.inside.stores.db

    async def intents(self, session_id: str) -> list[SandboxIntent]:
        """The PaymentIntents of a call, as the sandbox has them."""
        assert self.running.sandbox_url is not None
        return await sandbox_intents(self.http, self.running.sandbox_url, session_id)

    async def every_intent(self) -> list[SandboxIntent]:
        """All PaymentIntents that the sandbox ever saw."""
        async with self.http.get(f"{self.running.sandbox_url}/_sandbox/payment_intents") as answer:
            return [SandboxIntent.model_validate(one) for one in (await answer.json())["data"]]

    def faults_logged(self) -> list[str]:
        """Lines of servers and worker that report a fault of the program itself, oldest first per process."""
        logs = [child.spec.log_file for child in (*self.servers, self.running.worker)]
        return [line for log in logs for line in log.read_text().splitlines() if _is_fault(line)]


async def eventually(check: Callable[[], Awaitable[Any]], *, seconds: float = DEADLINE) -> Any:
    """The first true answer of an asynchronous ``check`` that nobody announces, or a deadline."""
    async with asyncio.timeout(seconds):
        while not (found := await check()):  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.02)
        return found


def _has(data: Any, fields: dict[str, Any]) -> bool:
    return not fields or (
        isinstance(data, dict) and all(data.get(key) == value for key, value in fields.items())
    )


def _is_fault(line: str) -> bool:
    if "Traceback" in line:
        return True
    try:
        return orjson.loads(line).get("level") in ("error", "critical")
    except (ValueError, AttributeError):
        return "Error" in line


# --- starting it ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running_program(folder: Path, **environment: str) -> AsyncIterator[Program]:
    """Start everything on free ports and an empty ``folder``, with further variables if wanted."""
    async with AsyncExitStack() as stack:
        variables = SPEED | environment
        with pytest.MonkeyPatch.context() as patch:
            _set(patch, variables)
            now = await stack.enter_async_context(running(Settings(data_dir=folder, port=free_port())))
            # Children read their environment when they start, and start again after a kill.
            now.environment.update(variables)
            _set(patch, now.environment)
            inside = await stack.enter_async_context(open_common(Settings(), "test"))
        second, url = another_server(now, "server-2")
        stack.push_async_callback(second.stop)
        await second.start()
        hasher = BcryptHasher(4)
        stack.callback(hasher.close)
        s = inside.stores
        register = Registration(s.transact, s.accounts, s.coaches, hasher, inside.clock)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        servers = (now.server, second)
        yield Program((now.url, url), servers, now, inside, register, http, stack)


def _set(patch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        patch.setenv(name, value)


def another_server(now: Running, name: str, module: str = "bootstrap") -> tuple[ChildProcess, str]:
    """One more server process of the same stores, not started yet, and its address. ``module`` takes rapport's arguments."""
    port = free_port()
    first, url = now.server.spec, f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        try:
            async with aiohttp.ClientSession() as http, http.get(f"{url}/ready") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    spec = replace(
        first,
        name=name,
        command=(sys.executable, "-m", module, "serve"),
        log_file=first.log_file.with_name(f"{name}.log"),
        pid_file=first.pid_file.with_name(f"{name}.pid"),
        environment={**now.environment, "RAPPORT_PORT": str(port)},
        ready=ready,
    )
    return ChildProcess(spec), url


@pytest.fixture(scope="session")
async def program_of_session() -> AsyncIterator[Program]:
    """Everything, started once."""
    if os.environ.get("MONGODB_URI") or os.environ.get("REDIS_URL"):
        pytest.skip("starts stores of its own; MONGODB_URI or REDIS_URL names others")
    # Short, since a socket path has 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="rapport-two-"))
    try:
        async with running_program(folder) as program:
            yield program
    finally:
        shutil.rmtree(folder)


@pytest.fixture
async def program(program_of_session: Program) -> AsyncIterator[Program]:
    """The running program; sockets that a test opened are closed after it."""
    async with AsyncExitStack() as stack:
        yield replace(program_of_session, stack=stack)


@pytest.fixture
async def sound(program: Program) -> AsyncIterator[None]:
    """Whatever a test does: afterwards both servers work, and no log has a fault that was not there before."""
    before, restarts = len(program.faults_logged()), [server.restarts for server in program.servers]
    yield
    for at in (0, 1):
        tab = await program.tab(await program.client(card=None, at=at), at)
        assert await tab.done("notifications_read", {"all": True}) == {"unread": 0}
    assert program.faults_logged()[before:] == []
    assert [server.restarts for server in program.servers] == restarts
