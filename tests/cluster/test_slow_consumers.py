"""Some clients never read: they cost a bounded buffer, then they are closed; everybody else hears everything, in order."""

import asyncio
import json
import socket
from typing import Any

import aiohttp
import pytest

from realtime.closing import CloseCode
from realtime.engine import websocket
from realtime.engine.session import Session
from tests.support.realtime import Node, Wire, World
from tests.support.sandbox import eventually

READERS, SLOW = 30, 5
ROUNDS, A_ROUND = 40, 20
SIZE = 4 * 1024


async def tab(node: Node) -> tuple[Wire, str]:
    """Somebody on ``/notifications``, with the id of their socket."""
    wire = await node.wire()
    answer = await wire.connect("/notifications", node.auth(await node.house.client(card=None)))
    return wire, json.loads(answer[answer.index("{") :])["sid"]


def stop_reading(wire: Wire, session: Session) -> None:
    """From now on the client reads nothing, and the systems on both sides hold little of it."""
    response: Any = wire.ws._response
    here, there = response.connection, session.carrier
    for end, option in ((here, socket.SO_RCVBUF), (there, socket.SO_SNDBUF)):
        end.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, option, 16 * 1024)
    here.protocol.pause_reading()


async def numbers_of(wire: Wire, count: int) -> list[int]:
    """The numbers of the next events."""
    heard: list[int] = []
    async with asyncio.timeout(30):
        while len(heard) < count:
            message = await wire.ws.receive()
            assert message.type is aiohttp.WSMsgType.TEXT, message
            if '"notification"' in message.data[:40]:
                heard.append(json.loads(message.data[message.data.index("[") :])[1]["n"])
    return heard


async def test_who_never_reads_is_bounded_and_closed_and_costs_the_others_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "CLOSE_GRACE", 0.2)
    node = await world.node()
    engine = node.server._engine
    limits = engine.eio.buffer_limits
    readers = [await tab(node) for _ in range(READERS)]
    slow = [await tab(node) for _ in range(SLOW)]
    sessions: list[Session] = [engine.manager.get(sid, "/notifications").session for _, sid in slow]
    for (wire, _), session in zip(slow, sessions, strict=True):
        stop_reading(wire, session)
    everybody = [sid for _, sid in (*readers, *slow)]
    most = 0

    hearing = [asyncio.create_task(numbers_of(wire, ROUNDS * A_ROUND)) for wire, _ in readers]
    for number in range(ROUNDS * A_ROUND):
        engine.emit_to("/notifications", everybody, "notification", {"n": number, "pad": "x" * SIZE})
        if number % A_ROUND == A_ROUND - 1:
            for session in sessions:
                waiting = session._outgoing
                most = max(most, waiting.waiting_bytes if waiting is not None else 0)
                assert session.waiting <= 2 * limits.events
            # A round is not sent before everybody who reads can take it.
            await eventually(lambda: all_written(node, readers))

    assert [heard == list(range(ROUNDS * A_ROUND)) for heard in await asyncio.gather(*hearing)] == [
        True
    ] * READERS
    assert 0 < most <= limits.bytes
    await eventually(lambda: len(node.server._sockets) == READERS)
    assert node.server.counts.slow_consumers == SLOW
    assert node.server.counts.closings[CloseCode.SLOW_CONSUMER.value] == SLOW
    await eventually(lambda: [session.waiting for session in sessions] == [0] * SLOW)


def all_written(node: Node, readers: list[tuple[Wire, str]]) -> bool:
    manager = node.server._engine.manager
    return all(manager.get(sid, "/notifications").session.waiting == 0 for _, sid in readers)
