"""What happens at a wall instant in this process: token expiry, sockets that never said who they are.

Nothing here is durable; what must survive the process is a durable timer.
"""

import asyncio
import heapq
import itertools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.clock import Clock

log = logging.getLogger(__name__)

#: One sleep at most, so that a clock that was set forward is noticed.
_LONGEST_SLEEP = 1.0


#: Fewer cancelled appointments than this are not worth a sweep.
_FEW = 64


class Appointment:
    """One thing to do; :meth:`cancel` takes it back."""

    __slots__ = ("_schedule", "action", "when")

    def __init__(self, when: datetime, action: Callable[[], None], schedule: "Schedule") -> None:
        self.when = when
        self.action: Callable[[], None] | None = action
        self._schedule = schedule

    def cancel(self) -> None:
        """Do nothing when the time comes."""
        if self.action is not None:
            self.action = None
            self._schedule.cancelled()


class Schedule:
    """Appointments by the injected clock's wall time, on one timer of the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[datetime, int, Appointment]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        #: of those in the heap
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def at(self, when: datetime, action: Callable[[], None]) -> Appointment:
        """Call ``action`` once ``when`` (wall time) has come."""
        appointment = Appointment(when, action, self)
        heapq.heappush(self._heap, (when, next(self._order), appointment))
        if self._timer is None or self._heap[0][2] is appointment:
            self._arm()
        return appointment

    def after(self, seconds: float, action: Callable[[], None]) -> Appointment:
        """Call ``action`` in ``seconds`` of wall time."""
        return self.at(self._clock.wall() + timedelta(seconds=seconds), action)

    def run_due(self) -> None:
        """Do what is due by the clock, now."""
        now = self._clock.wall()
        while self._heap and self._heap[0][0] <= now:
            self._next()
        self._arm()

    def cancelled(self) -> None:
        """One appointment less. Tokens last longer than most connections: what is left of those does not wait for its time."""
        self._cancelled += 1
        if self._cancelled >= _FEW and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].action is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def stop(self) -> None:
        """Forget everything."""
        self._heap.clear()
        self._cancelled = 0
        self._arm()

    def _next(self) -> None:
        appointment = heapq.heappop(self._heap)[2]
        action, appointment.action = appointment.action, None
        if action is None:
            self._cancelled -= 1
        else:
            self._run(action)

    def _run(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:
            log.exception("a scheduled action failed")

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        if self._heap:
            left = (self._heap[0][0] - self._clock.wall()).total_seconds()
            delay = min(max(left, 0.001), _LONGEST_SLEEP)
            self._timer = asyncio.get_running_loop().call_later(delay, self.run_due)
