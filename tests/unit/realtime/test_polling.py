"""Bodies of polls that come slowly, or are more than they say."""

import asyncio
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from realtime.engine import polling
from realtime.engine.transport import EngineIO

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def engine() -> AsyncIterator[EngineIO]:
    server = EngineIO(max_http_buffer_size=1_000)
    yield server
    await server.shutdown()


async def opened(client: Client) -> dict[str, str]:
    query = {"EIO": "4", "transport": "polling"}
    answer = await client.get("/engine.io/", params=query)
    return query | {"sid": (await answer.text()).split('"sid":"')[1].split('"')[0]}


async def test_a_body_that_never_ends_ends_its_session(
    engine: EngineIO, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "POST_TIMEOUT", 0.01)
    answered = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b"4he"
        await answered.wait()

    query = await opened(client)
    answer = await client.post("/engine.io/", params=query, data=body())
    answered.set()

    assert answer.status == 400
    assert query["sid"] not in engine.sockets


async def test_a_small_body_that_unfolds_to_a_large_one_is_too_large(client: Client) -> None:
    headers = {"Content-Encoding": "deflate"}
    answer = await client.post(
        "/engine.io/", params=await opened(client), data=zlib.compress(bytes(100_000)), headers=headers
    )

    assert answer.status == 413


async def test_a_handler_that_closes_a_new_session_leaves_nothing_behind(
    engine: EngineIO, client: Client
) -> None:
    async def connect(sid: str, _: object) -> None:
        await engine.disconnect(sid)

    engine.on("connect", connect)
    query = await opened(client)
    assert len(engine.heartbeat) == 0
    assert await (await client.get("/engine.io/", params=query)).text() == "1"
    assert query["sid"] not in engine.sockets
