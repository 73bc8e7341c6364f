"""Recovery: what a tab that was away gets told when it comes back.

Numbers of a person's events have no gap. Either everything that was missed is replayed, in order, or nothing is and the
client reloads: never a part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.clock import Clock
from domain.ids import UserId

#: A tab that missed more than this reloads faster than it would catch up.
REPLAY_LIMIT = 500


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Where a feed stands."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One kept event of a person, in wire form."""

    epoch: str
    seq: int
    name: str
    namespace: str
    data: object
    droppable: bool
    #: domain time
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replay:
    """``position`` is what the tab stands at afterwards; ``events`` are empty unless ``recovered``."""

    recovered: bool
    position: FeedPosition | None
    events: Sequence[FeedEvent] = ()


class FeedStore(Protocol):
    """A person's numbered events."""

    async def position(self, user_id: UserId) -> FeedPosition | None:
        """The last number given out, and its epoch; None if nothing was ever sent to the person."""
        ...

    async def since(self, user_id: UserId, after_seq: int, limit: int) -> Sequence[FeedEvent]:
        """What is still kept with a higher number, in order, of any epoch."""
        ...


class Feed:
    """Replays feeds."""

    def __init__(self, store: FeedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def replay(self, user_id: UserId, since: FeedPosition | None) -> Replay:
        """What ``user_id`` missed after ``since`` (None: a new tab, which missed nothing).

        Expired events are skipped; a gap, another epoch, a number from the future or too many missed mean not recovered.
        """
        position = await self._store.position(user_id)
        if since is None:
            return Replay(recovered=False, position=position)
        if position is None or since.epoch != position.epoch or not 0 <= since.seq <= position.seq:
            return Replay(recovered=False, position=position)
        missed = position.seq - since.seq
        if missed > REPLAY_LIMIT:
            return Replay(recovered=False, position=position)
        # Newer ones that were committed meanwhile come along: the position follows them.
        events = await self._store.since(user_id, since.seq, REPLAY_LIMIT + 1) if missed else ()
        if not _whole(events, since, missed):
            return Replay(recovered=False, position=position)
        now = self._clock.now()
        last = FeedPosition(since.epoch, since.seq + len(events))
        alive = [event for event in events if event.expires_at is None or event.expires_at > now]
        return Replay(recovered=True, position=last, events=alive)


def _whole(events: Sequence[FeedEvent], since: FeedPosition, missed: int) -> bool:
    expected = [(since.epoch, since.seq + 1 + index) for index in range(len(events))]
    return len(events) >= missed and [(event.epoch, event.seq) for event in events] == expected
