"""What a scenario says of itself; :mod:`loadtests.load.run` does the rest."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from loadtests.load.crew import Crew, Window
from loadtests.load.people import Person
from loadtests.load.tally import Tally
from loadtests.load.target import Target


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: ``rapport load``'s options. ``seconds`` and ``talk`` are real seconds."""

    target: Target
    sockets: int
    rate: float
    seconds: float
    processes: int = 2
    talk: float = 5.0


@dataclass(frozen=True, slots=True)
class Needs:
    """Who must exist. ``trusted``: verified, and clients with a card."""

    clients: int = 0
    coaches: int = 0
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """Who does."""

    clients: Sequence[Person]
    coaches: Sequence[Person]


class Scenario(ABC):
    """One kind of load. Everything here is pure: what happens in time is the crew's."""

    #: what it is called on the command line, and in one line what it does
    name: ClassVar[str]
    summary: ClassVar[str]
    #: what ``--sockets`` and ``--rate`` count here; no rate, no ``--seek``
    sockets_are: ClassVar[str] = "connections"
    rate_is: ClassVar[str] = ""
    sockets: ClassVar[int] = 100
    rate: ClassVar[float] = 0.0
    #: the latency that ``--seek`` holds under its limit, and that reports show first
    headline: ClassVar[str]
    #: the count that is the throughput
    counted: ClassVar[str]
    #: the count of what was asked of the server for that, if one of these is one of those
    offered: ClassVar[str] = ""
    #: what a latency's 99th percentile is to keep under, milliseconds; reports judge it, and ``--seek`` holds those besides
    #: the headline to it
    targets: ClassVar[Mapping[str, float]] = {}
    crew: ClassVar[type[Crew]]

    @abstractmethod
    def needs(self, wish: Wish) -> Needs:
        """Whom it takes.

        Raises:
            ValueError: this cannot be had; the message is for a person.
        """

    def widest(self, wish: Wish) -> Wish:
        """What a search from ``wish`` gets people and connections for, where those depend on the rate."""
        return wish

    @abstractmethod
    def shares(self, wish: Wish, cast: Cast) -> Sequence[Any]:
        """One for each generator process."""

    def window(self, wish: Wish) -> Window:
        """What the crews are told to do."""
        return Window(wish.seconds, rate=wish.rate)

    @abstractmethod
    def faults(self, opened: Tally, found: Tally) -> list[str]:
        """What should not have happened, each in a sentence; a fault is never a matter of time."""


def not_let_in(opened: Tally, what: str = "not let in") -> list[str]:
    """Who could not even connect, or do ``what`` else they came for."""
    return [
        f"{count} {'was' if count == 1 else 'were'} {what} ({name})"
        for name, count in opened.counts.items()
        if name.startswith(("refused: ", "broken: "))
    ]


def some(count: int, what: str) -> list[str]:
    """A sentence when there are any."""
    return [f"{count} {what}"] if count else []
