"""``rapport work``: claims timers, runs them as taskiq tasks, sweeps up after crashes."""

import asyncio
import logging
import zlib
from contextlib import suppress

from adapters.mongo.lanes import LANE_COUNT
from adapters.mongo.timers import SHARDS
from bootstrap.demo import refused_domains
from bootstrap.metrics_server import serve_metrics
from bootstrap.samples import Sampler, counted_by_worker
from bootstrap.settings import Settings
from bootstrap.signals import stop_on_signals
from bootstrap.tuning import tune
from bootstrap.wiring.common import Common, open_common
from bootstrap.wiring.mail import build_sending, open_mailer
from bootstrap.wiring.worker import ScheduledAudit, arm_schedules, build_runner
from domain.mail.sending import Sending
from domain.operations.samples import SAMPLE_PERIOD
from tasks.broker import TimerTasks, redis_broker
from tasks.clock import TimerClock
from tasks.lanes import Lanes
from tasks.receiver import receive
from tasks.sweeps import HEARTBEAT_PERIOD, SWEEP_PERIOD, Loops, OutboxSweep, Steadiness, Undertaker

log = logging.getLogger(__name__)
KIND = "worker"
WAKE_UP_PERIOD = 1.0
CARD_REMOVAL_PERIOD = 30.0
#: Real seconds that running batches get to finish after SIGTERM.
PATIENCE = 25.0


async def work(settings: Settings, stopping: asyncio.Event | None = None) -> None:
    """Run until SIGTERM or SIGINT, or until ``stopping`` is set."""
    stop = stopping or stop_on_signals()
    async with open_common(settings, KIND) as common:
        worker = Worker(common)
        tune()
        await worker.run(stop)


class Worker:
    """The loops of one worker process."""

    def __init__(self, common: Common) -> None:
        self._common = common
        stores, clock, process = common.stores, common.clock, common.process
        self.audit = ScheduledAudit(stores.ledger, clock)
        self.runner = build_runner(
            stores, common.calls, common.booking, clock, self.audit, sending=_sending(common)
        )
        self._broker = redis_broker(common.settings.redis_url or "", process)
        self._tasks = TimerTasks(self._broker, self.runner.run)
        first_shard = zlib.crc32(process.encode()) % SHARDS
        lanes = Lanes(
            stores.timers,
            self.runner.run_lane,
            stores.leases,
            clock,
            holder=process,
            lanes=LANE_COUNT,
            first=first_shard,
        )
        self.clock = TimerClock(stores.timers, self._tasks.send, self.runner.run, SHARDS, first_shard, lanes)
        self.sweep = OutboxSweep(stores.outbox, common.publisher, stores.leases, clock, process)
        self._sampler = Sampler(
            store=stores.samples,
            clock=clock,
            process=process,
            kind=KIND,
            counted=lambda: counted_by_worker(self.runner),
        )
        self._steady = Steadiness(clock)
        self._undertaker = Undertaker(
            processes=stores.processes,
            leases=stores.leases,
            holder=process,
            calls=stores.calls,
            presence_of=stores.presence,
            handshakes=common.calls.handshakes,
            sessions=stores.scheduled,
            session_seats=common.calls.sessions.seats,
            presence=common.calls.presence,
            timers=stores.timers,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """All loops until ``stop``; then no new timer is claimed, and those that run may finish."""
        common = self._common
        await arm_schedules(common.stores, common.clock)
        receiver = asyncio.create_task(receive(self._broker))
        claims = asyncio.create_task(self.clock.run())
        loops = Loops()
        loops.add(HEARTBEAT_PERIOD, self._beat, "heartbeat")
        loops.add(SWEEP_PERIOD, self.sweep.turn, "outbox sweep")
        loops.add(HEARTBEAT_PERIOD, self._bury, "undertaker")
        loops.add(SAMPLE_PERIOD, self._sampler.turn, "samples")
        loops.add(WAKE_UP_PERIOD, self._tasks.wake_up, "wake-up")
        loops.add(CARD_REMOVAL_PERIOD, common.payment_methods.finish_removals, "card removals")
        async with serve_metrics(common.settings, self):
            log.info("worker %s is running", common.process)
            await stop.wait()
        log.info("worker stops: no new timers")
        await _cancel(claims)
        await self._finish()
        await _cancel(receiver)
        await loops.stop()
        await self._broker.shutdown()
        # What was claimed and not handed over is somebody else's at once.
        await common.stores.timers.release(common.process)
        await self._sampler.last()
        await common.stores.processes.forget(common.process)

    async def _beat(self) -> None:
        await self._common.stores.processes.beat(self._common.process, KIND)

    async def _bury(self) -> None:
        await self._common.stores.processes.alive()
        if self._steady.mark():
            await self._undertaker.turn()

    async def _finish(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self.runner.idle()


def _sending(common: Common) -> Sending:
    secret = common.settings.secret("secret_key")
    return build_sending(
        common.stores,
        common.clock,
        mailer=open_mailer(common.settings, common.clock),
        secret=secret.encode() if secret else None,
        console_url=common.settings.console_url,
        refused_domains=refused_domains(common.settings),
    )


async def _cancel(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
