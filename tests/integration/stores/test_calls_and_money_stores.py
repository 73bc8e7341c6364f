"""The stores of calls and money: collisions on first writes are run again, and no query walks a collection."""

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from bootstrap.gauges import HouseGauges
from bootstrap.wiring.worker import ScheduledAudit
from domain.calls.states import CallState
from domain.errors import Unavailable
from domain.events import NotificationsRead, ToUser
from domain.ids import UserId, new_id
from domain.payments.audit import LedgerReport
from domain.payments.gateway import WebhookEvent
from domain.ports import Tx
from domain.timers import TimerKind
from tests.support.house import House
from tests.support.stores import assert_uses_index

LINE = {"account": "write_off", "amount": 5}
QUERIES = [
    ("live_sessions", {"_id": {"$in": [ObjectId(), ObjectId()]}}, None),
    ("live_sessions", {"caller.user_id": ObjectId(), "client_request_id": "x"}, None),
    (
        "live_sessions",
        {"$or": [{"caller.user_id": ObjectId()}, {"callee.user_id": ObjectId()}], "open": True},
        None,
    ),
    (
        "live_sessions",
        {"$or": [{"caller.user_id": ObjectId()}, {"callee.user_id": ObjectId()}]},
        [("_id", -1)],
    ),
    ("live_sessions", {"open": True, "seated_at": "p1"}, None),
    ("call_proofs", {"_id": {"$in": [ObjectId(), ObjectId()]}}, None),
    ("call_quality", {"session_id": ObjectId()}, [("at", 1)]),
    ("coaches", {"user_id": ObjectId()}, None),
    ("presence", {"user_id": ObjectId()}, None),
    ("presence", {"process": "p1"}, None),
    ("gateway_operations", {"_id": ObjectId(), "attempt": 1}, None),
    ("payments", {"session_id": ObjectId()}, None),
    ("payments", {"session_id": {"$in": [ObjectId(), ObjectId()]}}, None),
    ("payments", {"payer": ObjectId()}, [("_id", -1)]),
    (
        "payments",
        {"purchase.subject.kind": "booking", "purchase.subject.id": "b1"},
        [("_id", -1)],
    ),
    ("ledger", {"movement": "capture:pi_1"}, None),
]


@pytest.mark.parametrize(("collection", "query", "sort"), QUERIES)
async def test_every_query_of_calls_and_money_uses_an_index(
    house: House, collection: str, query: dict[str, object], sort: list[tuple[str, int]] | None
) -> None:
    await assert_uses_index(house.stores.db, collection, query, sort)


async def test_many_first_writes_of_the_same_timer_and_feed_all_commit(house: House) -> None:
    user = UserId(new_id())

    async def work(tx: Tx) -> None:
        tx.arm(TimerKind.SETTLE, "same", house.clock.now() + timedelta(hours=1))
        tx.emit(ToUser(user), NotificationsRead(unread=1))

    await asyncio.gather(*(house.stores.transact(work) for _ in range(12)))

    feed = await house.stores.db["user_feeds"].find_one({"_id": ObjectId(user)})
    assert feed is not None
    assert feed["seq"] == 12
    assert await house.stores.db["timers"].count_documents({"key": "same"}) == 1


async def test_many_first_writes_of_the_same_presence_and_webhook_all_commit(house: House) -> None:
    user = UserId(new_id())
    event = WebhookEvent("evt_1", "payment_intent.created", "pi_1", house.clock.wall())

    async def work(tx: Tx) -> bool:
        await house.stores.presence.add(tx, "p1", user, house.clock.now())
        return await house.stores.webhooks.insert(tx, event)

    first = await asyncio.gather(*(house.stores.transact(work) for _ in range(12)))

    assert sorted(first) == [False] * 11 + [True]
    assert await house.stores.db["presence"].count_documents({}) == 1


async def test_a_collision_that_never_ends_is_an_outage_and_no_bug_of_the_caller(house: House) -> None:
    await house.stores.db["presence"].insert_one({"_id": "taken"})

    async def work(tx: Tx) -> None:
        await house.stores.db["presence"].insert_one({"_id": "taken"}, session=tx.session)  # type: ignore[attr-defined]

    with pytest.raises(Unavailable):
        await house.stores.transact(work)


async def test_what_the_database_refuses_for_good_comes_out_as_it_is(house: House) -> None:
    async def work(tx: Tx) -> None:
        await house.stores.db["presence"].update_one(
            {"_id": "p"},
            {"$nonsense": {"a": 1}},
            session=tx.session,  # type: ignore[attr-defined]
        )

    with pytest.raises(WriteError, match="nonsense"):
        await house.stores.transact(work)


