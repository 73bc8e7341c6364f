"""A process tells what it counted: everything, once, whatever the database does in between."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from bootstrap.samples import Sampler, counted_by_server
from domain.clock import VirtualClock
from domain.errors import Unavailable
from domain.operations.figures import Figures, TimerCounts
from domain.operations.samples import Counted, HouseSample, Sample
from realtime.metrics import Counts
from rest.metrics import RestMetrics, WebhookMetrics


@dataclass
class Written:
    """A store that may be away, or lose its answer."""

    samples: dict[int, Sample] = field(default_factory=dict)
    away: bool = False
    answers: bool = True

    async def write(self, number: int, sample: Sample) -> None:
        if self.away:
            raise Unavailable("away")
        self.samples[number] = sample
        if not self.answers:
            raise Unavailable("no answer")

    async def between(self, first: object, last: object) -> list[Sample]:
        raise NotImplementedError


@dataclass
class Process:
    """Counters that a test moves."""

    store: Written = field(default_factory=Written)
    counted: Counted = field(default_factory=Counted)
    sockets: int = 0
    seconds: float = 0.0
    figures: Figures | None = None

    def __post_init__(self) -> None:
        self.sampler = Sampler(
            store=self.store,
            clock=VirtualClock(),
            process="p",
            kind="server",
            counted=lambda: self.counted,
            sockets=lambda: self.sockets,
            house=lambda: self.figures,
            now=lambda: self.seconds,
        )

    async def turn(self, ticks: int) -> None:
        self.seconds += 10
        self.counted = Counted(ticks=ticks)
        try:
            await self.sampler.turn()
        except Unavailable:
            assert self.store.away or not self.store.answers

    @property
    def told(self) -> list[tuple[int, float]]:
        return [(one.counted.ticks, one.seconds) for one in self.store.samples.values()]


async def test_each_sample_tells_what_came_after_the_one_before() -> None:
    process = Process()

    for ticks in (3, 5, 5):
        await process.turn(ticks)

    assert process.told == [(3, 10), (2, 10), (0, 10)]


async def test_what_could_not_be_written_is_told_by_the_next_sample() -> None:
    process = Process()
    await process.turn(3)
    process.store.away = True
    await process.turn(5)
    process.store.away = False
    await process.turn(6)

    assert process.told == [(3, 10), (3, 20)]


async def test_a_sample_whose_answer_was_lost_is_replaced_and_not_told_twice() -> None:
    process = Process()
    process.store.answers = False
    await process.turn(3)
    process.store.answers = True
    await process.turn(5)

    assert process.told == [(5, 20)]


async def test_a_process_that_stops_while_the_database_is_away_stops() -> None:
    process = Process()
    process.store.away = True

    await process.sampler.last()

    assert process.store.samples == {}


async def test_a_server_tells_what_it_last_read_of_the_house_once_it_has_read_it() -> None:
    process = Process(sockets=7)
    await process.turn(0)
    process.figures = Figures(calls={"live": 2, "ringing": 1, "settled": 9}, timers=TimerCounts(due=4))
    await process.turn(0)

    first, second = process.store.samples.values()
    assert (first.house, second.house) == (None, HouseSample(3, 4, 0.0))
    assert second.sockets == 7


def test_a_server_counts_what_its_doors_count() -> None:
    counts, registry = Counts(), CollectorRegistry()
    answers, webhooks = RestMetrics(registry), WebhookMetrics(registry)
    counts.events.update({("/live", "a", "ok"): 5, ("/live", "a", "INTERNAL"): 2, ("/live", "b", "GONE"): 1})
    counts.delivered.update({("/live", "tick"): 30, ("/notifications", "x"): 3})
    for status in (200, 404, 500, 503):
        answers.observe("GET", "/api/about", status, 0.01)
    for outcome in ("stored", "stored", "duplicate"):
        webhooks.count(outcome)

    counted = counted_by_server(counts, registry)

    assert counted == Counted(ticks=0, events_in=8, events_out=33, webhooks=2, errors=4)
