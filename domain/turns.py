"""Taking turns before the database has to say no.

Transactions about one coach conflict, all but one of them begin again, and whoever is unlucky again and again gives up after
ten seconds: with twenty people who book different hours of one coach at once, some got none. Those of one process wait here
instead, in the order in which they came. What is true is still decided by the database, for all processes.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.errors import Contended

#: Real seconds that anybody waits: as long as a transaction may take.
PATIENCE = 10.0


@dataclass(slots=True)
class _Queue:
    """A fair lock, and how many hold it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    people: int = 0


class Turns:
    """One queue for each key, as long as anybody is in it."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._queues: dict[str, _Queue] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """Wait until everybody who came earlier for the same key has left.

        Raises:
            Contended: that took too long, as it does when the database is away.
        """
        queue = self._queues.setdefault(key, _Queue())
        queue.people += 1
        try:
            await self._enter(queue.lock)
            try:
                yield
            finally:
                queue.lock.release()
        finally:
            queue.people -= 1
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
