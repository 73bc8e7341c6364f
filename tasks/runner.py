"""Runs claimed timers: retries with backoff, dead letters, and completion that only the holder may write."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from billing.authorizations import StillUnknown
from domain.errors import Unavailable
from domain.timers import DueTimer, TimerKind
from tasks.handlers import Apart, Batched, Handler, OneByOne, Recurring
from tasks.lanes import LaneRun
from tasks.ports import TimerQueue

log = logging.getLogger(__name__)

#: Real seconds before the n-th repetition; the last value goes on for ever.
BACKOFF = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: Real seconds after each try to write down what became of a batch. A try itself waits five seconds for the database; all of
#: them fit into the time that a task may take.
OUTAGE_BACKOFF = (0.5, 1.0, 0.0)
#: Failures of our own after which a timer becomes a dead letter.
MAX_ATTEMPTS = 12
#: A gateway or a database that is down is no fault of the timer: it may come again for a day of backoff.
MAX_OUTSIDE_ATTEMPTS = 1500
#: Timers of one batch that run at the same time: each waits mostly for mongod or the gateway.
CONCURRENCY = 32


class TimerRunner:
    """Takes batches of one kind, as taskiq delivers them."""

    def __init__(
        self,
        queue: TimerQueue,
        handlers: Mapping[TimerKind, Handler],
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._apart = {
            kind: asyncio.Semaphore(handler.slots)
            for kind, handler in handlers.items()
            if isinstance(handler, Apart)
        }
        #: (kind, outcome) → how many; read at scrape
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.ticked = 0
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.seconds = 0.0

    async def run(self, kind: TimerKind, timers: Sequence[DueTimer]) -> None:
        """Run claimed timers of one kind; what fails is postponed or buried, never lost."""
        async with self._busy():
            await self._run(kind, timers)

    async def run_lane(self, lane: int, since: datetime | None = None) -> LaneRun:
        """Run what is due in a lane, or became due after ``since``, of all kinds that go together.

        Raises:
            Unavailable: the database did not answer; nothing of the batch happened.
        """
        async with self._busy():
            runs = [
                await self._together(kind, handler, lane, since)
                for kind, handler in self._handlers.items()
                if isinstance(handler, Batched)
            ]
        return LaneRun(sum(one.ran for one in runs), sum(one.left for one in runs))

    async def _together(
        self, kind: TimerKind, handler: Batched, lane: int, since: datetime | None
    ) -> LaneRun:
        ran, left, full = 0, 0, True
        while full:
            done = await handler.together(lane, since)
            self.outcomes[kind.value, "ok"] += len(done.ticked)
            self.ticked += len(done.ticked)
            ran, full = ran + len(done.ticked) + len(done.aside), done.full
            left += done.left
        return LaneRun(ran, left)

    @asynccontextmanager
    async def _busy(self) -> AsyncIterator[None]:
        self._running += 1
        self._idle.clear()
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - started
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def idle(self) -> None:
        """Return once no batch is running."""
        await self._idle.wait()

    async def _run(self, kind: TimerKind, timers: Sequence[DueTimer]) -> None:
        handler = self._handlers[kind]
        if isinstance(handler, Recurring):
            await self._recurring(handler, timers)
            return
        if isinstance(handler, Apart):
            few = [timers[start : start + handler.size] for start in range(0, len(timers), handler.size)]
            await asyncio.gather(*(self._few(handler, some) for some in few))
            return
        alone = handler.alone if isinstance(handler, Batched) else handler
        done = await asyncio.gather(*(self._one(alone, timer) for timer in timers))
        ran = [timer for timer, ok in zip(timers, done, strict=True) if ok]
        await self._written(lambda: self._queue.complete(ran))

    async def _recurring(self, handler: Recurring, timers: Sequence[DueTimer]) -> None:
        try:
            due = await handler.run()
        except Exception as error:
            await asyncio.gather(*(self._give_way(timer, error) for timer in timers))
            return
        await self._written(lambda: self._queue.rearm([(timer, due) for timer in timers]))

    async def _few(self, handler: Apart, timers: Sequence[DueTimer]) -> None:
        async with self._apart[timers[0].kind]:
            failed = await _tried(handler, [timer.key for timer in timers])
        ran = [timer for timer in timers if timer.key not in failed]
        await asyncio.gather(
            *(self._give_way(timer, failed[timer.key]) for timer in timers if timer.key in failed)
        )
        if ran:
            self.outcomes[ran[0].kind.value, "ok"] += len(ran)
            await self._written(lambda: self._queue.complete(ran))

    async def _one(self, alone: OneByOne, timer: DueTimer) -> bool:
        try:
            async with self._slots:
                await alone(timer.key)
        except Exception as error:
            await self._give_way(timer, error)
            return False
        self.outcomes[timer.kind.value, "ok"] += 1
        return True

    async def _give_way(self, timer: DueTimer, error: Exception) -> None:
        if isinstance(error, StillUnknown | Unavailable):
            await self._failed(timer, error, MAX_OUTSIDE_ATTEMPTS, "waiting")
            return
        log.error(
            "timer %s %s failed, attempt %d", timer.kind.value, timer.key, timer.attempts, exc_info=error
        )
        await self._failed(timer, error, MAX_ATTEMPTS, "failed")

    async def _failed(self, timer: DueTimer, error: Exception, limit: int, outcome: str) -> None:
        if timer.attempts >= limit:
            log.error("timer %s %s is a dead letter now: %s", timer.kind.value, timer.key, error)
            self.outcomes[timer.kind.value, "dead"] += 1
            await self._written(lambda: self._queue.bury(timer, f"{type(error).__name__}: {error}"))
            return
        self.outcomes[timer.kind.value, outcome] += 1
        seconds = BACKOFF[min(timer.attempts, len(BACKOFF)) - 1]
        await self._written(lambda: self._queue.postpone(timer, seconds))

    async def _written(self, write: Callable[[], Awaitable[None]]) -> None:
        """Note what became of timers, through a short outage; after a longer one their lease lets them come again."""
        for pause in OUTAGE_BACKOFF:
            try:
                await write()
                return
            except Unavailable as outage:
                log.warning("timers cannot be written, trying again: %s", outage)
            await asyncio.sleep(pause)
        log.warning("timers could not be written; they come again after their lease")


async def _tried(handler: Apart, keys: Sequence[str]) -> Mapping[str, Exception]:
    """Those that failed. A bug that one of them makes all of them meet is not to keep the others for ever."""
    try:
        return await handler.together(keys)
    except Unavailable as outage:
        return dict.fromkeys(keys, outage)
    except Exception as error:
        if len(keys) == 1:
            return {keys[0]: error}
        log.warning("%d timers failed together and are tried one by one: %s", len(keys), error)
        alone = [await _tried(handler, [key]) for key in keys]
        return {key: failure for failed in alone for key, failure in failed.items()}
