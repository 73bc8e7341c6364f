"""What is no Socket.IO at all, or comes far too slowly: its sender is closed, and nobody else notices."""

import asyncio
import json
import struct
from contextlib import AsyncExitStack, suppress

import aiohttp
import pytest

from realtime.engine.door import EngineOptions
from tests.support.program import Program
from tests.support.wire import INTERNAL, connected

#: Seconds. A connection that takes no namespace is closed after ten anyway: what we wait for comes before that, by itself.
BEFORE_THAT = EngineOptions().namespace_deadline - 1
#: Answered by whoever still listens.
EARLY = '42/live,7["live-session-end",{}]'
GARBAGE = (
    "", "9", "x", "4", "44", "40", "40/", "40/notifications", "40/notifications,{", "40/notifications,[1,2]",
    "42", "42[]", "42{}", '42/notifications,["x"', '42["x",NaN]', '42["x",Infinity]', "42/notifications,99999999999[]",
    '42/notifications,-1["x"]', "43/notifications,1[]", "43/notifications,[", "45", "451-", '4599999999-["x"]',
    '451-/notifications,["x",{"_placeholder":true,"num":7}]', '45-1-["x"]', "46/notifications,1[]", "47", "4\x00",
    "2", "3", "2probe", "3probe", "5", "6", "1", "0{}", "41", "41/notifications,", "b4AAAA", "\ud7ff" * 10,
    '42["\\ud800"]', "4" + "[" * 60_000, "4" * 60_000, '40/notifications,{"token":' + "[" * 50_000,
)  # fmt: skip


async def test_garbage_instead_of_packets_hurts_nobody_else(program: Program, sound: None) -> None:
    few = asyncio.Semaphore(8)

    async def throw(garbage: str | bytes, at: int) -> None:
        address = f"{program.urls[at]}/socket.io/?EIO=4&transport=websocket"
        async with few, asyncio.timeout(BEFORE_THAT), program.http.ws_connect(address) as ws:
            await (ws.send_str(garbage) if isinstance(garbage, str) else ws.send_bytes(garbage))
            with suppress(ConnectionError):
                await ws.send_str(EARLY)
            said = ""
            while (
                "UNAUTHENTICATED" not in said and (frame := await ws.receive()).type is aiohttp.WSMsgType.TEXT
            ):
                said += frame.data
            assert not any(word in said for word in INTERNAL), said

    thrown: list[str | bytes] = [
        *GARBAGE,
        *(text.encode() for text in GARBAGE),
        b"\xff\xfe",
        b"\x00" * 60_000,
    ]
    await asyncio.gather(*(throw(garbage, number % 2) for number, garbage in enumerate(thrown)))


@pytest.mark.parametrize("size", [66_000, 5_000_000])
async def test_a_message_beyond_64_kib_closes_its_connection(
    program: Program, sound: None, size: int
) -> None:
    async with AsyncExitStack() as stack:
        socket = await connected(
            stack, program.http, program.urls, await program.client(card=None), 0, "/notifications"
        )

        with suppress(ConnectionError):  # closed while we still send
            await socket.ws.send_str('42/notifications,1["notifications_ack","' + "x" * size + '"]')
        await socket.closed()

        assert not any(text.startswith("43") for text in socket.pushed)


async def test_polling_takes_no_garbage_either(program: Program, sound: None) -> None:
    address = f"{program.urls[0]}/socket.io/"
    statuses: list[int] = []

    async def ask(method: str, query: str, body: bytes | None = None) -> bytes:
        async with program.http.request(method, address + query, data=body) as answer:
            statuses.append(answer.status)
            text = await answer.read()
            assert not any(word.encode() in text for word in INTERNAL), text
            return text

    for query in (
        "",
        "?EIO=3&transport=polling",
        "?EIO=4&transport=carrier",
        "?EIO=4&transport=polling&sid=none",
    ):
        await ask("GET", query)
    for body in (
        b"",
        b"\xff\xfe",
        b"4" * 70_000,
        b"4[",
        b"\x1e" * 100,
        b"b" + b"A" * 100,
        b'42["x"]\x1e' * 50,
    ):
        sid = json.loads((await ask("GET", "?EIO=4&transport=polling"))[1:])["sid"]
        await ask("POST", f"?EIO=4&transport=polling&sid={sid}", body)
    await ask("DELETE", "?EIO=4&transport=polling")
    await ask("POST", "?EIO=4&transport=polling", b"4")

    assert max(statuses) < 500
    assert {200, 400} <= set(statuses)


async def test_somebody_who_speaks_very_slowly_keeps_nobody_waiting(program: Program, sound: None) -> None:
    host, port = program.urls[0].removeprefix("http://").split(":")
    head = b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n"
    body = b"POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n4"
    upgrade = (
        b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    frame = b"\x81\xfe" + struct.pack("!H", 60_000) + b"\x00\x00\x00\x00" + b"4"
    tab = await program.tab(await program.client(card=None))
    slow = [await asyncio.open_connection(host, int(port)) for _ in range(60)]

    for number, (_, writer) in enumerate(slow):
        writer.write((head, body, upgrade + frame)[number % 3])
        await writer.drain()
    async with asyncio.timeout(BEFORE_THAT):
        answered = await tab.done("notifications_read", {"all": True})
        async with program.http.get(f"{program.urls[0]}/ready") as ready:
            status = ready.status
    for _, writer in slow:
        writer.transport.abort()

    assert (answered, status) == ({"unread": 0}, 200)
