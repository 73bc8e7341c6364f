"""Socket servers of a house on real ports, sharing real stores, and Socket.IO clients that remember what they heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import orjson
import pytest
import socketio
from aiohttp import web
from redis.asyncio import Redis

from adapters.mail.sandbox import SandboxMailer
from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.passwords import BcryptHasher
from adapters.payments.stripe import StripeGateway, StripeSettings
from adapters.redis.bus import BusTimes, RedisBus
from adapters.redis.client import connect
from adapters.redis.publisher import BusPublisher
from adapters.tokens import JwtAccessTokens
from billing.payment_methods import CardPorts, PaymentMethods
from bootstrap.embedded import StoreUris
from bootstrap.wiring.booking import build_booking
from bootstrap.wiring.calls import build_calls
from bootstrap.wiring.mail import build_sending
from bootstrap.wiring.realtime import build_use_cases
from bootstrap.wiring.stores import open_stores
from bootstrap.wiring.worker import build_runner
from domain.accounts.account import Account
from domain.accounts.registration import Registration
from domain.accounts.revocations import RevokedTokens
from domain.calls.terms import CallTerms
from domain.clock import VirtualClock
from domain.errors import Unavailable
from domain.events import Event, ToUser
from domain.ids import new_id
from domain.ports import Tx
from realtime.admission import AdmissionRules
from realtime.engine.door import EngineOptions
from realtime.server import RealtimeOptions, RealtimeServer
from signaling.ice import IceServers
from signaling.seats import Seat
from tests.support.house import CONSOLE, LINK_SECRET, House, Party
from tests.support.published import require_published_ack, require_published_event
from tests.support.sandbox import (
    GATEWAY_PATIENCE,
    SECRET_KEY,
    WEBHOOK_SECRET,
    RunningSandbox,
    running_sandbox,
)

SECRET = b"a secret of thirty-two bytes, or more"
#: Real seconds, of waits that are answered in milliseconds. Generous, like the two below: a busy machine is no finding.
DEADLINE = 60.0
#: What did not come for so long got lost, real seconds.
LOST = 8.0
#: How long the bus may be silent before a process takes it for dead, where a test does not say.
PATIENT_BUS = BusTimes(pong_within=DEADLINE, publish_within=DEADLINE)
#: How long the heartbeat may be late, which a client adds to what it waits for a ping.
PATIENT_ENGINE = {"ping_timeout": 2 * DEADLINE}


@dataclass
class Tab:
    """One Socket.IO connection and what it heard, in order; all of it must be published."""

    client: socketio.AsyncClient
    namespace: str
    heard: list[tuple[str, Any]] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    #: lets a little time pass: what got lost between two processes is asked for again a second later
    nudge: Callable[[], None] = lambda: None
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, name: str, data: Any = None) -> None:
        require_published_event(self.namespace, name, data)
        self.heard.append((name, data))
        self._news.set()

    def named(self, name: str) -> list[Any]:
        return [data for known, data in self.heard if known == name]

    async def until(self, name: str, count: int = 1) -> Any:
        """The ``count``-th event of a name, once it came."""
        await self.when(lambda: len(self.named(name)) >= count)
        return self.named(name)[count - 1]

    async def when(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._news.clear()
                try:
                    await asyncio.wait_for(self._news.wait(), LOST)
                except TimeoutError:
                    self.nudge()

    async def ask(self, name: str, *args: Any) -> Any:
        """Send an event, return its acknowledgement."""
        data = args[0] if len(args) == 1 else args if args else None
        ack = await self.client.call(name, data, namespace=self.namespace, timeout=DEADLINE)
        require_published_ack(self.namespace, name, ack)
        return ack

    async def done(self, name: str, *args: Any) -> Any:
        """The data of an acknowledgement that must be a success."""
        ack = await self.ask(name, *args)
        assert ack["ok"], ack
        return ack["data"]

    async def code(self, name: str, *args: Any) -> str:
        """The code of an acknowledgement that must be a failure."""
        ack = await self.ask(name, *args)
        assert not ack["ok"], ack
        return str(ack["error"]["code"])


@dataclass
class Node:
    """One process: its sockets, its use cases, its bus."""

    house: House
    server: RealtimeServer
    bus: RedisBus
    url: str
    tokens: JwtAccessTokens
    revoked: RevokedTokens
    stack: AsyncExitStack
    #: all that share clock and stores, this one too
    all: list["Node"]

    def token(self, party: Party, *, family: str | None = None) -> str:
        who = party.who
        account = Account(
            id=who.user_id,
            email="",
            name="",
            role=who.role,
            password_hash="",
            created_at=self.house.clock.wall(),
        )
        return self.tokens.issue(account, who.coach_id, family or who.family, self.house.clock.wall())

    async def tab(
        self, party: Party, namespace: str = "/notifications", *, token: str | None = None, **auth: Any
    ) -> Tab:
        """A connected client; closed at the end of the test."""
        tab = await self.try_tab(
            namespace, {"token": token or self.token(party), "deviceId": party.device, **auth}
        )
        assert not tab.refused, tab.refused
        return tab

    async def try_tab(self, namespace: str, auth: Any, **options: Any) -> Tab:
        """A client that may be refused."""
        client = socketio.AsyncClient(reconnection=False)
        tab = Tab(client, namespace, nudge=self._let_a_second_pass)
        client.on("*", tab.take, namespace=namespace)
        client.on("connect_error", tab.refused.append, namespace=namespace)
        client.on("disconnect", lambda *_: (tab.gone.set(), tab._news.set()), namespace=namespace)
        self.stack.push_async_callback(client.disconnect)
        options = {"transports": ["websocket"], **options}
        try:
            await client.connect(
                self.url, auth=auth, namespaces=[namespace], wait_timeout=DEADLINE, **options
            )
        except socketio.exceptions.ConnectionError as error:
            tab.refused = tab.refused or [str(error)]
        return tab

    def _let_a_second_pass(self) -> None:
        self.house.clock.advance(1)
        for node in self.all:
            node.server.schedule.run_due()

    async def wire(self, **options: Any) -> "Wire":
        """A WebSocket of which every byte is the test's own."""
        session = aiohttp.ClientSession()
        self.stack.push_async_callback(session.close)
        address = f"{self.url}/socket.io/?EIO=4&transport=websocket"
        ws = await session.ws_connect(address, **options)
        self.stack.callback(id, ws)  # kept: one that is collected closes its connection
        opening = await ws.receive_str()
        assert opening[0] == "0", opening
        return Wire(ws)

    def auth(self, party: Party, **more: Any) -> dict[str, Any]:
        """What a person connects with."""
        return {"token": self.token(party), "deviceId": party.device, **more}

    def pass_time(self, seconds: float) -> None:
        """Move the clock, and do what is due on this process."""
        self.house.clock.advance(seconds)
        self.server.schedule.run_due()

    async def emit(self, party: Party, *events: Event, publish: bool = True) -> None:
        """Commit events for a person, as a use case would; without publication, as a crash would."""

        async def work(tx: Tx) -> None:
            for event in events:
                tx.emit(ToUser(party.who.user_id), event)

        transact = self.house.stores.transact
        kept, transact._publisher = transact._publisher, transact._publisher if publish else _Lost()
        try:
            await transact(work)
        finally:
            transact._publisher = kept


