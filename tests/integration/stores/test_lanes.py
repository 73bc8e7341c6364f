"""Timers that go together: found at their place within the minute, whenever one looks; and those of an older start."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.mongo.documents import milliseconds
from adapters.mongo.indexes import ensure_indexes
from adapters.mongo.lanes import LANE_COUNT, due_in, place, shard_of
from adapters.mongo.processes import MongoLeases
from adapters.mongo.timers import PLACES, MongoTimers, arm_operation, arm_together_operation
from bootstrap.wiring.stores import INDEXES
from domain.calls.billable import MINUTE
from domain.clock import VirtualClock
from domain.money import Money
from domain.timers import TimerKind
from tasks import lanes
from tasks.lanes import LEASE, OVERLAP, LaneRun, Lanes
from tests.support.house import House
from tests.support.stores import assert_uses_index

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Worker:
    """The lanes of a worker that moves on what it finds, and the store they are in."""

    def __init__(self, mongo: MongoDatabase, clock: VirtualClock) -> None:
        self.store = MongoTimers(mongo, clock)
        self.clock = clock
        self.ran: list[datetime | None] = []
        self._timers = mongo["timers"]
        self.lanes = Lanes(
            self.store, self._run, MongoLeases(mongo), clock, holder="w1", lanes=LANE_COUNT, first=0
        )

    async def _run(self, lane: int, since: datetime | None) -> LaneRun:
        self.ran.append(since)
        moved = await self._timers.update_many(
            due_in(lane, since, self.clock.now()), {"$inc": {"next": MINUTE}}
        )
        return LaneRun(moved.modified_count)

    async def arm(self, due: datetime, key: str = "call") -> None:
        await self._timers.bulk_write([arm_together_operation(TimerKind.TICK, key, due, Money(1, "USD"))])


@pytest.fixture
def worker(mongo: MongoDatabase) -> Worker:
    return Worker(mongo, VirtualClock(START))


@given(
    st.integers(0, 10 * MINUTE), st.integers(0, MINUTE + 1), st.integers(0, 5), st.integers(0, LANE_COUNT - 1)
)
def test_a_timer_is_looked_for_wherever_in_the_minute_it_became_due(
    begun: int, passed: int, minutes: int, lane: int
) -> None:
    since = START + begun * MILLISECOND
    due = since + passed * MILLISECOND
    now = due + (passed % 3) * MILLISECOND
    armed = due - minutes * MINUTE * MILLISECOND

    shard = due_in(lane, since, now)["shard"]
    there = shard_of(lane, armed)

    assert there in shard["$in"] if "$in" in shard else shard["$gte"] <= there < shard["$lt"]
    assert there == shard_of(lane, due)
    assert {"shard": there, "next": milliseconds(armed)} in [place(str(key), armed) for key in range(40)]


async def test_a_minute_is_found_once_and_the_next_one_a_minute_later(worker: Worker) -> None:
    await worker.arm(START + timedelta(seconds=59.95))
    found = []
    for seconds in (0, 59.9, 0.1, 0.1, 59.7, 0.1, 0.1, 0.1):
        worker.clock.advance(seconds)
        found.append(await worker.lanes.turn())

    assert found == [0, 0, 1, 0, 0, 0, 1, 0]


async def test_after_a_quiet_look_only_what_became_due_since_is_looked_at(worker: Worker) -> None:
    for number in range(30):
        await worker.arm(START + timedelta(seconds=1 + number), str(number))
    await worker.lanes.turn()

    ran = []
    for _ in range(60):
        worker.clock.advance(0.5)
        ran.append(await worker.lanes.turn())

    assert sum(ran) == 30
    assert None not in worker.ran
    assert {since.microsecond for since in worker.ran if since} <= {200_000, 700_000}


async def test_a_timer_set_too_late_for_its_look_is_found_when_everything_is_looked_at(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.clock.advance(30)
    await worker.lanes.turn()
    await worker.arm(worker.clock.now() - timedelta(seconds=OVERLAP + 1))
    passed_over = await worker.lanes.turn()
    monkeypatch.setattr(lanes, "LOOK_AT_ALL", 0.0)

    assert (passed_over, await worker.lanes.turn()) == (0, 1)


async def test_a_lane_that_failed_is_looked_at_again_from_where_nothing_was_due(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await worker.lanes.turn()
    await worker.arm(START + timedelta(seconds=1))
    run = worker.lanes._run

    async def fail(lane: int, since: datetime | None) -> LaneRun:
        raise ConnectionError("gone")

    worker.clock.advance(1)
    monkeypatch.setattr(worker.lanes, "_run", fail)
    with pytest.raises(ConnectionError):
        await worker.lanes.turn()
    monkeypatch.setattr(worker.lanes, "_run", run)
    worker.clock.advance(5)

    assert await worker.lanes.turn() == 1


@dataclass
class AlwaysDue:
    """A queue and its leases: something is due in every lane whenever one looks."""

    ours: bool = True
    since: list[datetime | None] = field(default_factory=list)

    async def due_lanes(self, since: datetime | None = None) -> list[int]:
        self.since.append(since)
        return list(range(LANE_COUNT))

    async def hold(self, name: str, holder: str, lease: timedelta) -> bool:
        return self.ours


async def _looks(always: AlwaysDue, left: int = 0) -> list[datetime | None]:
    """From when on a worker looks, in five turns that are a second apart."""
    clock = VirtualClock(START)

    async def run(lane: int, since: datetime | None) -> LaneRun:
        return LaneRun(1, left)

    queue: Any = always
    worker = Lanes(queue, run, queue, clock, holder="w1", lanes=LANE_COUNT, first=0)
    for _ in range(5):
        await worker.turn()
        clock.advance(1)
    return always.since


async def test_where_something_is_always_due_looks_do_not_reach_further_and_further_back() -> None:
    looks = await _looks(AlwaysDue())

    overlap = timedelta(seconds=OVERLAP)
    assert looks == [None, *(START + timedelta(seconds=second) - overlap for second in range(4))]


async def test_what_another_worker_is_at_is_looked_at_from_its_last_lease_on() -> None:
    looks = await _looks(AlwaysDue(ours=False))

    back = LEASE + timedelta(seconds=OVERLAP)
    assert looks == [None, *(START + timedelta(seconds=second) - back for second in range(4))]


async def test_what_somebody_held_stays_within_the_next_look() -> None:
    assert await _looks(AlwaysDue(), left=1) == [None] * 5


async def test_moving_on_changes_no_index_and_looking_uses_one(mongo: MongoDatabase) -> None:
    await ensure_indexes(mongo, INDEXES)
    indexed = {
        field for index in (await mongo["timers"].index_information()).values() for field, _ in index["key"]
    }

    assert not indexed & {"next", "version", "facts", "facts.minute"}
    for since in (None, START - timedelta(seconds=1)):
        for lane in (None, 2):
            await assert_uses_index(mongo, "timers", due_in(lane, since, START))


async def test_what_waits_in_lanes_is_counted_as_due(worker: Worker) -> None:
    await worker.arm(START + timedelta(seconds=1))
    await worker.arm(START + timedelta(seconds=3), "other")
    await worker.arm(START + timedelta(seconds=300), "later")
    worker.clock.advance(5)

    counts = await worker.store.counts()

    assert (counts.waiting, counts.due, counts.overdue_seconds) == (3, 2, 4.0)


@pytest.mark.parametrize("seconds", [40, 200])
async def test_what_nobody_runs_is_all_counted(worker: Worker, seconds: float) -> None:
    for number in range(20):
        await worker.arm(START + timedelta(seconds=1 + 1.9 * number), str(number))
    worker.clock.advance(seconds)

    counts = await worker.store.counts()

    assert (counts.due, counts.overdue_seconds) == (20, seconds - 1)


async def test_alone_nothing_goes_where_an_older_worker_would_not_claim_it(mongo: MongoDatabase) -> None:
    await mongo["timers"].bulk_write([arm_operation(TimerKind.LIMIT, str(n), START) for n in range(100)])

    assert await mongo["timers"].distinct("shard") == list(range(PLACES))


@pytest.mark.parametrize("shard", [16, 19])
async def test_a_call_whose_timer_an_older_start_left_ticks_on_and_goes_together_again(
    house: House, mongo_client: MongoClient, shard: int
) -> None:
    session = await house.live(await house.client(), await house.coach())
    timers, key = house.stores.db["timers"], f"tick:{session}"
    armed = await timers.find_one({"_id": key})
    assert armed is not None
    old: dict[str, Any] = {
        "due_at": datetime.fromtimestamp(armed["next"] / 1000, UTC),
        "shard": shard,
        "facts": {
            "minute": 1,
            "before": 0,
            "since": house.clock.now(),
            "rate": {"amount": 250, "currency": "USD"},
        },
    }
    await timers.update_one({"_id": key}, {"$set": old, "$unset": {"next": ""}})

    for _ in range(2):
        house.clock.advance(60)
        await house.keep_proving(session)
        await house.run_due()

    now = await timers.find_one({"_id": key})
    assert now is not None
    assert [tick["minute"] for tick in house.published.named("live-session-tick")] == [1, 2]
    assert ("due_at" in now, now["next"] - armed["next"], now["facts"]["minute"]) == (False, 2 * MINUTE, 3)


async def test_arming_alone_and_together_leave_nothing_of_each_other(mongo: MongoDatabase) -> None:
    timers, due = mongo["timers"], START
    for operation in (
        arm_together_operation(TimerKind.TICK, "a", due, Money(1, "USD")),
        arm_operation(TimerKind.TICK, "a", due),
    ):
        await timers.bulk_write([operation])
    alone = await timers.find_one({"_id": "tick:a"})
    await timers.bulk_write([arm_together_operation(TimerKind.TICK, "a", due, Money(1, "USD"))])
    together = await timers.find_one({"_id": "tick:a"})

    assert alone is not None
    assert together is not None
    assert {"next", "facts"} & set(alone) == set()
    assert "due_at" not in together
