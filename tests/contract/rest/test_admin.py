"""The admin's view of the running house: what is, what was, what failed; and nobody else's."""

import asyncio
from datetime import timedelta

import pytest

from adapters.mongo.timers import SHARDS
from bootstrap.wiring.operations import build_operations
from bootstrap.wiring.worker import ScheduledAudit
from domain.accounts.account import Identity, Role
from domain.errors import Forbidden
from domain.ids import UserId, new_id
from domain.operations.samples import LAG, Counted, HouseSample, Sample
from domain.payments.audit import MEANINGS
from domain.payments.gateway import WebhookEvent
from domain.timers import TimerKind
from tests.support.door import Caller, Door
from tests.support.house import LEASE, House
from tests.support.program import Program, eventually


async def died(house: House, key: str, kind: TimerKind = TimerKind.SETTLE) -> None:
    """A timer that failed for good."""
    await house.stores.timers.arm_if_missing(kind, key, house.clock.now())
    for shard in range(SHARDS):
        for timer in await house.stores.timers.claim_due(shard, 9, LEASE):
            await house.stores.timers.bury(timer, "ValueError: broken")


@pytest.mark.parametrize("role", [Role.CLIENT, Role.COACH])
async def test_the_use_cases_themselves_let_only_admins_in(house: House, role: Role) -> None:
    operations = build_operations(house.stores, house.clock, house.terms)
    who = Identity(UserId(new_id()), None, role, "family", house.clock.wall())

    for ask in (
        operations.live_view.overview(who),
        operations.live_view.history(who, 60),
        operations.dead_letters.page(who, 1, None),
        operations.dead_letters.replay(who, new_id()),
        operations.webhooks.page(who, 1, None),
    ):
        with pytest.raises(Forbidden):
            await ask


async def test_an_empty_house_has_an_overview(admin: Caller) -> None:
    view = (await admin.get("/api/admin/overview")).json

    assert view["processes"] == []
    assert view["calls"] == {"open": 0, "byState": {}, "settling": 0, "items": []}
    assert view["coaches"] == {"online": 0, "busy": 0, "offline": 1}
    assert "ledger" not in view


async def test_a_call_in_progress_is_shown_with_names_state_time_and_amount(
    door: Door, admin: Caller
) -> None:
    house = door.house
    client, coach = await house.client("Demo Client"), await house.coach("Demo Coach")
    session = await house.live(client, coach)
    began = house.clock.now()
    await house.talk(session, 90)

    view = (await admin.get("/api/admin/overview")).json
    (item,) = view["calls"]["items"]

    assert (item["sessionId"], item["state"], item["billableSeconds"]) == (session, "live", 90)
    assert (item["client"]["name"], item["coach"]["name"]) == ("Demo Client", "Demo Coach")
    assert item["amount"] == {"amount": 375, "currency": "USD"}
    assert item["since"] == item["liveAt"] == began.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    assert view["calls"]["byState"] == {"live": 1}
    assert view["coaches"]["busy"] == 1


async def test_a_paused_call_is_paused_since_its_pause(door: Door, admin: Caller) -> None:
    house = door.house
    client, coach = await house.client(), await house.coach()
    session = await house.live(client, coach)
    await house.talk(session, 30)
    await house.leave(client, session)

    (item,) = (await admin.get("/api/admin/overview")).json["calls"]["items"]

    assert (item["state"], item["billableSeconds"]) == ("paused", 30)
    assert item["since"] > item["liveAt"]


async def test_a_call_that_is_over_is_settling_and_no_longer_in_progress(door: Door, admin: Caller) -> None:
    house = door.house
    client, coach = await house.client(), await house.coach()
    session = await house.live(client, coach)
    await house.talk(session, 30)
    await house.calls.endings.end(client.who, session, None)

    ending = (await admin.get("/api/admin/overview")).json
    await house.settle(session)
    settled = (await admin.get("/api/admin/overview")).json

    assert (ending["calls"]["open"], ending["calls"]["settling"]) == (0, 1)
    assert ending["timers"]["byKind"]["settle"] == 1
    assert settled["calls"]["settling"] == 0


async def test_every_invariant_is_told_by_name_and_a_broken_one_with_what_breaks_it(
    door: Door, admin: Caller
) -> None:
    house = door.house
    audit = ScheduledAudit(house.stores.ledger, house.clock)
    await audit.run()
    sound = (await admin.get("/api/admin/overview")).json["ledger"]
    await house.stores.db["ledger"].insert_one(
        {"movement": "capture:pi_1", "currency": "USD", "postings": [{"account": "tax", "amount": 1}]}
    )
    await audit.run()
    broken = (await admin.get("/api/admin/overview")).json["ledger"]

    assert sound["healthy"] is True
    assert sound["checkedAt"] == "2026-01-01T00:00:00.000Z"
    assert {one["name"] for one in sound["invariants"]} == set(MEANINGS)
    assert {one["name"]: one["violations"] for one in broken["invariants"] if not one["held"]} == {
        "unbalanced_currencies": ["USD"],
        "unbalanced_journals": ["capture:pi_1"],
    }


async def test_a_dead_letter_is_listed_replayed_once_and_gone(door: Door, admin: Caller) -> None:
    key = new_id()
    await died(door.house, key)

    (letter,) = (await admin.get("/api/admin/dead-letters")).json["items"]
    path = f"/api/admin/dead-letters/{letter['id']}/replay"
    answers = await asyncio.gather(*(admin.post(path) for _ in range(4)))

    assert (letter["kind"], letter["key"], letter["error"]) == ("settle", key, "ValueError: broken")
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]
    assert (await admin.get("/api/admin/dead-letters")).json == {"items": []}
    assert (await admin.get("/api/admin/overview")).json["timers"]["byKind"] == {"settle": 1}


