"""Taking turns before the database has to say no.

Transactions about one coach conflict, all but one of them begin again, and whoever is unlucky again and again gives up after
ten seconds: with twenty people who book different hours of one coach at once, some got none. Those of one process wait here
instead, in the order in which they came. What is true is still decided by the database, for all processes. But what somebody
did while another waited is true for that one, too: whoever leaves can tell it to those who are still in the queue.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain.errors import Contended

F = TypeVar("F")

#: Real seconds that anybody waits: as long as a transaction may take.
PATIENCE = 10.0


@dataclass(slots=True, eq=False)
class Turn(Generic[F]):
    """A place in a queue. ``news``: what those who left it told while one was in it, the oldest first."""

    _queue: "_Queue[F]"
    news: list[F] = field(default_factory=list)

    def tell(self, fact: F) -> None:
        """Tell those who wait behind this one what is done, for good: no transaction of it is still open."""
        for other in self._queue.people:
            if other is not self:
                other.news.append(fact)


@dataclass(slots=True)
class _Queue(Generic[F]):
    """A fair lock, and those who hold it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: list[Turn[F]] = field(default_factory=list)


class Turns(Generic[F]):
    """One queue for each key, as long as anybody is in it. ``F`` is what they tell each other."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._queues: dict[str, _Queue[F]] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[Turn[F]]:
        """Wait until everybody who came earlier for the same key has left.

        Raises:
            Contended: that took too long, as it does when the database is away.
        """
        queue = self._queues.setdefault(key, _Queue())
        turn = Turn(queue)
        queue.people.append(turn)
        try:
            await self._enter(queue.lock)
            try:
                yield turn
            finally:
                queue.lock.release()
        finally:
            queue.people.remove(turn)
            if not queue.people:
                del self._queues[key]

    async def _enter(self, lock: asyncio.Lock) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await lock.acquire()
        except TimeoutError:
            raise Contended("Too many want to change the same at once; please try again.") from None

    def __len__(self) -> int:
        """How many keys somebody is at."""
        return len(self._queues)
