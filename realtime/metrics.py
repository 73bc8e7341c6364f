"""Counters as plain integers, read when somebody scrapes: an increment on the hot path is one dictionary write."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(slots=True)
class Counts:
    """What ``realtime`` counts. Every label comes from a closed set, never from a client."""

    #: (namespace, event, outcome); event is ``unknown`` for what is not registered, outcome ``ok`` or an error code
    events: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    #: (namespace, outcome)
    connects: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused_requests: Counter[str] = field(default_factory=Counter)
    closings: Counter[str] = field(default_factory=Counter)
    #: (namespace, event)
    delivered: Counter[tuple[str, str]] = field(default_factory=Counter)
    recoveries: Counter[str] = field(default_factory=Counter)
    resyncs: int = 0
    bus_gaps: int = 0
    bus_frames_refused: int = 0
    shed: int = 0
    slow_consumers: int = 0
    signals_local: int = 0
    signals_remote: int = 0


Gauges = Callable[[], Mapping[str, int]]


class RealtimeCollector(Collector):
    """Register it with a ``prometheus_client.CollectorRegistry``."""

    def __init__(
        self, counts: Counts, sockets: Gauges, connections: Callable[[], int], seats: Callable[[], int]
    ) -> None:
        self._counts = counts
        self._sockets = sockets
        self._connections = connections
        self._seats = seats

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        sockets = GaugeMetricFamily("rapport_sockets", "Authenticated sockets.", labels=["namespace"])
        for namespace, count in sorted(self._sockets().items()):
            sockets.add_metric([namespace], count)
        yield sockets
        yield GaugeMetricFamily("rapport_connections", "Transport connections.", value=self._connections())
        yield GaugeMetricFamily(
            "rapport_call_seats", "Seats in calls held by this process.", value=self._seats()
        )
        yield from self._labelled()
        yield from self._plain()

    def _labelled(self) -> Iterator[Metric]:
        counts = self._counts
        tables: list[tuple[str, str, list[str], Mapping[Any, int]]] = [
            ("rapport_events", "Client events by outcome.", ["namespace", "event", "outcome"], counts.events),
            ("rapport_connects", "CONNECT packets by outcome.", ["namespace", "outcome"], counts.connects),
            ("rapport_delivered", "Events queued for clients.", ["namespace", "event"], counts.delivered),
            (
                "rapport_refused_requests",
                "HTTP requests refused.",
                ["code"],
                _single(counts.refused_requests),
            ),
            ("rapport_closings", "Sockets closed by the server.", ["code"], _single(counts.closings)),
            ("rapport_recoveries", "Reconnects with a position.", ["outcome"], _single(counts.recoveries)),
        ]
        for name, text, labels, table in tables:
            family = CounterMetricFamily(name, text, labels=labels)
            for key, value in sorted(table.items()):
                family.add_metric(list(key), value)
            yield family

    def _plain(self) -> Iterator[Metric]:
        counts = self._counts
        acks = sum(counts.events.values())
        yield CounterMetricFamily("rapport_acks", "Client events answered.", value=acks)
        yield CounterMetricFamily(
            "rapport_bus_gaps", "Times the bus may have lost something.", value=counts.bus_gaps
        )
        yield CounterMetricFamily(
            "rapport_bus_frames_refused", "Frames that were none.", value=counts.bus_frames_refused
        )
        yield CounterMetricFamily(
            "rapport_feed_resyncs", "Feeds read again after a gap.", value=counts.resyncs
        )
        yield CounterMetricFamily("rapport_outgoing_shed", "Droppable events not sent.", value=counts.shed)
        yield CounterMetricFamily(
            "rapport_slow_consumers", "Connections closed as slow.", value=counts.slow_consumers
        )
        yield CounterMetricFamily(
            "rapport_signals_local", "Signals relayed in this process.", value=counts.signals_local
        )
        yield CounterMetricFamily(
            "rapport_signals_remote", "Signals relayed over the bus.", value=counts.signals_remote
        )


def _single(table: Mapping[str, int]) -> dict[tuple[str, ...], int]:
    return {(key,): value for key, value in list(table.items())}
