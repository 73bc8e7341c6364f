"""One figure each of one server: what it costs, in the server's own CPU seconds and bytes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.bench.machine import Cores
from loadtests.bench.people import People
from loadtests.bench.servers import Server
from loadtests.load.fleet import Fleet
from loadtests.load.generator import Pair, Tab, Window, relay, tabs
from loadtests.load.tally import Tally

#: Bytes of an event on the wire.
EVENT = 200
#: Signals that each participant has under way while servers are saturated: few enough for none to queue for long.
IN_FLIGHT = 2
#: How much of what a server can do is asked of it while round trips are timed.
SHARE = 0.7
#: Clients that connect at the same time.
AT_ONCE = 64
#: Messages before figures count; in a few windows at most.
WARM = 15_000
_WARMED_AT_MOST = 4
#: Seconds beyond what a fan-out should take, without any delivery, after which what is missing of it is given up.
PATIENCE = 0.5


class Incomplete(RuntimeError):
    """Something that was sent never came, or somebody was not let in: then a figure would be wrong."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything; seconds where it is time."""

    pairs: int = 100
    watchers: int = 1_000
    connects: int = 5_000
    warm: float = 0.8
    relay: float = 2.2
    events: int = 44
    events_per_second: float = 20.0
    steady: float = 3.0


#: As many sockets as ever: the memory of one in Node is another for fewer of them.
QUICK = Sizes(warm=0.6, relay=1.2, events=24, steady=1.2)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds for each of ``count``; what share of its core each server used meanwhile; how many a second; whether the
    generator was too busy to let the servers do what they can."""

    each: float
    count: int
    busy: float
    per_second: float
    strained: bool


class Bench:
    """Loads on some servers, from the generator's cores."""

    def __init__(self, servers: Sequence[Server], people: People, cores: Cores, sizes: Sizes) -> None:
        self.servers = servers
        self.people = people
        self.sizes = sizes
        self._cores = sorted(cores.generator) if cores.generator else None
        self._processes = min(4, len(self._cores)) if self._cores else 1

    @property
    def urls(self) -> list[str]:
        """Where the servers are."""
        return [server.url for server in self.servers]

    def pairs(self, pairs: Sequence[Pair]) -> Fleet:
        """Participants, not connected yet."""
        return relay(pairs, processes=self._processes, at_once=AT_ONCE, cores=self._cores)

    def tabs(self, them: Sequence[Tab], namespace: str = "/notifications") -> Fleet:
        """Tabs, not connected yet."""
        return tabs(them, namespace=namespace, processes=self._processes, at_once=AT_ONCE, cores=self._cores)

    async def cpu(self) -> float:
        """CPU seconds of all servers so far."""
        return sum([(await server.stats()).cpu for server in self.servers])


async def opened(load: Fleet, count: int) -> Tally:
    """Connect everybody.

    Raises:
        Incomplete: not everybody got in.
    """
    tally = await load.open()
    if tally.count("ready") != count:
        raise Incomplete(f"{count - tally.count('ready')} of {count} did not get in: {dict(tally.counts)}")
    return tally


async def relayed(bench: Bench, load: Fleet, *, acks: bool) -> Cost:
    """CPU per relayed message while all pairs send as fast as the servers let them."""
    sizes = bench.sizes
    await _warm(load, Window(sizes.warm, in_flight=IN_FLIGHT, acks=acks))
    before = await bench.cpu()
    tally = await load.run(Window(sizes.relay, in_flight=IN_FLIGHT, acks=acks))
    return _cost(bench, await bench.cpu() - before, tally, sizes.relay)


async def _warm(load: Fleet, window: Window) -> None:
    """Until :data:`WARM` messages went through: a compiler that works while a program runs (Node's) has to have seen them."""
    seen = 0
    for _ in range(_WARMED_AT_MOST):
        seen += (await load.run(window)).count("received")
        if seen >= WARM:
            return


async def steadily(bench: Bench, load: Fleet, rate: float) -> Cost:
    """CPU per relayed message, acknowledged, at so many a second."""
    sizes = bench.sizes
    await load.run(Window(sizes.warm, rate=rate, acks=True))
    before = await bench.cpu()
    tally = await load.run(Window(sizes.relay, rate=rate, acks=True))
    return _cost(bench, await bench.cpu() - before, tally, sizes.relay)


async def at_a_rate(load: Fleet, rate: float, sizes: Sizes, *, acks: bool) -> Tally:
    """Latencies at a steady rate: ``delivery`` of a signal, ``ack`` of its acknowledgement.

    Raises:
        Incomplete: some never came.
    """
    await load.run(Window(sizes.warm, rate=rate, acks=acks))
    tally = await load.run(Window(sizes.steady, rate=rate, acks=acks))
    _require_all(tally)
    return tally


async def fanned_out(bench: Bench, load: Fleet) -> Cost:
    """CPU per delivery of one event to everybody who watches."""
    sizes = bench.sizes
    await _events(bench, load, 10)
    before = await bench.cpu()
    tally = await _events(bench, load, sizes.events)
    return _cost(bench, await bench.cpu() - before, tally, sizes.events / sizes.events_per_second)


async def _events(bench: Bench, load: Fleet, count: int) -> Tally:
    rate = bench.sizes.events_per_second

    async def send() -> None:
        await asyncio.gather(*(server.fan_out(count, rate, EVENT) for server in bench.servers))

    return await load.run(Window(count / rate + PATIENCE, expect=count), send)


def _cost(bench: Bench, spent: float, tally: Tally, seconds: float) -> Cost:
    _require_all(tally)
    count = tally.count("received")
    busy = spent / seconds / len(bench.servers)
    return Cost(spent / count, count, busy, count / seconds, tally.saturated)


def _require_all(tally: Tally) -> None:
    wrong = {
        name: tally.count(name) for name in ("lost", "refused", "unanswered", "gone") if tally.count(name)
    }
    if wrong or not tally.count("received"):
        raise Incomplete(f"not everything arrived: {dict(tally.counts)}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """CPU seconds to connect, authenticate and join each."""

    cpu: float
    count: int


async def idle(bench: Bench) -> float:
    """Bytes of each of many sockets that are authenticated and do nothing, on the first server."""
    server, count = bench.servers[0], bench.sizes.connects
    async with bench.tabs(bench.people.idle(200, server.url), "/live") as load:
        await opened(load, 200)
    await _empty(server)
    async with bench.tabs(bench.people.idle(count, server.url), "/live") as load:
        before = await server.collect()
        await opened(load, count)
        there = await server.collect()
    await _empty(server)
    return (there.rss - before.rss) / count


async def arrived(bench: Bench) -> Arrival:
    """Many sockets, two to a call, connect and join."""
    pairs = bench.people.pairs(bench.sizes.connects // 2, bench.urls)
    async with bench.pairs(pairs) as load:
        before = await bench.cpu()
        await opened(load, 2 * len(pairs))
        spent = await bench.cpu() - before
    return Arrival(spent / (2 * len(pairs)), 2 * len(pairs))


async def _empty(server: Server) -> None:
    async with asyncio.timeout(20):
        while (await server.stats()).sockets:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
