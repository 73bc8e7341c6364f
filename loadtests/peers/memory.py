"""What stands behind our socket door in the benchmark: use cases and a bus that keep everything in this process.

The comparison is about sockets: no column asks a database. What ``/live`` itself does for every signal (limits, schema,
participant and seat, legality, numbering, metrics) is not here but in ``realtime``, and runs as in the product.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from domain.accounts.account import Identity
from domain.bus import BusListener, Published, watchers_channel
from domain.calls.session import Side
from domain.calls.views import CallSnapshot, JoinCall, SocketRef
from domain.coaching.coach import Wish
from domain.errors import NotFound
from domain.events import CoachStatusChanged, Event
from domain.ids import CoachId, SessionId, UserId
from domain.money import Money
from domain.notifications.feed import FeedPosition, Replay
from realtime.ports import UseCases

_RATE = Money(250, "USD")
#: The last digit of a participant's user id, in place of the call's.
_SIDES = {"a": Side.CALLER, "b": Side.CALLEE}


class MemoryBus:
    """Implements :class:`domain.bus.Bus` for one process: what is published is heard in the next turn of the loop."""

    def __init__(self) -> None:
        self._listener: BusListener | None = None
        self._channels: set[str] = set()

    def listen(self, listener: BusListener) -> None:
        self._listener = listener

    async def subscribe(self, channels: Collection[str]) -> None:
        self._channels.update(channels)

    def unsubscribe(self, channels: Collection[str]) -> None:
        self._channels.difference_update(channels)

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        for channel, frame in frames:
            self.send(channel, frame)

    def send(self, channel: str, frame: bytes) -> None:
        if channel in self._channels and self._listener is not None:
            asyncio.get_running_loop().call_soon(self._listener.frame, channel, frame)


async def tell(bus: MemoryBus, coach: str, event: dict[str, object]) -> None:
    """Publish a status as a committed event travels: to the channel of those who watch the coach."""
    sent = Published(
        "watchers",
        coach,
        "/notifications",
        "coach_status",
        event,
        droppable=True,
        seq=None,
        epoch=None,
    )
    await bus.publish([(watchers_channel(CoachId(coach)), orjson.dumps(sent.fields()))])


class Handshakes:
    """Calls whose two participants are told by their ids: the call's own, with ``a`` or ``b`` for its last digit."""

    async def join(self, who: Identity, socket: SocketRef, ask: JoinCall) -> CallSnapshot:
        """Seat a participant.

        Raises:
            NotFound: for everybody else.
        """
        side = _SIDES.get(who.user_id[-1])
        if side is None or who.user_id[:-1] != ask.session_id[:-1]:
            raise NotFound("There is no such call.")
        return CallSnapshot(
            session_id=ask.session_id,
            role=side.value,
            polite=side is Side.CALLEE,
            state="active",
            version=1,
            ice_servers=(),
            ice_note=None,
            peer_present=False,
            peer=None,
            peer_name="",
            epoch=0,
            rate=_RATE,
            authorized_seconds=900,
            billable_seconds=0,
            amount=Money(0, "USD"),
            ticked_minutes=0,
            low_balance=False,
            paused=None,
            proof_interval_ms=5000,
            clock_speed=1.0,
            server_time=datetime.now(UTC),
        )

    async def left(
        self, session_id: SessionId, user_id: UserId, sid: str, at: datetime | None = None
    ) -> None:
        """Nothing is kept of a seat."""

    async def bump_epoch(self, session_id: SessionId, user_id: UserId, sid: str, epoch: int) -> None:
        """Nothing is kept of an ICE generation."""


class Presence:
    """Every coach is online."""

    async def set_status(self, who: Identity, wish: Wish, rate: Money | None) -> CoachStatusChanged:
        raise NotImplementedError("no coach of the benchmark changes anything")

    async def statuses(self, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]:
        now = datetime.now(UTC)
        return [CoachStatusChanged(coach, "online", _RATE, now) for coach in coach_ids]

    async def shown_to(self, who: Identity, coach_ids: Sequence[CoachId]) -> list[CoachStatusChanged]:
        return await self.statuses(coach_ids)

    async def arrived(self, user_id: UserId) -> None:
        """Nothing is kept of a coach's tabs."""

    async def left(self, user_id: UserId) -> None:
        """Nothing is kept of a coach's tabs."""


class EmptyFeed:
    """Nobody was ever sent anything."""

    async def replay(self, user_id: UserId, since: FeedPosition | None) -> Replay:
        return Replay(recovered=False, position=None)


class Queries:
    """Nobody has anything open."""

    async def open_snapshot(self, who: Identity) -> list[Event]:
        return []

    async def record_quality(self, *_: object) -> None:
        raise NotImplementedError("nobody of the benchmark measures quality")


class _NotAsked:
    """Use cases that no frame of the benchmark reaches."""


def use_cases() -> UseCases:
    """Everything the door may ask; what the benchmark never asks answers with a loud error."""
    silent = cast(Any, _NotAsked())
    return UseCases(
        live_calls=silent,
        answers=silent,
        handshakes=Handshakes(),
        media=silent,
        endings=silent,
        presence=Presence(),
        authorizations=silent,
        notifications=silent,
        feed=EmptyFeed(),
        queries=Queries(),
        session_seats=silent,
        session_media=silent,
        session_endings=silent,
        overtime=silent,
    )
