"""What a crash leaves behind, found by leased loops: unpublished events, and what dead processes held."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from domain.calls.ports import CallStore
from domain.clock import Clock
from domain.errors import NotFound
from domain.ids import UserId
from domain.operations.live_view import SILENT_AFTER
from domain.outbox import RowPublisher
from domain.scheduled.ports import ScheduledSessionStore
from signaling.handshake import Handshakes
from signaling.presence import CoachPresence
from signaling.video.handshake import SessionSeats
from tasks.ports import Leases, Outbox, Processes, TimerQueue

log = logging.getLogger(__name__)

SWEEP_PERIOD = 0.5
#: Rows younger than this are being published by whoever committed them.
UNPUBLISHED_AFTER = timedelta(seconds=1)
HEARTBEAT_PERIOD = 2.0
HEARTBEAT = timedelta(seconds=HEARTBEAT_PERIOD)
LEASE = timedelta(seconds=5)
#: Real seconds that the last turn of a loop gets.
LAST_TURN = 5.0


class Steadiness:
    """Whether the database has answered for long enough to tell a dead process from one that could not write.

    After an outage every heartbeat looks old; whoever judges by it at once buries the living.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: datetime | None = None
        self._last: datetime | None = None

    def mark(self) -> bool:
        """Note that the database answered; True once it has without a break for :data:`SILENT_AFTER`."""
        wall = self._clock.wall()
        if self._last is None or self._since is None or wall - self._last > 2 * HEARTBEAT:
            self._since = wall
        self._last = wall
        return wall - self._since >= SILENT_AFTER


class PresenceOf(Protocol):
    """Whose sockets a process held."""

    async def at(self, process: str) -> list[UserId]: ...


class Loops:
    """Turns that repeat until they are stopped, each finished before its loop ends.

    Never cancelled in the middle of a turn unless it takes too long: a write that the driver has begun goes on although nobody
    waits for it, and a heartbeat after the last word would raise the dead.
    """

    def __init__(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, period: float, turn: Callable[[], Awaitable[object]], what: str) -> None:
        """Repeat ``turn`` with ``period`` (real seconds) in between; an outage is logged and waited out."""
        self._tasks.append(asyncio.create_task(self._repeat(period, turn, what)))

    async def stop(self, patience: float = LAST_TURN) -> None:
        """Let the turns that run finish, then end."""
        self._stop.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, period: float, turn: Callable[[], Awaitable[object]], what: str) -> None:
        while not self._stop.is_set():
            try:
                await turn()
            except Exception as error:
                log.warning("%s failed and comes again: %s: %s", what, type(error).__name__, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), period)


class OutboxSweep:
    """Publishes what was committed by a process that died before publishing."""

    def __init__(
        self, outbox: Outbox, publisher: RowPublisher, leases: Leases, clock: Clock, holder: str
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._leases = leases
        self._clock = clock
        self._holder = holder
        self.swept = 0

    async def turn(self) -> int:
        """Publish what is overdue, if this worker holds the lease."""
        if not await self._leases.hold("outbox", self._holder, LEASE):
            return 0
        rows = await self._outbox.unpublished(self._clock.wall() - UNPUBLISHED_AFTER)
        if rows:
            await self._publisher.publish_rows(rows)
            await self._outbox.published(rows)
            self.swept += len(rows)
            log.info("published %d events that a crash or an outage had left", len(rows))
        return len(rows)


class Undertaker:
    """Closes what dead processes held: seats in calls and sessions, the presence of coaches, claims on timers."""

    def __init__(
        self,
        *,
        processes: Processes,
        leases: Leases,
        holder: str,
        calls: CallStore,
        presence_of: PresenceOf,
        handshakes: Handshakes,
        sessions: ScheduledSessionStore,
        session_seats: SessionSeats,
        presence: CoachPresence,
        timers: TimerQueue,
    ) -> None:
        self._processes = processes
        self._leases = leases
        self._holder = holder
        self._calls = calls
        self._presence_of = presence_of
        self._handshakes = handshakes
        self._sessions = sessions
        self._session_seats = session_seats
        self._presence = presence
        self._timers = timers

    async def turn(self) -> None:
        """Look for processes that stopped beating, if this worker holds the lease."""
        if not await self._leases.hold("undertaker", self._holder, LEASE):
            return
        for process, last_heartbeat in await self._processes.dead(SILENT_AFTER):
            log.warning("process %s is dead; closing what it held", process)
            await self._timers.release(process)
            for session_id in await self._calls.seated_at(process):
                try:
                    await self._handshakes.process_died(session_id, process, last_heartbeat)
                except NotFound:
                    log.error("call %s of a dead process does not exist", session_id)
            for booking_id in await self._sessions.seated_at(process):
                await self._session_seats.process_died(booking_id, process, last_heartbeat)
            for user_id in await self._presence_of.at(process):
                await self._presence.left(user_id, process)
            await self._processes.forget(process)
