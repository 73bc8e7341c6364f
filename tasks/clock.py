"""The worker's clock: claims due timers and hands them to taskiq, in batches by kind."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

from domain.timers import DueTimer, TimerKind
from tasks.broker import LEASE
from tasks.lanes import Lanes
from tasks.ports import TimerQueue

log = logging.getLogger(__name__)

#: Real seconds between two looks; the lateness of a timer is about half of this.
PERIOD = 0.1
BATCH = 500
#: No more than these are claimed from all shards at once; more are taken shard by shard, so that many workers share them.
FEW = 100
#: Shards that are claimed at the same time: a claim waits mostly for mongod's journal.
ABREAST = 4
#: Timers of one taskiq message: small enough that two workers share a herd, large enough to batch.
MESSAGE = 100

Send = Callable[[TimerKind, list[DueTimer]], Awaitable[None]]


class TimerClock:
    """One loop per worker. Each worker begins at its own shard, so that many workers rarely meet."""

    def __init__(
        self,
        queue: TimerQueue,
        send: Send,
        run_here: Send,
        shards: int,
        first_shard: int,
        lanes: Lanes | None = None,
    ) -> None:
        """``lanes`` are for the kinds that go together; they are looked at first."""
        self._queue = queue
        self._lanes = lanes
        self._send = send
        self._run_here = run_here
        self._order = [(first_shard + i) % shards for i in range(shards)]
        self.claimed = 0

    async def run(self) -> None:
        """Look for due timers until cancelled. An outage is waited out.

        At a steady pace, also while there is something at each look: what becomes due in between goes together, which costs a
        fraction of looking at once.
        """
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.turn()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("the timer clock could not look: %s", error)
                began = loop.time()
            await asyncio.sleep(max(0.0, began + PERIOD - loop.time()))

    async def turn(self) -> int:
        """Look at every lane and shard once, if anything is due at all; how many timers were."""
        return await self._together() + await self._claim()

    async def _together(self) -> int:
        """A batch that fails must not keep the other kinds waiting: among them are the hard stop and the settlement."""
        if self._lanes is None:
            return 0
        try:
            return await self._lanes.turn()
        except Exception as error:
            log.warning("timers that go together failed and come again: %s: %s", type(error).__name__, error)
            return 0

    async def _claim(self) -> int:
        few = await self._queue.claim_few(FEW, timedelta(seconds=LEASE))
        if few is not None:
            self.claimed += len(few)
            await self._hand_over(few)
            return len(few)
        shards = iter(self._order)
        found_by = await asyncio.gather(*(self._some(shards) for _ in range(ABREAST)), return_exceptions=True)
        found = sum(one for one in found_by if isinstance(one, int))
        self.claimed += found
        for one in found_by:
            if isinstance(one, BaseException):
                raise one
        return found

    async def _some(self, shards: Iterator[int]) -> int:
        found = 0
        for shard in shards:
            timers = await self._queue.claim_due(shard, BATCH, timedelta(seconds=LEASE))
            found += len(timers)
            await self._hand_over(timers)
        return found

    async def _hand_over(self, timers: list[DueTimer]) -> None:
        by_kind: defaultdict[TimerKind, list[DueTimer]] = defaultdict(list)
        for timer in timers:
            by_kind[timer.kind].append(timer)
        for kind, batch in by_kind.items():
            for start in range(0, len(batch), MESSAGE):
                await self._deliver(kind, batch[start : start + MESSAGE])

    async def _deliver(self, kind: TimerKind, batch: list[DueTimer]) -> None:
        try:
            await self._send(kind, batch)
        except Exception as error:
            # Without the broker there is nobody to share with; the timers are claimed, so they run here.
            log.warning("the broker takes nothing (%s); %d timers run in this worker", error, len(batch))
            await self._run_here(kind, batch)
