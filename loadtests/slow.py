"""``python -m loadtests.slow``: a hundred clients that never read among a thousand that do.

The same fan-out three times, in turn: to those who read alone, with a hundred more who read, with a hundred who never do.
Printed are the 99th percentile of the thousand and two ratios: to what it was without the hundred, which the target is about,
and to what it was beside a hundred who read, which is what not reading adds. Then what memory grew by, the server's own and
the system's. Statuses are shed for a client that does not read; what becomes of one for whom nothing may be shed is in
``tests/cluster/test_slow_consumers.py``.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from loadtests import ending
from loadtests.bench.arithmetic import Spread, spread
from loadtests.bench.columns import RAPPORT
from loadtests.bench.machine import Cores, available, prepare, share_out
from loadtests.bench.people import People
from loadtests.bench.servers import Server, new_secret, running
from loadtests.load.crews.tabs import arrive
from loadtests.load.fleet import Fleet
from loadtests.load.generator import Tab, Window, tabs
from loadtests.load.wire import Client

#: What the issue asks for: added 99th percentile of those who read.
ADDED_AT_MOST = 0.10
#: Bytes that one slow client may cost: what the systems of both sides keep, the outgoing buffer, and Python's share.
EACH_AT_MOST = 1024 * 1024
#: Seconds without anything new after which what is still missing is lost.
PATIENCE = 10.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much. After about sixty events a client that does not read was sent more than systems and transport keep; some 130
    later its outgoing buffer is half full, and statuses are shed for it."""

    readers: int = 1_000
    slow: int = 100
    events: int = 240
    per_second: float = 15.0
    #: bytes of an event
    size: int = 4_000
    alternations: int = 5


