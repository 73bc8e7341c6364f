"""The bus within one process: for tests and tools, with the promises of the real one."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence

from domain.bus import BusListener


class MemoryHub:
    """What buses of several would-be processes share."""

    def __init__(self) -> None:
        self.subscribers: defaultdict[str, list[MemoryBus]] = defaultdict(list)


class MemoryBus:
    """Frames arrive in later turns of the event loop, in the order of their sender, as over a wire."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub
        self._listener: BusListener | None = None

    def listen(self, listener: BusListener) -> None:
        self._listener = listener

    async def subscribe(self, channels: Collection[str]) -> None:
        for channel in channels:
            if self not in self._hub.subscribers[channel]:
                self._hub.subscribers[channel].append(self)

    def unsubscribe(self, channels: Collection[str]) -> None:
        for channel in channels:
            if self in self._hub.subscribers[channel]:
                self._hub.subscribers[channel].remove(self)

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        for channel, frame in frames:
            self.send(channel, frame)
        await asyncio.sleep(0)

    def send(self, channel: str, frame: bytes) -> None:
        for bus in list(self._hub.subscribers[channel]):
            asyncio.get_running_loop().call_soon(bus._arrive, channel, frame)

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Hear nothing any more."""
        for subscribers in self._hub.subscribers.values():
            if self in subscribers:
                subscribers.remove(self)

    def miss(self, channels: Collection[str]) -> None:
        """Behave as after a lost connection: tell the listener that it may have missed something."""
        if self._listener is not None:
            self._listener.gap(channels)

    def _arrive(self, channel: str, frame: bytes) -> None:
        if self._listener is not None and self in self._hub.subscribers[channel]:
            self._listener.frame(channel, frame)
