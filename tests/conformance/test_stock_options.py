"""The options of python-socketio's server: the same effect on ours."""

import gzip
import json
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import socketio
from engineio.packet import Packet as EngineIOPacket
from socketio.packet import Packet

from tests.conformance.client import ConnectError, Stage
from tests.conformance.echo import listening
from tests.conformance.wire import Endpoint

POLLING = {"EIO": "4", "transport": "polling"}
WEBSOCKET = {"EIO": "4", "transport": "websocket"}


async def opening(stage: Stage, headers: dict[str, str] | None = None) -> aiohttp.ClientResponse:
    """The answer to a handshake."""
    endpoint = await stage.start()
    async with endpoint.http.get(endpoint.address, params=POLLING, headers=headers) as answer:
        await answer.read()
        return answer


async def test_what_is_announced(stage: Stage) -> None:
    stage.server(ping_interval=7, ping_timeout=3, max_http_buffer_size=5000)
    told = await (await stage.start()).handshake()
    assert (told["pingInterval"], told["pingTimeout"], told["maxPayload"]) == (7000, 3000, 5000)


async def test_the_defaults_are_announced(stage: Stage) -> None:
    stage.server()
    told = await (await stage.start()).handshake()
    assert (told["pingInterval"], told["pingTimeout"], told["maxPayload"]) == (25_000, 20_000, 1_000_000)


async def test_a_grace_period_of_pings_is_announced_with_the_interval(stage: Stage) -> None:
    stage.server(ping_interval=(7, 2))
    assert (await (await stage.start()).handshake())["pingInterval"] == 9000


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        pytest.param("io", {"io="}, id="name"),
        pytest.param(
            {"name": "sid", "path": "/live", "HttpOnly": True, "SameSite": lambda: "Strict"},
            {"sid=", "path=/live", "HttpOnly", "SameSite=Strict"},
            id="attributes",
        ),
    ],
)
async def test_a_cookie_with_the_session(stage: Stage, cookie: Any, expected: set[str]) -> None:
    stage.server(cookie=cookie)
    sent = (await opening(stage)).headers["Set-Cookie"].split("; ")
    assert expected <= {part.partition("=")[0] + "=" if part == sent[0] else part for part in sent}
    assert len(sent[0].partition("=")[2]) > 10


async def test_no_cookie_unless_wanted(stage: Stage) -> None:
    stage.server()
    assert "Set-Cookie" not in (await opening(stage)).headers


@pytest.mark.parametrize(
    ("allowed", "origin", "accepted", "answered"),
    [
        pytest.param("*", "https://a.example", True, "https://a.example", id="all"),
        pytest.param("https://a.example", "https://a.example", True, "https://a.example", id="one"),
        pytest.param("https://a.example", "https://b.example", False, None, id="another"),
        pytest.param(
            ["https://a.example", "https://b.example"], "https://b.example", True, "https://b.example", id="list"
        ),
        pytest.param(["https://a.example"], "https://c.example", False, None, id="not-in-list"),
        pytest.param([], "https://c.example", True, None, id="unchecked"),
        pytest.param(None, "https://c.example", False, None, id="same-origin-only"),
        pytest.param(lambda origin: origin.endswith(".example"), "https://d.example", True, "https://d.example", id="callable"),
        pytest.param(lambda origin: False, "https://d.example", False, None, id="callable-says-no"),
    ],
)  # fmt: skip
async def test_origins(stage: Stage, allowed: Any, origin: str, accepted: bool, answered: str | None) -> None:
    stage.server(cors_allowed_origins=allowed)
    answer = await opening(stage, {"Origin": origin})
    assert answer.status == (200 if accepted else 400)
    assert answer.headers.get("Access-Control-Allow-Origin") == answered

    endpoint = await stage.start()
    try:
        async with endpoint.http.ws_connect(endpoint.address, params=WEBSOCKET, origin=origin):
            opened = True
    except aiohttp.WSServerHandshakeError:
        opened = False
    assert opened is accepted


async def test_the_same_origin_is_always_allowed(stage: Stage) -> None:
    stage.server(cors_allowed_origins=None)
    await stage.start()
    assert (await opening(stage, {"Origin": stage.address})).status == 200


@pytest.mark.parametrize("credentials", [True, False])
async def test_credentials_of_other_origins(stage: Stage, credentials: bool) -> None:
    stage.server(cors_credentials=credentials)
    told = (await opening(stage, {"Origin": "https://a.example"})).headers
    assert told.get("Access-Control-Allow-Credentials") == ("true" if credentials else None)


