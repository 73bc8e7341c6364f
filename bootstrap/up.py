"""``rapport up``: everything on this machine, from one command, stopped by one Ctrl-C.

Embedded stores, the sandbox (unless a Stripe key is set), one server, one worker, demo accounts. Each is a supervised child
that cannot outlive this process.
"""

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from adapters.mongo.client import database_of, open_client
from adapters.mongo.processes import clock_origin
from bootstrap.embedded import ChildProcess, ChildSpec, DataDir, EmbeddedStores, StoreUris
from bootstrap.ports import PortInUse
from bootstrap.secrets import SecretFiles, keep_secrets
from bootstrap.seeding import seed_house
from bootstrap.settings import Settings
from bootstrap.signals import stop_on_signals
from bootstrap.wiring.common import refuse_shifted_clock
from bootstrap.workers import STOP_SECONDS
from domain.clock import ClockOrigin

log = logging.getLogger(__name__)

READY_SECONDS = 30.0
RECORDED_URI = "mongodb-uri"
#: Settings that children get as this process has them, however it came by them.
PASSED_ON = (
    "password_cost",
    "websocket_only",
    "auth_attempts_per_minute",
    "requests_per_minute",
    "connections_per_address",
    "max_connections",
    "cors_origins",
    "trusted_proxies",
    "turn_urls",
    "log_level",
)


@dataclass(frozen=True)
class Running:
    """What runs, and where."""

    url: str
    sandbox_url: str | None
    data_dir: Path
    stores: EmbeddedStores
    server: ChildProcess
    worker: ChildProcess
    sandbox: ChildProcess | None
    environment: dict[str, str]
    #: whether the demo accounts can log in
    demo: bool
    #: whether mail leaves this machine
    smtp: bool = False

    @property
    def mailbox_url(self) -> str | None:
        """The page that shows mail; None where an SMTP server takes it, or nobody does."""
        taken = self.sandbox_url is not None and not self.smtp
        return f"{self.sandbox_url}/mailbox" if taken else None


@asynccontextmanager
async def running(
    settings: Settings, *, echo: Callable[[str, str], None] | None = None, demo: bool = True
) -> AsyncIterator[Running]:
    """Start everything and stop it at the end; data stays.

    ``echo`` receives (name, line) for each line that server and worker print. Port 0 takes a free port.

    Raises:
        PortInUse: with the name of the variable that chooses another port.
        DataDirInUse: another process works on the data folder.
        EmbeddedError: a store cannot be had or started.
        ShiftedClock: Stripe itself is asked for, and the data folder was used with a fast clock.
    """
    # Before the ports: whoever starts a second one here would be told of a port, and try the next.
    DataDir(settings.data_dir).refuse_if_held()
    settings = _with_ports(settings)
    _refuse_if_exposed(settings)
    async with AsyncExitStack() as stack:
        stores = EmbeddedStores(
            settings.data_dir, mongodb_uri=settings.mongodb_uri, redis_url=settings.redis_url
        )
        uris = await stores.start()
        stack.push_async_callback(stores.stop)
        (stores.data_dir.run / RECORDED_URI).write_text(uris.mongodb_uri)
        files = keep_secrets(stores.data_dir.folder("secrets"))
        origin = await _clock(uris, settings)
        refuse_shifted_clock(settings, origin)
        children = _Children(settings, stores, uris, files, origin, echo)
        sandbox = children.sandbox() if settings.secret("stripe_secret_key") is None else None
        if sandbox:
            await _start(stack, sandbox)
        demo = demo and not settings.exposed
        if demo:
            await seed_house(children.settings_inside())
        server, worker = children.server(), children.worker()
        await _start(stack, worker)
        await _start(stack, server)
        yield Running(
            url=_url(settings.host, settings.port),
            sandbox_url=_url("127.0.0.1", settings.sandbox_port or 0) if sandbox else None,
            data_dir=stores.data_dir.path,
            stores=stores,
            server=server,
            worker=worker,
            sandbox=sandbox,
            environment=children.environment,
            demo=demo,
            smtp=bool(settings.smtp_host),
        )


def recorded_mongodb(data_dir: Path) -> str:
    """The database of the program that runs, or ran last, on a data folder.

    Raises:
        OSError: nothing was ever started there.
    """
    return (data_dir.expanduser() / "run" / RECORDED_URI).read_text()


async def _start(stack: AsyncExitStack, child: ChildProcess) -> None:
    stack.push_async_callback(child.stop)
    await child.start()


async def _clock(uris: StoreUris, settings: Settings) -> ClockOrigin:
    client = open_client(uris.mongodb_uri)
    try:
        return await clock_origin(database_of(client), settings.clock_speed)
    finally:
        client.close()


