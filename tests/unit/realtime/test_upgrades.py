"""Several WebSockets at once for one session: one of them gets it, and none is left open beside it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient

from realtime.engine.transport import EngineIO

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def engine() -> AsyncIterator[EngineIO]:
    server = EngineIO()
    yield server
    await server.shutdown()


async def opened(client: Client) -> str:
    answer = await client.get("/engine.io/", params={"EIO": "4", "transport": "polling"})
    return (await answer.text()).split('"sid":"')[1].split('"')[0]


async def candidate(client: Client, sid: str) -> aiohttp.ClientWebSocketResponse:
    query = {"EIO": "4", "transport": "websocket", "sid": sid}
    return await client.ws_connect("/engine.io/", params=query)


async def test_a_second_candidate_is_closed_and_cannot_take_over(engine: EngineIO, client: Client) -> None:
    sid = await opened(client)
    first, second = await candidate(client, sid), await candidate(client, sid)
    for other in (second, first):
        await other.send_str("2probe")
    assert (await second.receive()).type is WSMsgType.CLOSE
    assert await first.receive_str() == "3probe"
    await first.send_str("5")

    await engine.send(sid, "hello")
    assert await first.receive_str() == "4hello"
    assert engine._carried == 1
    await first.close()


async def test_a_websocket_of_an_upgraded_session_cannot_take_it_over(
    engine: EngineIO, client: Client
) -> None:
    sid = await opened(client)
    first = await candidate(client, sid)
    await first.send_str("2probe")
    await first.receive_str()
    await first.send_str("5")
    query = {"EIO": "4", "transport": "websocket", "sid": sid}
    async with client.ws_connect("/engine.io/", params=query, autoclose=False) as late:
        assert (await late.receive()).type is WSMsgType.CLOSE
        for step in ("2probe", "5"):
            await late.send_str(step)
        await late.close()

    await engine.send(sid, "hello")
    assert await first.receive_str() == "4hello"
    await first.close()


async def test_after_a_candidate_was_lost_another_may_try(engine: EngineIO, client: Client) -> None:
    sid = await opened(client)
    first = await candidate(client, sid)
    await first.close()
    second = await candidate(client, sid)
    await second.send_str("2probe")
    assert await second.receive_str() == "3probe"
    await second.close()
