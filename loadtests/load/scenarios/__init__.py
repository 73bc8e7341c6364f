"""What ``rapport load`` can do: one module for each scenario, and the list of them.

A new one is a module with a :class:`~loadtests.load.scenarios.base.Scenario`, and a line in :data:`SCENARIOS`.
"""

from loadtests.load.scenarios.base import Scenario
from loadtests.load.scenarios.booking import Book, Mixed, Starts
from loadtests.load.scenarios.calls import WholeCalls
from loadtests.load.scenarios.fanout import FanOut, SlowReaders
from loadtests.load.scenarios.idle import Herd, Idle
from loadtests.load.scenarios.signal import Signal

SCENARIOS: dict[str, Scenario] = {
    one.name: one
    for one in (Idle(), Signal(), FanOut(), WholeCalls(), Herd(), SlowReaders(), Starts(), Book(), Mixed())
}

__all__ = ["SCENARIOS", "Scenario"]
