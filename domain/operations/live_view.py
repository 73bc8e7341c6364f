"""The house right now and over the last hour, for an admin."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.accounts.account import Identity
from domain.calls.evidence import Evidence
from domain.calls.session import LiveSession
from domain.calls.states import Move
from domain.clock import Clock, real_seconds
from domain.coaching.coach import ABSENCE_SECONDS, Status
from domain.money import Money
from domain.operations.admin import require_admin
from domain.operations.figures import Figures
from domain.operations.samples import GAUGE_FRESH, Grid, SampleStore, Series, series, ticks_between
from domain.operations.webhooks import WebhookCounts, WebhookInboxReader

#: Calls that an overview names; of more, the newest.
CALLS_SHOWN = 50
#: Real seconds after which a gateway operation without an answer is worth a look: longer than any request may take.
UNKNOWN_AFTER = timedelta(seconds=30)
#: Three heartbeats missed: a worker takes the process for dead and closes what it held. One that was merely frozen finds
#: its seats gone and has its sockets join again.
SILENT_AFTER = timedelta(seconds=7)
TICKS_OVER = timedelta(minutes=5)
WEBHOOKS_OVER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """One process by its heartbeat. ``sockets`` are per namespace, those of a server."""

    id: str
    kind: str
    started_at: datetime | None
    #: since the last heartbeat, by the database's clock
    age: timedelta
    sockets: Mapping[str, int]

    @property
    def silent(self) -> bool:
        """Whether it has not been heard for too long; what it held does not count any more."""
        return self.age > SILENT_AFTER


@dataclass(frozen=True, slots=True)
class CallInProgress:
    """An open call. ``since`` is when it came into its state; all instants are domain time."""

    call: LiveSession
    since: datetime
    billable_seconds: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything of now."""

    #: wall
    at: datetime
    domain_time: datetime
    clock_speed: float
    processes: Sequence[RunningProcess]
    figures: Figures
    open_by_state: Mapping[str, int]
    calls: Sequence[CallInProgress]
    coaches: Mapping[Status, int]
    #: in the last :data:`TICKS_OVER`
    ticks: int
    webhooks: WebhookCounts
    unknown_operations: int

    @property
    def sockets(self) -> Mapping[str, int]:
        """Per namespace, of all processes that are heard."""
        counts: Counter[str] = Counter()
        for process in self.processes:
            if not process.silent:
                counts.update(process.sockets)
        return counts


class ProcessList(Protocol):
    """Processes that nobody has found dead yet."""

    async def running(self) -> Sequence[RunningProcess]: ...


class OpenCalls(Protocol):
    """Calls in progress."""

    async def in_progress(self, limit: int) -> Sequence[LiveSession]:
        """The newest open ones."""
        ...

    async def open_per_state(self) -> Mapping[str, int]:
        """How many are open, by state."""
        ...


class CoachCounts(Protocol):
    """Coaches, counted."""

    async def count_by_status(self, *, now_absent: float) -> Mapping[Status, int]:
        """Verified coaches by what watchers see; ``now_absent`` is the tolerated absence in domain seconds."""
        ...


class UnansweredOperations(Protocol):
    """What the gateway was asked, and did not answer."""

    async def unanswered(self, before: datetime) -> int:
        """How many operations begun before an instant (wall) have no known outcome."""
        ...


@dataclass(frozen=True, slots=True)
class LiveViewPorts:
    """Where the view comes from."""

    figures: Callable[[], Awaitable[Figures]]
    processes: ProcessList
    calls: OpenCalls
    evidence: Evidence
    coaches: CoachCounts
    webhooks: WebhookInboxReader
    operations: UnansweredOperations
    samples: SampleStore
    clock: Clock


async def read_overview(ports: LiveViewPorts) -> Overview:
    """Read everything of now: some twenty queries."""
    wall = ports.clock.wall()
    absence = real_seconds(ports.clock, ABSENCE_SECONDS).total_seconds()
    samples = await ports.samples.between(wall - TICKS_OVER, wall)
    return Overview(
        at=wall,
        domain_time=ports.clock.now(),
        clock_speed=ports.clock.speed,
        processes=await ports.processes.running(),
        figures=await ports.figures(),
        open_by_state=await ports.calls.open_per_state(),
        calls=await _calls(ports),
        coaches=await ports.coaches.count_by_status(now_absent=absence),
        ticks=round(ticks_between(samples, wall - TICKS_OVER, wall)),
        webhooks=await ports.webhooks.webhook_counts(wall - WEBHOOKS_OVER),
        unknown_operations=await ports.operations.unanswered(wall - UNKNOWN_AFTER),
    )


async def _calls(ports: LiveViewPorts) -> list[CallInProgress]:
    calls = await ports.calls.in_progress(CALLS_SHOWN)
    evidence = await ports.evidence.of_all([call.id for call in calls])
    return [_call(call, call.billable_seconds(ports.clock.now(), evidence[call.id])) for call in calls]


def _call(call: LiveSession, seconds: int) -> CallInProgress:
    moves = set(Move)
    moved = (entry.at for entry in reversed(call.timeline) if entry.what in moves)
    amount = call.rate.with_amount(call.price_of(seconds))
    return CallInProgress(call, next(moved, call.created_at), seconds, amount)


class LiveView:
    """What an admin watches. ``overview`` may remember its answer for a moment: many watch, one reads."""

    def __init__(self, ports: LiveViewPorts, overview: Callable[[], Awaitable[Overview]]) -> None:
        self._samples = ports.samples
        self._clock = ports.clock
        self._overview = overview

    async def overview(self, who: Identity) -> Overview:
        """The house right now.

        Raises:
            Forbidden: the asker is no admin.
        """
        require_admin(who)
        return await self._overview()

    async def history(self, who: Identity, minutes: int) -> Series:
        """The last ``minutes``, as series for charts.

        Raises:
            Forbidden: the asker is no admin.
        """
        require_admin(who)
        now = self._clock.wall()
        grid = Grid.of(now, minutes)
        # A sample may reach back: after an outage, by all that could not be written.
        samples = await self._samples.between(grid.start - GAUGE_FRESH, now)
        # An hour of twenty processes takes 0.1 s to add up, in which the sockets of this server would stand still.
        return await asyncio.to_thread(series, samples, grid)
