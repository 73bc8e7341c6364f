"""Runs claimed timers: retries with backoff, dead letters, and completion that only the holder may write."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

from billing.authorizations import StillUnknown
from billing.ticks import Ticks
from domain.errors import Unavailable
from domain.ids import SessionId
from domain.timers import DueTimer, TimerKind
from tasks.handlers import Handler, LedgerAudit
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
        ticks: Ticks,
        audit: LedgerAudit,
        stale: Callable[[SessionId], Awaitable[None]],
    ) -> None:
        self._queue = queue
        self._stale = stale
        self._handlers = handlers
        self._ticks = ticks
        self._audit = audit
        self._slots = asyncio.Semaphore(CONCURRENCY)
        #: (kind, outcome) → how many; read at scrape
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.ticked = 0
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.seconds = 0.0

    async def run(self, kind: TimerKind, timers: Sequence[DueTimer]) -> None:
        """Run a batch of one kind; what fails is postponed or buried, never lost."""
        self._running += 1
        self._idle.clear()
        try:
            await self._run(kind, timers)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def idle(self) -> None:
        """Return once no batch is running."""
        await self._idle.wait()

    async def _run(self, kind: TimerKind, timers: Sequence[DueTimer]) -> None:
        started = time.perf_counter()
        if kind is TimerKind.TICK:
            await self._tick(timers)
        elif kind is TimerKind.LEDGER_CHECK:
            await self._check(timers)
        else:
            done = await asyncio.gather(*(self._one(timer) for timer in timers))
            ran = [timer for timer, ok in zip(timers, done, strict=True) if ok]
            await self._written(lambda: self._queue.complete(ran))
        self.seconds += time.perf_counter() - started

    async def _check(self, timers: Sequence[DueTimer]) -> None:
        try:
            due = await self._audit.run()
        except Exception as error:
            await asyncio.gather(*(self._give_way(timer, error) for timer in timers))
            return
        await self._written(lambda: self._queue.rearm([(timer, due) for timer in timers]))

    async def _tick(self, timers: Sequence[DueTimer]) -> None:
        """All in one go; when that fails, one by one, so that a broken call keeps no other from its minutes."""
        try:
            await self._tick_together(timers)
        except Exception as error:
            if isinstance(error, Unavailable) or len(timers) == 1:
                await asyncio.gather(*(self._give_way(timer, error) for timer in timers))
                return
            log.warning("%d ticks failed together (%s); now one by one", len(timers), type(error).__name__)
            for timer in timers:
                await self._tick([timer])

    async def _tick_together(self, timers: Sequence[DueTimer]) -> None:
        by_session = {SessionId(timer.key): timer for timer in timers}
        result = await self._ticks.run(list(by_session))
        self.ticked += result.ticked
        await self._queue.rearm([(by_session[one], due) for one, due in result.again.items()])
        await self._queue.complete([timer for one, timer in by_session.items() if one not in result.again])
        self.outcomes[TimerKind.TICK.value, "ok"] += len(timers)
        for stale in result.stale:
            await self._look_at(stale)

    async def _look_at(self, stale: SessionId) -> None:
        try:
            await self._stale(stale)
        except Unavailable as waiting:
            log.warning("call %s has stopped proving and could not be paused yet: %s", stale, waiting)
        except Exception:
            log.exception("call %s has stopped proving and could not be paused", stale)

    async def _one(self, timer: DueTimer) -> bool:
        try:
            async with self._slots:
                await self._handlers[timer.kind](timer.key)
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
