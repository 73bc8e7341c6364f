"""Timers that go together, lane by lane: one worker at a lane, by a lease, so that two never do the same work in vain.

The lease spares work and protects nothing: a batch that meets another one fails as a whole, and is repeated.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from tasks.ports import Leases, TimerQueue

#: Real. As long as ticks of a lane may wait for a worker that died over it.
LEASE = timedelta(seconds=3)
#: Lanes that a worker runs at the same time: while one waits for mongod, the other one computes.
ABREAST = 2

RunLane = Callable[[int], Awaitable[int]]


class Lanes:
    """The lanes of one worker. Each begins at its own, so that many workers rarely want the same."""

    def __init__(
        self, queue: TimerQueue, run: RunLane, leases: Leases, holder: str, lanes: int, first: int
    ) -> None:
        self._queue = queue
        self._run = run
        self._leases = leases
        self._holder = holder
        self._lanes = lanes
        self._first = first

    async def turn(self) -> int:
        """Run what is due in every lane that no other worker is at; how many timers that were."""
        due = await self._queue.due_lanes()
        lanes = iter(sorted(due, key=lambda lane: (lane - self._first) % self._lanes))
        ran = await asyncio.gather(
            *(self._some(lanes) for _ in range(min(ABREAST, len(due)))), return_exceptions=True
        )
        for outcome in ran:
            if isinstance(outcome, BaseException):
                raise outcome
        return sum(count for count in ran if isinstance(count, int))

    async def _some(self, lanes: Iterator[int]) -> int:
        ran = 0
        for lane in lanes:
            if await self._leases.hold(f"lane:{lane}", self._holder, LEASE):
                ran += await self._run(lane)
        return ran
