"""What the message bus counts, for a process's metrics."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.redis.bus import RedisBus


class BusCollector(Collector):
    """Register it with a ``prometheus_client.CollectorRegistry``."""

    def __init__(self, bus: RedisBus) -> None:
        self._bus = bus

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        yield GaugeMetricFamily(
            "rapport_bus_connected", "1 while the message bus is heard.", value=self._bus.connected
        )
        yield CounterMetricFamily(
            "rapport_bus_frames_lost", "Frames that could not be published.", value=self._bus.lost
        )
