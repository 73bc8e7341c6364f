"""Channels that sockets of this process need, counted."""

import asyncio
import logging

from domain.bus import Bus
from domain.errors import Unavailable

log = logging.getLogger(__name__)


class Subscriptions:
    """The first holder subscribes, the last one unsubscribes. The bus makes those of one 5 ms window one command."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._holders: dict[str, int] = {}
        self._pending: dict[str, asyncio.Task[None]] = {}

    async def hold(self, channels: list[str]) -> None:
        """Return once everything published from now on is heard.

        A bus that does not answer is not the caller's trouble: the channel counts as held, and is reported as a gap
        when the bus is back, upon which everything is read again.
        """
        fresh = []
        for channel in channels:
            self._holders[channel] = self._holders.get(channel, 0) + 1
            if self._holders[channel] == 1:
                fresh.append(channel)
        if fresh:
            task = asyncio.create_task(self._subscribe(fresh))
            self._pending.update(dict.fromkeys(fresh, task))
        waits = {self._pending[channel] for channel in channels if channel in self._pending}
        if waits:
            await asyncio.wait(waits)

    def release(self, channels: list[str]) -> None:
        """Give back what was held."""
        gone = []
        for channel in channels:
            self._holders[channel] -= 1
            if not self._holders[channel]:
                del self._holders[channel]
                gone.append(channel)
        if gone:
            self._bus.unsubscribe(gone)

    def __contains__(self, channel: str) -> bool:
        return channel in self._holders

    def __len__(self) -> int:
        return len(self._holders)

    async def _subscribe(self, channels: list[str]) -> None:
        try:
            await self._bus.subscribe(channels)
        except Unavailable:
            log.warning("bus down; %d channels will be heard once it is back", len(channels))
        finally:
            task = asyncio.current_task()
            for channel in channels:
                if self._pending.get(channel) is task:
                    del self._pending[channel]
