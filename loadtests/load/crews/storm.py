"""A herd: everybody loses the connection at once and comes back, with the token and devices they had."""

import asyncio
from functools import partial

from loadtests.load.crew import Window, attempt, until
from loadtests.load.crews.tabs import Tabs, arrive
from loadtests.load.pace import SECOND
from loadtests.load.wire import Client

#: Seconds between two storms: time for everybody to be back, and what a person's bucket of connects allows.
EVERY = 10.0


class Storm(Tabs):
    """Counts ``cut`` connections, those ``back``, ``refused`` and ``broken`` ones; times ``back``, from the cut, or with
    :attr:`Window.rate` from when each was due to come back."""

    async def run(self, window: Window) -> None:
        """A storm at the start, and another every :data:`EVERY` seconds."""
        storms = max(1, int(window.seconds // EVERY))
        for storm in range(storms):
            start = window.start + int(storm * EVERY * SECOND)
            await until(start)
            await self._strike(window, start)
        await until(window.end)
        self.record.counts["stayed"] = sum(client.open for client in self.clients)
        self.record.counts["gone"] = len(self.clients) - self.record.counts["stayed"]

    async def _strike(self, window: Window, start: int) -> None:
        for client in self.clients:
            if client.open:
                client.abort()
                self.record.counts["cut"] += 1
        self.clients = [Client(self.share.namespace) for _ in self.clients]
        async with asyncio.TaskGroup() as group:
            for n in range(len(self.clients)):
                group.create_task(self._come_back(n, window, start))

    async def _come_back(self, n: int, window: Window, start: int) -> None:
        number = window.part + n * window.parts
        due = start + int(number * SECOND / window.rate) if window.rate else start
        await until(due)
        await attempt(self, "back", partial(arrive, self.clients[n], self.share.tabs[n], f"load{n}"), due)
