"""What every client event may count on: an answer, the right one, and in order."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.accounts.account import Identity
from tests.support.realtime import Node, World
from tests.support.sandbox import eventually


async def test_an_unknown_event_is_refused(node: Node) -> None:
    tab = await node.tab(await node.house.client(card=None))

    assert await tab.code("no_such_event", {}) == "UNKNOWN_EVENT"


@pytest.mark.parametrize("name", ["connect", "disconnect", "connect_error", "error"])
async def test_a_forged_event_of_a_reserved_name_changes_nothing(node: Node, name: str) -> None:
    tab = await node.tab(await node.house.client(card=None))

    forged = await tab.code(name, {"token": "forged", "deviceId": "x"})

    assert forged == "UNKNOWN_EVENT"
    assert await tab.done("notifications_read", {"all": True}) == {"unread": 0}


async def test_a_name_that_is_no_text_is_refused(node: Node) -> None:
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))

    await wire.emit("/notifications", ["connect"], {}, ack=7)

    assert '"code":"UNKNOWN_EVENT"' in await wire.next("43/notifications,7")


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"seq": "1"}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": -1}, "seq"),
        ({}, "seq"),
        ({"seq": 1, "more": 2}, "more"),
        ("text", ""),
        (b"bytes", ""),
    ],
)
async def test_a_payload_that_does_not_match_is_refused_with_its_paths(
    node: Node, payload: Any, path: str
) -> None:
    tab = await node.tab(await node.house.client(card=None))

    ack = await tab.ask("notifications_ack", payload)

    assert ack["error"]["code"] == "INVALID_PAYLOAD"
    assert [field["path"] for field in ack["error"]["details"]["fields"]] == [path]


async def test_more_than_one_argument_is_refused(node: Node) -> None:
    tab = await node.tab(await node.house.client(card=None))

    assert await tab.code("notifications_ack", {"seq": 1}, {"seq": 2}) == "INVALID_PAYLOAD"


async def test_what_only_coaches_may_do_is_refused_to_others(node: Node) -> None:
    tab = await node.tab(await node.house.client(card=None))

    assert await tab.code("coach_status_set", {"status": "online"}) == "FORBIDDEN"


async def test_too_many_events_are_refused_with_the_time_to_wait(node: Node) -> None:
    tab = await node.tab(await node.house.client(card=None))

    acks = await asyncio.gather(*(tab.ask("notifications_ack", {"seq": 0}) for _ in range(30)))

    refused = [ack["error"] for ack in acks if not ack["ok"]]
    assert {error["code"] for error in refused} == {"RATE_LIMITED"}
    assert all(error["retryAfterMs"] > 0 and error["retryable"] for error in refused)


class Scripted:
    """A notification centre that does what the test says."""

    def __init__(self, script: Any) -> None:
        self.script = script
        self.seqs: list[int] = []

    async def read(self, who: Identity, ids: Any) -> int:
        return await self.script(self, ids)

    async def seen(self, who: Identity, device_id: str, seq: int) -> None:
        await asyncio.sleep(0.002 * (5 - seq))
        self.seqs.append(seq)


async def test_a_crash_is_answered_with_a_request_id_and_logged_once(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash(*_: Any) -> int:
        raise ZeroDivisionError("secret detail")

    node = await world.node(use=lambda cases: replace(cases, notifications=Scripted(crash)))
    tab = await node.tab(await node.house.client(card=None))

    ack = await tab.ask("notifications_read", {"all": True})

    logged = [record for record in caplog.records if record.exc_info and "crashed" in record.message]
    assert ack["error"]["code"] == "INTERNAL"
    assert "secret" not in str(ack)
    assert [record.request_id for record in logged] == [ack["error"]["requestId"]]


async def test_events_of_one_socket_are_handled_in_order(world: World) -> None:
    centre = Scripted(None)
    node = await world.node(use=lambda cases: replace(cases, notifications=centre))
    tab = await node.tab(await node.house.client(card=None))

    await asyncio.gather(*(tab.ask("notifications_ack", {"seq": seq}) for seq in range(5)))

    assert centre.seqs == [0, 1, 2, 3, 4]


async def test_a_waiting_handler_does_not_keep_answers_to_our_questions_from_being_read(world: World) -> None:
    answers: list[Any] = []

    async def ask_back(centre: Scripted, _: Any) -> int:
        (socket,) = node.server._sockets
        answers.append(await node.server._engine.ask(socket.namespace, socket.sid, "question", {}, 2.0))
        return 0

    node = await world.node(use=lambda cases: replace(cases, notifications=Scripted(ask_back)))
    tab = await node.tab(await node.house.client(card=None))
    tab.client.on("question", lambda _: "the answer", namespace=tab.namespace)

    await tab.done("notifications_read", {"all": True})

    assert answers == [["the answer"]]


async def test_events_sent_before_the_socket_was_lost_are_still_handled(world: World) -> None:
    centre = Scripted(None)
    node = await world.node(use=lambda cases: replace(cases, notifications=centre))
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))

    for seq in range(4):
        await wire.emit("/notifications", "notifications_ack", {"seq": seq})
    await wire.ws.close()

    await eventually(lambda: len(centre.seqs) == 4)
    assert centre.seqs == [0, 1, 2, 3]


async def test_too_many_waiting_events_are_refused_and_the_others_handled(world: World) -> None:
    gate, entered = asyncio.Event(), asyncio.Event()

    async def wait(*_: Any) -> int:
        entered.set()
        await gate.wait()
        return 0

    node = await world.node(
        engine={"inbox": 3}, use=lambda cases: replace(cases, notifications=Scripted(wait))
    )
    tab = await node.tab(await node.house.client(card=None))
    await tab.until("recovered")

    asks = [asyncio.create_task(tab.ask("notifications_read", {"all": True}))]
    await entered.wait()
    asks += [asyncio.create_task(tab.ask("notifications_read", {"all": True})) for _ in range(4)]
    _, waiting = await asyncio.wait(asks, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    gate.set()
    acks = await asyncio.gather(*asks)

    assert [ack["ok"] for ack in acks] == [True, True, True, True, False]
    assert acks[-1]["error"]["code"] == "RATE_LIMITED"
    assert len(waiting) == 4


async def test_an_event_for_a_namespace_without_a_socket_is_answered(node: Node) -> None:
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))

    await wire.emit("/live", "live-session-end", {}, ack=5)

    assert '"code":"UNAUTHENTICATED"' in await wire.next("43/live,5")