async def test_a_replay_with_a_key_answers_the_same_when_it_is_sent_again(door: Door, admin: Caller) -> None:
    await died(door.house, new_id())
    (letter,) = (await admin.get("/api/admin/dead-letters")).json["items"]
    path, headers = f"/api/admin/dead-letters/{letter['id']}/replay", {"Idempotency-Key": "once"}

    first, again = [await admin.post(path, headers=headers) for _ in range(2)]

    assert (first.status, again.status, again.body) == (200, 200, first.body)


async def test_a_replayed_timer_really_runs(door: Door, admin: Caller) -> None:
    house = door.house
    client, coach = await house.client(), await house.coach()
    session = await house.live(client, coach)
    await house.talk(session, 60)
    await house.calls.endings.end(client.who, session, None)
    await died(house, session)
    (letter,) = (await admin.get("/api/admin/dead-letters")).json["items"]

    await admin.post(f"/api/admin/dead-letters/{letter['id']}/replay")
    payment = await house.settle(session)

    assert payment.amount == 250


async def test_dead_letters_and_webhooks_come_in_pages(door: Door, admin: Caller) -> None:
    store, clock = door.house.stores.webhooks, door.house.clock
    for n in range(3):
        await died(door.house, f"key-{n}")
        event = WebhookEvent(f"evt_{n}", "customer.created", "cus_1", clock.wall())
        await door.house.stores.transact(lambda tx, event=event: store.insert(tx, event))  # type: ignore[misc]
        clock.advance(1)

    for path, name in (("/api/admin/dead-letters", "key"), ("/api/admin/webhooks", "id")):
        first = (await admin.get(f"{path}?limit=2")).json
        rest = (await admin.get(f"{path}?limit=2&cursor={first['nextCursor']}")).json
        found = [one[name][-1] for one in [*first["items"], *rest["items"]]]

        assert found == ["2", "1", "0"]
        assert "nextCursor" not in rest
        assert (await admin.get(f"{path}?cursor=bm8")).code == "INVALID_PAYLOAD"


async def test_a_webhook_tells_what_came_of_it_and_how_often_it_was_tried(door: Door, admin: Caller) -> None:
    house = door.house
    event = WebhookEvent("evt_1", "customer.created", "cus_1", house.clock.wall())
    await house.stores.transact(lambda tx: house.stores.webhooks.insert(tx, event))
    waiting = (await admin.get("/api/admin/overview")).json["webhooks"]
    await house.calls.webhooks.process("evt_1")

    (item,) = (await admin.get("/api/admin/webhooks")).json["items"]
    done = (await admin.get("/api/admin/overview")).json["webhooks"]

    assert (item["type"], item["outcome"], item["attempts"]) == ("customer.created", "ignored", 1)
    assert (waiting["waiting"], done["waiting"], done["lastHour"]) == (1, 0, {"ignored": 1})


async def test_the_last_hour_is_the_sum_of_what_the_processes_wrote(door: Door, admin: Caller) -> None:
    house = door.house
    now = house.clock.wall()
    for n in range(12):
        at = now - LAG - timedelta(seconds=10 * n)
        server = Sample("s", "server", at, 10, 3, Counted(0, 20, 40, 1, 0), HouseSample(2, 1, 0.25))
        await house.stores.samples.write(n, server)
        await house.stores.samples.write(n, Sample("w", "worker", at, 10, 0, Counted(ticks=2)))

    chart = (await admin.get("/api/admin/history")).json
    ticks = (await admin.get("/api/admin/overview")).json["ticks"]

    assert (len(chart["sockets"]), chart["stepSeconds"]) == (120, 30)
    assert (chart["sockets"][0], chart["sockets"][-1]) == (None, 3)
    assert (chart["openCalls"][-1], chart["timersLateSeconds"][-1]) == (2, 0.25)
    assert chart["eventsOutPerSecond"][-1] == pytest.approx(4, abs=0.01)
    assert chart["ticksPerMinute"][-1] == pytest.approx(12, abs=0.01)
    assert ticks == 24


@pytest.mark.parametrize("minutes", ["0", "181", "x", "1.5", "-1"])
async def test_a_history_is_of_a_minute_up_to_three_hours(admin: Caller, minutes: str) -> None:
    answer = await admin.get(f"/api/admin/history?minutes={minutes}")

    assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")


async def test_the_running_program_shows_its_processes_sockets_and_samples(program: Program) -> None:
    admin, person = await program.admin(), await program.client(card=None)
    await program.tab(person, 1)

    async def seen() -> bool:
        view = await program.get(admin, "/api/admin/overview")
        kinds = [one["kind"] for one in view["processes"] if not one["silent"]]
        return (
            kinds == ["server", "server", "worker"]
            and view["socketsByNamespace"].get("/notifications", 0) > 0
        )

    async def written() -> bool:
        samples = program.db["process_samples"]
        return {row["kind"] async for row in samples.find({}, {"kind": 1})} == {"server", "worker"}

    await eventually(seen)
    await eventually(written)
    assert (await program.get(admin, "/api/admin/overview"))["ledger"]["healthy"] is True