@dataclass
class Wire:
    """Socket.IO by hand."""

    ws: aiohttp.ClientWebSocketResponse

    async def connect(self, namespace: str, auth: Any) -> str:
        """Ask for a namespace; the packet that answers."""
        await self.ws.send_str(f"40{namespace},{orjson.dumps(auth).decode()}")
        return await self.next("40", "44")

    async def emit(self, namespace: str, *args: Any, ack: int | str = "") -> None:
        await self.ws.send_str(f"42{namespace},{ack}{orjson.dumps(list(args)).decode()}")

    async def next(self, *kinds: str) -> str:
        """The next packet that begins so; others are skipped."""
        async with asyncio.timeout(DEADLINE):
            while True:
                text = await self.ws.receive_str()
                if text.startswith(kinds):
                    return text

    async def closed(self) -> list[str]:
        """What is still heard until the server has closed."""
        heard: list[str] = []
        async with asyncio.timeout(DEADLINE):
            while (message := await self.ws.receive()).type is aiohttp.WSMsgType.TEXT:
                heard.append(message.data)
        return heard


class _Lost:
    """Takes nothing, so that nobody notes it as published."""

    async def publish_rows(self, rows: Any) -> None:
        raise Unavailable("The process died before it published.")


@dataclass
class World:
    """Nodes on the same stores and the same clock."""

    client: MongoClient
    uris: StoreUris
    sandbox: RunningSandbox
    clock: VirtualClock
    stack: AsyncExitStack
    nodes: list[Node] = field(default_factory=list)

    async def node(self, name: str = "p1", **options: Any) -> Node:
        """Start one more process."""
        redis = connect(self.uris.redis_url)
        self.stack.push_async_callback(redis.aclose)
        bus = RedisBus(redis, options.pop("times", PATIENT_BUS))
        await bus.start()
        self.stack.push_async_callback(bus.stop)
        house = await self._house(name, BusPublisher(bus, self.clock))
        revoked = RevokedTokens()
        tokens = JwtAccessTokens(SECRET, revoked)
        engine = EngineOptions(**{**PATIENT_ENGINE, **options.pop("engine", {})})
        rules = AdmissionRules(**options.pop("rules", {}), websocket_only=engine.websocket_only)
        use = options.pop("use", lambda cases: cases)
        server = RealtimeServer(
            process=name,
            clock=self.clock,
            bus=bus,
            verify=lambda token: tokens.read(token, self.clock.wall()),
            revoked=revoked,
            use=use(build_use_cases(house.calls, house.stores, house.clock)),
            options=RealtimeOptions(engine, rules),
        )
        assert not options, options
        url = await self._serve(server)
        await server.start()
        node = Node(house, server, bus, url, tokens, revoked, self.stack, self.nodes)
        self.nodes.append(node)
        return node

    async def _serve(self, server: RealtimeServer) -> str:
        app = web.Application()
        server.mount(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.stack.push_async_callback(runner.cleanup)
        self.stack.push_async_callback(server.stop, 2.0)
        port = site._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    async def _house(self, process: str, publisher: Any) -> House:
        clock, stores = self.clock, open_stores(self.client, self.clock, publisher)
        settings = StripeSettings(
            SECRET_KEY, WEBHOOK_SECRET, address=self.sandbox.url, timeout=GATEWAY_PATIENCE
        )
        gateway = StripeGateway(settings)
        calls = build_calls(
            stores=stores, clock=clock, terms=CallTerms(), process=process,
            gateway=gateway, publisher=publisher, ice=IceServers(clock, (), None), console_url=CONSOLE,
        )  # fmt: skip
        booking = build_booking(
            stores=stores, calls=calls, clock=clock, terms=CallTerms(), process=process, gateway=gateway
        )
        mailer = SandboxMailer(self.sandbox.url, SECRET_KEY, "Rapport <no-reply@rapport.test>")
        sending = build_sending(stores, clock, mailer=mailer, secret=LINK_SECRET, console_url=CONSOLE)
        hasher = BcryptHasher(cost=4)
        self.stack.callback(hasher.close)
        self.stack.push_async_callback(gateway.close)
        self.stack.push_async_callback(stores.transact.close)
        cards = CardPorts(stores.transact, stores.accounts, stores.cards, stores.card_setups, gateway, clock)
        return House(
            clock=clock, stores=stores, calls=calls, booking=booking, cards=PaymentMethods(cards),
            runner=build_runner(stores, calls, booking, clock, sending=sending),
            sandbox=self.sandbox, published=publisher,
            register=Registration(stores.transact, stores.accounts, stores.coaches, hasher, clock),
            process=process,
        )  # fmt: skip


def on_family(party: Party, family: str) -> Party:
    """The same person by another log-in."""
    return replace(party, who=replace(party.who, family=family), device=f"device-{new_id()}")


@asynccontextmanager
async def _shared_sandbox(path: Any) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(path, client_timeout=GATEWAY_PATIENCE) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
async def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningSandbox]:
    """One gateway for all tests of sockets: each makes its own customers."""
    async with _shared_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
async def world(
    mongo: MongoDatabase,
    mongo_client: MongoClient,
    valkey: "Redis[bytes]",
    store_uris: StoreUris,
    shared_sandbox: RunningSandbox,
) -> AsyncIterator[World]:
    """Empty stores, and room for processes."""
    async with AsyncExitStack() as stack:
        yield World(mongo_client, store_uris, shared_sandbox, VirtualClock(), stack)


@pytest.fixture
async def node(world: World) -> Node:
    """One process."""
    return await world.node()


def held_seats(node: Node) -> list[Seat]:
    """Seats whose socket is at this process now."""
    return [seat for seat in node.server._seats if not seat.gone]
