"""What the Engine.IO document says and its suite does not ask, and where we promise more than the document."""

import asyncio

import pytest

from tests.conformance.echo import MAX_PAYLOAD
from tests.conformance.wire import Endpoint


@pytest.fixture(scope="module")
def endpoint(engine_io: Endpoint) -> Endpoint:
    return engine_io


class TestRequests:
    @pytest.mark.parametrize(
        "body",
        [
            pytest.param("abc", id="no-packet"),
            pytest.param("9", id="unknown-type"),
            pytest.param("4good\x1eabc", id="second-of-two"),
            pytest.param("b!!!", id="no-base64"),
            pytest.param(b"4\xff\xfe", id="no-utf-8"),
        ],
    )
    async def test_a_malformed_packet_gets_400_and_closes_the_session(
        self, endpoint: Endpoint, body: str | bytes
    ) -> None:
        session = await endpoint.open_polling()
        assert (await session.post(body)).status == 400
        assert (await session.poll()).status == 400

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    async def test_a_session_knows_no_other_methods(self, endpoint: Endpoint, method: str) -> None:
        session = await endpoint.open_polling()
        assert (await endpoint.ask(method, **session.query)).status == 400

    @pytest.mark.parametrize("transport", ["abc", "websocket", ""])
    async def test_a_session_is_not_polled_by_another_transport(
        self, endpoint: Endpoint, transport: str
    ) -> None:
        session = await endpoint.open_polling()
        assert (await endpoint.ask(**session.query | {"transport": transport})).status == 400

    async def test_an_earlier_version_gets_400(self, endpoint: Endpoint) -> None:
        assert (await endpoint.ask(EIO="3", transport="polling")).status == 400

    async def test_an_unknown_session_gets_400_and_no_websocket(self, endpoint: Endpoint) -> None:
        query = {"EIO": "4", "sid": "none"}
        assert (await endpoint.ask(**query, transport="polling")).status == 400
        assert (await endpoint.ask("POST", "4hello", **query, transport="polling")).status == 400
        assert await endpoint.refuses_websocket(**query, transport="websocket")

    async def test_a_second_post_beside_the_first_gets_400_and_closes_the_session(
        self, endpoint: Endpoint
    ) -> None:
        session = await endpoint.open_polling()
        async with session.unfinished_post():
            assert (await session.post("4second")).status == 400
            assert (await session.poll()).status == 400

    async def test_a_body_beyond_the_announced_size_is_refused(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        assert (await session.post("4" + "x" * MAX_PAYLOAD)).status in (400, 413)

    async def test_a_poll_says_what_it_is(self, endpoint: Endpoint) -> None:
        async with endpoint.http.get(endpoint.address, params={"EIO": "4", "transport": "polling"}) as answer:
            assert answer.headers["Content-Type"].lower() == "text/plain; charset=utf-8"


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            pytest.param("4", id="empty"),
            pytest.param("4Grüße, 你好 🎈", id="beyond-ascii"),
            pytest.param("4" + "x" * 300_000, id="large"),
            pytest.param(b"", id="no-bytes"),
            pytest.param(bytes(range(256)) * 1000, id="many-bytes"),
        ],
    )
    async def test_anything_comes_back_over_websocket(self, endpoint: Endpoint, message: str | bytes) -> None:
        async with endpoint.websocket() as ws:
            await ws.send(message)
            assert await ws.next_but_pings() == message

    @pytest.mark.parametrize(
        "payload",
        [
            pytest.param("4Grüße, 你好 🎈", id="beyond-ascii"),
            pytest.param("4" + "x" * 300_000, id="large"),
            pytest.param("\x1e".join(f"4{number}" for number in range(100)), id="a-hundred"),
        ],
    )
    async def test_anything_comes_back_over_polling(self, endpoint: Endpoint, payload: str) -> None:
        session = await endpoint.open_polling()
        assert await session.post(payload) == (200, "ok")
        assert "\x1e".join(await session.receive(payload.count("\x1e") + 1)) == payload

    async def test_a_message_beyond_the_announced_size_closes_the_websocket(self, endpoint: Endpoint) -> None:
        async with endpoint.websocket() as ws:
            await ws.send("4" + "x" * MAX_PAYLOAD)
            assert await ws.closed() == []


class TestUpgrade:
    async def test_the_probe_ends_a_waiting_poll_with_a_noop(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.waiting_poll() as waiting, session.upgrade(upgraded=False):
            assert await waiting.answer() == (200, "6")

    async def test_what_was_sent_meanwhile_comes_after_it_and_in_order(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade(upgraded=False) as ws:
            assert await session.post("4one\x1e4two") == (200, "ok")
            await ws.send("5", "4three")
            assert [await ws.next() for _ in range(3)] == ["4one", "4two", "4three"]

    async def test_bytes_are_bytes_after_it(self, endpoint: Endpoint) -> None:
        async with (await endpoint.open_polling()).upgrade() as ws:
            await ws.send(b"\1\2\3")
            assert await ws.next() == b"\1\2\3"

    async def test_a_second_probing_websocket_is_closed_and_the_first_goes_on(
        self, endpoint: Endpoint
    ) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade(upgraded=False) as ws:
            async with endpoint.upgraded_http(**session.query | {"transport": "websocket"}) as second:
                assert await second.closed() == []
            await ws.send("5", "4hello")
            assert await ws.next() == "4hello"

    async def test_a_websocket_that_says_anything_but_the_probe_is_closed_and_polling_goes_on(
        self, endpoint: Endpoint
    ) -> None:
        session = await endpoint.open_polling()
        async with endpoint.upgraded_http(**session.query | {"transport": "websocket"}) as ws:
            await ws.send("4hello")
            assert await ws.closed() == []
        await still_polls(endpoint, session.query)

    async def test_a_probe_that_is_given_up_leaves_polling_as_it_was(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade(upgraded=False):
            pass
        await still_polls(endpoint, session.query)

    async def test_closing_the_websocket_afterwards_ends_the_session(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.upgrade() as ws:
            await ws.send("1")
            await ws.closed()
        assert (await session.poll()).status == 400


async def still_polls(endpoint: Endpoint, query: dict[str, str]) -> None:
    """Whether a session over polling lives: what it sends comes back, perhaps after a NOOP of the upgrade that failed."""
    assert await endpoint.ask("POST", "4polling", **query) == (200, "ok")
    texts = ""
    while "4polling" not in texts:
        status, text = await endpoint.ask(**query)
        assert status == 200, text
        texts += text


async def test_a_client_that_goes_away_in_the_middle_of_anything_harms_nobody(endpoint: Endpoint) -> None:
    async with endpoint.websocket() as bystander:

        async def vanishes(body: str) -> None:
            session = await endpoint.open_polling()
            async with session.unfinished_post() as writer:
                writer.write(body.encode())

        async def drops(*frames: str) -> None:
            async with endpoint.websocket() as ws:
                await ws.send(*frames)

        await asyncio.gather(
            *(vanishes("4ab"[:length]) for length in range(4)), *(drops("4x") for _ in range(4))
        )
        await bystander.send("4hello")
        assert await bystander.next_but_pings() == "4hello"


async def test_no_compression_is_negotiated(endpoint: Endpoint) -> None:
    async with endpoint.http.ws_connect(
        endpoint.address, params={"EIO": "4", "transport": "websocket"}, compress=15
    ) as ws:
        assert ws.compress == 0
