"""What the database knows of the whole house, as gauges: calls, timers, dead letters, unpublished events, the ledger.

Read every few seconds and kept, so that a scrape costs no query.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.mongo.ledger import LedgerReport
from bootstrap.wiring.stores import Stores
from domain.calls.states import CallState

#: Real seconds between two readings.
PERIOD = 5.0


@dataclass(slots=True)
class _Reading:
    calls: dict[str, int] = field(default_factory=dict)
    timers: int = 0
    dead_letters: int = 0
    overdue_seconds: float = 0.0
    unpublished: int = 0
    webhook_waiting_seconds: float = 0.0
    ledger: LedgerReport | None = None


class HouseGauges(Collector):
    """Every server shows the same numbers; alarms take the maximum."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._reading = _Reading()

    async def refresh(self) -> None:
        """Read again."""
        stores, reading = self._stores, self._reading
        reading.calls = await stores.calls.per_state([state.value for state in CallState])
        reading.timers, reading.dead_letters, reading.overdue_seconds = await stores.timers.counts()
        reading.unpublished = await stores.outbox.count_unpublished()
        reading.webhook_waiting_seconds = await stores.webhooks.oldest_waiting_seconds()
        reading.ledger = await stores.ledger.last_report()

    def collect(self) -> Iterable[Metric]:
        reading = self._reading
        calls = GaugeMetricFamily(
            "rapport_calls",
            "Calls of the last day by state, and all that are still ending.",
            labels=("state",),
        )
        for state, count in reading.calls.items():
            calls.add_metric((state,), count)
        yield calls
        yield GaugeMetricFamily("rapport_timers_waiting", "Timers set.", value=reading.timers)
        yield GaugeMetricFamily(
            "rapport_timers_dead", "Dead letters: timers that failed for good.", value=reading.dead_letters
        )
        yield GaugeMetricFamily(
            "rapport_timers_overdue_seconds",
            "How late the most overdue timer is.",
            value=reading.overdue_seconds,
        )
        yield GaugeMetricFamily(
            "rapport_webhook_waiting_seconds",
            "How long the oldest unprocessed webhook has waited.",
            value=reading.webhook_waiting_seconds,
        )
        yield GaugeMetricFamily(
            "rapport_outbox_unpublished", "Committed events not published yet.", value=reading.unpublished
        )
        if reading.ledger is not None:
            yield GaugeMetricFamily(
                "rapport_ledger_healthy",
                "1 if every invariant of the ledger held at the worker's last audit.",
                value=reading.ledger.healthy,
            )
