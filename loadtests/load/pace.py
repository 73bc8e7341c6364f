"""An open-loop schedule: message ``n`` is due at ``start + n / rate``, whatever became of those before it.

Latency is measured from that instant, not from when the generator came to send: a server (or a generator) that stalls for a
second makes all messages of that second late, instead of silently being asked less ("coordinated omission",
https://www.youtube.com/watch?v=lJ8ydIuPFeU).
"""

import asyncio
import ctypes
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SECOND = 1_000_000_000
#: Messages sent before the loop may read again, however late we are.
BURST = 64
#: Nanoseconds: earlier than this the alarm is not set again, so that high rates share wake-ups.
GRAIN = 50_000


@dataclass(frozen=True, slots=True)
class Schedule:
    """``count`` messages at ``rate`` a second from ``start`` (nanoseconds of the monotonic clock)."""

    start: int
    rate: float
    count: int

    @classmethod
    def lasting(cls, start: int, rate: float, seconds: float, part: int = 0, parts: int = 1) -> "Schedule":
        """The part of a common schedule of ``rate`` messages a second that one of several processes sends: every
        ``parts``-th message, beginning with number ``part``."""
        total = int(rate * seconds)
        count = (total - part + parts - 1) // parts
        return cls(start + int(part * SECOND / rate) if rate else start, rate / parts, max(0, count))

    def at(self, n: int) -> int:
        """The instant at which message ``n`` is due, nanoseconds."""
        return self.start + int(n * SECOND / self.rate)

    def due(self, now: int) -> int:
        """How many messages are due by ``now``."""
        if now < self.start:
            return 0
        return min(self.count, int((now - self.start) * self.rate / SECOND) + 1)


class Alarm(Protocol):
    """Calls once at an instant of the monotonic clock, in nanoseconds; set again, it forgets the earlier one."""

    def set(self, at: int, ring: Callable[[], None]) -> None: ...

    def close(self) -> None: ...


#: Sends message ``n``, due at the given nanosecond.
Send = Callable[[int, int], None]


class Pacer:
    """Sends each message of a schedule as soon as it is due."""

    def __init__(
        self, schedule: Schedule, send: Send, alarm: Alarm, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._schedule = schedule
        self._send = send
        self._alarm = alarm
        self._clock = clock
        self._sent = 0
        self.done = asyncio.Event()

    def start(self) -> None:
        """Begin; :attr:`done` is set after the last message."""
        if self._schedule.count == 0:
            self.done.set()
        else:
            self._alarm.set(self._schedule.at(0), self._wake)

    def _wake(self) -> None:
        schedule, send = self._schedule, self._send
        now = self._clock()
        first, last = self._sent, min(schedule.due(now), self._sent + BURST)
        self._sent = last
        for n in range(first, last):
            send(n, schedule.at(n))
        if last >= schedule.count:
            self.done.set()
        else:
            self._alarm.set(max(schedule.at(last), now + GRAIN), self._wake)


class _Spec(ctypes.Structure):
    _fields_ = (("interval_s", ctypes.c_long), ("interval_ns", ctypes.c_long),
                ("value_s", ctypes.c_long), ("value_ns", ctypes.c_long))  # fmt: skip


_ABSOLUTE = 1
_FLAGS = os.O_NONBLOCK | os.O_CLOEXEC


class TimerAlarm:
    """An alarm of the kernel (timerfd_create(2), Linux): the loops' own timers are no finer than a millisecond, which would be
    half a millisecond of latency that is none."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.timerfd_create(time.CLOCK_MONOTONIC, _FLAGS)
        if self._fd < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        self._ring: Callable[[], None] = lambda: None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._rung)

    def set(self, at: int, ring: Callable[[], None]) -> None:
        """See :class:`Alarm`."""
        self._ring = ring
        # An instant of 0 would disarm it.
        spec = _Spec(0, 0, *divmod(max(1, at), SECOND))
        self._libc.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(spec), None)

    def close(self) -> None:
        """Give the descriptor back."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _rung(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:
            return  # set again meanwhile
        self._ring()
