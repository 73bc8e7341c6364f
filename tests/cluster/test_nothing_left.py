"""Whichever way clients go, nothing of them stays in the server: counted, not weighed."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from realtime.engine import websocket
from realtime.limits import KEPT_AFTER
from tests.cluster.calls import Talk
from tests.support.house import Party
from tests.support.realtime import Node, Wire, World
from tests.support.sandbox import eventually

#: Of each kind of client.
CYCLES = 15
#: More than the kernel, the transport and the outgoing buffer hold for one who does not read.
FLOOD, SIZE = 600, 16 * 1024
NOTHING_BUT_OWN_CHANNELS = 2


def kept(node: Node) -> dict[str, int]:
    """Everything a server holds of its clients, by what it is."""
    server = node.server
    engine = server._engine
    return {
        "connections": len(server._admission),
        "addresses": len(server._admission._per_place),
        "sockets": len(server._sockets),
        "people": len(server._sockets._connections),
        "known": len(server._connects._known),
        "lost": len(server._lost_at),
        "refusals": len(server._refusals) + len(server._refusals._closed),
        "buckets": len(server._limits),
        "seats": len(server._seats),
        "feeds": len(server._feeds._users),
        "watchers": len(server._watchers._by_sid)
        + len(server._watchers._by_coach)
        + len(server._watchers._held),
        "channels": len(server._subscriptions) - NOTHING_BUT_OWN_CHANNELS,
        "presence": len(server._presence.here()),
        "early": len(server._peers._early) + len(server._peers._awaited) + len(server._peers._unanswered),
        "sessions": len(engine.eio.sockets),
        "heartbeats": len(engine.eio.heartbeat),
        "rooms": len(engine.manager.rooms),
        "tasks": len(engine.eio.running),
        "appointments": len(server.schedule),
    }


def tasks() -> set[str]:
    """What the program runs, by the name of its coroutine."""
    return {task.get_coro().__name__ for task in asyncio.all_tasks() if not task.done()}


async def leave_politely(node: Node, party: Party) -> None:
    wire = await connected(node, party)
    await wire.ws.send_str("41/notifications,")
    await wire.ws.close()


async def be_killed(node: Node, party: Party) -> None:
    wire = await connected(node, party)
    await wire.emit("/notifications", "coach_status_watch", {"coachIds": ["c" * 24]}, ack=1)
    cut(wire)


async def fall_silent(node: Node, party: Party) -> None:
    """The network is gone: neither an answer nor an end ever comes."""
    await connected(node, party)


async def never_read(node: Node, party: Party) -> None:
    wire = await node.wire()
    answer = await wire.connect("/notifications", node.auth(party))
    sid = json.loads(answer[answer.index("{") :])["sid"]
    response: Any = wire.ws._response
    response.connection.protocol.pause_reading()
    node.server._engine.emit_to("/notifications", [sid] * FLOOD, "notification", "x" * SIZE)


async def be_refused(node: Node, party: Party) -> None:
    wire = await node.wire()
    assert (await wire.connect("/notifications", node.auth(party, token="forged"))).startswith("44")
    cut(wire)


async def never_ask(node: Node, party: Party) -> None:
    cut(await node.wire())


async def poll_once(node: Node, party: Party) -> None:
    """A polling client that is never seen again."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{node.url}/socket.io/?EIO=4&transport=polling") as answer,
    ):
        assert (await answer.read())[:1] == b"0"


KINDS = (leave_politely, be_killed, fall_silent, never_read, be_refused, never_ask, poll_once)


async def connected(node: Node, party: Party) -> Wire:
    wire = await node.wire()
    assert (await wire.connect("/notifications", node.auth(party))).startswith("40")
    return wire


def cut(wire: Wire) -> None:
    """As when the client's process is killed."""
    response: Any = wire.ws._response
    response.connection.transport.abort()


async def talk_and_go(node: Node) -> None:
    """A call of which one side is killed, and the other leaves."""
    talk = await Talk.between(node, node)
    await talk.caller.client.eio.disconnect(abort=True)
    await talk.callee.client.disconnect()


def but_buckets(held: dict[str, int]) -> dict[str, int]:
    return {what: count for what, count in held.items() if count and what != "buckets"}


async def test_of_clients_that_went_nothing_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "CLOSE_GRACE", 0.2)
    node = await world.node(engine={"ping_interval": 0.3, "ping_timeout": 0.3})
    later = node.server._limits._monotonic
    await talk_and_go(node)
    await eventually(lambda: kept(node)["tasks"] == kept(node)["seats"] == 0)
    running = tasks()
    people = [await node.house.client(card=None) for _ in range(CYCLES)]

    for kind in KINDS:
        await asyncio.gather(*(kind(node, person) for person in people))
    await talk_and_go(node)
    await eventually(lambda: but_buckets(kept(node)) == {})

    # Buckets stay until they are full again; whoever leaves after that takes those of others along.
    node.server._limits._monotonic = lambda: later() + KEPT_AFTER
    await leave_politely(node, await node.house.client(card=None))

    await eventually(lambda: but_buckets(kept(node)) == {} and kept(node)["buckets"] == 1)
    await eventually(lambda: tasks() <= running)
    assert node.server.counts.slow_consumers == CYCLES
