"""Engine.IO, protocol version 4: the 25 cases of its public suite.

https://github.com/socketio/socket.io/blob/main/docs/engine.io-protocol/v4-current.md
"""

import pytest

from tests.conformance.engine_cases import (  # noqa: F401  # collected here, too
    TestClose,
    TestHandshakeOverPolling,
    TestHandshakeOverWebSocket,
    TestHeartbeat,
)
from tests.conformance.wire import Endpoint


@pytest.fixture(scope="module")
def endpoint(engine_io: Endpoint) -> Endpoint:
    return engine_io


class TestMessageOverPolling:
    @pytest.mark.parametrize(
        "payload",
        [
            pytest.param("4hello", id="one-text"),
            pytest.param("4test1\x1e4test2\x1e4test3", id="several-texts"),
            pytest.param("4hello\x1ebAQIDBA==", id="text-and-binary"),
        ],
    )
    async def test_a_payload_is_answered_ok_and_comes_back(self, endpoint: Endpoint, payload: str) -> None:
        session = await endpoint.open_polling()
        assert await session.post(payload) == (200, "ok")
        assert await session.poll() == (200, payload)

    async def test_a_malformed_packet_closes_the_session(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        await session.post(
            "abc"
        )  # what this is answered is in test_beyond_the_suites: the suite minds nothing
        assert (await session.poll()).status == 400

    async def test_a_second_poll_beside_the_first_closes_the_session(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.waiting_poll() as first:
            second = await session.poll()
            assert await first.answer() == (200, "1")
        assert second.status in (400, 500)  # 400 by the document, 500 by the reference implementation
        assert (await session.poll()).status == 400

    async def test_a_poll_that_the_client_gives_up_closes_the_session(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.waiting_poll() as abandoned:
            abandoned.abandon()
        assert (await session.poll()).status == 400


class TestMessageOverWebSocket:
    async def test_text_comes_back_as_text(self, endpoint: Endpoint) -> None:
        async with endpoint.websocket() as ws:
            await ws.send("4hello")
            assert await ws.next() == "4hello"

    async def test_bytes_come_back_as_bytes(self, endpoint: Endpoint) -> None:
        async with endpoint.websocket() as ws:
            await ws.send(b"\1\2\3\4")
            assert await ws.next() == b"\1\2\3\4"

    async def test_a_malformed_packet_closes_the_session(self, endpoint: Endpoint) -> None:
        async with endpoint.websocket() as ws:
            await ws.send("abc")
            assert await ws.closed() == []


class TestUpgrade:
    async def test_after_it_the_first_frame_is_data(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade(upgraded=False) as ws:
            assert await session.poll() == (200, "6")
            await ws.send("5", "4hello")
            assert await ws.next() == "4hello"

    async def test_later_http_requests_get_400_and_harm_nothing(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade() as ws:
            assert (await session.poll()).status == 400
            await ws.send("4hello")
            assert await ws.next() == "4hello"

    async def test_a_later_websocket_is_closed_without_an_http_error(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade() as ws:
            async with endpoint.upgraded_http(**session.query | {"transport": "websocket"}) as second:
                assert await second.closed() == []
            await ws.send("4hello")
            assert await ws.next() == "4hello"
