"""Timers: one per key, claimed by one worker, completed by its holder alone, never lost."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.mongo.indexes import ensure_indexes
from adapters.mongo.timers import _DEAD, SHARDS
from billing.authorizations import StillUnknown
from bootstrap.wiring.stores import INDEXES, Stores, open_stores
from domain.clock import VirtualClock
from domain.errors import Unavailable
from domain.operations.figures import TimerCounts
from domain.ports import Tx
from domain.timers import DueTimer, TimerKind
from tasks.runner import BACKOFF, MAX_ATTEMPTS, TimerRunner
from tests.support.house import Recorded
from tests.support.stores import assert_uses_index

LEASE = timedelta(seconds=90)
KIND = TimerKind.SETTLE


@pytest.fixture
async def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def timers(mongo: MongoDatabase, mongo_client: MongoClient, clock: VirtualClock) -> Stores:
    await ensure_indexes(mongo, INDEXES)
    return open_stores(mongo_client, clock, Recorded())


async def arm(stores: Stores, *keys: str, due: datetime, kind: TimerKind = KIND) -> None:
    async def work(tx: Tx) -> None:
        for key in keys:
            tx.arm(kind, key, due)

    await stores.transact(work)


async def claimed(stores: Stores, limit: int = 500) -> list[DueTimer]:
    found = [await stores.timers.claim_due(shard, limit, LEASE) for shard in range(SHARDS)]
    return [timer for part in found for timer in part]


def runner(stores: Stores, handle: object) -> TimerRunner:
    return TimerRunner(stores.timers, {KIND: handle})  # type: ignore[dict-item]


async def test_a_timer_is_claimed_when_it_is_due_and_not_before(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, "a", due=clock.now() + timedelta(seconds=10))
    early = await claimed(timers)
    clock.advance(10)

    (timer,) = await claimed(timers)

    assert early == []
    assert (timer.kind, timer.key, timer.due_at, timer.attempts) == (KIND, "a", clock.now(), 1)


async def test_two_workers_never_hold_the_same_timer(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, *(f"key-{n}" for n in range(200)), due=clock.now())

    parts = await asyncio.gather(*(claimed(timers) for _ in range(4)))

    held = [timer.key for part in parts for timer in part]
    assert sorted(held) == sorted({f"key-{n}" for n in range(200)})


async def test_what_a_dead_process_had_claimed_is_free_at_once_and_what_others_claimed_is_not(
    timers: Stores, mongo_client: MongoClient, clock: VirtualClock
) -> None:
    dead = open_stores(mongo_client, clock, Recorded(), "worker-1")
    other = open_stores(mongo_client, clock, Recorded(), "worker-11")
    await arm(timers, "a", due=clock.now())
    (lost,) = await claimed(dead)
    await arm(timers, "b", due=clock.now())
    await claimed(other)

    released = await timers.timers.release("worker-1")
    again = await claimed(timers)
    await dead.timers.complete([lost])

    assert released == 1
    assert [(timer.key, timer.attempts) for timer in again] == [("a", 2)]
    assert await timers.db["timers"].count_documents({}) == 2


async def test_a_claim_that_nobody_completed_is_free_again_after_its_lease(
    timers: Stores, clock: VirtualClock
) -> None:
    await arm(timers, "a", due=clock.now())
    (first,) = await claimed(timers)
    clock.advance(89)
    during = await claimed(timers)
    clock.advance(1)

    (second,) = await claimed(timers)
    await timers.timers.complete([first])
    waiting = (await timers.timers.counts()).waiting
    await timers.timers.complete([second])

    assert (during, second.attempts, waiting) == ([], 2, 1)
    assert (await timers.timers.counts()).waiting == 0


@pytest.mark.parametrize("late", ["complete", "postpone", "bury", "rearm"])
async def test_a_late_holder_never_touches_a_timer_that_was_set_anew(
    timers: Stores, clock: VirtualClock, late: str
) -> None:
    await arm(timers, "a", due=clock.now())
    (timer,) = await claimed(timers)
    due = clock.now() + timedelta(seconds=30)
    await arm(timers, "a", due=due)

    acts = {
        "complete": timers.timers.complete([timer]),
        "postpone": timers.timers.postpone(timer, 500),
        "bury": timers.timers.bury(timer, "late"),
        "rearm": timers.timers.rearm([(timer, due + timedelta(hours=1))]),
    }
    await acts.pop(late)
    for other in acts.values():
        other.close()
    clock.advance(30)

    (again,) = await claimed(timers)
    assert (again.due_at, again.attempts) == (due, 1)


async def test_a_timer_moved_by_two_transactions_is_still_one(timers: Stores, clock: VirtualClock) -> None:
    dues = [clock.now() + timedelta(seconds=n) for n in range(10)]

    await asyncio.gather(*(arm(timers, "a", due=due) for due in dues))

    assert (await timers.timers.counts()).waiting == 1


async def test_a_disarmed_timer_never_runs_even_if_it_is_claimed(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, "a", due=clock.now())
    (timer,) = await claimed(timers)

    async def disarm(tx: Tx) -> None:
        tx.disarm(KIND, "a")

    await timers.transact(disarm)
    await timers.timers.postpone(timer, 0)
    clock.advance(1000)

    assert await claimed(timers) == []


async def test_a_handler_that_fails_comes_again_with_backoff_and_becomes_a_dead_letter(
    timers: Stores, clock: VirtualClock
) -> None:
    runs: list[datetime] = []

    async def broken(key: str) -> None:
        runs.append(clock.now())
        raise ValueError(f"{key} is broken")

    await arm(timers, "a", due=clock.now())
    early: list[DueTimer] = []
    for attempt in range(MAX_ATTEMPTS):
        await runner(timers, broken).run(KIND, await claimed(timers))
        pause = BACKOFF[min(attempt, len(BACKOFF) - 1)]
        clock.advance(pause - 0.1)
        early += await claimed(timers)
        clock.advance(0.1)

    ((dead,), _) = await timers.timers.dead_letters()
    assert (len(runs), early) == (MAX_ATTEMPTS, [])
    assert (dead.key, dead.attempts, dead.error) == ("a", 12, "ValueError: a is broken")


async def test_a_gateway_that_is_down_is_waited_for_beyond_the_limit_of_failures(
    timers: Stores, clock: VirtualClock
) -> None:
    await arm(timers, "a", due=clock.now())

    async def down(key: str) -> None:
        raise StillUnknown(key)

    for _ in range(MAX_ATTEMPTS + 5):
        await runner(timers, down).run(KIND, await claimed(timers))
        clock.advance(60)

    counts = await timers.timers.counts()
    assert (counts.waiting, counts.dead) == (1, 0)


async def test_a_dead_letter_runs_again_when_it_is_replayed_and_only_then(
    timers: Stores, clock: VirtualClock
) -> None:
    await arm(timers, "a", due=clock.now())
    (timer,) = await claimed(timers)
    await timers.timers.bury(timer, "broken")
    clock.advance(10_000)
    dead = await claimed(timers)

    replayed = [await timers.timers.replay(KIND, "a") for _ in range(2)]
    (again,) = await claimed(timers)
    await timers.timers.complete([again])

    assert (dead, replayed, again.attempts) == ([], [True, False], 1)
    assert await timers.timers.counts() == TimerCounts()


async def test_arming_a_dead_letter_makes_it_a_timer_again(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, "a", due=clock.now())
    (timer,) = await claimed(timers)
    await timers.timers.bury(timer, "broken")

    await arm(timers, "a", due=clock.now())

    assert [one.key for one in await claimed(timers)] == ["a"]
    assert await timers.timers.dead_letters() == ([], None)


async def test_a_failure_in_a_batch_does_not_touch_the_others(timers: Stores, clock: VirtualClock) -> None:
    done: list[str] = []

    async def sometimes(key: str) -> None:
        done.append(1 / int(key != "bad") and key)  # type: ignore[arg-type]

    await arm(timers, "good", "bad", "fine", due=clock.now())
    await runner(timers, sometimes).run(KIND, await claimed(timers))

    assert sorted(done) == ["fine", "good"]
    assert [row["key"] async for row in timers.db["timers"].find({})] == ["bad"]


async def test_claims_are_counted_before_anything_runs(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, "a", due=clock.now())
    attempts = []
    for _ in range(3):
        attempts += [timer.attempts for timer in await claimed(timers)]
        clock.advance(90)

    assert attempts == [1, 2, 3]


async def test_somebody_elses_claim_completes_nothing(timers: Stores, clock: VirtualClock) -> None:
    await arm(timers, "a", due=clock.now())
    (timer,) = await claimed(timers)

    await timers.timers.complete([replace(timer, claim="forged")])

    assert (await timers.timers.counts()).waiting == 1


async def test_looking_for_due_timers_uses_an_index(timers: Stores, clock: VirtualClock) -> None:
    free = {"shard": 3, "due_at": {"$lte": clock.now()}, "$or": [{"claimed_until": None}]}

    await assert_uses_index(timers.db, "timers", free, [("due_at", 1)])
    await assert_uses_index(timers.db, "timers", {"_id": {"$in": ["a", "b"]}, "claim": "x"})
    await assert_uses_index(timers.db, "timers", _DEAD, [("dead_at", -1), ("_id", -1)])
    await assert_uses_index(timers.db, "timers", {**free, "claim": {"$regex": "^worker:"}})


async def test_a_short_outage_at_the_end_of_a_batch_costs_no_lease(
    timers: Stores, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await arm(timers, "a", "b", due=clock.now())
    batch = await claimed(timers)
    outages = iter([Unavailable("away"), Unavailable("away")])

    async def away_twice(method: Any, *args: Any) -> None:
        for outage in outages:
            raise outage
        await method(*args)

    async def handle(key: str) -> None:
        if key == "b":
            raise StillUnknown("not yet")

    for name in ("complete", "postpone"):
        monkeypatch.setattr(timers.timers, name, partial(away_twice, getattr(timers.timers, name)))
    await runner(timers, handle).run(KIND, batch)
    clock.advance(1)

    assert [timer.key for timer in await claimed(timers)] == ["b"]


async def test_a_timer_that_only_another_version_knows_waits_and_stops_nobody(
    timers: Stores, clock: VirtualClock
) -> None:
    await arm(timers, *(f"known-{n}" for n in range(SHARDS)), due=clock.now())
    row = {"key": "k", "shard": 0, "version": 1, "attempts": 0, "claimed_until": None}
    waiting = [
        {
            **row,
            "_id": f"from_tomorrow:{shard}",
            "kind": "from_tomorrow",
            "shard": shard,
            "due_at": clock.now(),
        }
        for shard in range(SHARDS)
    ]
    dead = {**row, "_id": "dead_one:k", "kind": "dead_one", "dead_at": clock.wall(), "error": "?"}
    await timers.db["timers"].insert_many([*waiting, dead])

    ran = await claimed(timers)
    (letter,), _ = await timers.timers.dead_letters()
    replayed = await timers.timers.replay_letter(letter.id)

    untouched = {"kind": "from_tomorrow", "attempts": 0, "claimed_until": None}
    assert len(ran) == SHARDS
    assert await timers.db["timers"].count_documents(untouched) == SHARDS
    assert (letter.kind, replayed is not None) == ("dead_one", True)
    await timers.timers.complete(ran)
    assert await timers.timers.claim_few(9, LEASE) == []