@dataclass(slots=True)
class Found:
    """Of every alternation: 99th percentiles in milliseconds. Of all: the greatest growth of memory in bytes, events lost."""

    alone: list[float] = field(default_factory=list)
    beside_readers: list[float] = field(default_factory=list)
    beside_slow: list[float] = field(default_factory=list)
    grown: int = 0
    #: kernel memory of all TCP sockets of this machine, of both sides
    grown_system: int = 0
    lost: int = 0
    slow_left: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Milliseconds, bytes. ``added``: the 99th percentile beside slow clients to that without, of the same alternation;
    ``unread``: to that beside as many who read."""

    alone: Spread
    beside_readers: Spread
    beside_slow: Spread
    added: Spread
    unread: Spread
    slow: int
    grown: int
    grown_system: int
    lost: int
    slow_left: int

    @classmethod
    def of(cls, found: Found, slow: int) -> "Result":
        """Of at least one alternation."""
        added = [loud / quiet for loud, quiet in zip(found.beside_slow, found.alone, strict=True)]
        unread = [loud / quiet for loud, quiet in zip(found.beside_slow, found.beside_readers, strict=True)]
        return cls(
            alone=spread(found.alone),
            beside_readers=spread(found.beside_readers),
            beside_slow=spread(found.beside_slow),
            added=spread(added),
            unread=spread(unread),
            slow=slow,
            grown=found.grown,
            grown_system=found.grown_system,
            lost=found.lost,
            slow_left=found.slow_left,
        )

    @property
    def met(self) -> bool:
        """Whether it is what the issue asks for."""
        bounded = self.grown + self.grown_system <= self.slow * EACH_AT_MOST
        return self.added.median <= 1 + ADDED_AT_MOST and bounded and not self.lost

    def to_wire(self) -> dict[str, object]:
        """For a report."""
        return {**asdict(self), "met": self.met}


async def run(sizes: Sizes, cores: Cores, say: Say) -> Result:
    """Measure; everything it starts ends with it.

    Raises:
        RuntimeError: the server did not start, or not everybody could connect.
    """
    secret = new_secret()
    people = People(secret)
    generators = min(2, len(cores.generator or {0}))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(running(RAPPORT, secret, cores=cores.server(0)))
        everybody = people.watchers(sizes.readers + sizes.slow, [server.url])
        readers, others = everybody[: sizes.readers], everybody[sizes.readers :]
        load = await stack.enter_async_context(tabs(readers, processes=generators))
        if (await load.open()).count("ready") != sizes.readers:
            raise RuntimeError("not everybody could connect")
        bench = _Bench(server, load, sizes, Found())
        await bench.fan_out(replace(sizes, events=5))
        for number in range(sizes.alternations):
            await bench.alternate(others)
            alone, beside, slow = (
                figures[-1]
                for figures in (bench.found.alone, bench.found.beside_readers, bench.found.beside_slow)
            )
            say(
                f"  {number + 1}: p99 {alone:.1f} ms alone, {beside:.1f} ms beside {sizes.slow} who read, "
                f"{slow:.1f} ms beside {sizes.slow} who never do"
            )
        return Result.of(bench.found, sizes.slow)


@dataclass(frozen=True, slots=True)
class _Bench:
    server: Server
    load: Fleet
    sizes: Sizes
    found: Found

    async def alternate(self, others: list[Tab]) -> None:
        """Once each: alone, beside readers, beside slow clients."""
        found = self.found
        found.alone.append(await self.fan_out(self.sizes))
        reading = await _arrived(others)
        found.beside_readers.append(await self.fan_out(self.sizes))
        await self._gone(reading)
        before, system = await self.server.collect(), _system_memory()
        slow = await _arrived(others)
        for client in slow:
            client.pause_reading()
        found.beside_slow.append(await self.fan_out(self.sizes))
        found.grown_system = max(found.grown_system, _system_memory() - system)
        after = await self.server.collect()
        found.grown = max(found.grown, after.rss - before.rss)
        found.slow_left = after.sockets - self.sizes.readers
        await self._gone(slow)

    async def fan_out(self, sizes: Sizes) -> float:
        """The 99th percentile of those who read, in milliseconds."""
        tally = await self.load.run(
            Window(PATIENCE, expect=sizes.events),
            lambda: self.server.fan_out(sizes.events, sizes.per_second, sizes.size),
        )
        self.found.lost += tally.count("lost")
        return tally.latency("delivery").percentile(99)

    async def _gone(self, clients: list[Client]) -> None:
        for client in clients:
            client.abort()
        async with asyncio.timeout(10):
            while (await self.server.stats()).sockets > self.sizes.readers:  # noqa: ASYNC110 - in another process
                await asyncio.sleep(0.05)


async def _arrived(them: list[Tab]) -> list[Client]:
    clients = []
    for n, tab in enumerate(them):
        client = Client("/notifications")
        await arrive(client, tab, f"other{n}")
        clients.append(client)
    return clients


def _system_memory() -> int:
    """Bytes that the kernel keeps for TCP sockets now; 0 where it does not tell (proc(5), /proc/net/sockstat)."""
    try:
        lines = Path("/proc/net/sockstat").read_text().splitlines()
    except FileNotFoundError:
        return 0
    words = next(line for line in lines if line.startswith("TCP:")).split()
    return int(words[words.index("mem") + 1]) * os.sysconf("SC_PAGE_SIZE")


def _print(found: Result) -> None:
    added, unread, each = found.added, found.unread, found.slow * 1e3
    print(
        f"p99 of those who read: {added.median:.2f} × ({added.low:.2f}-{added.high:.2f}) of what it is alone, "
        f"at most {1 + ADDED_AT_MOST:.2f}; {unread.median:.2f} × ({unread.low:.2f}-{unread.high:.2f}) of what it is "
        f"beside {found.slow} more who read"
    )
    print(
        f"memory for each slow client, at most: {found.grown / each:.0f} kB of the server's own, "
        f"{found.grown_system / each:.0f} kB of the system's on both sides"
    )
    print(f"events lost: {found.lost}; slow clients still connected: {found.slow_left}")


def main() -> int:
    """0 if the result is what the issue asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alternations", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one alternation, a tenth of the clients")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    sizes = Sizes(alternations=asked.alternations)
    if asked.quick:
        sizes = replace(sizes, readers=100, slow=10, alternations=1)
    cores = share_out(available())
    prepare(cores)
    found = ending.run(run(sizes, cores, lambda line: print(line, flush=True)))
    _print(found)
    if asked.json:
        asked.json.write_bytes(orjson.dumps(found.to_wire(), option=orjson.OPT_INDENT_2))
    return 0 if found.met else 1


if __name__ == "__main__":
    sys.exit(main())
