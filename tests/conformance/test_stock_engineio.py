"""python-engineio's own API, without Socket.IO over it: the same on its server and on ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from tests.conformance.client import Waiting
from tests.conformance.echo import listening, servers
from tests.conformance.wire import Endpoint


class Bench:
    """An Engine.IO server that tells a test of its events."""

    def __init__(self, kind: str, stack: AsyncExitStack) -> None:
        self.kind = kind
        self._stack = stack
        self.waiting = Waiting()
        self.eio: Any = None

    async def start(self, **options: Any) -> Endpoint:
        self.eio = eio = servers(self.kind)[0](async_mode="aiohttp", **options)
        eio.on("connect", lambda sid, environ: self.waiting.tell(("connect", sid)))
        eio.on("message", lambda sid, data: self.waiting.tell(("message", data)))
        eio.on("disconnect", lambda sid, reason: self.waiting.tell(("disconnect", reason)))
        http = await self._stack.enter_async_context(aiohttp.ClientSession())
        address = await self._stack.enter_async_context(listening((eio, "engine.io")))
        return Endpoint(http, f"{address}/engine.io/")


@pytest.fixture(params=["stock", "ours"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        yield Bench(request.param, stack)


async def test_coming_saying_and_going(bench: Bench) -> None:
    endpoint = await bench.start()
    async with endpoint.websocket() as ws:
        event, sid = await bench.waiting.next()
        assert event == "connect"
        assert bench.eio.transport(sid) == "websocket"
        await ws.send("4text", b"bytes", "4é")
        assert [await bench.waiting.next() for _ in range(3)] == [
            ("message", "text"),
            ("message", b"bytes"),
            ("message", "é"),
        ]
    assert await bench.waiting.next() == ("disconnect", "transport close")


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        ("text", "4text"),
        ("", "4"),
        (b"\1\2", b"\1\2"),
        ({"a": [1, "é"]}, {'4{"a":[1,"\\u00e9"]}', '4{"a":[1,"é"]}'}),
        ([1], "4[1]"),
    ],
    ids=["text", "empty", "bytes", "dict", "list"],
)
async def test_what_is_sent_arrives(bench: Bench, data: Any, frame: Any) -> None:
    endpoint = await bench.start()
    async with endpoint.websocket() as ws:
        _, sid = await bench.waiting.next()
        await bench.eio.send(sid, data)
        arrived = await ws.next()
        assert arrived in frame if isinstance(frame, set) else arrived == frame
    await bench.eio.send("nobody", data)


async def test_what_is_sent_while_nobody_polls_waits(bench: Bench) -> None:
    endpoint = await bench.start()
    session = await endpoint.open_polling()
    for data in ("one", b"\1", "two"):
        await bench.eio.send(session.sid, data)
    assert (await session.poll()).text == "4one\x1ebAQ==\x1e4two"


@pytest.mark.parametrize("answer", [False, "why not"])
async def test_a_refused_connection_gets_401_and_is_no_session(bench: Bench, answer: Any) -> None:
    endpoint = await bench.start()
    bench.eio.on("connect", lambda sid, environ: answer)
    assert (await endpoint.ask(EIO="4", transport="polling")).status == 401
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        async with endpoint.websocket():
            pass
    assert bench.eio.sockets == {}
    assert bench.waiting.silent


async def test_a_connect_handler_that_raises_refuses(bench: Bench) -> None:
    endpoint = await bench.start()
    bench.eio.on("connect", lambda sid, environ: 1 / 0)
    assert (await endpoint.ask(EIO="4", transport="polling")).status == 401


async def test_handlers_may_be_coroutine_functions_that_wait(bench: Bench) -> None:
    endpoint = await bench.start()

    async def slowly(sid: str, data: Any) -> None:
        await asyncio.sleep(0)
        await bench.eio.send(sid, data)

    bench.eio.on("message", slowly)
    async with endpoint.websocket() as ws:
        await ws.send("4hello")
        assert await ws.next() == "4hello"


async def test_a_handler_that_raises_harms_nobody(bench: Bench) -> None:
    endpoint = await bench.start()

    async def breaks(sid: str, data: Any) -> None:
        if data == "break":
            raise LookupError(data)
        await bench.eio.send(sid, data)

    bench.eio.on("message", breaks)
    async with endpoint.websocket() as ws:
        await ws.send("4break", "4hello")
        assert await ws.next() == "4hello"


async def test_sessions_keep_notes(bench: Bench) -> None:
    endpoint = await bench.start()
    session = await endpoint.open_polling()
    async with bench.eio.session(session.sid) as notes:
        notes["name"] = "ada"
    assert await bench.eio.get_session(session.sid) == {"name": "ada"}
    await bench.eio.save_session(session.sid, {"name": "eve"})
    assert await bench.eio.get_session(session.sid) == {"name": "eve"}
    with pytest.raises(KeyError):
        await bench.eio.get_session("nobody")


async def test_the_server_closes_one_or_all(bench: Bench) -> None:
    endpoint = await bench.start()
    async with endpoint.websocket() as one, endpoint.websocket() as two, endpoint.websocket() as three:
        _, sid = await bench.waiting.next()
        await bench.eio.disconnect(sid)
        assert await one.next() == "1"
        await bench.eio.disconnect(sid)  # twice is once
        await bench.eio.disconnect()
        assert [await two.next(), await three.next()] == ["1", "1"]


def test_other_events_are_no_events(bench: Bench) -> None:
    with pytest.raises(ValueError, match="Invalid event"):
        servers(bench.kind)[0](async_mode="aiohttp").on("other", print)
