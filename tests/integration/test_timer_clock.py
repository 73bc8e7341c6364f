"""The worker's clock over the real store: everything that is due is handed over, once."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.mongo.client import MongoDatabase
from adapters.mongo.lanes import LANE_COUNT
from adapters.mongo.processes import MongoLeases
from adapters.mongo.timers import SHARDS, MongoTimers, arm_operation, arm_together_operation
from domain.clock import VirtualClock
from domain.timers import DueTimer, TimerKind
from tasks.clock import TimerClock
from tasks.lanes import LaneRun, Lanes

KIND = TimerKind.COOLDOWN
LEASE = timedelta(seconds=30)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def timers(mongo: MongoDatabase, clock: VirtualClock) -> MongoTimers:
    return MongoTimers(mongo, clock)


async def _arm(mongo: MongoDatabase, clock: VirtualClock, keys: list[str], seconds: float = 0) -> None:
    due = clock.now() + timedelta(seconds=seconds)
    await mongo["timers"].bulk_write([arm_operation(KIND, key, due) for key in keys])


async def _claim_all(timers: MongoTimers) -> list[DueTimer]:
    return [timer for shard in range(SHARDS) for timer in await timers.claim_due(shard, 500, LEASE)]


async def _left(mongo: MongoDatabase) -> list[str]:
    return sorted([row["key"] async for row in mongo["timers"].find()])


async def test_a_whole_batch_is_completed_whatever_versions_it_has(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    await _arm(mongo, clock, [f"timer {number}" for number in range(50)])
    await _arm(mongo, clock, [f"timer {number}" for number in range(0, 50, 2)])

    await timers.complete(await _claim_all(timers))

    assert await _left(mongo) == []


async def test_only_what_is_due_and_free_is_claimed(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    await _arm(mongo, clock, ["later"], seconds=60)

    async def look() -> list[tuple[str, int]]:
        found = await timers.claim_few(9, LEASE)
        assert found is not None
        return [(timer.key, timer.attempts) for timer in found]

    before = await look()
    clock.advance(61)
    due, claimed = await look(), await look()
    clock.advance(31)

    assert (before, due, claimed, await look()) == ([], [("later", 1)], [], [("later", 2)])


async def test_what_is_too_much_for_one_look_is_left_to_the_shards(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    await _arm(mongo, clock, [f"timer {number}" for number in range(10)])

    assert await timers.claim_few(9, LEASE) is None
    assert len(await timers.claim_few(10, LEASE) or []) == 10


async def test_of_many_who_look_at_once_each_timer_has_one_holder_who_can_complete_it(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    keys = [f"timer {number}" for number in range(40)]
    await _arm(mongo, clock, keys)
    await _arm(mongo, clock, keys[:20])

    looks = await asyncio.gather(*(timers.claim_few(50, LEASE) for _ in range(4)))
    held = [timer for found in looks for timer in found or []]
    await timers.complete(held)

    assert sorted(timer.key for timer in held) == sorted(keys)
    assert await _left(mongo) == []


async def test_a_timer_set_anew_between_look_and_claim_is_claimed_as_it_is_then(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _arm(mongo, clock, ["a", "b"])
    claim = timers._claim

    async def late(free: Any, found: Any, lease: timedelta) -> list[DueTimer]:
        await _arm(mongo, clock, ["a"])
        return await claim(free, found, lease)

    monkeypatch.setattr(timers, "_claim", late)
    first = await timers.claim_few(9, LEASE)
    monkeypatch.undo()
    second = await timers.claim_few(9, LEASE)
    await timers.complete([*(first or []), *(second or [])])

    assert [[timer.key for timer in found or []] for found in (first, second)] == [["b"], ["a"]]
    assert await _left(mongo) == []


async def test_a_turn_of_the_clock_hands_over_every_due_timer_once(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    keys = [f"timer {number}" for number in range(300)]
    await _arm(mongo, clock, keys)
    handed: list[str] = []

    async def send(kind: TimerKind, batch: list[DueTimer]) -> None:
        handed.extend(timer.key for timer in batch)

    turns = TimerClock(timers, send, send, SHARDS, first_shard=5)
    found = [await turns.turn(), await turns.turn()]

    assert found == [300, 0]
    assert sorted(handed) == sorted(keys)


async def test_a_shard_that_fails_does_not_keep_the_others_from_being_handed_over(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _arm(mongo, clock, [f"timer {number}" for number in range(300)])
    handed: list[str] = []
    claim_due = timers.claim_due

    async def claim_some(shard: int, limit: int, lease: timedelta) -> list[DueTimer]:
        if shard == 0:
            raise ConnectionError("gone")
        return await claim_due(shard, limit, lease)

    async def send(kind: TimerKind, batch: list[DueTimer]) -> None:
        handed.extend(timer.key for timer in batch)

    monkeypatch.setattr(timers, "claim_due", claim_some)
    with pytest.raises(ConnectionError):
        await TimerClock(timers, send, send, SHARDS, first_shard=0).turn()

    in_shard_0 = await mongo["timers"].count_documents({"shard": 0})
    assert in_shard_0 > 0
    assert len(handed) == 300 - in_shard_0


async def test_lanes_that_fail_do_not_keep_the_other_kinds_waiting(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    await _arm(mongo, clock, ["one"])
    due = clock.now()
    await mongo["timers"].bulk_write(
        [arm_together_operation(TimerKind.TICK, "call", due, DueTimer(KIND, "", due, 1, "", 0))]
    )
    handed: list[str] = []

    async def send(kind: TimerKind, batch: list[DueTimer]) -> None:
        handed.extend(timer.key for timer in batch)

    async def run_lane(lane: int, since: datetime | None) -> LaneRun:
        raise ValueError("a bug of ours")

    lanes = Lanes(timers, run_lane, MongoLeases(mongo), clock, holder="w1", lanes=LANE_COUNT, first=0)
    found = await TimerClock(timers, send, send, SHARDS, 0, lanes).turn()

    assert (found, handed, await timers.due_lanes() != []) == (1, ["one"], True)


async def test_a_lane_that_another_worker_is_at_is_left_to_it(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    due = clock.now()
    await mongo["timers"].bulk_write(
        [arm_together_operation(TimerKind.TICK, "call", due, DueTimer(KIND, "", due, 1, "", 0))]
    )
    ran: list[str] = []

    def worker(name: str) -> Lanes:
        async def run_lane(lane: int, since: datetime | None) -> LaneRun:
            ran.append(name)
            return LaneRun(1)

        return Lanes(timers, run_lane, MongoLeases(mongo), clock, holder=name, lanes=LANE_COUNT, first=0)

    found = [await worker(name).turn() for name in ("w1", "w2", "w1")]

    assert (found, ran) == ([1, 0, 1], ["w1", "w1"])
