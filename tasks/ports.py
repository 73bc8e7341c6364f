"""What the worker needs of the stores behind it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.outbox import OutboxRow
from domain.timers import DueTimer


class TimerQueue(Protocol):
    """Claims, completes, moves and buries timers. See :mod:`domain.timers`."""

    async def due_lanes(self, since: datetime | None = None) -> list[int]: ...

    async def claim_due(self, shard: int, limit: int, lease: timedelta) -> list[DueTimer]: ...

    async def claim_few(self, limit: int, lease: timedelta) -> list[DueTimer] | None: ...

    async def release(self, process: str) -> int: ...

    async def complete(self, timers: Sequence[DueTimer]) -> None: ...

    async def rearm(self, timers: Sequence[tuple[DueTimer, datetime]]) -> None: ...

    async def postpone(self, timer: DueTimer, seconds: float) -> None: ...

    async def bury(self, timer: DueTimer, error: str) -> None: ...


class Outbox(Protocol):
    """Committed events that nobody published."""

    async def unpublished(self, older_than: datetime, limit: int = 500) -> list[OutboxRow]: ...

    async def published(self, rows: Sequence[OutboxRow]) -> None: ...


class Leases(Protocol):
    """At most one holder per name."""

    async def hold(self, name: str, holder: str, lease: timedelta) -> bool: ...


class Processes(Protocol):
    """Heartbeats of processes."""

    async def beat(self, process: str, kind: str, sockets: Mapping[str, int] | None = None) -> None: ...

    async def dead(self, silent_for: timedelta) -> list[tuple[str, datetime]]: ...

    async def forget(self, process: str) -> None: ...
