"""Server CPU per signal and per delivery: in one process, between two, and spread over two.

Everything is CPU that the servers count themselves, so it holds where cores are few. Signals are sent as fast as they are
answered for (closed loop): at a low rate, what a server mostly pays for is being woken. How much work two processes can do
together is twice what the CPU per delivery leaves of each.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bootstrap.embedded import ChildProcess, DataDir
from bootstrap.embedded.valkey import valkey_spec
from loadtests.bench.arithmetic import Spread, ratios, spread
from loadtests.bench.columns import Column
from loadtests.bench.people import People
from loadtests.bench.servers import Server, new_secret, running
from loadtests.load.fleet import Fleet
from loadtests.load.generator import Pair, Window, relay, tabs

SERVER = Column(
    "cluster", "Rapport", "One of two on a Valkey.", (sys.executable, "-m", "loadtests.cluster.server")
)
#: What the issue asks for.
REMOTE_AT_MOST, GAIN_AT_LEAST = 2.0, 1.7
#: Seconds.
PATIENCE = 20.0
TICK = os.sysconf("SC_CLK_TCK")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much, and for how long (seconds)."""

    pairs: int = 100
    #: on their way from each participant
    in_flight: int = 2
    seconds: float = 4.0
    watchers: int = 1_000
    events: int = 50
    per_second: float = 10.0
    alternations: int = 5


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds per message of one alternation; ``valkey`` is the store's own, of a signal between processes."""

    local: float
    remote: float
    spread_calls: float
    fanout: float
    spread_fanout: float
    valkey: float


@dataclass(frozen=True, slots=True)
class Result:
    """Medians of the alternations. ``remote``: times a local signal's CPU; ``calls`` and ``fanout``: times the work of one
    process that two do, whose calls have both sides in one process, and whose watchers are half here and half there."""

    costs: tuple[Costs, ...]
    remote: Spread
    calls: Spread
    fanout: Spread
    lost: int

    @property
    def met(self) -> bool:
        """Whether it is what the issue asks for."""
        gains = self.calls.median, self.fanout.median
        return self.remote.median <= REMOTE_AT_MOST and min(gains) >= GAIN_AT_LEAST and not self.lost

    def to_wire(self) -> dict[str, object]:
        """For a report, in seconds and factors."""
        return {**asdict(self), "met": self.met}


async def run(sizes: Sizes, say: Say) -> Result:
    """Measure it all; everything it starts ends with it."""
    async with _cluster() as cluster:
        costs = []
        for number in range(sizes.alternations):
            found = await cluster.alternation(sizes)
            costs.append(found)
            say(
                f"  {number + 1}: local {found.local * 1e6:.1f} µs  remote {found.remote * 1e6:.1f} µs "
                f"(and {found.valkey * 1e6:.1f} µs of Valkey)  spread calls {found.spread_calls * 1e6:.1f} µs  "
                f"fan-out {found.fanout * 1e6:.2f} µs  spread {found.spread_fanout * 1e6:.2f} µs"
            )
        one = [cost.local for cost in costs]
        heard = [cost.fanout for cost in costs]
        return Result(
            tuple(costs),
            spread([cost.remote / cost.local for cost in costs]),
            _doubled(one, [cost.spread_calls for cost in costs]),
            _doubled(heard, [cost.spread_fanout for cost in costs]),
            cluster.lost,
        )


def _doubled(one: Sequence[float], two: Sequence[float]) -> Spread:
    gain = ratios(one, two)
    assert gain is not None
    return gain.scaled(2.0)


class Cluster:
    """Two servers and their Valkey."""

    def __init__(self, servers: Sequence[Server], people: People, valkey_pid: int) -> None:
        self._servers = servers
        self._people = people
        self._valkey = valkey_pid
        self.lost = 0

    async def alternation(self, sizes: Sizes) -> Costs:
        """Every case once, one after the other."""
        one, two = (server.url for server in self._servers)
        local, _ = await self._signals(self._pairs(sizes, [one], [one]), sizes)
        remote, valkey = await self._signals(self._pairs(sizes, [one], [two]), sizes)
        spread_calls, _ = await self._signals(self._pairs(sizes, [one, two], [one, two]), sizes)
        fanout = await self._events(sizes, [one])
        spread_fanout = await self._events(sizes, [one, two])
        return Costs(local, remote, spread_calls, fanout, spread_fanout, valkey)

    def _pairs(self, sizes: Sizes, callers: list[str], callees: list[str]) -> list[Pair]:
        pairs = self._people.pairs(sizes.pairs, callers)
        return [replace(pair, callee_url=callees[n % len(callees)]) for n, pair in enumerate(pairs)]

    async def _signals(self, pairs: list[Pair], sizes: Sizes) -> tuple[float, float]:
        async with relay(pairs, processes=2) as load:
            await self._opened(load, 2 * len(pairs))
            await load.run(Window(1.0, in_flight=sizes.in_flight))
            before, store = await self._cpu(), self._store()
            found = await load.run(Window(sizes.seconds, in_flight=sizes.in_flight))
            each, stored = await self._cpu() - before, self._store() - store
            self.lost += found.count("lost") + found.count("disordered")
            received = found.count("received")
            return each / received, stored / received

    async def _events(self, sizes: Sizes, urls: list[str]) -> float:
        async with tabs(self._people.watchers(sizes.watchers, urls), processes=2) as load:
            await self._opened(load, sizes.watchers)
            server = self._servers[0]
            await load.run(Window(10, expect=5), lambda: server.fan_out(5, sizes.per_second, 200))
            before = await self._cpu()
            found = await load.run(
                Window(10, expect=sizes.events), lambda: server.fan_out(sizes.events, sizes.per_second, 200)
            )
            self.lost += found.count("lost")
            return (await self._cpu() - before) / found.count("received")

    async def _opened(self, load: Fleet, count: int) -> None:
        """Everybody there; those of the case before are gone, seats and all.

        Raises:
            RuntimeError: not everybody.
        """
        async with asyncio.timeout(PATIENCE):
            while sum([(await server.stats()).sockets for server in self._servers]):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)  # what a lost seat writes to the store follows its socket
        ready = (await load.open()).count("ready")
        if ready != count:
            raise RuntimeError(f"only {ready} of {count} could connect")

    async def _cpu(self) -> float:
        return sum([(await server.stats()).cpu for server in self._servers])

    def _store(self) -> float:
        fields = Path(f"/proc/{self._valkey}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


@asynccontextmanager
async def _cluster() -> AsyncIterator[Cluster]:
    async with AsyncExitStack() as stack:
        folder = DataDir(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rapport-cluster-"))))
        folder.acquire()
        stack.callback(folder.release)
        spec, url = valkey_spec(folder)
        valkey = ChildProcess(spec)
        stack.push_async_callback(valkey.stop)
        await valkey.start()
        secret, servers = new_secret(), []
        for process in ("p1", "p2"):
            environment = {"BENCH_REDIS_URL": url, "BENCH_PROCESS": process}
            started = running(SERVER, secret, environment=environment)
            servers.append(await stack.enter_async_context(started))
        yield Cluster(servers, People(secret), valkey.pid)
