"""What waits for a transport that cannot take more: bounded, where python-engineio's queue is not.

A connection that keeps up has none of this. At half of either limit, events marked droppable are shed, those that wait and
those that come; at the limit the buffer is full, once, and takes nothing but control packets any more.
"""

from collections import deque
from dataclasses import dataclass

from realtime.engine.frames import Frame


@dataclass(frozen=True, slots=True)
class BufferLimits:
    """When a consumer is slow. 256 events are some seconds of the busiest call; 1 MiB is 16 payloads of the largest size."""

    events: int = 256
    bytes: int = 1024 * 1024


class Outgoing:
    """The frames that wait on one connection."""

    __slots__ = ("_events", "_frames", "_limits", "full", "shed", "waiting_bytes")

    def __init__(self, limits: BufferLimits) -> None:
        self._limits = limits
        self._frames: deque[Frame] = deque()
        self._events = 0
        #: bytes of events that wait
        self.waiting_bytes = 0
        #: no event is taken any more
        self.full = False
        #: how many droppable events were not sent
        self.shed = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, frame: Frame) -> bool:
        """Append, or shed, as the limits say. False: this one made it full."""
        if frame.control:
            # Not counted, but a client can provoke them.
            if len(self._frames) < 2 * self._limits.events:
                self._frames.append(frame)
            return True
        if self.full:
            return True
        if self._half():
            if frame.droppable:
                self.shed += 1
                return True
            self._shed()
        size = len(frame.wire)
        if self._events >= self._limits.events or self.waiting_bytes + size > self._limits.bytes:
            self.full = True
            return False
        self._frames.append(frame)
        self._events += 1
        self.waiting_bytes += size
        return True

    def pop(self) -> Frame:
        """The first frame.

        Raises:
            IndexError: none waits.
        """
        frame = self._frames.popleft()
        if not frame.control:
            self._events -= 1
            self.waiting_bytes -= len(frame.wire)
        return frame

    def drain(self) -> list[Frame]:
        """All frames, in their order."""
        return [self.pop() for _ in range(len(self._frames))]

    def clear(self) -> None:
        """Forget what waits; only control packets are taken from here on."""
        self._frames.clear()
        self._events = self.waiting_bytes = 0
        self.full = True

    def take_shed(self) -> int:
        """How many were shed since somebody asked."""
        count, self.shed = self.shed, 0
        return count

    def _half(self) -> bool:
        return self._events * 2 >= self._limits.events or self.waiting_bytes * 2 >= self._limits.bytes

    def _shed(self) -> None:
        kept = deque(frame for frame in self._frames if not frame.droppable)
        gone = len(self._frames) - len(kept)
        if gone:
            self.waiting_bytes -= sum(len(frame.wire) for frame in self._frames if frame.droppable)
            self._frames = kept
            self._events -= gone
            self.shed += gone
