"""Every metric, from the collectors that a server and a worker register."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric

from adapters.redis.bus import RedisBus
from bootstrap.bus_metrics import BusCollector
from bootstrap.gauges import HouseGauges
from bootstrap.metrics_server import MeasuredWorker, WorkerCollector
from bootstrap.wiring.stores import Stores
from domain.operations.figures import RefundFigures, TimerCounts
from domain.payments.audit import LedgerAudit, LedgerReport
from realtime.metrics import Counts, RealtimeCollector
from rest.metrics import RestMetrics, WebhookMetrics
from tools.reference.markdown import code, codes, table

_UNITS = {"seconds": "seconds", "bytes": "bytes", "healthy": "0 or 1"}
_HEALTHY = LedgerReport()


def server_metrics() -> list[Metric]:
    """What a server's ``/metrics`` has, beside the process's own."""
    registry = CollectorRegistry()
    WebhookMetrics(registry)
    RestMetrics(registry).observe("GET", "/health", 200, 0.001)
    registry.register(RealtimeCollector(Counts(), lambda: {"/live": 0}, lambda: 0, lambda: 0))
    gauges = HouseGauges(cast(Stores, _EmptyStores()))
    asyncio.run(gauges.refresh())
    registry.register(gauges)
    registry.register(BusCollector(cast(RedisBus, SimpleNamespace(connected=True, lost=0))))
    return list(registry.collect())


def worker_metrics() -> list[Metric]:
    """What a worker's ``/metrics`` has."""
    worker = SimpleNamespace(
        runner=SimpleNamespace(outcomes=Counter(), seconds=0.0, ticked=0),
        clock=SimpleNamespace(claimed=0),
        sweep=SimpleNamespace(swept=0),
        audit=SimpleNamespace(last=_HEALTHY),
    )
    return list(WorkerCollector(cast(MeasuredWorker, worker)).collect())


def exposed_name(metric: Metric) -> str:
    """The name as it is scraped."""
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def metric_table(metrics: Iterable[Metric]) -> str:
    """Name, kind, unit, labels, meaning."""
    rows = (
        (
            code(exposed_name(metric)),
            metric.type,
            next((unit for word, unit in _UNITS.items() if word in metric.name.split("_")), "count"),
            codes(_labels(metric)),
            metric.documentation,
        )
        for metric in sorted(metrics, key=lambda one: one.name)
    )
    return table(("name", "type", "unit", "labels", "meaning"), rows)


def _labels(metric: Metric) -> list[str]:
    declared = getattr(metric, "_labelnames", None)
    if declared is not None:
        return list(declared)
    return sorted({label for sample in metric.samples for label in sample.labels} - {"le"})


class _EmptyStores:
    """A house in which nothing has happened yet."""

    def __init__(self) -> None:
        self.webhooks = self.calls = self.timers = self.outbox = self.ledger = self
        self.payments = self.mails = self

    async def per_state(self, states: list[str]) -> dict[str, int]:
        return dict.fromkeys(states, 0)

    async def counts(self) -> TimerCounts:
        return TimerCounts()

    async def oldest_waiting_seconds(self) -> float:
        return 0.0

    async def count_unpublished(self) -> int:
        return 0

    async def purchases_per_state(self) -> dict[str, int]:
        return {"captured": 0}

    async def open_refunds(self) -> RefundFigures:
        return RefundFigures()

    async def mails_per_state(self) -> dict[str, int]:
        return {"sent": 0}

    async def last_audit(self) -> LedgerAudit:
        return LedgerAudit(_HEALTHY, None)
