"""``/metrics`` and ``/health`` on a port of their own: a worker's, and those of each of several server processes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bootstrap.ports import PortInUse
from bootstrap.settings import Settings
from bootstrap.wiring.worker import ScheduledAudit
from tasks.clock import TimerClock
from tasks.runner import TimerRunner
from tasks.sweeps import OutboxSweep


class MeasuredWorker(Protocol):
    """What there is to measure."""

    runner: TimerRunner
    clock: TimerClock
    sweep: OutboxSweep
    audit: ScheduledAudit


class WorkerCollector(Collector):
    """Plain integers of the hot loops, read when somebody asks."""

    def __init__(self, worker: MeasuredWorker) -> None:
        self._worker = worker

    def collect(self) -> Iterable[Metric]:
        runner = self._worker.runner
        timers = CounterMetricFamily("rapport_timers", "Timers run.", labels=("kind", "outcome"))
        for (kind, outcome), count in runner.outcomes.items():
            timers.add_metric((kind, outcome), count)
        yield timers
        yield CounterMetricFamily(
            "rapport_timers_claimed", "Timers claimed.", value=self._worker.clock.claimed
        )
        yield CounterMetricFamily(
            "rapport_timer_busy_seconds", "Time spent running timers.", value=runner.seconds
        )
        yield CounterMetricFamily("rapport_ticks", "Call minutes ticked.", value=runner.ticked)
        yield CounterMetricFamily(
            "rapport_outbox_swept", "Events a crash had left.", value=self._worker.sweep.swept
        )
        report = self._worker.audit.last
        if report is not None:
            yield GaugeMetricFamily(
                "rapport_ledger_healthy", "1 if every invariant holds.", value=report.healthy
            )


@asynccontextmanager
async def serve_metrics(settings: Settings, worker: MeasuredWorker) -> AsyncIterator[None]:
    """Serve while the worker runs; nothing without a port."""
    if settings.metrics_port is None:
        yield
        return
    registry = CollectorRegistry()
    registry.register(WorkerCollector(worker))
    async with serve_registry(settings.host, settings.metrics_port, registry):
        yield


@asynccontextmanager
async def serve_registry(host: str, port: int, registry: CollectorRegistry) -> AsyncIterator[None]:
    """``/metrics`` of one process on a port of its own, and ``/health``.

    The port may be shared for a moment: while a process is replaced, its successor is there already.

    Raises:
        PortInUse: somebody else listens there.
    """

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), content_type="text/plain", charset="utf-8")

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health", health)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port, reuse_port=True).start()
        except OSError as error:
            raise PortInUse(host, port, "RAPPORT_METRICS_PORT", error) from error
        yield
    finally:
        await runner.cleanup()
