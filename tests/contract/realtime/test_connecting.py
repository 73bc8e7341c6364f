"""CONNECT: who gets in, who does not, and who has to leave again."""

import asyncio
from ipaddress import ip_network
from typing import Any

import aiohttp
import orjson
import pytest

from adapters.redis.revocations import BusRevocations
from domain.accounts.revocations import Revocation
from realtime.engine import websocket as engine
from tests.support.realtime import DEADLINE, Node, World, on_family
from tests.support.sandbox import eventually


@pytest.mark.parametrize("namespace", ["/notifications", "/live"])
async def test_a_forged_token_is_refused_with_a_code(node: Node, namespace: str) -> None:
    tab = await node.try_tab(namespace, {"token": "forged", "deviceId": "d"})

    assert tab.refused[0]["data"] == {"code": "UNAUTHENTICATED"}


async def test_an_expired_token_is_refused_with_its_own_code(node: Node) -> None:
    party = await node.house.client(card=None)
    auth = node.auth(party)
    node.house.clock.advance(16 * 60)

    tab = await node.try_tab("/notifications", auth)

    assert tab.refused[0]["data"]["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize(
    "auth",
    [
        None,
        {},
        "token",
        {"token": 1, "deviceId": "d"},
        {"token": "t"},
        {"token": "t", "deviceId": "d", "x": 1},
    ],
)
async def test_an_auth_that_does_not_match_is_refused_with_its_fields(node: Node, auth: Any) -> None:
    tab = await node.try_tab("/notifications", auth)

    assert tab.refused[0]["data"]["code"] == "INVALID_PAYLOAD"
    assert tab.refused[0]["data"]["fields"]


async def test_nothing_is_registered_for_somebody_who_is_refused(node: Node) -> None:
    await node.try_tab("/notifications", {"token": "forged", "deviceId": "d"})

    assert node.server._engine.manager.rooms == {}
    assert len(node.server._sockets) == 0


async def test_a_revoked_token_is_refused(node: Node) -> None:
    party = await node.house.client(card=None)
    auth = node.auth(party)
    node.revoked.add(Revocation(party.who.user_id, (party.who.family,), node.house.clock.wall()))

    tab = await node.try_tab("/notifications", auth)

    assert tab.refused[0]["data"]["code"] == "UNAUTHENTICATED"


async def test_a_namespace_that_does_not_exist_is_refused(node: Node) -> None:
    wire = await node.wire()

    assert '"code":"NOT_FOUND"' in await wire.connect("/admin", {})


async def test_a_connection_without_an_accepted_namespace_is_closed_after_ten_seconds(node: Node) -> None:
    wire = await node.wire()
    await wire.connect("/notifications", {"token": "forged", "deviceId": "d"})

    node.pass_time(9)
    await asyncio.sleep(0)
    open_before = not wire.ws.closed and len(node.server._admission) == 1
    node.pass_time(2)
    await wire.closed()

    assert open_before
    await eventually(lambda: len(node.server._admission) == 0)


async def test_somebody_who_goes_on_trying_tokens_is_closed(node: Node) -> None:
    wire = await node.wire()
    for _ in range(5):
        await wire.ws.send_str('40/notifications,{"token":"forged","deviceId":"d"}')

    heard = await wire.closed()

    assert len([text for text in heard if text.startswith("44")]) == 5


async def test_a_packet_that_is_not_socket_io_closes_its_connection(node: Node) -> None:
    wire = await node.wire()

    await wire.ws.send_str("4not a packet")
    await wire.closed()

    await eventually(lambda: len(node.server._admission) == 0)


async def test_a_payload_beyond_64_kib_closes_its_connection(node: Node) -> None:
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))

    await wire.emit("/notifications", "notifications_ack", {"seq": "x" * 66_000})
    await wire.closed()

    await eventually(lambda: len(node.server._sockets) == 0)


async def test_a_page_of_another_origin_is_refused(world: World) -> None:
    node = await world.node(rules={"origins": frozenset({"https://app.example"})})

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await node.wire(origin="https://evil.example")
    await node.wire(origin="https://app.example")
    await node.wire(origin=node.url)

    assert refused.value.status == 403


async def test_polling_is_refused_clearly_where_there_is_no_sticky_proxy(world: World) -> None:
    node = await world.node(engine={"websocket_only": True})

    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{node.url}/socket.io/?EIO=4&transport=polling") as answer,
    ):
        body = await answer.json()

    assert answer.status == 400
    assert "WebSocket" in body["error"]["message"]


async def test_polling_works_and_upgrades_elsewhere(node: Node) -> None:
    party = await node.house.client(card=None)

    polling = await node.try_tab("/notifications", node.auth(party), transports=["polling"])
    upgrading = await node.try_tab("/notifications", node.auth(party), transports=["polling", "websocket"])

    assert await polling.done("notifications_read", {"all": True}) == {"unread": 0}
    assert await upgrading.done("notifications_read", {"all": True}) == {"unread": 0}
    assert (polling.client.transport(), upgrading.client.transport()) == ("polling", "websocket")


async def test_one_person_has_a_limited_number_of_connections(world: World) -> None:
    node = await world.node(rules={"per_user": 2})
    party = await node.house.client(card=None)
    await node.tab(party)
    await node.tab(party, "/live")

    third = await node.try_tab("/notifications", node.auth(party))

    assert third.refused[0]["data"]["code"] == "TOO_MANY_CONNECTIONS"


