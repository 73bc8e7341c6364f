"""The worker's clock over the real store: everything that is due is handed over, once."""

from datetime import datetime, timedelta

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


async def test_only_what_is_due_and_free_counts_as_due(
    mongo: MongoDatabase, clock: VirtualClock, timers: MongoTimers
) -> None:
    await _arm(mongo, clock, ["later"], seconds=60)
    before = await timers.any_due()
    clock.advance(61)
    due = await timers.any_due()
    await _claim_all(timers)
    claimed = await timers.any_due()
    clock.advance(31)

    assert (before, due, claimed, await timers.any_due()) == (False, True, False, True)


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
