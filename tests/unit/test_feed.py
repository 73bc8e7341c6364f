"""Recovery replays everything that was missed, in order, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import VirtualClock
from domain.ids import UserId, new_id
from domain.notifications.feed import REPLAY_LIMIT, Feed, FeedEvent, FeedPosition

USER = UserId(new_id())
EPOCH = "e1"
CLOCK = VirtualClock()


@dataclass
class Kept:
    """A feed in memory: the last number, and the events that are still there."""

    last: int
    events: list[FeedEvent] = field(default_factory=list)

    async def position(self, user_id: UserId) -> FeedPosition | None:
        return FeedPosition(EPOCH, self.last)

    async def since(self, user_id: UserId, after_seq: int, limit: int) -> Sequence[FeedEvent]:
        return [event for event in self.events if event.seq > after_seq][:limit]


class Nothing(Kept):
    """Somebody who was never told anything."""

    async def position(self, user_id: UserId) -> FeedPosition | None:
        return None


def event(seq: int, epoch: str = EPOCH, lives: int | None = None) -> FeedEvent:
    expires_at = None if lives is None else CLOCK.now() + timedelta(seconds=lives)
    return FeedEvent(epoch, seq, "notification", "/notifications", {"n": seq}, False, expires_at)


def kept(first: int, last: int) -> Kept:
    return Kept(last, [event(seq) for seq in range(first, last + 1)])


async def test_what_was_missed_is_replayed_in_order() -> None:
    replay = await Feed(kept(1, 9), CLOCK).replay(USER, FeedPosition(EPOCH, 6))

    assert replay.recovered
    assert [one.seq for one in replay.events] == [7, 8, 9]
    assert replay.position == FeedPosition(EPOCH, 9)


async def test_who_missed_nothing_is_recovered_with_nothing() -> None:
    replay = await Feed(kept(1, 9), CLOCK).replay(USER, FeedPosition(EPOCH, 9))

    assert (replay.recovered, list(replay.events)) == (True, [])


async def test_what_has_expired_is_skipped_without_making_a_gap() -> None:
    store = Kept(3, [event(1), event(2, lives=0), event(3, lives=60)])

    replay = await Feed(store, CLOCK).replay(USER, FeedPosition(EPOCH, 0))

    assert [one.seq for one in replay.events] == [1, 3]
    assert replay.position == FeedPosition(EPOCH, 3)


@pytest.mark.parametrize(
    ("store", "since"),
    [
        (kept(1, 9), FeedPosition("other", 6)),
        (kept(1, 9), FeedPosition(EPOCH, 10)),
        (kept(1, 9), FeedPosition(EPOCH, -1)),
        (kept(5, 9), FeedPosition(EPOCH, 3)),
        (Kept(3, [event(1), event(3)]), FeedPosition(EPOCH, 0)),
        (Kept(3, [event(1), event(2)]), FeedPosition(EPOCH, 0)),
        (Kept(2, [event(1, "other"), event(2)]), FeedPosition(EPOCH, 0)),
        (kept(1, REPLAY_LIMIT + 1), FeedPosition(EPOCH, 0)),
        (Nothing(0), FeedPosition(EPOCH, 0)),
        (kept(1, 9), None),
    ],
)
async def test_a_part_is_never_replayed(store: Kept, since: FeedPosition | None) -> None:
    replay = await Feed(store, CLOCK).replay(USER, since)

    assert (replay.recovered, list(replay.events)) == (False, [])


@given(st.sets(st.integers(1, 12)), st.integers(0, 12))
async def test_recovered_means_that_every_number_was_there(there: set[int], since: int) -> None:
    store = Kept(12, [event(seq) for seq in sorted(there)])

    replay = await Feed(store, CLOCK).replay(USER, FeedPosition(EPOCH, since))

    assert replay.recovered == (set(range(since + 1, 13)) <= there)