async def test_one_address_has_a_limited_number_of_connections(world: World) -> None:
    node = await world.node(rules={"per_address": 1, "proxies": (ip_network("127.0.0.0/8"),)})
    await node.wire(headers={"X-Forwarded-For": "1.2.3.4, 5.6.7.8"})

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await node.wire(headers={"X-Forwarded-For": "9.9.9.9, 5.6.7.8"})
    await node.wire(headers={"X-Forwarded-For": "5.6.7.8, 1.2.3.4"})

    assert refused.value.status == 429


async def test_a_forwarded_address_is_not_believed_without_a_configured_proxy(world: World) -> None:
    node = await world.node(rules={"per_address": 1})
    await node.wire(headers={"X-Forwarded-For": "1.2.3.4"})

    with pytest.raises(aiohttp.WSServerHandshakeError):
        await node.wire(headers={"X-Forwarded-For": "5.6.7.8"})


async def test_a_token_warns_a_minute_before_it_expires_and_closes_its_socket_when_it_does(
    node: Node,
) -> None:
    tab = await node.tab(await node.house.client(card=None))
    await tab.until("recovered")

    node.pass_time(14 * 60 + 1)
    warning = await tab.until("session_expiring")
    node.pass_time(60)
    closing = await tab.until("closing")
    await asyncio.wait_for(tab.gone.wait(), DEADLINE)

    assert warning == {"expiresAt": "2026-01-01T00:15:00.000Z"}
    assert closing == {"code": "token_expired", "mayReconnect": False}


async def test_a_refreshed_token_keeps_the_socket_open(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    node.pass_time(14 * 60 + 30)

    answer = await tab.done("token_refresh", {"token": node.token(party)})
    node.pass_time(60)

    assert answer == {"expiresAt": "2026-01-01T00:29:30.000Z"}
    assert await tab.done("notifications_read", {"all": True}) == {"unread": 0}
    assert tab.named("closing") == []


async def test_a_token_of_somebody_else_does_not_refresh(node: Node) -> None:
    tab = await node.tab(await node.house.client(card=None))
    other = await node.house.client(card=None)

    assert await tab.code("token_refresh", {"token": node.token(other)}) == "FORBIDDEN"
    assert await tab.code("token_refresh", {"token": "forged"}) == "UNAUTHENTICATED"


async def test_a_revocation_closes_the_sockets_of_that_log_in_alone(node: Node) -> None:
    party = await node.house.client(card=None)
    other = on_family(party, "another")
    tab, kept = await node.tab(party), await node.tab(other)

    node.revoked.add(Revocation(party.who.user_id, (party.who.family,), node.house.clock.wall()))
    closing = await tab.until("closing")
    await asyncio.wait_for(tab.gone.wait(), DEADLINE)

    assert closing == {"code": "revoked", "mayReconnect": False}
    assert await kept.done("notifications_read", {"all": True}) == {"unread": 0}


async def test_a_revocation_on_one_process_closes_sockets_on_another(world: World) -> None:
    # No watch over the store's revocations runs here: the bus is the only way.
    one, two = await world.node("p1"), await world.node("p2")
    party = await one.house.client(card=None)
    tab = await two.tab(party)
    feed = BusRevocations(one.bus, one.revoked)

    await feed.announce(Revocation(party.who.user_id, (party.who.family,), one.house.clock.wall()))
    await asyncio.wait_for(tab.gone.wait(), DEADLINE)

    assert tab.named("closing") == [{"code": "revoked", "mayReconnect": False}]


async def test_draining_spreads_the_sockets_and_takes_no_new_ones(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)

    await node.server.drain(5_000)
    told = await tab.until("server_draining")
    closing = await tab.until("closing")
    await asyncio.wait_for(tab.gone.wait(), DEADLINE)

    assert 0 <= told["reconnectInMs"] <= 5_000
    assert closing == {"code": "draining", "mayReconnect": True, "reconnectInMs": told["reconnectInMs"]}
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await node.wire()


async def test_closing_a_polling_client_leaves_the_next_user_of_its_connection_alone(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CLOSE_GRACE", 0.05)
    address = f"{node.url}/socket.io/?EIO=4"

    # One TCP connection, kept alive: what comes after polling goes over the same one.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        async with http.get(f"{address}&transport=polling") as answer:
            sid = orjson.loads((await answer.text())[1:])["sid"]
        async with http.post(f"{address}&transport=polling&sid={sid}", data="garbage") as answer:
            await answer.read()
        async with http.ws_connect(f"{address}&transport=websocket") as successor:
            await successor.receive()
            with pytest.raises(TimeoutError):
                await successor.receive(timeout=0.2)


async def test_a_client_that_never_reads_is_closed_as_slow(world: World) -> None:
    node = await world.node()
    party = await node.house.client(card=None)
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(party))
    (socket,) = node.server._sockets
    wire.ws._response.connection.transport.pause_reading()

    for number in range(2_000):
        node.server._to_tab(socket.sid, "notification", {"text": "x" * 8_000, "number": number}, False)
        await asyncio.sleep(0)
        if node.server.counts.slow_consumers:
            break
    await eventually(lambda: len(node.server._admission) == 0)
    assert node.server.counts.slow_consumers == 1
    assert node.server.counts.closings["slow_consumer"] == 1
    assert len(node.server._sockets) == 0
