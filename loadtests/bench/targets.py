"""What is measured, in which unit, and what is asked of the ratios."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests.bench.arithmetic import Spread, ratios

#: figures[measure][column]: one per alternation, None where it could not be taken
Figures = Mapping[str, Mapping[str, Sequence[float | None]]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the table. Less is better, for every one."""

    name: str
    title: str
    unit: str
    #: figures times this are in ``unit``
    scale: float
    digits: int = 1


#: Seconds, bytes and seconds again become the table's units here.
MEASURES = (
    Measure("relay", "relayed signal, 800 B, no acks: CPU per message", "µs", 1e6),
    Measure("relay-acks", "relayed signal, 800 B, acks: CPU per message", "µs", 1e6),
    Measure("fanout", "fan-out of 200 B: CPU per delivery", "µs", 1e6, 2),
    Measure("connect", "connect + authenticate + join: CPU each", "ms", 1e3, 2),
    Measure("memory", "idle authenticated socket: memory", "kB", 1e-3),
    Measure("p99", "round trip (ack) at 70 % of saturation: p99", "ms", 1e3, 2),
    Measure("p99-pace", "round trip (ack) at 70 % of Node's saturation, all at that rate: p99", "ms", 1e3, 2),
)


@dataclass(frozen=True, slots=True)
class Target:
    """``ours`` against a peer. ``inverse``: what counts is the peer's figure over ours (messages per core); more is better."""

    measure: str
    peer: str
    limit: float
    inverse: bool
    words: str


#: The targets of the project's plan for this server; ``ours`` is the column that does everything.
OURS = "rapport"
TARGETS = (
    Target("relay", "node", 1.3, True, "at least 1.3 × Node's messages per core"),
    Target("relay", "floor", 1.5, False, "within 1.5 × of the floor's CPU"),
    Target("relay-acks", "node", 1.3, True, "at least 1.3 × Node's messages per core"),
    Target("relay-acks", "floor", 1.5, False, "within 1.5 × of the floor's CPU"),
    Target("fanout", "node", 1.5, True, "at least 1.5 × Node's deliveries per core"),
    Target("fanout", "floor", 1.25, False, "within 1.25 × of the floor's CPU"),
    Target("connect", "node", 0.85, False, "at most 0.85 × Node's CPU"),
    Target("memory", "node", 1.0, False, "at most Node's"),
    Target("memory", "floor", 1.3, False, "within 1.3 × of the floor's"),
    Target("p99", "node", 1.0, False, "at most Node's"),
    Target("p99-pace", "node", 1.0, False, "at most Node's"),
)

#: Columns that targets are about.
JUDGED = frozenset({OURS, *(target.peer for target in TARGETS)})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was found; ``met`` is None where the peer is missing."""

    target: Target
    found: Spread | None

    @property
    def met(self) -> bool | None:
        """Whether the median meets the target."""
        if self.found is None:
            return None
        if self.target.inverse:
            return self.found.median >= self.target.limit
        return self.found.median <= self.target.limit


def judge(figures: Figures) -> list[Verdict]:
    """Every target, in the table's order."""
    return [Verdict(target, _ratio(figures, target)) for target in TARGETS]


def _ratio(figures: Figures, target: Target) -> Spread | None:
    columns = figures.get(target.measure, {})
    ours, theirs = columns.get(OURS), columns.get(target.peer)
    if ours is None or theirs is None:
        return None
    return ratios(theirs, ours) if target.inverse else ratios(ours, theirs)
