"""``rapport serve``: one server process, both doors on one port."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import cache
from ipaddress import ip_network

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from pymongo.errors import PyMongoError

from adapters.mongo.revocation_watch import RevocationWatch
from adapters.passwords import BcryptHasher
from adapters.redis.revocations import BusRevocations
from bootstrap.bus_metrics import BusCollector
from bootstrap.demo import DEMO_PASSWORD, TEST_CARDS, DemoAccounts, refused_domains
from bootstrap.gauges import PERIOD, HouseGauges
from bootstrap.metrics_server import serve_registry
from bootstrap.ports import PortInUse
from bootstrap.remembered import Remembered
from bootstrap.samples import Sampler, counted_by_server
from bootstrap.settings import Environment, Settings
from bootstrap.signals import stop_on_signals
from bootstrap.tuning import tune
from bootstrap.wiring.common import Common, open_common
from bootstrap.wiring.operations import build_operations
from bootstrap.wiring.realtime import build_use_cases
from bootstrap.wiring.rest import build_accounts, build_door, web_files
from bootstrap.workers import Slot
from domain.accounts.revocations import RevokedTokens
from domain.calls.terms import CallTerms
from domain.clock import real_seconds
from domain.errors import DomainError
from domain.operations.samples import SAMPLE_PERIOD
from realtime.admission import AdmissionRules
from realtime.engine.door import EngineOptions
from realtime.server import RealtimeOptions, RealtimeServer, describe
from rest.endpoints.about import About, AboutFacts
from rest.settings import RestSettings
from tasks.sweeps import HEARTBEAT_PERIOD, Loops

log = logging.getLogger(__name__)

KIND = "server"
#: How long sockets get to move to another process, spread so that they do not all come at once.
RECONNECT_WINDOW_MS = 3_000
#: Between "not ready" and the first closed socket: what a load balancer needs to notice.
LEAVE_ROTATION = 0.3
#: For handlers, and for what hundreds of lost seats write all at once.
PATIENCE = 20.0
#: Real seconds that an answer of the database about its health is good for: anybody may ask, as often as they like.
READINESS_FOR = 1.0
#: Real seconds between two comparisons of what we believe to count with what the database says.
RECONCILE_PERIOD = 5.0
#: Real seconds that a page may be told of demo accounts that are suspended by now.
ABOUT_FOR = 5.0


async def serve(settings: Settings, stopping: asyncio.Event | None = None, slot: Slot | None = None) -> None:
    """Run until SIGTERM or SIGINT, or until ``stopping`` is set; then drain.

    ``slot``: this is one of several processes on the port (:mod:`bootstrap.workers`).

    Raises:
        PortInUse: somebody else listens where we should.
    """
    stop = stopping or stop_on_signals()
    async with open_common(settings, KIND) as common:
        server = Server(common, slot)
        try:
            await server.start()
            if stopping is None:  # this process does nothing else
                tune()
            if slot is not None:
                slot.tell_ready()
            log.info("listening", extra={"port": server.port, "process_id": common.process})
            await stop.wait()
            await server.drain()
        finally:
            await server.stop()


class Server:
    """Both doors of one process, its heartbeat, and the watch over its proofs of media."""

    def __init__(self, common: Common, slot: Slot | None = None) -> None:
        self._common = common
        self._slot = slot
        self._site: web.TCPSite | None = None
        self._settings = common.settings
        self._stack = AsyncExitStack()
        self._gauges = HouseGauges(common.stores)
        self._sampler: Sampler | None = None
        self._draining = False
        self._beaten = 0.0
        self._reachable = Remembered(self._mongodb, READINESS_FOR)
        self.port = 0

    async def start(self) -> None:
        """Open both doors."""
        common, settings = self._common, self._settings
        hasher = BcryptHasher(settings.password_cost)
        self._stack.callback(hasher.close)
        revoked = RevokedTokens()
        watch = RevocationWatch(common.stores.revocations, revoked, common.clock)
        await watch.start()
        self._stack.push_async_callback(watch.stop)
        accounts = build_accounts(
            stores=common.stores,
            calls=common.calls,
            clock=common.clock,
            gateway=common.gateway,
            secret=settings.needed_secret("secret_key").encode(),
            passwords=hasher,
            revoked=revoked,
            feed=BusRevocations(common.bus, revoked),
            refused_domains=refused_domains(settings),
        )
        options = realtime_options(settings)
        self.realtime = RealtimeServer(
            process=common.process,
            clock=common.clock,
            bus=common.bus,
            verify=lambda token: accounts.access.read(token, common.clock.wall()),
            revoked=revoked,
            use=build_use_cases(common.calls, common.stores, common.clock),
            options=options,
        )
        registry = self._registry()
        door = build_door(
            booking=common.booking,
            accounts=accounts,
            calls=common.calls,
            stores=common.stores,
            clock=common.clock,
            settings=rest_settings(settings),
            metrics=registry,
            readiness=self.readiness,
            files=web_files(follow=settings.env is Environment.LOCAL),
            asyncapi=cache(lambda: orjson.dumps(describe(options))),
            about=about(settings, common),
            operations=build_operations(common.stores, common.clock, common.terms),
        )
        app = web.Application(
            client_max_size=1024 * 1024, middlewares=[] if self._slot is None else [_own_metrics]
        )
        door.add_to(app)
        self.realtime.mount(app)
        await common.bus.start()
        self._stack.push_async_callback(common.bus.stop)
        await self.realtime.start()
        await self._beat()
        self._keep_up(registry)
        if self._slot is not None and settings.metrics_port is not None:
            own = serve_registry(settings.host, settings.metrics_port + self._slot.number, registry)
            await self._stack.enter_async_context(own)
        await self._listen(app)

    def _registry(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        registry.register(self.realtime.collector())
        registry.register(self._gauges)
        registry.register(BusCollector(self._common.bus))
        return registry

    async def _listen(self, app: web.Application) -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        shared = self._slot is not None
        site = web.TCPSite(
            runner, self._settings.host, self._settings.port, backlog=4096, reuse_port=shared or None
        )
        try:
            await site.start()
        except OSError as error:
            raise PortInUse(self._settings.host, self._settings.port, "RAPPORT_PORT", error) from error
        self._site = site
        self.port = runner.addresses[0][1]

    def _keep_up(self, registry: CollectorRegistry) -> None:
        sampler = self._sampler = self._build_sampler(registry)
        loops = Loops()
        loops.add(HEARTBEAT_PERIOD, self._beat, "heartbeat")
        loops.add(1.0, self._missing_proofs, "watch over proofs")
        loops.add(PERIOD, self._gauges.refresh, "gauges")
        loops.add(SAMPLE_PERIOD, sampler.turn, "samples")
        loops.add(RECONCILE_PERIOD, self._common.calls.media.reconcile, "reconciling")
        self._stack.push_async_callback(loops.stop)

    def _build_sampler(self, registry: CollectorRegistry) -> Sampler:
        return Sampler(
            store=self._common.stores.samples,
            clock=self._common.clock,
            process=self._common.process,
            kind=KIND,
            counted=lambda: counted_by_server(self.realtime.counts, registry),
            sockets=lambda: sum(self.realtime.sockets().values()),
            house=lambda: self._gauges.figures,
        )

    async def _beat(self) -> None:
        # Proofs first: what a heartbeat vouches for must be durable before it.
        await self._common.calls.keeper.flush()
        await self._common.stores.processes.beat(self._common.process, KIND, self.realtime.sockets())
        self._beaten = time.monotonic()

    async def _missing_proofs(self) -> None:
        calls, clock = self._common.calls, self._common.clock
        timeout = real_seconds(clock, self._common.terms.proof_timeout)
        for session_id, side, sid in calls.keeper.expired(timeout):
            try:
                await calls.media.proof_missing(session_id, side, sid)
            except DomainError as error:
                log.warning(
                    "a missing proof could not be recorded: %s", error, extra={"session_id": session_id}
                )

    async def readiness(self) -> Mapping[str, bool]:
        """What this process depends on, and whether it answers."""
        return {
            "mongodb": await self._reachable(),
            "valkey": self._common.bus.connected,
            "heartbeat": time.monotonic() - self._beaten < 3 * HEARTBEAT_PERIOD,
            "accepting": not self._draining,
        }

    async def _mongodb(self) -> bool:
        try:
            async with asyncio.timeout(2):
                await self._common.stores.db.command("ping")
        except (PyMongoError, TimeoutError):
            return False
        return True

    async def drain(self) -> None:
        """Not ready, then every socket is told to reconnect elsewhere. Media goes on from peer to peer."""
        self._draining = True
        log.info("draining")
        await asyncio.sleep(LEAVE_ROTATION)
        if self._slot is not None and self._site is not None:
            # New connections are for the other processes on this port.
            await self._site.stop()
        await self.realtime.drain(RECONNECT_WINDOW_MS)

    async def stop(self) -> None:
        """Close what is left. The heartbeat document goes last, when nothing of ours is left; else others close it."""
        if hasattr(self, "realtime"):
            await self.realtime.stop(PATIENCE)
        await self._stack.aclose()
        await self._common.calls.keeper.flush()
        if self._sampler is not None:
            await self._sampler.last()
        await self._say_goodbye()

    async def _say_goodbye(self) -> None:
        stores, process = self._common.stores, self._common.process
        seats = [*await stores.calls.seated_at(process), *await stores.scheduled.seated_at(process)]
        tabs = await stores.presence.at(process)
        if seats or tabs:
            # Whoever finds us dead by our heartbeat gives them back.
            log.warning(
                "%d seats and %d coaches' presence could not be given back in time", len(seats), len(tabs)
            )
            return
        await stores.processes.forget(process)


@web.middleware
async def _own_metrics(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A port of several processes answers with the numbers of any one of them, which add up to nothing."""
    if request.path != "/metrics":
        return await handler(request)
    text = "Several processes answer here. Each has its metrics on a port of its own: RAPPORT_METRICS_PORT and its number.\n"
    return web.Response(status=404, text=text)


