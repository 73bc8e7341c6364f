"""One load from wish to outcome: people, generator processes, windows, and what the server used meanwhile."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from loadtests.load.fleet import Fleet
from loadtests.load.people import People, Verify
from loadtests.load.scenarios.base import Cast, Needs, Scenario, Wish
from loadtests.load.seek import Ceiling, Probe, seek
from loadtests.load.tally import BUSY, Strain, Tally
from loadtests.load.target import Processes

#: Seconds between two looks at the server's processes.
LOOK = 0.5
#: Seconds of one window of a search, at most, and before the first.
SEEKING, WARMING = 10.0, 2.0


class View(Protocol):
    """Somebody watches."""

    def phase(self, what: str, total: float = 0.0) -> None:
        """Something begins that takes ``total`` of something; 0: nobody knows."""

    def reached(self, done: float) -> None:
        """So much of it is done."""

    def counted(self, counts: Counter[str], late: Mapping[str, float]) -> None:
        """So far; and the 99th percentiles of the last second, milliseconds."""

    def sampled(self, sample: "Sample") -> None:
        """What the server uses."""


class Unseen:
    """Nobody does."""

    def phase(self, what: str, total: float = 0.0) -> None: ...

    def reached(self, done: float) -> None: ...

    def counted(self, counts: Counter[str], late: Mapping[str, float]) -> None: ...

    def sampled(self, sample: "Sample") -> None: ...


@dataclass(frozen=True, slots=True)
class Sample:
    """The server's processes at one moment: seconds since the window began, cores used, bytes in memory."""

    at: float
    cpu: float
    rss: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A latency that has a target: how many, their 99th percentile, and what it is to keep under (milliseconds)."""

    name: str
    count: int
    p99: float
    limit: float

    @property
    def kept(self) -> bool:
        """Whether it did."""
        return self.p99 <= self.limit


def judged(scenario: Scenario, found: Tally) -> list[Judged]:
    """Every latency that the scenario has a target for, and that there are values of."""
    return [
        Judged(name, len(values), values.percentile(99), limit)
        for name, limit in scenario.targets.items()
        if len(values := found.latency(name))
    ]


@dataclass(slots=True)
class Outcome:
    """What came of a load. With a search, ``found`` is the window at the ceiling (else the last one)."""

    scenario: Scenario
    wish: Wish
    opened: Tally = field(default_factory=Tally)
    found: Tally = field(default_factory=Tally)
    samples: list[Sample] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    ceiling: Ceiling | None = None
    processes: int = 0

    @property
    def warnings(self) -> list[str]:
        """Why the figures may say something of something else than the server."""
        p99 = self.found.latency(self.scenario.headline).percentile(99)
        told = [_strained(n, one) for n, one in enumerate(self.found.strains, 1) if one.blamed(p99)]
        if not self.samples:
            told.append("The server's processes could not be seen, so there is no CPU and no memory here.")
        return told


def _strained(n: int, strain: Strain) -> str:
    if strain.cpu > BUSY:
        return (
            f"Generator process {n} was itself at its limit ({strain.cpu:.0%} of a core): latencies are partly its own. "
            "Take more --processes, or a machine with more cores."
        )
    return (
        f"Generator process {n} sent its messages up to {strain.lag:.1f} ms late (99th percentile of its worst second) though "
        "it was not busy: something else on this machine was. Latencies contain that."
    )


@dataclass(frozen=True, slots=True)
class Search:
    """``--seek``: milliseconds at the 99th percentile."""

    p99: float


async def load(
    scenario: Scenario,
    wish: Wish,
    folder: Path,
    verify: Verify,
    view: View | None = None,
    search: Search | None = None,
) -> Outcome:
    """Run it. Accounts are kept in ``folder``.

    Raises:
        ValueError: this scenario cannot be had like that.
        NotLetIn: the server refused an account.
        GeneratorFailed: a generator process broke down.
    """
    if not (math.isfinite(wish.rate) and math.isfinite(wish.talk)):
        raise ValueError("--rate and --talk are finite numbers.")
    view = view or Unseen()
    widest = wish if search is None else scenario.widest(wish)
    cast = await _cast(scenario.needs(widest), wish, People(wish.target, folder, verify), view)
    shares = scenario.shares(widest, cast)
    outcome = Outcome(scenario, wish)
    port = urlsplit(wish.target.url).port or 0
    watched = Processes(port)
    outcome.processes = len(watched.pids)
    async with Fleet(scenario.crew, shares, progress=view.counted) as fleet:
        view.phase(f"connecting {wish.sockets}")
        outcome.opened = await fleet.open()
        if search is None:
            async with _sampling(watched, outcome, view):
                view.phase(scenario.name, wish.seconds)
                outcome.found = await fleet.run(scenario.window(wish))
            outcome.faults = scenario.faults(outcome.opened, outcome.found)
        else:
            await _seek(fleet, outcome, search, watched, view)
    return outcome


async def _cast(needs: Needs, wish: Wish, people: People, view: View) -> Cast:
    total = needs.clients + needs.coaches
    view.phase(f"{total} accounts" if total != 1 else "an account", total)
    clients = await people.need(
        "client", needs.clients, wish.seconds, trusted=needs.trusted, say=view.reached
    )
    coaches = await people.need(
        "coach", needs.coaches, wish.seconds, trusted=needs.trusted,
        say=lambda done: view.reached(needs.clients + done),
    )  # fmt: skip
    return Cast(clients, coaches)


async def _seek(fleet: Fleet, outcome: Outcome, search: Search, watched: Processes, view: View) -> None:
    scenario, wish = outcome.scenario, outcome.wish
    seconds = min(wish.seconds, SEEKING)
    view.phase("warming up")
    await fleet.run(scenario.window(replace(wish, seconds=WARMING)))

    async def measure(rate: float) -> Probe:
        view.phase(f"{rate:,.0f} a second", seconds)
        step = Outcome(scenario, wish)
        async with _sampling(watched, step, view):
            found = await fleet.run(scenario.window(replace(wish, rate=rate, seconds=seconds)))
        p99 = found.latency(scenario.headline).percentile(99)
        faults = scenario.faults(outcome.opened, found)
        beside = all(one.kept for one in judged(scenario, found) if one.name != scenario.headline)
        probe = Probe(rate, p99, not faults, any(one.blamed(p99) for one in found.strains), beside)
        if probe.holds(search.p99) or not outcome.found.counts:
            outcome.found, outcome.samples, outcome.faults = found, step.samples, faults
        return probe

    outcome.ceiling = await seek(
        measure, wish.rate, search.p99, most=most_of(scenario, scenario.widest(wish))
    )


def most_of(scenario: Scenario, wish: Wish) -> float:
    """The highest rate that the scenario's own rules let these sockets have."""
    low, high = wish.rate, wish.rate
    for _ in range(40):
        if not _fits(scenario, wish, high * 2):
            break
        low = high = high * 2
    else:
        return float("inf")
    high *= 2
    while high - low > max(1e-3, low / 1000):
        middle = (low + high) / 2
        low, high = (middle, high) if _fits(scenario, wish, middle) else (low, middle)
    return low


def _fits(scenario: Scenario, wish: Wish, rate: float) -> bool:
    try:
        return scenario.needs(replace(wish, rate=rate)) == scenario.needs(wish)
    except ValueError:
        return False


@asynccontextmanager
async def _sampling(watched: Processes, outcome: Outcome, view: View) -> AsyncIterator[None]:
    looking = asyncio.create_task(_look(watched, outcome.samples, view))
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look(watched: Processes, samples: list[Sample], view: View) -> None:
    began = at = time.monotonic()
    before = await asyncio.to_thread(watched.usage)
    while before is not None:
        await asyncio.sleep(LOOK)
        now, used = time.monotonic(), await asyncio.to_thread(watched.usage)
        if used is None:
            return
        cpu = max(0.0, (used.cpu_seconds - before.cpu_seconds) / (now - at))
        samples.append(Sample(now - began, cpu, used.rss_bytes))
        view.sampled(samples[-1])
        view.reached(now - began)
        before, at = used, now