class _Children:
    """How each child is started: its command, its environment, when it is ready."""

    def __init__(
        self,
        settings: Settings,
        stores: EmbeddedStores,
        uris: StoreUris,
        files: SecretFiles,
        origin: ClockOrigin,
        echo: Callable[[str, str], None] | None,
    ) -> None:
        self._settings = settings
        self._dir = stores.data_dir
        self._files = files
        self._origin = origin
        self._echo = echo
        self.environment = self._environment(uris)

    def _environment(self, uris: StoreUris) -> dict[str, str]:
        settings = self._settings
        own = {
            "MONGODB_URI": uris.mongodb_uri,
            "REDIS_URL": uris.redis_url,
            "RAPPORT_PORT": str(settings.port),
            "RAPPORT_HOST": settings.host,
            "RAPPORT_PUBLIC_URL": settings.console_url,
            # The origin is stored; children read it.
            "RAPPORT_CLOCK_SPEED": str(self._origin.speed),
            # Children write into a pipe; what a person reads at the end of it decides.
            "RAPPORT_LOG_JSON": str(
                settings.log_json if settings.log_json is not None else not sys.stderr.isatty()
            ),
        }
        own |= {f"RAPPORT_{name.upper()}": _as_variable(getattr(settings, name)) for name in PASSED_ON}
        # Only what was said: whether it was decides who counts as exposed.
        if "env" in settings.model_fields_set:
            own["RAPPORT_ENV"] = settings.env.value
        if settings.secret("secret_key") is None:
            own["RAPPORT_SECRET_KEY_FILE"] = str(self._files.secret_key)
        if settings.secret("stripe_secret_key") is None:
            # What we were started with may name Stripe itself; a child would prefer that to the file.
            own["STRIPE_SECRET_KEY"] = own["STRIPE_WEBHOOK_SECRET"] = ""
            own["STRIPE_SECRET_KEY_FILE"] = str(self._files.gateway_key)
            own["STRIPE_WEBHOOK_SECRET_FILE"] = str(self._files.webhook_secret)
            own["STRIPE_ADDRESS"] = _url("127.0.0.1", settings.sandbox_port or 0)
        return own

    def settings_inside(self) -> Settings:
        """The settings as a child of ours reads them."""
        return _settings_from({**os.environ, **self.environment})

    def sandbox(self) -> ChildProcess:
        """The offline Stripe, on the shared clock."""
        settings, origin = self._settings, self._origin
        command = (
            sys.executable, "-m", "sandbox",
            "--port", str(settings.sandbox_port),
            "--data-dir", str(self._dir.folder("sandbox")),
            "--secret-key-file", str(self._files.gateway_key),
            "--webhook-secret-file", str(self._files.webhook_secret),
            "--webhook-url", f"{_url('127.0.0.1', settings.port)}/api/payments/webhook/stripe",
            "--origin-real", str(origin.wall.timestamp()),
            "--origin-domain", str(origin.domain.timestamp()),
            "--clock-speed", str(origin.speed),
        )  # fmt: skip
        ready = _answers(f"{_url('127.0.0.1', settings.sandbox_port or 0)}/_sandbox/summary")
        return self._child("sandbox", command, ready, stop_seconds=3.0)

    def server(self) -> ChildProcess:
        """One server process."""
        ready = _answers(f"{_url(self._settings.host, self._settings.port)}/ready")
        return self._child("server", (sys.executable, "-m", "bootstrap", "serve"), ready)

    def worker(self) -> ChildProcess:
        """One worker process."""
        return self._child("worker", (sys.executable, "-m", "bootstrap", "work"), None)

    def _child(
        self,
        name: str,
        command: tuple[str, ...],
        ready: Callable[[], Awaitable[bool]] | None,
        stop_seconds: float = STOP_SECONDS,
    ) -> ChildProcess:
        echo = self._echo
        spec = ChildSpec(
            name=name,
            command=command,
            log_file=self._dir.logs / f"{name}.log",
            pid_file=self._dir.run / f"{name}.pid",
            environment=self.environment,
            ready_seconds=READY_SECONDS,
            stop_seconds=stop_seconds,
            echo=(lambda line: echo(name, line)) if echo else None,
        )
        return ChildProcess(replace(spec, ready=ready) if ready else spec)


def _as_variable(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        try:
            timeout = aiohttp.ClientTimeout(total=2)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as answer:
                return answer.status == 200
        except (OSError, aiohttp.ClientError, TimeoutError):
            return False

    return ask


def _settings_from(environ: dict[str, str]) -> Settings:
    """Settings as another process would read them, without changing this one's environment for good."""
    before = dict(os.environ)
    os.environ.update(environ)
    try:
        return Settings()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _with_ports(settings: Settings) -> Settings:
    """Ports that are free now, found before anything is started."""
    port = _free(settings.host, settings.port, "RAPPORT_PORT")
    wanted = settings.sandbox_port
    if wanted is None:
        wanted = port + 1 if settings.port else 0
    sandbox = _free("127.0.0.1", wanted, "RAPPORT_SANDBOX_PORT")
    return settings.model_copy(update={"port": port, "sandbox_port": sandbox})


def _free(host: str, port: int, variable: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUse(host, port, variable, error) from error
        found: int = probe.getsockname()[1]
        return found


def _refuse_if_exposed(settings: Settings) -> None:
    if settings.exposed and settings.secret("stripe_secret_key") is None:
        raise Exposed(
            f"Listening on {settings.host} with demo accounts and a pretended Stripe is only for a machine of one's own. "
            "Set RAPPORT_ENV=local if that is what you want, or a STRIPE_SECRET_KEY."
        )


class Exposed(Exception):
    """Demo accounts and the sandbox must not be reachable from outside."""


def _url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


async def up(settings: Settings, say: Callable[[Running], None], echo: Callable[[str, str], None]) -> None:
    """Run until Ctrl-C or SIGTERM."""
    stop = stop_on_signals()
    starting = asyncio.create_task(stop.wait())
    async with AsyncExitStack() as stack:
        everything = asyncio.create_task(stack.enter_async_context(running(settings, echo=echo)))
        await asyncio.wait({starting, everything}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() and not everything.done():
            everything.cancel()
            await asyncio.gather(everything, return_exceptions=True)
            return
        now = everything.result()
        say(now)
        if now.sandbox_url:
            log.warning("no STRIPE_SECRET_KEY: payments go to the offline sandbox at %s", now.sandbox_url)
        await stop.wait()
        log.info("stopping; data stays in %s", now.data_dir)