async def test_a_stale_call_is_never_written_over_a_newer_one(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = (await house.ask(client, coach)).session_id
    stale = await house.call(session)
    await house.calls.answers.decline(coach.who, session, None)

    with pytest.raises(Unavailable):
        await house.stores.transact(lambda tx: house.stores.calls.save(tx, stale))

    assert (await house.call(session)).state == "declined"


async def test_a_history_reads_calls_without_their_timelines(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)

    (listed,) = await house.stores.calls.history(client.who.user_id, None, 10)
    whole = await house.call(session)

    assert (listed.id, listed.state, listed.timeline) == (session, CallState.LIVE, [])
    assert whole.timeline


async def test_a_proof_never_moves_back(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    side = (await house.call(session)).side_of(client.who.user_id)
    now = house.clock.now()

    await house.stores.proofs.write({(session, side): now + timedelta(seconds=5)})
    await house.stores.proofs.write({(session, side): now - timedelta(seconds=5)})

    assert (await house.stores.proofs.read([session]))[session][side] == now + timedelta(seconds=5)


async def test_a_movement_is_booked_once(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=30)
    await house.calls.endings.end(client.who, session, None)
    await house.settle(session)
    booked = await house.stores.db["ledger"].find_one({})
    assert booked is not None

    with pytest.raises(Exception, match="duplicate key"):
        await house.stores.db["ledger"].insert_one(booked | {"_id": ObjectId()})


async def test_the_check_of_the_ledger_finds_what_is_wrong(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=30)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)
    well = (await house.stores.ledger.check()).healthy

    await house.stores.db["ledger"].update_one({}, {"$inc": {"postings.0.amount": 1}})
    tampered = await house.stores.ledger.check()
    await house.stores.db["ledger"].update_one({}, {"$inc": {"postings.2.amount": -1}})
    balanced = await house.stores.ledger.check()
    await house.stores.db["ledger"].delete_many({})
    missing = await house.stores.ledger.check()

    intent = payment.captures[0].intent_id
    assert well
    assert tampered.unbalanced_currencies == ["USD"]
    assert tampered.unbalanced_journals == [f"capture:{intent}"]
    assert (balanced.unbalanced_journals, balanced.unbooked_payments) == ([], [intent])
    assert missing.unbooked_payments == [intent]


async def test_the_check_of_the_ledger_names_each_wrong_payment(house: House) -> None:
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 60, step=30)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)
    db, key = house.stores.db, {"_id": ObjectId(payment.id)}

    await db["live_sessions"].update_one({}, {"$set": {"holds.0.amount": payment.amount - 1}})
    overcaptured = await house.stores.ledger.check()
    await db["live_sessions"].update_one({}, {"$set": {"holds.0.amount": payment.amount}})
    whole = await house.stores.ledger.check()
    torn = []
    for part in ("tax", "platform_fee"):
        await db["payments"].update_one(key, {"$inc": {f"snapshot.{part}": 1}})
        torn.append(await house.stores.ledger.check())
        await db["payments"].update_one(key, {"$inc": {f"snapshot.{part}": -1}})
    await db["earnings"].update_one({}, {"$inc": {"amount": 1}})
    unequal = await house.stores.ledger.check()
    await db["earnings"].delete_many({})
    unearned = await house.stores.ledger.check()

    assert whole.healthy
    assert overcaptured == LedgerReport(overcaptured_payments=[payment.id])
    assert torn == [LedgerReport(torn_snapshots=[payment.id])] * 2
    assert [unequal, unearned] == [LedgerReport(unequal_earnings=[payment.id])] * 2


async def test_servers_show_the_audit_of_the_worker_and_walk_no_ledger(house: House) -> None:
    gauges = HouseGauges(house.stores)
    await gauges.refresh()
    before = {metric.name for metric in gauges.collect()}
    await house.stores.db["ledger"].insert_one({"movement": "m", "currency": "USD", "postings": [LINE]})

    await ScheduledAudit(house.stores.ledger, house.clock).run()
    await house.stores.db["ledger"].delete_many({})
    await gauges.refresh()

    shown = {metric.name: metric.samples[0].value for metric in gauges.collect() if metric.samples}
    assert "rapport_ledger_healthy" not in before
    assert shown["rapport_ledger_healthy"] == 0
