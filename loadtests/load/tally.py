"""What one generator process counts while it runs, and what all of them together have counted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from loadtests.load.histogram import Histogram, Latencies

#: A generator above this share of a core, or with messages this late on their way (milliseconds at the 99th percentile), was
#: itself part of what it measured.
BUSY, LAGGING = 0.85, 5.0
#: A share of a latency that matters.
PART = 0.1


class Series:
    """One kind of latency, by the second. Hot loops add to :attr:`now`, microseconds."""

    __slots__ = ("now", "past")

    def __init__(self) -> None:
        self.now: dict[int, int] = defaultdict(int)
        self.past: list[dict[int, int]] = []

    def roll(self) -> None:
        """The next second begins."""
        self.past.append(self.now)
        self.now = defaultdict(int)


class Recorder:
    """Counts and latencies of one process during one window."""

    def __init__(self) -> None:
        #: hot loops add to it
        self.counts: Counter[str] = Counter()
        self._series: dict[str, Series] = {}
        self._rolled: list[Counter[str]] = []
        self._before: Counter[str] = Counter()

    def series(self, name: str) -> Series:
        """The latencies called ``name``."""
        if name not in self._series:
            series = self._series[name] = Series()
            series.past = [{} for _ in self._rolled]
        return self._series[name]

    def roll(self) -> None:
        """The next second begins."""
        self._rolled.append(self.counts - self._before)
        self._before = Counter(self.counts)
        for series in self._series.values():
            series.roll()

    def late(self) -> dict[str, float]:
        """The 99th percentiles of the last whole second, milliseconds."""
        return {
            name: _percentile(series.past[-1], 0.99) / 1000
            for name, series in self._series.items()
            if series.past and series.past[-1]
        }

    def tally(self, strain: "Strain | None" = None) -> "Tally":
        """Everything since the beginning."""
        self.roll()
        seconds = [Second(dict(counts), {}) for counts in self._rolled]
        for name, series in self._series.items():
            for second, counts in zip(seconds, series.past, strict=True):
                if counts:
                    second.latencies[name] = Latencies(counts).histogram()
        while seconds and not seconds[-1].counts and not seconds[-1].latencies:
            seconds.pop()
        return Tally(dict(self.counts), seconds, [strain] if strain else [])


@dataclass(frozen=True, slots=True)
class Strain:
    """How hard one generator process worked: its share of a core, and how late its messages left (milliseconds)."""

    cpu: float
    lag: float = 0.0

    @property
    def saturated(self) -> bool:
        """Whether it can have slowed down what it measured."""
        return self.cpu > BUSY or self.lag > LAGGING

    def blamed(self, p99: float) -> bool:
        """Whether a 99th percentile (milliseconds) was in good part its own doing; 0: there is none."""
        return self.cpu > BUSY or (self.saturated and self.lag > p99 * PART)


@dataclass(slots=True)
class Second:
    """What happened in one second of a window."""

    counts: dict[str, int]
    latencies: dict[str, Histogram]


@dataclass(slots=True)
class Tally:
    """What was counted in one window, by all processes that it was merged from."""

    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: Sequence[Second] = ()
    strains: Sequence[Strain] = ()
    _totals: dict[str, Histogram] = field(default_factory=dict, repr=False)

    def count(self, name: str) -> int:
        """How many; 0 for what never happened."""
        return self.counts.get(name, 0)

    def latency(self, name: str) -> Histogram:
        """All latencies of that name."""
        if name not in self._totals:
            parts = (second.latencies[name] for second in self.seconds if name in second.latencies)
            self._totals[name] = Histogram.merged(parts)
        return self._totals[name]

    @property
    def latencies(self) -> list[str]:
        """The names there are."""
        return sorted({name for second in self.seconds for name in second.latencies})

    @property
    def saturated(self) -> bool:
        """Whether a generator was too busy to be believed."""
        return any(strain.saturated for strain in self.strains)

    @classmethod
    def merged(cls, many: "Iterable[Tally]") -> Self:
        """Second by second, the sum of all."""
        tallies = list(many)
        seconds = [
            _merged(
                tally.seconds[n]
                for tally in tallies
                if n < len(tally.seconds)
            )
            for n in range(max((len(tally.seconds) for tally in tallies), default=0))
        ]  # fmt: skip
        counts = sum((Counter(tally.counts) for tally in tallies), Counter())
        return cls(dict(counts), seconds, [strain for tally in tallies for strain in tally.strains])

    def to_wire(self) -> dict[str, Any]:
        """For another process."""
        return {
            "counts": dict(self.counts),
            "seconds": [
                {"counts": one.counts, "latencies": {name: h.encoded() for name, h in one.latencies.items()}}
                for one in self.seconds
            ],
            "strains": [{"cpu": strain.cpu, "lag": strain.lag} for strain in self.strains],
        }

    @classmethod
    def from_wire(cls, told: Mapping[str, Any]) -> Self:
        """From another process."""
        seconds = [
            Second(one["counts"], {name: Histogram.decoded(text) for name, text in one["latencies"].items()})
            for one in told["seconds"]
        ]
        return cls(told["counts"], seconds, [Strain(**strain) for strain in told["strains"]])


def _percentile(counts: Mapping[int, int], share: float) -> int:
    """Exact, and without a histogram: cheap enough for a generator at work."""
    left = sum(counts.values()) * (1 - share)
    for value in sorted(counts, reverse=True):
        left -= counts[value]
        if left < 0:
            return value
    return 0


def _merged(parts: Iterable[Second]) -> Second:
    seconds = list(parts)
    names = {name for second in seconds for name in second.latencies}
    counts = sum((Counter(second.counts) for second in seconds), Counter())
    latencies = {
        name: Histogram.merged(second.latencies[name] for second in seconds if name in second.latencies)
        for name in sorted(names)
    }
    return Second(dict(counts), latencies)
