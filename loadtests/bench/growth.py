"""Does cost grow linearly? The same work for ever more sockets, and for one and two processes of the server.

The rate is the same in all rows (so many signals and so many deliveries a second altogether), so that what is left of a
difference is what the mere number of sockets costs. Two processes are two servers of half the sockets each, with both
participants of a call at the same one; what a signal between processes costs is measured with a real Valkey elsewhere.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace

from loadtests.bench import measures
from loadtests.bench.columns import Column
from loadtests.bench.machine import Cores, share_out
from loadtests.bench.measures import Bench, Sizes
from loadtests.bench.people import People
from loadtests.bench.run import Say
from loadtests.bench.servers import new_secret, running

#: Signals and deliveries a second, altogether: a hundred sockets may send that many within the product's own limits.
SIGNALS, DELIVERIES = 4_000.0, 10_000.0


@dataclass(frozen=True, slots=True)
class Shape:
    """Which rows the table of growth has."""

    sockets: tuple[int, ...] = (100, 1_000, 5_000)
    processes: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, slots=True)
class Row:
    """CPU seconds per relayed message (with acknowledgements), per delivery, and per socket to connect and join."""

    processes: int
    sockets: int
    relay: float
    fanout: float
    connect: float


async def grow(column: Column, shape: Shape, sizes: Sizes, available: set[int], say: Say) -> list[Row]:
    """One row for each combination, on the ``available`` cores."""
    found = []
    for many in shape.processes:
        for count in shape.sockets:
            row = await _row(column, count, many, sizes, share_out(available, many))
            say(
                f"  growth  {many} process{'es' * (many > 1):<2} {count:>5} sockets  relay {row.relay * 1e6:.1f} µs"
                f"  fanout {row.fanout * 1e6:.2f} µs  connect {row.connect * 1e3:.2f} ms"
            )
            found.append(row)
    return found


async def _row(column: Column, sockets: int, processes: int, sizes: Sizes, cores: Cores) -> Row:
    secret = new_secret()
    per_second = DELIVERIES / sockets
    sizes = replace(sizes, events=max(3, int(per_second * sizes.relay)), events_per_second=per_second)
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(running(column, secret, cores=cores.server(number)))
            for number in range(processes)
        ]
        bench = Bench(servers, People(secret), cores, sizes)
        relay, connect = await _signals(bench, sockets)
        return Row(processes, sockets, relay, await _events(bench, sockets), connect)


async def _signals(bench: Bench, sockets: int) -> tuple[float, float]:
    async with bench.pairs(bench.people.pairs(50, bench.urls)) as load:
        await measures.opened(load, 100)  # code paths and caches
    pairs = bench.people.pairs(sockets // 2, bench.urls)
    async with bench.pairs(pairs) as load:
        before = await bench.cpu()
        await measures.opened(load, sockets)
        connect = (await bench.cpu() - before) / sockets
        return (await measures.steadily(bench, load, SIGNALS)).each, connect


async def _events(bench: Bench, sockets: int) -> float:
    watchers = bench.people.watchers(sockets, bench.urls)
    async with bench.tabs(watchers) as load:
        await measures.opened(load, sockets)
        return (await measures.fanned_out(bench, load)).each


def to_wire(rows: Sequence[Row]) -> list[dict[str, object]]:
    """For the report, in seconds."""
    return [asdict(row) for row in rows]
