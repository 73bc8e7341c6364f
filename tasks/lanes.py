"""Timers that go together, lane by lane: one worker at a lane, by a lease, so that two never do the same work in vain.

The lease spares work and protects nothing: a batch that meets another one fails as a whole, and is repeated.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock, real_seconds
from tasks.ports import Leases, TimerQueue

#: Real. As long as ticks of a lane may wait for a worker that died over it.
LEASE = timedelta(seconds=3)
#: Lanes that a worker runs at the same time: while some wait for mongod, another one computes.
ABREAST = 4
#: Real seconds that looks overlap: a timer may be set an instant before it is due, and be seen an instant after.
OVERLAP = 0.3
#: Real seconds after which everything is looked at, whatever was seen: clocks of machines differ, and transactions take time.
LOOK_AT_ALL = 15.0


@dataclass(frozen=True, slots=True)
class LaneRun:
    """What came of running a lane until nothing was due: how many timers ran, and how many stay due, as somebody holds them."""

    ran: int
    left: int = 0


RunLane = Callable[[int, datetime | None], Awaitable[LaneRun]]


class Lanes:
    """The lanes of one worker. Each begins at its own, so that many workers rarely want the same."""

    def __init__(
        self,
        queue: TimerQueue,
        run: RunLane,
        leases: Leases,
        clock: Clock,
        *,
        holder: str,
        lanes: int,
        first: int,
    ) -> None:
        self._queue = queue
        self._run = run
        self._leases = leases
        self._clock = clock
        self._holder = holder
        self._lanes = lanes
        self._first = first
        #: by lane: nothing that was due at this instant is left (domain time). Each advances by itself, also where something is
        #: always due: else every look would reach further back.
        self._done: list[datetime | None] = [None] * lanes
        self._looked_at_all = 0.0

    async def turn(self) -> int:
        """Run what is due in every lane that no other worker is at; how many timers that were."""
        now, since = self._clock.now(), self._since()
        due = await self._queue.due_lanes(since)
        for lane in set(range(self._lanes)).difference(due):
            self._done[lane] = now
        lanes = iter(sorted(due, key=lambda lane: (lane - self._first) % self._lanes))
        ran = await asyncio.gather(
            *(self._some(lanes, since, now) for _ in range(min(ABREAST, len(due)))), return_exceptions=True
        )
        for outcome in ran:
            if isinstance(outcome, BaseException):
                raise outcome
        if since is None:
            self._looked_at_all = time.monotonic()
        return sum(count for count in ran if isinstance(count, int))

    def _since(self) -> datetime | None:
        """From when on to look; None if at everything, as after a start."""
        done = [one for one in self._done if one is not None]
        if len(done) < self._lanes or time.monotonic() - self._looked_at_all > LOOK_AT_ALL:
            return None
        return min(done) - real_seconds(self._clock, OVERLAP)

    async def _some(self, lanes: Iterator[int], since: datetime | None, now: datetime) -> int:
        ran = 0
        for lane in lanes:
            if await self._leases.hold(f"lane:{lane}", self._holder, LEASE):
                done = await self._run(lane, since)
                ran += done.ran
                if not done.left:
                    self._done[lane] = now
            else:
                # Its holder sees to it. Should that worker die, what it leaves became due after it last renewed its lease.
                seen, held = self._done[lane], now - real_seconds(self._clock, LEASE.total_seconds())
                self._done[lane] = held if seen is None else max(seen, held)
        return ran
