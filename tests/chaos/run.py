"""One chaos run from beginning to end."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.monkey import Monkey
from tests.chaos.plan import Plan, Target
from tests.chaos.verdict import LOOK_EVERY, Verdict, judge, rest
from tests.chaos.world import World, living

Say = Callable[[str], None]


@dataclass
class Report:
    """What a run came to."""

    plan: Plan
    verdict: Verdict
    killed: Counter[Target]
    counts: Counter[str]
    #: lines that the program itself logged as its own fault
    logged: list[str]


async def run(plan: Plan, folder: Path, say: Say) -> Report:
    """Live through ``plan.seconds`` of chaos in an empty ``folder``, then wait for rest and judge."""
    async with living(plan, folder) as world:
        monkey = Monkey(world.children, world.witness)
        await world.misbehave()
        await _storm(world, monkey, say)
        await monkey.all_back()
        await world.behave()
        loop = asyncio.get_running_loop()
        since = loop.time()
        say("the storm is over; waiting for rest")
        busy = await rest(world, say)
        verdict = await judge(world)
        verdict.rested_after = loop.time() - since
        verdict.faults += [f"never came to rest: {one}" for one in busy]
        return Report(plan, verdict, monkey.killed, world.witness.counts, world.program.faults_logged())


async def _storm(world: World, monkey: Monkey, say: Say) -> None:
    days = [coach.run() for coach in world.coaches] + [client.run() for client in world.clients]
    days += [couple.run() for couple in world.couples] + [buyer.run() for buyer in world.buyers]
    people = [asyncio.create_task(day) for day in days]
    line = asyncio.create_task(_live_line(world, monkey, say))
    try:
        schedule = world.plan.schedule()
        await asyncio.gather(monkey.run(schedule), _long_enough(world))
        # They go home in bad weather, too: the gateway is still ill.
        world.closing.set()
        await asyncio.gather(*people)
    finally:
        for task in (line, *people):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(line, *people, return_exceptions=True)


async def _long_enough(world: World) -> None:
    """A slow machine gets further in more time: a storm in which nobody paid proves little about money."""
    await asyncio.sleep(world.plan.seconds)
    for _ in range(round(2 * world.plan.seconds / LOOK_EVERY)):
        if world.witness.counts["receipts"] >= world.plan.receipts:
            return
        await asyncio.sleep(LOOK_EVERY)


async def _live_line(world: World, monkey: Monkey, say: Say) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while True:
        await asyncio.sleep(1.0)
        counts = world.witness.counts
        down = [name for name, child in world.children.items() if not child.running]
        say(
            f"{loop.time() - began:5.0f} s  calls {counts['calls']}  answered {counts['calls answered']}"
            f"  proofs {counts['proofs']}  seats lost {counts['seats lost']}"
            f"  kills {monkey.killed.total()}  down: {', '.join(down) or 'none'}"
            f"  violations {len(world.witness.violations)}"
        )


def summary(report: Report) -> list[str]:
    """For people."""
    verdict = report.verdict
    return [
        f"seed {report.plan.seed}, {report.plan.seconds:g} s, {report.plan.pairs} pairs, speed {report.plan.speed:g}",
        f"killed: {_shown(report.killed)}",
        f"calls: {_shown(verdict.ends)}",
        f"captured (minor units): {_shown(verdict.captured)}; written off: {_shown(verdict.written_off)}",
        f"seen by clients: {_shown(report.counts)}",
        f"logged as faults by the program: {len(report.logged)} lines",
        *(f"    {line[:300]}" for line in report.logged[:3]),
        f"came to rest {verdict.rested_after:.1f} s after the storm",
        *(f"FAULT: {fault}" for fault in verdict.faults),
        "all is well" if not verdict.faults else f"{len(verdict.faults)} faults",
    ]


def _shown(counts: Counter[str] | Counter[Target]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "nothing"
