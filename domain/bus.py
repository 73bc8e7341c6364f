"""How processes tell each other things: channels of frames, at most once, with every loss noticed.

A frame is bytes without a line break: JSON, except for the signals between two processes
(``realtime.cluster.frames``). What must not get lost is in the database; the bus only carries it faster,
and says when it may have missed something (:meth:`BusListener.gap`), so that the listener reads again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.events import ToCall, ToProcess, ToUser
from domain.ids import CoachId, UserId
from domain.outbox import OutboxRow

#: Log-ins that ended: ``{userId, families, at}``. Every server process listens.
REVOKED = "revoked"


def user_channel(user_id: UserId) -> str:
    """Events addressed to all tabs of one person."""
    return f"u:{user_id}"


def watchers_channel(coach_id: CoachId) -> str:
    """Status changes of one coach."""
    return f"w:{coach_id}"


def process_channel(process: str) -> str:
    """The one inbox of a process: frames of the calls seated there."""
    return f"p:{process}"


class BusListener(Protocol):
    """Whoever hears what arrives. Called on the event loop; must neither block nor raise."""

    def frame(self, channel: str, frame: bytes) -> None:
        """One frame, in the order of its sender."""
        ...

    def gap(self, channels: Collection[str]) -> None:
        """Frames of ``channels`` may have been missed; they are heard again from now on."""
        ...

    def lost(self, channels: Collection[str]) -> None:
        """Frames given to :meth:`Bus.send` or :meth:`Bus.publish` for ``channels`` were not taken."""
        ...


class Bus(Protocol):
    """Publish and subscribe."""

    def listen(self, listener: BusListener) -> None:
        """Give everything that arrives to ``listener``; set once, before the first subscription."""
        ...

    async def subscribe(self, channels: Collection[str]) -> None:
        """Return once every frame published from now on will be heard.

        Raises:
            Unavailable: not confirmed in time. The subscription stays wanted: it is made, and reported as a gap, as soon as
                the bus answers again.
        """
        ...

    def unsubscribe(self, channels: Collection[str]) -> None:
        """Stop hearing ``channels`` soon; nothing of them is given to the listener from here on."""
        ...

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        """Hand over ``(channel, frame)`` pairs in order.

        Raises:
            Unavailable: not handed over; some may have been.
        """
        ...

    def send(self, channel: str, frame: bytes) -> None:
        """Publish soon, without waiting and without an answer: a loss is counted and logged."""
        ...


@dataclass(frozen=True, slots=True)
class Published:
    """A committed event as it travels; the receiving process finds the sockets."""

    kind: str
    key: str
    namespace: str
    name: str
    data: object
    droppable: bool
    seq: int | None
    epoch: str | None
    #: ``caller`` or ``callee`` when only that side of a call may read it
    only: str | None = None

    def fields(self) -> dict[str, object]:
        """The frame, ready for a JSON encoder."""
        return {
            "k": self.kind,
            "id": self.key,
            "ns": self.namespace,
            "name": self.name,
            "data": self.data,
            "drop": self.droppable,
            "seq": self.seq,
            "epoch": self.epoch,
            "only": self.only,
        }


def published(row: OutboxRow) -> Published:
    """What travels of an outbox row."""
    kind, key = _kind_and_key(row)
    only = row.to.only if isinstance(row.to, ToCall) else None
    return Published(kind, key, row.namespace, row.name, row.data, row.droppable, row.seq, row.epoch, only)


def channels_of(row: OutboxRow) -> list[str]:
    """Where a row has to go."""
    match row.to:
        case ToUser(user_id):
            return [user_channel(user_id)]
        case ToCall(processes=processes):
            return [process_channel(process) for process in sorted(processes)]
        case ToProcess(process):
            return [process_channel(process)]
        case to:
            return [watchers_channel(to.coach_id)]


def _kind_and_key(row: OutboxRow) -> tuple[str, str]:
    match row.to:
        case ToUser(user_id):
            return "user", user_id
        case ToCall(session_id):
            return "call", session_id
        case ToProcess(process):
            return "process", process
        case to:
            return "watchers", to.coach_id
