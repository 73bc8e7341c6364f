"""Some clients never read: they cost a bounded buffer, then they are closed; everybody else hears everything, in order."""

import asyncio
import fcntl
import json
import socket
import struct
import sys
import termios
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


def stop_reading(wire: Wire) -> None:
    """From now on the client reads nothing, and its own system holds little of it."""
    response: Any = wire.ws._response
    connection = response.connection
    connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.protocol.pause_reading()


def held_by_the_system(session: Session) -> int:
    """Bytes that the server's system keeps for this client, sent or not (tcp(7), SIOCOUTQ)."""
    carrier = session.carrier
    assert carrier is not None
    assert carrier.transport is not None
    answer = fcntl.ioctl(carrier.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
    return int(struct.unpack("i", answer)[0])


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
    for wire, _ in slow:
        stop_reading(wire)
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


@pytest.mark.skipif(sys.platform != "linux", reason="how full a socket is, is asked as Linux answers it")
async def test_the_system_keeps_little_for_who_does_not_read(world: World) -> None:
    node = await world.node()
    engine = node.server._engine
    wire, sid = await tab(node)
    session: Session = engine.manager.get(sid, "/notifications").session
    stop_reading(wire)

    sent = 0
    while not session.waiting:
        engine.emit_to("/notifications", [sid], "notification", {"n": sent, "pad": "x" * SIZE})
        sent += 1
        assert sent < 500, "the system took two megabytes for a client that does not read"
        await asyncio.sleep(0)

    # What was on its way when the client's window closed is sent already, so it is beyond UNSENT.
    assert held_by_the_system(session) < 3 * websocket.UNSENT


def all_written(node: Node, readers: list[tuple[Wire, str]]) -> bool:
    manager = node.server._engine.manager
    return all(manager.get(sid, "/notifications").session.waiting == 0 for _, sid in readers)
