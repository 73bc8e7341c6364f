"""The cases that both public suites ask of Engine.IO, whatever runs over it: 7 of the handshake, 4 of heartbeats, 2 of closing.

A module that imports these classes says with a fixture ``endpoint`` where. Sentences in quotes are the protocol document's.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.conformance.echo import MAX_PAYLOAD, PING_INTERVAL, PING_TIMEOUT
from tests.conformance.wire import DEADLINE, Endpoint

#: A session that never answered a ping is gone by now, or soon; the suite gives it no more than the first two terms.
UNANSWERED = PING_INTERVAL + PING_TIMEOUT + 0.05
Heartbeats = dict[str, "asyncio.Task[None]"]
WRONG_VERSIONS: list[dict[str, str]] = [{}, {"EIO": "abc"}]
WRONG_TRANSPORTS: list[dict[str, str]] = [{"EIO": "4"}, {"EIO": "4", "transport": "abc"}]


def opens_with(opened: dict[str, Any], *, upgrades: list[str]) -> bool:
    """Whether a handshake says exactly what it should, times in milliseconds."""
    sid = opened.pop("sid")
    return isinstance(sid, str) and opened == {
        "upgrades": upgrades,
        "pingInterval": round(PING_INTERVAL * 1000),
        "pingTimeout": round(PING_TIMEOUT * 1000),
        "maxPayload": MAX_PAYLOAD,
    }


class TestHandshakeOverPolling:
    async def test_opens_a_session_and_announces_times_below_a_second(self, endpoint: Endpoint) -> None:
        assert opens_with(await endpoint.handshake(), upgrades=["websocket"])

    async def test_a_missing_or_unknown_version_gets_400(self, endpoint: Endpoint) -> None:
        answers = [await endpoint.ask(transport="polling", **wrong) for wrong in WRONG_VERSIONS]
        assert [answer.status for answer in answers] == [400, 400]

    async def test_a_missing_or_unknown_transport_gets_400(self, endpoint: Endpoint) -> None:
        answers = [await endpoint.ask(**wrong) for wrong in WRONG_TRANSPORTS]
        assert [answer.status for answer in answers] == [400, 400]

    async def test_a_session_is_not_opened_by_another_method_than_get(self, endpoint: Endpoint) -> None:
        answers = [await endpoint.ask(method, EIO="4", transport="polling") for method in ("POST", "PUT")]
        assert [answer.status for answer in answers] == [400, 400]


class TestHandshakeOverWebSocket:
    async def test_opens_a_session_without_upgrades(self, endpoint: Endpoint) -> None:
        async with endpoint.upgraded_http(EIO="4", transport="websocket") as ws:
            opening = await ws.text()
            assert opening[0] == "0"
            assert opens_with(json.loads(opening[1:]), upgrades=[])

    async def test_a_missing_or_unknown_version_is_closed(self, endpoint: Endpoint) -> None:
        for wrong in WRONG_VERSIONS:
            assert await endpoint.refuses_websocket(transport="websocket", **wrong)

    async def test_a_missing_or_unknown_transport_is_closed(self, endpoint: Endpoint) -> None:
        for wrong in WRONG_TRANSPORTS:
            assert await endpoint.refuses_websocket(**wrong)


async def pings_come_while_they_are_answered_over_polling(endpoint: Endpoint) -> None:
    session = await endpoint.open_polling()
    for _ in range(3):
        assert await session.poll() == (200, "2")
        assert (await session.post("3")).status == 200


async def a_missed_pong_closes_the_session_over_polling(endpoint: Endpoint) -> None:
    session = await endpoint.open_polling()
    await asyncio.sleep(UNANSWERED)
    # On a busy machine the one ping is late itself, and a poll waits for it; a second would ask a client that did not answer.
    pings = 0
    async with asyncio.timeout(DEADLINE):
        while (answer := await session.poll()).status != 400:
            pings += answer.text.count("2")
    assert pings <= 1


async def pings_come_while_they_are_answered_over_websocket(endpoint: Endpoint) -> None:
    async with endpoint.websocket() as ws:
        for _ in range(3):
            assert await ws.next() == "2"
            await ws.send("3")


async def a_missed_pong_closes_the_connection_over_websocket(endpoint: Endpoint) -> None:
    async with endpoint.websocket() as ws:
        assert await ws.closed() == ["2"]


#: These wait for whole ping intervals; the fixture ``heartbeats`` begins them together.
HEARTBEATS = (
    pings_come_while_they_are_answered_over_polling,
    a_missed_pong_closes_the_session_over_polling,
    pings_come_while_they_are_answered_over_websocket,
    a_missed_pong_closes_the_connection_over_websocket,
)


class TestHeartbeat:
    @pytest.mark.parametrize("case", HEARTBEATS, ids=lambda case: case.__name__)
    async def test_in_time(self, heartbeats: Heartbeats, case: Callable[..., Any]) -> None:
        await heartbeats[case.__name__]


class TestClose:
    async def test_over_polling_ends_the_waiting_poll_with_a_noop_and_200(self, endpoint: Endpoint) -> None:
        session = await endpoint.open_polling()
        async with session.waiting_poll() as waiting:
            await session.post("1")
            assert await waiting.answer() == (200, "6")
        assert (await session.poll()).status == 400

    async def test_over_websocket_closes_it(self, endpoint: Endpoint) -> None:
        async with endpoint.websocket() as ws:
            await ws.send("1")
            await ws.closed()
