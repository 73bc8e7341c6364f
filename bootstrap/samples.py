"""What a process had and counted, written down every few seconds for the admin's charts.

From counters that are there anyway: nothing is added to any hot path.
"""

import logging
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from domain.clock import Clock
from domain.errors import Code, Unavailable
from domain.operations.figures import Figures
from domain.operations.samples import Counted, HouseSample, Sample, SampleStore
from realtime.metrics import Counts
from tasks.runner import TimerRunner

log = logging.getLogger(__name__)

_OURS = (Code.INTERNAL.value, Code.UNAVAILABLE.value)


class Sampler:
    """Writes the samples of one process. What could not be written is part of the next one."""

    def __init__(
        self,
        *,
        store: SampleStore,
        clock: Clock,
        process: str,
        kind: str,
        counted: Callable[[], Counted],
        sockets: Callable[[], int] = lambda: 0,
        house: Callable[[], Figures | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock, self._process, self._kind = store, clock, process, kind
        self._counted, self._sockets, self._house, self._now = counted, sockets, house, now
        self._number = 0
        self._before, self._since = Counted(), now()

    async def turn(self) -> None:
        """Write one sample.

        Raises:
            Unavailable: the database did not answer; the next turn tells all of it.
        """
        counted, now = self._counted(), self._now()
        sample = Sample(
            process=self._process,
            kind=self._kind,
            at=self._clock.wall(),
            seconds=now - self._since,
            sockets=self._sockets(),
            counted=counted.since(self._before),
            house=_house(self._house()),
        )
        # Under the same number until it is known to be there: one whose answer was lost is replaced, not told twice.
        await self._store.write(self._number, sample)
        self._number += 1
        self._before, self._since = counted, now

    async def last(self) -> None:
        """The sample of a process that stops, and holds nothing any more."""
        try:
            await self.turn()
        except Unavailable as outage:
            log.info("the last sample could not be written: %s", outage)


def _house(figures: Figures | None) -> HouseSample | None:
    if figures is None:
        return None
    return HouseSample(figures.open_calls, figures.timers.due, figures.timers.overdue_seconds)


def counted_by_server(counts: Counts, registry: CollectorRegistry) -> Counted:
    """What a server has counted since it started: its sockets' counters, and those of its HTTP door's metrics."""
    faults = sum(number for (_, _, outcome), number in list(counts.events.items()) if outcome in _OURS)
    answers = _total(registry, "rapport_http_requests_total", lambda labels: labels["status"].startswith("5"))
    return Counted(
        events_in=sum(list(counts.events.values())),
        events_out=sum(list(counts.delivered.values())),
        webhooks=_total(registry, "rapport_webhooks_total", lambda labels: labels["outcome"] == "stored"),
        errors=faults + answers,
    )


def counted_by_worker(runner: TimerRunner) -> Counted:
    """What a worker has counted since it started."""
    failed = sum(number for (_, outcome), number in runner.outcomes.items() if outcome in ("failed", "dead"))
    return Counted(ticks=runner.ticked, errors=failed)


def _total(registry: CollectorRegistry, name: str, wanted: Callable[[dict[str, str]], bool]) -> int:
    found = registry.restricted_registry([name]).collect()
    samples = (sample for metric in found for sample in metric.samples)
    return round(sum(one.value for one in samples if one.name == name and wanted(one.labels)))