async def test_a_preflight_request_is_answered(stage: Stage) -> None:
    stage.server()
    endpoint = await stage.start()
    headers = {"Origin": "https://a.example", "Access-Control-Request-Headers": "x-own"}
    async with endpoint.http.options(endpoint.address, params=POLLING, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert {"GET", "POST"} <= set(
            answer.headers["Access-Control-Allow-Methods"].replace(" ", "").split(",")
        )
        assert answer.headers["Access-Control-Allow-Headers"] == "x-own"


@pytest.mark.parametrize(
    ("options", "size", "compressed"),
    [
        pytest.param({}, 5000, True, id="large"),
        pytest.param({}, 100, False, id="small"),
        pytest.param({"compression_threshold": 50}, 100, True, id="lower-threshold"),
        pytest.param({"http_compression": False}, 5000, False, id="off"),
    ],
)
async def test_polls_are_compressed(stage: Stage, options: Any, size: int, compressed: bool) -> None:
    sio = stage.server(**options)
    endpoint = await stage.start()
    session = await connected_by_polling(endpoint)
    await sio.emit("said", "x" * size)
    async with aiohttp.ClientSession(auto_decompress=False) as raw:
        headers = {"Accept-Encoding": "gzip"}
        async with raw.get(endpoint.address, params=session.query, headers=headers) as answer:
            body = await answer.read()
            assert (answer.headers.get("Content-Encoding") == "gzip") is compressed
    assert (gzip.decompress(body) if compressed else body).decode() == '42["said","' + "x" * size + '"]'


async def connected_by_polling(endpoint: Endpoint) -> Any:
    session = await endpoint.open_polling()
    await session.post("40")
    assert (await session.poll()).text.startswith("40")
    return session


async def test_without_upgrades_none_are_offered(stage: Stage) -> None:
    stage.server(allow_upgrades=False)
    assert (await (await stage.start()).handshake())["upgrades"] == []


async def test_websocket_only(stage: Stage) -> None:
    stage.server(transports=["websocket"])
    endpoint = await stage.start()
    assert (await endpoint.ask(**POLLING)).status == 400
    client = await stage.client()
    assert await client.ask("sync") == []


async def test_polling_only(stage: Stage) -> None:
    stage.server(transports="polling")
    endpoint = await stage.start()
    await connected_by_polling(endpoint)
    assert await endpoint.refuses_websocket(**WEBSOCKET)


async def test_no_valid_transport_is_an_error(stage: Stage) -> None:
    with pytest.raises(ValueError, match="transports"):
        stage.server(transports=["carrier-pigeon"])


async def test_messages_beyond_the_limit_close_their_connection(stage: Stage) -> None:
    sio = stage.server(max_http_buffer_size=1000)
    sio.on("echo", lambda sid, data: len(data))
    client, other = await stage.client(), await stage.client()
    assert await client.ask("echo", "x" * 900) == [900]
    await client.emit("echo", "x" * 1001)
    await client.frames.closed()
    assert await other.ask("echo", "x") == [1]


async def test_namespaces_by_name(stage: Stage) -> None:
    stage.server(namespaces=["/listed"])
    client = await stage.client("/listed")
    with pytest.raises(ConnectError):
        await client.connect("/unlisted")


async def test_all_namespaces(stage: Stage) -> None:
    sio = stage.server(namespaces="*")
    client = await stage.client("/what", "/ever/it-is?")
    await sio.emit("said", namespace="/what")
    assert await client.event() == ["said"]


async def test_another_json(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for packet in (Packet, EngineIOPacket):
        monkeypatch.setattr(packet, "json", json)  # stock changes it for the whole process
    own = SimpleNamespace(
        dumps=lambda value, **options: json.dumps(value, **options).replace("said", "shouted"),
        loads=lambda text, **options: json.loads(text.replace("quiet", "loud"), **options),
    )
    sio = stage.server(json=own)
    sio.on("echo", lambda sid, data: data)
    endpoint = await stage.start()
    async with endpoint.websocket() as ws:
        await ws.send("40")
        assert (await ws.text()).startswith("40")
        await sio.emit("said")
        assert await ws.text() == '42["shouted"]'
        await ws.send('421["echo","quiet"]')
        assert await ws.text() == '431["loud"]'


async def test_msgpack(stage: Stage) -> None:
    from socketio.msgpack_packet import MsgPackPacket

    sio = stage.server(serializer="msgpack", namespaces=["/", "/other"])
    sio.on("echo", lambda sid, *args: args)
    client = await stage.connection(MsgPackPacket)
    await client.connect()
    assert await client.ask("echo", 1, {"raw": [b"\1"]}, "é") == [1, {"raw": [b"\1"]}, "é"]
    await client.connect("/other")
    await sio.emit("said", {"raw": b"\2"}, namespace="/other")
    assert await client.event() == ["said", {"raw": b"\2"}]


class Shouting(Packet):
    """A serializer of somebody's own."""

    def encode(self) -> Any:
        encoded = super().encode()
        return encoded.replace("said", "SAID") if isinstance(encoded, str) else encoded


async def test_a_serializer_of_its_own(stage: Stage) -> None:
    sio = stage.server(serializer=Shouting)
    sio.on("echo", lambda sid, *args: args)
    client = await stage.client()
    await sio.emit("said", 1)
    assert await client.event() == ["SAID", 1]
    assert await client.ask("echo", {"raw": b"\1"}) == [{"raw": b"\1"}]


async def test_another_path(stage: Stage) -> None:
    """Slashes around it do not matter."""
    sio = stage.server()
    async with listening((sio, "/deep/down/")) as address, aiohttp.ClientSession() as http:
        assert await Endpoint(http, f"{address}/deep/down/").handshake()


async def test_a_manager_of_its_own(stage: Stage) -> None:
    heard: list[str] = []

    class Counting(socketio.AsyncManager):
        async def emit(self, event: str, *args: Any, **options: Any) -> None:
            heard.append(event)
            await super().emit(event, *args, **options)

    sio = stage.server(client_manager=Counting())
    client = await stage.client()
    await sio.emit("said", to=client.sid)
    assert await client.event() == ["said"]
    assert heard == ["said"]