def about(settings: Settings, common: Common) -> About:
    """What a page is told of this server before anybody logs in."""
    demo = DemoAccounts(common.stores.accounts, refused_domains(settings))
    facts = about_facts(settings, common.calls.flow.terms)
    return About(facts, Remembered(demo, ABOUT_FOR), common.clock)


def about_facts(settings: Settings, terms: CallTerms) -> AboutFacts:
    """What of the settings anybody may know. Where others may come in, the sandbox's address is that of an inner network."""
    return AboutFacts(
        environment=settings.env.value,
        version=rest_settings(settings).version,
        turn=bool(settings.turn_urls),
        terms=terms,
        demo_password=DEMO_PASSWORD,
        sandbox=settings.stripe_address is not None,
        sandbox_url=None if settings.exposed else settings.stripe_address,
        test_cards=TEST_CARDS,
    )


def rest_settings(settings: Settings) -> RestSettings:
    """Limits and trust of the HTTP door."""
    return RestSettings(
        user_limit=settings.requests_per_minute,
        auth_limit=settings.auth_attempts_per_minute,
        allowed_origins=frozenset(settings.cors_origins),
        trusted_proxies=tuple(ip_network(proxy) for proxy in settings.trusted_proxies),
        secure=settings.production,
    )


def realtime_options(settings: Settings) -> RealtimeOptions:
    """Limits of the socket door."""
    return RealtimeOptions(
        engine=EngineOptions(websocket_only=settings.websocket_only),
        admission=AdmissionRules(
            origins=frozenset(settings.cors_origins),
            proxies=tuple(ip_network(proxy) for proxy in settings.trusted_proxies),
            websocket_only=settings.websocket_only,
            per_address=settings.connections_per_address,
            in_all=settings.max_connections,
        ),
    )
