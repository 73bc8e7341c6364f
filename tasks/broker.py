"""taskiq carries wake-ups; truth stays in MongoDB.

A message that is lost costs one lease (the timer is claimed again), a message that comes twice finds its timers completed.
Settings that matter, and why:

* ``consumer_id="0"``: a new consumer group starts at the beginning of the stream, not after what is already in it;
* ``idle_timeout`` above the task timeout: a running task is never handed to a second worker;
* ``maxlen``: acknowledged entries are trimmed, so the stream does not grow for ever.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask
from taskiq_redis import RedisStreamBroker

from domain.timers import DueTimer, TimerKind

#: Real seconds a batch may take.
TASK_TIMEOUT = 20
#: Real seconds after which another worker takes a message over; above the timeout.
IDLE_TIMEOUT = 60
#: Real seconds for which a claimed timer belongs to its holder: delivery and run. A message that Valkey lost costs so much;
#: one that merely comes late runs twice, which is safe, because tasks are idempotent and only the holder completes.
LEASE = 30
STREAM = "rapport:timers"

RunBatch = Callable[[TimerKind, list[DueTimer]], Awaitable[None]]
Wire = list[list[Any]]


def redis_broker(url: str, name: str) -> AsyncBroker:
    """The production broker, on a Redis stream with acknowledgements."""
    return RedisStreamBroker(
        url,
        queue_name=STREAM,
        consumer_group_name="rapport",
        consumer_name=name,
        consumer_id="0",
        idle_timeout=IDLE_TIMEOUT * 1000,
        unacknowledged_lock_timeout=IDLE_TIMEOUT,
        xread_block=500,
        maxlen=100_000,
    )


class TimerTasks:
    """The two tasks there are: run a batch of timers, and a no-op that keeps autoclaim awake."""

    def __init__(self, broker: AsyncBroker, run: RunBatch) -> None:
        async def timers(kind: str, batch: Wire) -> None:
            await run(TimerKind(kind), [_from_wire(TimerKind(kind), one) for one in batch])

        self._batch: AsyncTaskiqDecoratedTask[[str, Wire], Any] = broker.register_task(
            timers, task_name="timers", timeout=TASK_TIMEOUT
        )
        self._wake: AsyncTaskiqDecoratedTask[[], Any] = broker.register_task(_nothing, task_name="wake-up")

    async def send(self, kind: TimerKind, timers: list[DueTimer]) -> None:
        """Hand a claimed batch to whichever worker is free."""
        await self._batch.kiq(kind.value, [_to_wire(timer) for timer in timers])

    async def wake_up(self) -> None:
        """The broker looks for abandoned messages only when it reads; this makes it read."""
        await self._wake.kiq()


async def _nothing() -> None:
    return None


def _to_wire(timer: DueTimer) -> list[Any]:
    return [timer.key, timer.due_at.timestamp(), timer.version, timer.claim, timer.attempts]


def _from_wire(kind: TimerKind, wire: list[Any]) -> DueTimer:
    key, due, version, claim, attempts = wire
    return DueTimer(kind, key, datetime.fromtimestamp(due, UTC), version, claim, attempts)
