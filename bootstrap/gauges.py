"""What the database knows of the whole house, as gauges: calls, payments, refunds, mails, timers, dead letters, the ledger.

Read every few seconds and kept, so that a scrape costs no query.
"""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.operations.figures import CountedStores, Figures, read_figures

#: Real seconds between two readings.
PERIOD = 5.0


class HouseGauges(Collector):
    """Every server shows the same numbers; alarms take the maximum."""

    def __init__(self, stores: CountedStores) -> None:
        self._stores = stores
        #: the last reading; None before the first
        self.figures: Figures | None = None

    async def refresh(self) -> None:
        """Read again."""
        self.figures = await read_figures(self._stores)

    def collect(self) -> Iterable[Metric]:
        figures = self.figures or Figures()
        calls = GaugeMetricFamily(
            "rapport_calls",
            "Calls of the last day by state, and all that are still ending.",
            labels=("state",),
        )
        for state, count in figures.calls.items():
            calls.add_metric((state,), count)
        yield calls
        yield GaugeMetricFamily("rapport_timers_waiting", "Timers set.", value=figures.timers.waiting)
        yield GaugeMetricFamily(
            "rapport_timers_dead", "Dead letters: timers that failed for good.", value=figures.timers.dead
        )
        yield GaugeMetricFamily(
            "rapport_timers_overdue_seconds",
            "How late the most overdue timer is.",
            value=figures.timers.overdue_seconds,
        )
        yield GaugeMetricFamily(
            "rapport_webhook_waiting_seconds",
            "How long the oldest unprocessed webhook has waited.",
            value=figures.webhook_waiting_seconds,
        )
        yield GaugeMetricFamily(
            "rapport_outbox_unpublished", "Committed events not published yet.", value=figures.unpublished
        )
        yield from _money(figures)
        mails = GaugeMetricFamily("rapport_mails", "Mails of the last day by state.", labels=("state",))
        for state, count in figures.mails.items():
            mails.add_metric((state,), count)
        yield mails
        if figures.ledger is not None:
            yield GaugeMetricFamily(
                "rapport_ledger_healthy",
                "1 if every invariant of the ledger held at the worker's last audit.",
                value=figures.ledger.report.healthy,
            )


def _money(figures: Figures) -> Iterable[Metric]:
    payments = GaugeMetricFamily(
        "rapport_payments",
        "Payments of bookings begun in the last day, by state: every try is one.",
        labels=("state",),
    )
    for state, count in figures.payments.items():
        payments.add_metric((state,), count)
    yield payments
    yield GaugeMetricFamily(
        "rapport_refunds_waiting",
        "Refunds that the gateway has not confirmed yet.",
        value=figures.refunds.waiting,
    )
    yield GaugeMetricFamily(
        "rapport_refunds_waiting_seconds",
        "How long the oldest of them has waited (domain time).",
        value=figures.refunds.waiting_seconds,
    )
    yield GaugeMetricFamily(
        "rapport_refunds_returned",
        "Refunds that a bank sent back: the clients are owed them still.",
        value=figures.refunds.returned,
    )
