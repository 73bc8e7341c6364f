"""Ticks in one commit: what falls out, what conflicts, what a crash leaves, and that it all equals ticks one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mongo.client import MongoClient
from adapters.mongo.lanes import IN_LANES, LANE, LANE_COUNT
from adapters.redis.publisher import BusPublisher
from billing import ticks
from domain.calls.billable import Interval, Proof
from domain.calls.meter import RunningMeter, next_tick_at, running_meter
from domain.calls.session import Side
from domain.errors import Unavailable
from domain.ids import SessionId
from domain.outbox import OutboxRow
from tasks.sweeps import UNPUBLISHED_AFTER, OutboxSweep
from tests.support.calls import START, a_live_call
from tests.support.house import House

SECOND = timedelta(seconds=1)


async def _live(house: House, count: int) -> list[SessionId]:
    return [await house.live(await house.client(), await house.coach()) for _ in range(count)]


async def _prove_on(house: House, sessions: Sequence[SessionId], seconds: float) -> None:
    house.clock.advance(seconds)
    for session in sessions:
        await house.keep_proving(session)


async def _together(house: House) -> int:
    return sum([(await house.runner.run_lane(lane)).ran for lane in range(LANE_COUNT)])


def _ticked(house: House) -> list[tuple[str, int]]:
    return sorted((one["sessionId"], one["minute"]) for one in house.published.named("live-session-tick"))


async def _stored(house: House) -> dict[str, list[dict[str, Any]]]:
    names = ("live_sessions", "timers", "call_ticks", "call_proofs", "events")
    return {name: await house.stores.db[name].find().sort("_id", 1).to_list(100) for name in names}


async def test_many_calls_tick_in_one_commit_and_their_documents_are_not_touched(house: House) -> None:
    sessions = await _live(house, 3)
    before = await house.stores.db["live_sessions"].find().sort("_id", 1).to_list(10)
    await _prove_on(house, sessions, 60)

    ran = await _together(house)

    after = await house.stores.db["live_sessions"].find().sort("_id", 1).to_list(10)
    assert (ran, after) == (3, before)
    assert _ticked(house) == sorted((session, 1) for session in sessions)
    assert await house.stores.db["call_ticks"].count_documents({"_id.minute": 1}) == 3


async def test_a_batch_that_runs_twice_ticks_once(house: House) -> None:
    (session,) = await _live(house, 1)
    await _prove_on(house, [session], 61)

    ran = [await _together(house), await _together(house)]

    assert (ran, _ticked(house)) == ([1, 0], [(session, 1)])


async def test_a_call_that_stopped_proving_falls_out_and_the_others_tick(house: House) -> None:
    silent, *others = await _live(house, 3)
    await _prove_on(house, [silent, *others], 40)
    await _prove_on(house, others, 20)

    await _together(house)

    timers = house.stores.db["timers"]
    aside = await timers.find({"kind": "tick", "shard": {"$not": IN_LANES}}).to_list(10)
    assert _ticked(house) == sorted((session, 1) for session in others)
    assert [timer["key"] for timer in aside] == [silent]
    await house.run_due()
    assert (await house.call(silent)).state == "paused"


@pytest.mark.parametrize(
    "damage", [{"$unset": {"facts.rate": ""}}, {"$set": {"facts.authorized_seconds": "many"}}]
)
async def test_facts_that_cannot_be_read_cost_no_other_call_its_tick_and_are_mended(
    house: House, damage: dict[str, Any]
) -> None:
    broken, well = await _live(house, 2)
    await house.stores.db["timers"].update_one({"_id": f"tick:{broken}"}, damage)
    await house.stores.db["timers"].update_many({"kind": "tick"}, {"$set": {"shard": LANE}})
    await _prove_on(house, [broken, well], 60)

    await house.run_due()
    await _prove_on(house, [broken, well], 60)
    ran = await _together(house)

    assert ran == 2
    assert _ticked(house) == sorted((one, minute) for one in (broken, well) for minute in (1, 2))


async def test_a_timer_that_somebody_holds_falls_out_and_the_others_tick(
    house: House, mongo_client: MongoClient
) -> None:
    sessions = await _live(house, 4)
    await _prove_on(house, sessions, 60)
    held = sessions[0]
    async with await mongo_client.start_session() as other:
        other.start_transaction()
        await house.stores.db["timers"].update_one(
            {"_id": f"tick:{held}"}, {"$inc": {"version": 1}}, session=other
        )
        await _together(house)
        during = _ticked(house)
        await other.abort_transaction()

    await _together(house)

    assert during == sorted((session, 1) for session in sessions[1:])
    assert _ticked(house) == sorted((session, 1) for session in sessions)


async def test_a_minute_that_was_noted_before_does_not_keep_the_others_from_theirs(house: House) -> None:
    sessions = await _live(house, 3)
    await house.stores.db["call_ticks"].insert_one(
        {"_id": {"session_id": (await _object_id(house, sessions[0])), "minute": 1}}
    )
    await _prove_on(house, sessions, 60)

    await house.run_due()

    assert _ticked(house) == sorted((session, 1) for session in sessions[1:])
    timer = await house.stores.db["timers"].find_one({"_id": f"tick:{sessions[0]}"})
    assert timer is not None
    assert timer["facts"]["minute"] == 2


async def _object_id(house: House, session: SessionId) -> Any:
    (found,) = [row async for row in house.stores.db["live_sessions"].find() if str(row["_id"]) == session]
    return found["_id"]


async def test_a_crash_between_commit_and_publication_loses_no_tick(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = await _live(house, 3)
    await _prove_on(house, sessions, 60)

    async def die(rows: Sequence[OutboxRow]) -> None:
        raise Unavailable("the process is gone")

    monkeypatch.setattr(house.published, "publish_rows", die)
    await _together(house)
    monkeypatch.undo()
    lost = _ticked(house)
    house.clock.advance(2 * UNPUBLISHED_AFTER.total_seconds())
    sweep = OutboxSweep(house.stores.outbox, house.published, house.stores.leases, house.clock, "w2")
    swept = await sweep.turn()

    assert (lost, swept > 0) == ([], True)
    assert _ticked(house) == sorted((session, 1) for session in sessions)
    assert await house.stores.outbox.count_unpublished() == 0


async def test_a_batch_is_one_frame_for_each_process(house: House) -> None:
    frames: list[str] = []

    class Bus:
        async def publish(self, published: Sequence[tuple[str, bytes]]) -> None:
            frames.extend(channel for channel, _ in published)

    sessions = await _live(house, 3)
    await house.stores.db["timers"].update_one(
        {"_id": f"tick:{sessions[0]}"}, {"$set": {"facts.processes": ["p1", "p2"]}}
    )
    await house.stores.db["timers"].update_many({"kind": "tick"}, {"$set": {"shard": LANE}})
    await _prove_on(house, sessions, 60)
    house.published.publish_rows = BusPublisher(Bus(), house.clock).publish_rows  # type: ignore[arg-type,method-assign]

    await _together(house)

    assert sorted(frames) == ["p:p1", "p:p2"]


async def test_a_meter_whose_call_moves_meanwhile_is_read_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, coach = await house.client(), await house.coach()
    session = await house.live(client, coach)
    await _prove_on(house, [session], 60)
    read = house.stores.proofs.fresh
    moved: list[SessionId] = []

    async def read_late(sessions: Sequence[SessionId], since: datetime) -> Any:
        if not moved:
            moved.append(session)
            monkeypatch.setattr(house.stores.proofs, "fresh", read)
            await house.leave(client, session)
        return await read(sessions, since)

    monkeypatch.setattr(house.stores.proofs, "fresh", read_late)
    await _together(house)

    assert (await house.call(session)).state == "paused"
    assert (moved, _ticked(house)) == ([session], [])


@pytest.mark.parametrize("late", [0.0, 0.3, 65.0, 130.5])
async def test_together_and_alone_leave_the_same_documents_and_tell_the_same(
    house: House, late: float
) -> None:
    """The same calls, the same instant: once through a batch, once one by one."""
    sessions = await _live(house, 2)
    await house.stores.transact.close()
    before = await _stored(house)
    await _prove_on(house, sessions, 60 + late)
    proofs = await house.stores.db["call_proofs"].find().to_list(10)

    await _together(house)
    await house.stores.together.close()
    together, told = await _stored(house), _ticked_whole(house)
    for name, rows in before.items():
        await house.stores.db[name].delete_many({})
        if rows:
            await house.stores.db[name].insert_many(rows)
    await house.stores.db["call_proofs"].delete_many({})
    await house.stores.db["call_proofs"].insert_many(proofs)
    house.published.events.clear()
    for session in sessions:
        await house.calls.ticks.one(session)
    await house.stores.transact.close()

    assert await _stored(house) == together
    assert _ticked_whole(house) == told
    assert len(told) == 2


def _ticked_whole(house: House) -> list[dict[str, Any]]:
    return sorted(house.published.named("live-session-tick"), key=lambda tick: str(tick["sessionId"]))


async def test_ticks_never_change_what_is_charged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "BATCH", 1)
    client, coach = await house.client(), await house.coach()
    session = await house.live(client, coach)
    await house.talk(session, 200)
    await house.calls.endings.end(client.who, session, None)

    payment = await house.settle(session)

    assert payment.amount == 833
    assert [minute for _, minute in _ticked(house)] == [1, 2, 3]
    await house.assert_books_agree(session)


@st.composite
def _sides(draw: st.DrawFn) -> list[Interval]:
    """Closed intervals and an open one, in order, in milliseconds."""
    edges = sorted(draw(st.lists(st.integers(0, 600_000), min_size=1, max_size=7, unique=True)))
    if len(edges) % 2 == 0:
        edges = edges[1:]
    instants = [START + timedelta(milliseconds=edge) for edge in edges]
    closed = [Interval(*pair) for pair in zip(instants[:-1:2], instants[1::2], strict=True)]
    return [*closed, Interval(instants[-1])]


@settings(max_examples=60)
@given(_sides(), _sides(), st.integers(0, 3_600_000), st.integers(0, 20), st.integers(1, 2_000))
def test_a_running_meter_says_what_the_intervals_say(
    caller: list[Interval], callee: list[Interval], after: int, ticked: int, rate: int
) -> None:
    call = a_live_call(caller, callee, ticked=ticked, rate=rate)
    now = START + timedelta(milliseconds=600_000 + after)
    proofs = {side: Proof(now, SECOND) for side in Side}
    meter = running_meter(call)

    assert meter is not None
    assert meter.seconds(now) == call.billable_seconds(now, proofs)
    assert meter.tick(call.id, 1, now).amount.amount == call.price_of(call.billable_seconds(now, proofs))
    # A minute that was full before is due at once, whenever that was.
    assert max(meter.due, now) == max(next_tick_at(call, now, proofs) or now, now)


def test_a_meter_that_stands_still_is_none() -> None:
    here, gone = [Interval(START)], [Interval(START, START + SECOND)]

    meters: list[RunningMeter | None] = [
        running_meter(a_live_call(*sides)) for sides in ((here, gone), (gone, here), (here, []))
    ]

    assert meters == [None, None, None]
