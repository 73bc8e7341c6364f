"""Events on their way out: numbered per user without a gap, in order, published once, and by the sweep if need be."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from adapters.mongo.client import MongoClient, MongoDatabase
from adapters.mongo.indexes import ensure_indexes
from bootstrap.wiring.stores import INDEXES, Stores, open_stores
from domain.clock import VirtualClock
from domain.errors import Unavailable
from domain.events import NotificationsRead, ToCall, ToUser, ToWatchers
from domain.ids import CoachId, SessionId, UserId, new_id
from domain.outbox import OutboxRow
from domain.ports import Tx
from domain.timers import TimerKind
from tasks.sweeps import OutboxSweep
from tests.support.sandbox import eventually
from tests.support.stores import assert_uses_index

USERS = [UserId(new_id()) for _ in range(3)]


class Bus:
    """Keeps what it is given; refuses while it is down."""

    def __init__(self) -> None:
        self.rows: list[OutboxRow] = []
        self.down = False

    async def publish_rows(self, rows: Sequence[OutboxRow]) -> None:
        if self.down:
            raise Unavailable("the bus is down")
        self.rows += rows


async def opened(mongo: MongoDatabase, client: MongoClient) -> tuple[Stores, Bus, VirtualClock]:
    clock, bus = VirtualClock(), Bus()
    await ensure_indexes(mongo, INDEXES)
    return open_stores(client, clock, bus), bus, clock


async def emit(stores: Stores, *users: UserId, start: int = 0) -> None:
    async def work(tx: Tx) -> None:
        for number, user in enumerate(users):
            tx.emit(ToUser(user), NotificationsRead(unread=start + number))

    await stores.transact(work)


async def test_concurrent_transactions_number_the_events_of_each_user_without_a_gap(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, _, _ = await opened(mongo, mongo_client)

    await asyncio.gather(*(emit(stores, USERS[n % 3], USERS[(n + 1) % 3], USERS[n % 3]) for n in range(30)))
    await stores.transact.close()

    for user in USERS:
        rows = await mongo["events"].find({"to.id": ObjectId(user)}).sort("seq", 1).to_list(None)
        assert [row["seq"] for row in rows] == list(range(1, 31))
        assert len({row["epoch"] for row in rows}) == 1


async def test_the_events_of_one_transaction_keep_the_order_in_which_they_were_emitted(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, bus, _ = await opened(mongo, mongo_client)

    await emit(stores, *[USERS[0]] * 6)
    await stores.transact.close()

    assert [(row.seq, row.data) for row in bus.rows] == [(n + 1, {"unread": n}) for n in range(6)]


async def test_what_a_transaction_that_failed_emitted_is_never_heard_and_leaves_no_gap(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, bus, _ = await opened(mongo, mongo_client)

    async def failing(tx: Tx) -> None:
        tx.emit(ToUser(USERS[0]), NotificationsRead(unread=99))
        raise Unavailable("on purpose")

    await emit(stores, USERS[0])
    results = await asyncio.gather(stores.transact(failing), return_exceptions=True)
    await emit(stores, USERS[0], start=1)
    await stores.transact.close()

    assert isinstance(results[0], Unavailable)
    assert [(row.seq, row.data) for row in bus.rows] == [(1, {"unread": 0}), (2, {"unread": 1})]


async def test_published_rows_of_users_stay_for_replay_and_the_others_are_gone(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, _, _ = await opened(mongo, mongo_client)

    async def work(tx: Tx) -> None:
        tx.emit(ToUser(USERS[0]), NotificationsRead(unread=1))
        tx.emit(ToCall(SessionId(new_id()), frozenset({"p1"})), NotificationsRead(unread=2))
        tx.emit(ToWatchers(CoachId(new_id())), NotificationsRead(unread=3))

    await stores.transact(work)
    await stores.transact.close()

    left = await mongo["events"].find({}).to_list(None)
    assert [(row["data"], row["published"]) for row in left] == [({"unread": 1}, True)]


async def test_what_the_bus_refused_is_published_by_the_sweep_once_in_order_and_marked(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, bus, clock = await opened(mongo, mongo_client)
    bus.down = True
    for number in range(5):
        await emit(stores, USERS[0], USERS[1], start=10 * number)
    bus.down = False
    one = OutboxSweep(stores.outbox, bus, stores.leases, clock, "one")
    other = OutboxSweep(stores.outbox, bus, stores.leases, clock, "other")
    young = await one.turn()

    clock.advance(1.5)
    swept = await asyncio.gather(one.turn(), other.turn())
    again = await one.turn()

    assert (young, sorted(swept), again) == (0, [0, 10], 0)
    assert [row.seq for row in bus.rows if row.to == ToUser(USERS[0])] == [1, 2, 3, 4, 5]
    assert await mongo["events"].count_documents({"published": False}) == 0


async def test_rows_come_back_from_the_outbox_as_they_went_in(
    mongo: MongoDatabase, mongo_client: MongoClient
) -> None:
    stores, bus, clock = await opened(mongo, mongo_client)
    bus.down = True
    call, coach = SessionId(new_id()), CoachId(new_id())
    until = clock.now() + timedelta(seconds=30)

    async def work(tx: Tx) -> None:
        tx.emit(ToUser(USERS[0]), NotificationsRead(unread=1), expires_at=until)
        tx.emit(ToCall(call, frozenset({"p1", "p2"}), only="caller"), NotificationsRead(unread=2))
        tx.emit(ToWatchers(coach), NotificationsRead(unread=3))

    await stores.transact(work)
    clock.advance(5)
    rows = await stores.outbox.unpublished(clock.wall())

    assert [row.to for row in rows] == [
        ToUser(USERS[0]), ToCall(call, frozenset({"p1", "p2"}), "caller"), ToWatchers(coach),
    ]  # fmt: skip
    assert (rows[0].seq, rows[0].expires_at, rows[1].seq) == (1, until, None)


async def test_the_sweep_never_walks_the_whole_feed(mongo: MongoDatabase, mongo_client: MongoClient) -> None:
    _, _, clock = await opened(mongo, mongo_client)
    await assert_uses_index(
        mongo,
        "events",
        {"published": False, "written_at": {"$lt": clock.wall()}},
        [("written_at", 1), ("_id", 1)],
    )


async def test_what_many_transactions_published_is_noted_together(
    mongo: MongoDatabase, mongo_client: MongoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, _, _ = await opened(mongo, mongo_client)
    noted, note = [], stores.outbox.published

    async def counted(rows: Sequence[OutboxRow]) -> None:
        await note(rows)
        noted.append(len(rows))

    monkeypatch.setattr(stores.outbox, "published", counted)
    monkeypatch.setattr("adapters.mongo.transactions.MARKED_WITHIN", 60.0)
    monkeypatch.setattr("adapters.mongo.transactions.MARKED_AT_ONCE", 7)
    for _ in range(4):
        await emit(stores, USERS[0], USERS[1])
    await eventually(lambda: noted == [8])
    await emit(stores, USERS[0])
    waiting = await stores.outbox.count_unpublished()
    await stores.transact.close()
    closed = list(noted)
    await emit(stores, USERS[0], USERS[2])
    await eventually(lambda: noted == [8, 1, 2])

    assert (waiting, closed, await stores.outbox.count_unpublished()) == (1, [8, 1], 0)


async def test_a_transaction_that_is_cancelled_while_it_is_written_leaves_nothing(
    mongo: MongoDatabase, mongo_client: MongoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores, bus, clock = await opened(mongo, mongo_client)
    loop, reached, released = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    write = stores.timers.write

    def slow(*args: Any) -> None:
        loop.call_soon_threadsafe(reached.set)
        assert released.wait(20)
        write(*args)

    async def work(tx: Tx) -> None:
        tx.arm(TimerKind.COOLDOWN, "k", clock.now())
        tx.emit(ToUser(USERS[0]), NotificationsRead(unread=1))

    monkeypatch.setattr(stores.timers, "write", slow)
    writing = asyncio.create_task(stores.transact(work))
    await reached.wait()
    writing.cancel()
    await asyncio.wait([writing], timeout=0.05)
    waits = not writing.done()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert (waits, bus.rows) == (True, [])
    for name in ("timers", "events", "user_feeds"):
        assert await mongo[name].count_documents({}) == 0
