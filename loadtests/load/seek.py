"""The highest rate at which a server still keeps its 99th percentile under a limit. Pure: the caller measures."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

#: Windows, at most.
STEPS = 10
#: As near as this is near enough: a window of some seconds tells no finer.
NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Probe:
    """One window at one rate. ``p99`` in milliseconds; ``complete``: nothing was lost, refused or left out; ``saturated``: the
    generator was too busy to tell; ``beside``: other latencies, with limits of their own, kept them."""

    rate: float
    p99: float
    complete: bool
    saturated: bool = False
    beside: bool = True

    def holds(self, limit: float) -> bool:
        """Whether the server keeps up."""
        return self.complete and self.beside and self.p99 <= limit


@dataclass(slots=True)
class Ceiling:
    """What was found. ``rate`` is 0 when not even the first rate held."""

    limit: float
    rate: float = 0.0
    #: the lowest rate that did not hold; None when the search ended before one was found
    beyond: float | None = None
    probes: list[Probe] = field(default_factory=list)
    #: why the search ended
    because: str = ""


async def seek(
    measure: Callable[[float], Awaitable[Probe]],
    first: float,
    limit: float,
    *,
    most: float = float("inf"),
    steps: int = STEPS,
) -> Ceiling:
    """Double the rate from ``first`` until it does not hold, then halve the gap; up or down.

    ``most`` is the highest rate that makes sense, because of limits that are not the server's speed.
    """
    found = Ceiling(limit)
    rate = min(first, most)
    for _ in range(steps):
        probe = await measure(rate)
        found.probes.append(probe)
        if probe.saturated and not probe.holds(limit):
            found.because = "the generator, or this machine, was at its own limit: more cores or --processes would tell more"
            return found
        if probe.holds(limit):
            found.rate = max(found.rate, rate)
        else:
            found.beyond = min(found.beyond or rate, rate)
        if found.rate >= most:
            found.because = "no higher rate fits: take more --sockets, or begin with a higher --rate"
            return found
        if found.rate and found.beyond and found.beyond - found.rate <= NEAR * found.rate:
            found.because = "near enough"
            return found
        rate = _next(found, most)
    found.because = f"{steps} windows were enough"
    return found


def _next(found: Ceiling, most: float) -> float:
    if found.beyond is None:
        return min(found.rate * 2, most)
    return (found.rate + found.beyond) / 2 if found.rate else found.beyond / 2
