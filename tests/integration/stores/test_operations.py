"""What an admin's view is read from: every query with an index, every page whole, every replay with one winner."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import fields
from datetime import timedelta

import pytest

from adapters.mongo.cursors import cursor_of
from adapters.mongo.processes import MongoProcesses
from adapters.mongo.timers import SHARDS
from bootstrap.wiring.stores import Stores
from domain.clock import VirtualClock
from domain.coaching.coach import Status
from domain.errors import Invalid
from domain.ids import CoachId, new_id
from domain.operations.dead_letters import DeadLetter
from domain.operations.figures import TimerCounts, read_figures
from domain.operations.samples import Counted, HouseSample, Sample
from domain.payments.audit import MEANINGS, LedgerAudit, LedgerReport
from domain.payments.gateway import WebhookEvent
from domain.timers import TimerKind
from tests.support.house import LEASE, House
from tests.support.stores import plans

Read = Callable[[Stores, VirtualClock], Awaitable[object]]
#: What is read, and the beginning of the index that each of its commands must use, in their order.
READS: dict[str, tuple[Read, list[tuple[str, str]]]] = {
    "figures": (
        lambda stores, clock: read_figures(stores),
        [
            ("live_sessions", "_id: 1"),
            ("live_sessions", "state: 1"),
            ("timers", "dead_at: -1"),
            ("timers", "_id: 1"),
            ("timers", "shard: 1"),
            ("timers", "shard: 1"),
            ("timers", "shard: 1"),
            ("events", "published: 1"),
            ("webhook_events", "outcome: 1"),
            ("payments", "_id: 1"),
            ("payments", "refunds.state: 1"),
            ("mails", "_id: 1"),
            ("meta", "_id: 1"),
        ],
    ),
    "dead letters": (
        lambda stores, clock: stores.timers.dead_letters(1, cursor_of(clock.wall(), "settle:x")),
        [("timers", "dead_at: -1")],
    ),
    "a replay": (
        lambda stores, clock: stores.timers.replay_letter(new_id()),
        [("timers", "dead_at: -1")],
    ),
    "webhooks": (
        lambda stores, clock: stores.webhooks.latest(1, cursor_of(clock.wall(), "evt_9")),
        [("webhook_events", "received_at: -1")],
    ),
    "webhooks, counted": (
        lambda stores, clock: stores.webhooks.webhook_counts(clock.wall() - timedelta(hours=1)),
        [("webhook_events", "outcome: 1"), ("webhook_events", "outcome: 1"), ("webhook_events", "")],
    ),
    "operations": (
        lambda stores, clock: stores.operations.unanswered(clock.wall()),
        [("gateway_operations", "state: 1")],
    ),
    "open calls": (
        lambda stores, clock: stores.calls.in_progress(5),
        [("live_sessions", "open: 1")],
    ),
    "open calls, counted": (
        lambda stores, clock: stores.calls.open_per_state(),
        [("live_sessions", "open: 1")],
    ),
    "coaches, counted": (
        lambda stores, clock: stores.directory.count_by_status(now_absent=30),
        [("coaches", "verified: 1"), ("coaches", ""), ("coaches", "verified: 1")],
    ),
    "samples": (
        lambda stores, clock: stores.samples.between(clock.wall() - timedelta(hours=1), clock.wall()),
        [("process_samples", "at: 1")],
    ),
    "demo accounts": (
        lambda stores, clock: stores.accounts.with_addresses(["a@demo.test", "b@demo.test"]),
        [("accounts", "email: 1")],
    ),
    "earnings": (
        lambda stores, clock: stores.payments.earned_since(CoachId(new_id()), clock.now()),
        [("earnings", "coach_id: 1")],
    ),
}


@pytest.mark.parametrize("name", READS)
async def test_every_command_that_reads_for_the_admin_or_a_page_uses_its_index(
    house: House, name: str
) -> None:
    read, expected = READS[name]
    await house.stores.ledger.keep(LedgerReport(), house.clock.wall())

    async with plans(house.stores.db) as seen:
        await read(house.stores, house.clock)

    ran = [(one["ns"].partition(".")[2], one["planSummary"], one.get("hasSortStage")) for one in seen]
    assert [collection for collection, _, _ in ran] == [collection for collection, _ in expected]
    for (_, plan, sorts), (_, index) in zip(ran, expected, strict=True):
        assert re.fullmatch(rf"IDHACK|((IXSCAN|COUNT_SCAN) {{ {index}[^}}]*}}(, )?)+", plan), plan
        # An aggregation may sort its few groups.
        assert not sorts or name in ("webhooks, counted", "earnings"), plan


async def bury(house: House, *keys: str, kind: TimerKind = TimerKind.SETTLE) -> None:
    """Make dead letters, a second apart."""
    for key in keys:
        await house.stores.timers.arm_if_missing(kind, key, house.clock.now())
        claimed = [
            one for shard in range(SHARDS) for one in await house.stores.timers.claim_due(shard, 9, LEASE)
        ]
        for timer in claimed:
            await house.stores.timers.bury(timer, f"{timer.key} is broken")
        house.clock.advance(1)


async def all_letters(house: House, limit: int) -> list[DeadLetter]:
    letters, cursor = await house.stores.timers.dead_letters(limit)
    while cursor is not None:
        more, cursor = await house.stores.timers.dead_letters(limit, cursor)
        letters += more
    return letters


async def test_pages_of_dead_letters_have_each_once_the_newest_first(house: House) -> None:
    await bury(house, *"abcde")

    keys = [letter.key for letter in await all_letters(house, 2)]

    assert keys == list("edcba")


async def test_letters_that_died_at_one_instant_are_on_their_pages_once(house: House) -> None:
    await bury(house, *"abcde")
    await house.stores.db["timers"].update_many({}, {"$set": {"dead_at": house.clock.wall()}})

    assert sorted(letter.key for letter in await all_letters(house, 2)) == list("abcde")


@pytest.mark.parametrize("cursor", ["x", "bm8", "W10", "WzEsMl0", "WyJhIiwiYiJd", "WzFlNDAwLCJhIl0"])
async def test_a_cursor_of_another_list_is_refused(house: House, cursor: str) -> None:
    with pytest.raises(Invalid):
        await house.stores.timers.dead_letters(2, cursor)


async def test_of_many_who_replay_a_dead_letter_at_once_one_wins(house: House) -> None:
    await bury(house, "a", "b")
    ((letter, other), _) = await house.stores.timers.dead_letters()

    won = await asyncio.gather(*(house.stores.timers.replay_letter(letter.id) for _ in range(8)))

    assert [one for one in won if one] == [letter]
    assert await house.stores.timers.dead_letters() == ([other], None)


async def test_a_timer_that_dies_again_is_another_letter(house: House) -> None:
    await bury(house, "a")
    ((first,), _) = await house.stores.timers.dead_letters()
    await house.stores.timers.replay_letter(first.id)
    await bury(house, "a")
    ((second,), _) = await house.stores.timers.dead_letters()

    assert first.id != second.id
    assert await house.stores.timers.replay_letter(first.id) is None
    assert await house.dead_letters() == 1


async def test_timers_are_counted_by_kind_without_the_dead_ones(house: House) -> None:
    await bury(house, "a", "b")
    for n, kind in enumerate((TimerKind.SETTLE, TimerKind.SETTLE, TimerKind.TICK)):
        due = house.clock.now() + timedelta(seconds=60 * n)
        await house.stores.timers.arm_if_missing(kind, f"key-{n}", due)
    house.clock.advance(70)

    assert await house.stores.timers.counts() == TimerCounts(
        by_kind={"settle": 2, "tick": 1}, dead=2, due=2, overdue_seconds=70.0
    )


async def test_webhooks_are_listed_with_their_outcome_and_how_often_they_were_tried(house: House) -> None:
    store, clock = house.stores.webhooks, house.clock
    for name in ("evt_1", "evt_2", "evt_3"):
        event = WebhookEvent(name, "customer.created", "cus_1", clock.wall())
        await house.stores.transact(lambda tx, event=event: store.insert(tx, event))  # type: ignore[misc]
        clock.advance(10)
    for _ in range(2):
        await store.attempt("evt_1")
    await store.processed("evt_1", "ignored")

    first, cursor = await store.latest(2)
    rest, end = await store.latest(2, cursor)
    counts = await store.webhook_counts(clock.wall() - timedelta(hours=1))

    seen = [(one.id, one.outcome, one.attempts) for one in [*first, *rest]]
    assert seen == [("evt_3", None, 0), ("evt_2", None, 0), ("evt_1", "ignored", 2)]
    assert (end, counts.waiting, counts.oldest_waiting_seconds) == (None, 2, 20)
    assert counts.by_outcome == {"ignored": 1}


async def test_a_webhook_received_longer_ago_is_not_counted(house: House) -> None:
    event = WebhookEvent("evt_1", "customer.created", "cus_1", house.clock.wall())
    await house.stores.transact(lambda tx: house.stores.webhooks.insert(tx, event))
    await house.stores.webhooks.processed("evt_1", "ignored")
    house.clock.advance(3601)

    counts = await house.stores.webhooks.webhook_counts(house.clock.wall() - timedelta(hours=1))

    assert (counts.waiting, counts.by_outcome) == (0, {})


async def test_samples_come_back_as_they_were_written_and_a_second_of_one_number_replaces(
    house: House,
) -> None:
    store, at = house.stores.samples, house.clock.wall()
    one = Sample("a", "server", at, 10.0, 3, Counted(1, 2, 3, 4, 5), HouseSample(1, 2, 0.5))
    other = Sample("b", "worker", at - timedelta(seconds=5), 10.0, 0, Counted())
    for number, sample in ((0, other), (0, one), (0, other)):
        await store.write(number, sample)

    assert await store.between(at - timedelta(seconds=6), at) == [other, one]
    assert await store.between(at - timedelta(seconds=5), at) == [one]


async def test_processes_tell_what_they_hold_and_a_silent_one_is_known_as_such(house: House) -> None:
    processes = house.stores.processes
    await processes.beat("server-1", "server", {"/live": 2, "/notifications": 5})
    await processes.beat("worker-1", "worker")
    silence = {"wall": {"$subtract": ["$wall", 7_500]}}
    await house.stores.db["processes"].update_one({"_id": "worker-1"}, [{"$set": silence}])

    server, worker = await processes.running()

    assert (server.id, server.sockets, server.silent) == (
        "server-1",
        {"/live": 2, "/notifications": 5},
        False,
    )
    assert (worker.kind, worker.sockets, worker.silent) == ("worker", {}, True)
    assert server.started_at == house.clock.wall()


async def test_a_heartbeat_keeps_when_its_process_started(house: House) -> None:
    clock = VirtualClock()
    processes, started = MongoProcesses(house.stores.db, clock), clock.wall()
    await processes.beat("p", "server", {"/live": 1})
    clock.advance(60)
    await processes.beat("p", "server", {})

    (process,) = await processes.running()

    assert (process.started_at, process.sockets) == (started, {})


def test_every_invariant_of_a_report_has_its_meaning() -> None:
    assert set(MEANINGS) == {one.name for one in fields(LedgerReport)}


async def test_coaches_are_counted_as_their_watchers_see_them(house: House) -> None:
    online, busy, away = await house.coach(), await house.coach(), await house.coach(online=False)
    await house.live(await house.client(), busy)

    counted = await house.stores.directory.count_by_status(now_absent=30)
    seen = [(await house.stored_coach(one)).status(house.clock.now(), 30) for one in (online, busy, away)]

    assert counted == {status: seen.count(status) for status in Status}
    assert counted == {Status.ONLINE: 1, Status.BUSY: 1, Status.OFFLINE: 1}


async def test_an_audit_of_before_instants_were_kept_is_still_read(house: House) -> None:
    await house.stores.ledger.keep(LedgerReport(torn_snapshots=["p"]), house.clock.wall())
    await house.stores.db["meta"].update_one({"_id": "ledger_audit"}, {"$unset": {"at": ""}})

    assert await house.stores.ledger.last_audit() == LedgerAudit(LedgerReport(torn_snapshots=["p"]), None)
