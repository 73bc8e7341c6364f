"""What the use cases need from the outside world. ``bootstrap`` fills these in; tests call the same wiring."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from domain.events import Address, Event
from domain.timers import TimerKind

T = TypeVar("T")


class Tx(Protocol):
    """One multi-document transaction.

    Reads and writes go through the stores, which take the transaction as their first argument. Events and timers
    are gathered here and written in the same commit; after a majority commit the events are published.
    The work may run several times (write conflicts), so it must not touch anything but its transaction.
    """

    def emit(self, to: Address, event: Event, *, expires_at: datetime | None = None) -> None:
        """Tell ``to`` about ``event`` once this commits.

        ``expires_at`` (domain time): after it the event is not replayed to a client that was away.
        """
        ...

    def arm(self, kind: TimerKind, key: str, due: datetime, *, facts: object | None = None) -> None:
        """Set or move the one timer ``(kind, key)`` to ``due`` (domain time).

        ``facts`` (a dataclass) are kept with it, as by :meth:`arm_together`.
        """
        ...

    def arm_together(self, kind: TimerKind, key: str, due: datetime, facts: object) -> None:
        """Set or move the one timer ``(kind, key)`` to ``due``, which is to come, and every minute after it (domain time).

        It is run in batches, without reading the aggregate: ``facts`` (a dataclass) is what its handler has to know of it, and
        every transaction that changes them sets the timer anew.
        """
        ...

    def disarm(self, kind: TimerKind, key: str) -> None:
        """Remove the timer ``(kind, key)``; nothing happens if there is none."""
        ...


class Transactions(Protocol):
    """Runs work in a transaction, again on a write conflict, until it commits or its deadline passes."""

    async def __call__(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Commit ``work`` and return what it returned.

        Raises:
            Unavailable: the database did not answer within the deadline.
        """
        ...


class Publisher(Protocol):
    """The one door out to clients, for what needs no transaction: ticks, which the next one replaces anyway."""

    async def publish(self, events: Sequence[tuple[Address, Event]]) -> None:
        """Deliver once, best effort; what must arrive goes through :meth:`Tx.emit`."""
        ...
