"""The bounded outgoing buffer of one connection, in place of python-engineio's unbounded queue.

It counts what waits for the transport. At half of either limit, events marked droppable are shed, those that wait and those
that come; at the limit ``on_full`` is called once and nothing but control packets is taken any more.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from engineio import packet


@dataclass(frozen=True, slots=True)
class BufferLimits:
    """When a consumer is slow. 256 events are some seconds of the busiest call; 1 MiB is 16 payloads of the largest size."""

    events: int = 256
    bytes: int = 1024 * 1024


class Outgoing(packet.Packet):  # type: ignore[misc]  # the base class has no types
    """A Socket.IO packet on its way out. One instance may wait in many buffers at once."""

    def __init__(self, text: str, *, droppable: bool = False, control: bool = False) -> None:
        super().__init__(packet.MESSAGE, text)
        self.size = len(text)
        self.droppable = droppable
        #: taken even by a full buffer
        self.control = control


#: None ends the reader.
Item: TypeAlias = "Outgoing | packet.Packet | None"


class OutgoingBuffer:
    """Has the part of ``asyncio.Queue``'s interface that ``engineio.AsyncSocket`` uses. One reader."""

    def __init__(self, limits: BufferLimits, on_shed: Callable[[int], None]) -> None:
        self._limits = limits
        self._on_shed = on_shed
        self._items: deque[Item] = deque()
        self._filled = asyncio.Event()
        self._events = self._bytes = 0
        self._full = False
        self.on_full: Callable[[], None] | None = None
        #: True for a WebSocket, whose writer must take one packet at a time: what it took is no longer counted
        self.one_by_one: Callable[[], bool] = lambda: False

    def put_nowait(self, item: Item) -> None:
        """Append; shed or refuse as the limits say."""
        if isinstance(item, Outgoing):
            if not item.control and not self._take(item):
                return
        elif item is not None and len(self._items) >= 2 * self._limits.events:
            # Engine.IO's own packets are not counted, but a client can provoke them.
            return
        self._items.append(item)
        self._filled.set()

    async def put(self, item: Item) -> None:
        """The same; it never waits."""
        self.put_nowait(item)

    async def get(self) -> Item:
        """The first packet, once there is one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._pop()

    def get_nowait(self) -> Item:
        """The first packet, if it may be taken together with the one before.

        Raises:
            asyncio.QueueEmpty: none, or one at a time.
        """
        if not self._items or self.one_by_one():
            raise asyncio.QueueEmpty
        return self._pop()

    def task_done(self) -> None:
        """Nobody waits for that."""

    async def join(self) -> None:
        """Return at once: closing never waits for a slow consumer."""

    def clear(self) -> None:
        """Forget what waits; only control packets are taken from here on."""
        self._items.clear()
        self._events = self._bytes = 0
        self._full = True

    def qsize(self) -> int:
        """How many packets wait."""
        return len(self._items)

    @property
    def waiting_bytes(self) -> int:
        """How many bytes of events wait."""
        return self._bytes

    def _take(self, item: Outgoing) -> bool:
        if self._full:
            return False
        if self._half():
            if item.droppable:
                self._on_shed(1)
                return False
            self._shed()
        if self._events >= self._limits.events or self._bytes + item.size > self._limits.bytes:
            self._full = True
            if self.on_full is not None:
                self.on_full()
            return False
        self._events += 1
        self._bytes += item.size
        return True

    def _half(self) -> bool:
        return self._events * 2 >= self._limits.events or self._bytes * 2 >= self._limits.bytes

    def _shed(self) -> None:
        kept: deque[Item] = deque(i for i in self._items if not (isinstance(i, Outgoing) and i.droppable))
        shed = [i for i in self._items if isinstance(i, Outgoing) and i.droppable]
        if shed:
            self._items = kept
            self._events -= len(shed)
            self._bytes -= sum(item.size for item in shed)
            self._on_shed(len(shed))

    def _pop(self) -> Item:
        item = self._items.popleft()
        if isinstance(item, Outgoing) and not item.control:
            # A cleared buffer counts from nought, so never below.
            self._events = max(0, self._events - 1)
            self._bytes = max(0, self._bytes - item.size)
        return item
