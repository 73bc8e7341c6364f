"""The generator's client, against a server that says exactly what a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
from aiohttp import web

from loadtests.load.wire import Client, Failed, Lost, Refused

Says = Callable[[web.WebSocketResponse, str], Awaitable[None]]
HELLO = '0{"sid":"e","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}'


@asynccontextmanager
async def server(says: Says) -> AsyncIterator[str]:
    """Greets, then answers each text frame as ``says`` does."""

    async def accept(request: web.Request) -> web.WebSocketResponse:
        assert request.query_string == "EIO=4&transport=websocket"
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str(HELLO)
        async for message in ws:
            await says(ws, message.data)
        return ws

    app = web.Application()
    app.router.add_get("/socket.io/", accept)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def polite(ws: web.WebSocketResponse, text: str) -> None:
    """Lets everybody in and acknowledges every event with what it carried."""
    if text.startswith("40"):
        await ws.send_str('40/live,{"sid":"s"}')
    elif text.startswith("42/live,"):
        number, body = text[8 : text.index("[")], orjson.loads(text[text.index("[") :])
        if number:
            await ws.send_str(f"43/live,{number}" + orjson.dumps([{"ok": True, "data": body[1]}]).decode())


async def connected(url: str) -> Client:
    client = Client("/live")
    await client.connect(url, {"token": "t"}, source="127.3.2.1")
    return client


async def test_a_client_connects_authenticates_and_is_acknowledged() -> None:
    heard: list[str] = []

    async def says(ws: web.WebSocketResponse, text: str) -> None:
        heard.append(text)
        await polite(ws, text)

    async with server(says) as url:
        client = await connected(url)
        answers = await asyncio.gather(*(client.call("e", {"n": n}) for n in range(3)))
        client.close()

    assert client.sid == "s"
    assert heard[0] == '40/live,{"token":"t"}'
    assert answers == [{"n": 0}, {"n": 1}, {"n": 2}]


async def test_hot_frames_are_handed_on_as_they_came() -> None:
    frames: list[bytes] = []
    acks: list[tuple[int, bytes]] = []
    done = asyncio.Event()

    async def says(ws: web.WebSocketResponse, text: str) -> None:
        await polite(ws, text)
        if text.startswith("42/live,7["):
            await ws.send_str('42/live,["signal",{"n":1}]')

    def heard(payload: bytes) -> None:
        frames.append(payload)
        done.set()

    async with server(says) as url:
        client = await connected(url)
        client.heard = heard
        client.acked = lambda number, payload: acks.append((number, payload))
        client.send(b'42/live,7["e",{}]')
        await asyncio.wait_for(done.wait(), 20)
        client.close()

    assert acks == [(7, b'43/live,7[{"ok":true,"data":{}}]')]
    assert frames == [b'42/live,["signal",{"n":1}]']
    assert client.event_of(frames[0]) == ("signal", {"n": 1})


async def test_pings_are_answered() -> None:
    pong = asyncio.Event()

    async def says(ws: web.WebSocketResponse, text: str) -> None:
        await polite(ws, text)
        if text.startswith("40"):
            await ws.send_str("2")
        elif text == "3":
            pong.set()

    async with server(says) as url:
        client = await connected(url)
        await asyncio.wait_for(pong.wait(), 20)
        client.close()


async def test_a_refusal_has_the_servers_code() -> None:
    async def says(ws: web.WebSocketResponse, text: str) -> None:
        await ws.send_str('44/live,{"message":"No.","data":{"code":"TOKEN_EXPIRED"}}')

    async with server(says) as url:
        with pytest.raises(Refused, match="No") as refused:
            await connected(url)

    assert refused.value.code == "TOKEN_EXPIRED"


async def test_a_negative_acknowledgement_is_an_error_with_its_code() -> None:
    async def says(ws: web.WebSocketResponse, text: str) -> None:
        if text.startswith("42"):
            number = text[8 : text.index("[")]
            error = '[{"ok":false,"error":{"code":"RATE_LIMITED","message":"Slower."}}]'
            await ws.send_str(f"43/live,{number}{error}")
        else:
            await polite(ws, text)

    async with server(says) as url:
        client = await connected(url)
        with pytest.raises(Failed, match="Slower") as failed:
            await client.call("e", {})
        client.close()

    assert failed.value.code == "RATE_LIMITED"


async def test_whoever_waits_when_the_connection_ends_learns_it_and_so_does_whoever_misses_it() -> None:
    async def says(ws: web.WebSocketResponse, text: str) -> None:
        await polite(ws, text) if text.startswith("40") else await ws.close()

    missed: list[Any] = []
    async with server(says) as url:
        client = await connected(url)
        client.lost = missed.append
        with pytest.raises(Lost):
            await client.call("e", {})
        with pytest.raises(Lost):
            await client.call("e", {})

    assert missed == [client]
    assert not client.open


async def test_no_answer_is_an_error_not_a_wait() -> None:
    async def says(ws: web.WebSocketResponse, text: str) -> None:
        if text.startswith("40"):
            await polite(ws, text)

    async with server(says) as url:
        client = await connected(url)
        with pytest.raises(Lost, match="no answer"):
            await client.call("e", {}, patience=0.05)
        client.close()


async def test_a_door_that_is_shut_is_a_refusal_and_no_door_a_loss() -> None:
    async with server(polite) as url:
        with pytest.raises(Refused):
            await Client("/live").connect(url + "/elsewhere", {})
    with pytest.raises(Lost):
        await connected(url)
