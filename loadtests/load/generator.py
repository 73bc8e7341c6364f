"""The loads of the benchmark, ready to be run: each is a :class:`~loadtests.load.fleet.Fleet`.

::

    async with relay(pairs, processes=2) as load:
        opened = await load.open()                                  # connect + authenticate + join
        await load.run(Window(2, rate=20_000))                      # warm up
        found = await load.run(Window(10, rate=20_000, acks=True))  # open loop
        found = await load.run(Window(10, in_flight=4))             # closed loop: as fast as the server can

``found`` is a :class:`~loadtests.load.tally.Tally`: ``found.count("received")``, ``found.latency("delivery").percentile(99)``
(milliseconds), ``found.saturated`` (the generator itself was too busy).
"""

from collections.abc import Sequence
from typing import TypeVar

from loadtests.load.crew import Window
from loadtests.load.crews.relay import Pair, Relay, RelayShare
from loadtests.load.crews.tabs import Tab, Tabs, TabsShare
from loadtests.load.fleet import Fleet, Progress

__all__ = ["Pair", "Tab", "Window", "relay", "tabs"]

T = TypeVar("T")


def dealt(all_of_them: Sequence[T], processes: int) -> list[tuple[T, ...]]:
    """Shares of nearly the same size, at most ``processes``."""
    return [tuple(all_of_them[n::processes]) for n in range(min(processes, len(all_of_them)) or 1)]


def relay(
    pairs: Sequence[Pair],
    *,
    processes: int = 2,
    at_once: int = 50,
    described: bool = False,
    cores: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Fleet:
    """Pairs that send each other signals; ``at_once`` is how many connect at the same time, over all processes."""
    shares = [RelayShare(share, max(1, at_once // processes), described) for share in dealt(pairs, processes)]
    return Fleet(Relay, shares, cores=cores, progress=progress)


def tabs(
    them: Sequence[Tab],
    *,
    namespace: str = "/notifications",
    processes: int = 2,
    at_once: int = 50,
    cores: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Fleet:
    """Tabs that watch coaches, or (without any) just sit there, on whichever namespace."""
    shares = [TabsShare(share, namespace, max(1, at_once // processes)) for share in dealt(them, processes)]
    return Fleet(Tabs, shares, cores=cores, progress=progress)
