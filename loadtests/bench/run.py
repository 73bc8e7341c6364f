"""Alternations: every column once, in a turned order, and again."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field

import aiohttp

from loadtests.bench import measures
from loadtests.bench.columns import ALL, Column
from loadtests.bench.machine import Cores
from loadtests.bench.measures import Bench
from loadtests.bench.people import People
from loadtests.bench.servers import new_secret, running
from loadtests.bench.targets import JUDGED, MEASURES
from loadtests.load.fleet import Fleet, GeneratorFailed
from loadtests.load.histogram import PERCENTILES

#: Says what is going on.
Say = Callable[[str], None]
#: Groups of measures that a run may be confined to.
GROUPS = ("relay", "fanout", "connect", "p99")
#: Whose rate all have to stand in the row that compares latencies at one rate.
PACEMAKER = "node"
#: Busier than this with that rate, a column is left out: what it would show is its queue.
TOO_BUSY = 0.85
#: A server or a generator that breaks down spoils one alternation of one column, not the run.
_FAILURES = (RuntimeError, GeneratorFailed, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    columns: Sequence[Column]
    sizes: measures.Sizes
    alternations: int
    cores: Cores
    groups: Collection[str] = GROUPS
    #: alternations in which thousands of sockets arrive; None: in all
    arrivals: int | None = None

    def takes_part(self, column: Column, alternation: int) -> bool:
        """Columns that no target concerns run in every second alternation only: a run would take half as long again."""
        return alternation % 2 == 0 or column.name in JUDGED

    def groups_of(self, alternation: int) -> set[str]:
        """What is measured in an alternation, counted from 0."""
        late = self.arrivals is not None and alternation >= self.arrivals
        return set(self.groups) - ({"connect"} if late else set())


@dataclass(slots=True)
class Results:
    """``figures[measure][column]`` and ``notes[measure][column]``, one entry per alternation each."""

    figures: dict[str, dict[str, list[float | None]]] = field(default_factory=dict)
    notes: dict[str, dict[str, list[dict[str, object]]]] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)
    #: columns that are not there, and why
    missing: dict[str, str] = field(default_factory=dict)
    #: signals a second at which all are compared; None if nothing says which
    pace: float | None = None
    #: what went wrong on the way
    faults: list[str] = field(default_factory=list)

    def add(self, measure: str, column: Column, figure: float, **notes: object) -> None:
        """One figure, and what helps to judge it."""
        self.figures.setdefault(measure, {}).setdefault(column.name, []).append(figure)
        self.notes.setdefault(measure, {}).setdefault(column.name, []).append(notes)

    def close(self, alternations: int) -> None:
        """So many alternations are over: what is missing of one stays missing, so that figures pair up by their places."""
        for columns in self.figures.values():
            for figures in columns.values():
                figures += [None] * (alternations - len(figures))
        for noted in self.notes.values():
            for notes in noted.values():
                notes += [{}] * (alternations - len(notes))

    def warnings(self) -> list[str]:
        """What a reader has to know before believing a figure."""
        titles = {column.name: column.title for column in ALL}
        told = list(self.faults)
        for measure, columns in self.notes.items():
            for name, notes in columns.items():
                if strained := sum(bool(one.get("strained")) for one in notes):
                    told.append(
                        f"{measure}, {titles[name]}: the generator was at its limit in {strained} of {len(notes)} alternations"
                    )
        return told


async def run(plan: Plan, say: Say) -> Results:
    """Measure everything; the order of the columns turns by one with each alternation."""
    results = Results()
    if "p99" in plan.groups:
        results.pace = await _pace(plan, results.faults)
    for number in range(plan.alternations):
        turn = number % len(plan.columns)
        for column in [*plan.columns[turn:], *plan.columns[:turn]]:
            if not plan.takes_part(column, number):
                continue
            began = time.monotonic()
            where = f"alternation {number + 1}/{plan.alternations}  {column.title}"
            try:
                await _one(plan, column, plan.groups_of(number), results)
            except _FAILURES as error:
                results.faults.append(f"{where}: {error or type(error).__name__}")
                say(f"  {results.faults[-1]}")
            say(f"  {where:<34}{_newest(results, column, number)}  [{time.monotonic() - began:.0f} s]")
        results.close(number + 1)
    return results


async def _pace(plan: Plan, faults: list[str]) -> float | None:
    """Signals a second with which Node is as busy as :data:`measures.SHARE` says; None where there is no Node."""
    for column in plan.columns:
        if column.name == PACEMAKER:
            try:
                async with _bench(plan, column, Results()) as bench, _talking(plan, bench) as load:
                    return measures.SHARE / (await measures.relayed(bench, load, acks=True)).each
            except _FAILURES as error:
                faults.append(f"{column.title} sets no pace: {error or type(error).__name__}")
    return None


async def _one(plan: Plan, column: Column, groups: Collection[str], results: Results) -> None:
    if {"relay", "fanout", "p99"} & set(groups):
        async with _bench(plan, column, results) as bench:
            if {"relay", "p99"} & set(groups):
                await _signals(plan, column, bench, results)
            if "fanout" in groups:
                watchers = bench.people.watchers(plan.sizes.watchers, bench.urls)
                async with bench.tabs(watchers) as load:
                    await measures.opened(load, len(watchers))
                    cost = await measures.fanned_out(bench, load)
                results.add("fanout", column, cost.each, **asdict(cost))
    if "connect" in groups:
        async with _bench(plan, column, results) as bench:
            results.add("memory", column, await measures.idle(bench))
            arrival = await measures.arrived(bench)
            results.add("connect", column, arrival.cpu, count=arrival.count)


@asynccontextmanager
async def _bench(plan: Plan, column: Column, results: Results) -> AsyncIterator[Bench]:
    secret = new_secret()
    async with running(column, secret, cores=plan.cores.server(0)) as server:
        results.runtimes[column.name] = (await server.stats()).runtime
        yield Bench([server], People(secret), plan.cores, plan.sizes)


@asynccontextmanager
async def _talking(plan: Plan, bench: Bench) -> AsyncIterator[Fleet]:
    pairs = bench.people.pairs(plan.sizes.pairs, bench.urls)
    async with bench.pairs(pairs) as load:
        await measures.opened(load, 2 * len(pairs))
        yield load


async def _signals(plan: Plan, column: Column, bench: Bench, results: Results) -> None:
    async with _talking(plan, bench) as load:
        for acks, name in ((False, "relay"), (True, "relay-acks")):
            cost = await measures.relayed(bench, load, acks=acks)
            results.add(name, column, cost.each, **asdict(cost))
        if "p99" in plan.groups:
            if results.pace is not None and results.pace * cost.each < TOO_BUSY:
                await _latency("p99-pace", results.pace, plan, column, load, results)
            await _latency("p99", measures.SHARE / cost.each, plan, column, load, results)


async def _latency(name: str, rate: float, plan: Plan, column: Column, load: Fleet, results: Results) -> None:
    tally = await measures.at_a_rate(load, rate, plan.sizes, acks=True)
    seen = tally.latency("ack")
    blamed = any(strain.blamed(seen.percentile(99)) for strain in tally.strains)
    told = {f"p{percent:g}": seen.percentile(percent) / 1000 for percent in PERCENTILES}
    results.add(name, column, seen.percentile(99) / 1000, rate=rate, strained=blamed, **told)


def _newest(results: Results, column: Column, alternation: int) -> str:
    told = []
    for measure in MEASURES:
        found = results.figures.get(measure.name, {}).get(column.name)
        if found and len(found) > alternation and (figure := found[alternation]) is not None:
            told.append(f"{measure.name} {figure * measure.scale:.{measure.digits}f} {measure.unit}")
    return "  ".join(told)
