"""Socket.IO, protocol version 5, over Engine.IO: the 32 cases of its public suite.

https://github.com/socketio/socket.io/blob/main/docs/socket.io-protocol/v5-current.md
"""

import json
from collections.abc import AsyncIterator

import pytest

from tests.conformance.engine_cases import (  # noqa: F401  # collected here, too
    TestClose,
    TestHandshakeOverPolling,
    TestHandshakeOverWebSocket,
    TestHeartbeat,
)
from tests.conformance.wire import Endpoint, Frames

PLACEHOLDERS = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
ATTACHMENTS = [b"\1\2\3", b"\4\5\6"]


@pytest.fixture(scope="module")
def endpoint(socket_io: Endpoint) -> Endpoint:
    return socket_io


@pytest.fixture
async def ws(endpoint: Endpoint) -> AsyncIterator[Frames]:
    """Engine.IO's handshake is over."""
    async with endpoint.websocket() as ws:
        yield ws


@pytest.fixture
async def socket(ws: Frames) -> Frames:
    """Connected to the main namespace; that CONNECT is the first of its two packets is a case of its own."""
    await ws.send("40")
    assert {(await ws.text())[:2], (await ws.text())[:2]} == {"40", "42"}
    return ws


class TestUpgrade:
    async def test_the_probe_is_answered(self, endpoint: Endpoint) -> None:
        async with (await endpoint.open_polling()).upgrade():
            pass

    async def test_later_http_requests_get_400(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade():
            assert (await session.poll()).status == 400

    async def test_a_later_websocket_is_closed_without_an_http_error(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with (
            session.upgrade(),
            endpoint.upgraded_http(**session.query | {"transport": "websocket"}) as second,
        ):
            assert await second.closed() == []


class TestConnect:
    @pytest.mark.parametrize("auth", ["", '{"token":"123"}'], ids=["no-auth", "auth"])
    @pytest.mark.parametrize("namespace", ["", "/custom,"], ids=["main", "custom"])
    async def test_connect_precedes_what_its_handler_emits(
        self, ws: Frames, namespace: str, auth: str
    ) -> None:
        await ws.send(f"40{namespace}{auth}")

        accepted = await ws.text()
        assert accepted.startswith(f"40{namespace}{{")
        told = json.loads(accepted.removeprefix(f"40{namespace}"))
        assert list(told) == ["sid"]
        assert isinstance(told["sid"], str)
        assert await ws.text() == f'42{namespace}["auth",{auth or "{}"}]'

    async def test_an_unknown_namespace_is_refused(self, ws: Frames) -> None:
        await ws.send("40/random")
        assert await ws.text() == '44/random,{"message":"Invalid namespace"}'

    async def test_anything_else_than_connect_comes_first_and_the_connection_is_closed(
        self, ws: Frames
    ) -> None:
        await ws.send("4abc")
        assert await ws.closed() == []

    async def test_without_any_handshake_the_connection_is_closed(self, ws: Frames) -> None:
        await ws.closed()


class TestDisconnect:
    async def test_from_the_main_namespace_leaves_the_connection_open(self, socket: Frames) -> None:
        await socket.send("41")
        assert await socket.next() == "2"

    async def test_from_another_namespace_leaves_the_main_one_connected(self, socket: Frames) -> None:
        assert await socket.next() == "2"
        await socket.send("40/custom")
        assert (await socket.text()).startswith("40/custom,")
        assert await socket.text() == '42/custom,["auth",{}]'

        await socket.send("41/custom", '42["message","message to main namespace"]')

        assert await socket.next() == '42["message-back","message to main namespace"]'


class TestMessage:
    async def test_plain_text(self, socket: Frames) -> None:
        await socket.send('42["message",1,"2",{"3":[true]}]')
        assert await socket.next() == '42["message-back",1,"2",{"3":[true]}]'

    async def test_binary_attachments(self, socket: Frames) -> None:
        await socket.send(f'452-["message",{PLACEHOLDERS}]', *ATTACHMENTS)
        assert await socket.next_but_pings() == f'452-["message-back",{PLACEHOLDERS}]'
        assert [await socket.next_but_pings() for _ in ATTACHMENTS] == ATTACHMENTS

    async def test_plain_text_with_an_ack(self, socket: Frames) -> None:
        await socket.send('42456["message-with-ack",1,"2",{"3":[false]}]')
        assert await socket.next() == '43456[1,"2",{"3":[false]}]'

    async def test_binary_attachments_with_an_ack(self, socket: Frames) -> None:
        await socket.send(f'452-789["message-with-ack",{PLACEHOLDERS}]', *ATTACHMENTS)
        assert await socket.next_but_pings() == f"462-789[{PLACEHOLDERS}]"
        assert [await socket.next_but_pings() for _ in ATTACHMENTS] == ATTACHMENTS

    @pytest.mark.parametrize(
        "malformed",
        [
            pytest.param("4abc", id="packet-type"),
            pytest.param("42{}", id="payload"),
            pytest.param('42abc["message-with-ack",1,"2",{"3":[false]}]', id="ack-id"),
        ],
    )
    async def test_what_is_malformed_closes_the_connection(self, socket: Frames, malformed: str) -> None:
        await socket.send(malformed)
        assert await socket.closed() == []
