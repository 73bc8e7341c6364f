"""Coming and going, rooms, sessions: the same on python-socketio's server and on ours."""

import asyncio
from typing import Any

import pytest
from socketio.exceptions import ConnectionRefusedError as Refused

from tests.conformance.client import ConnectError, Stage, Waiting


async def test_a_connect_handler_gets_sid_environ_and_auth(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()

    @sio.event
    async def connect(sid: str, environ: dict[str, Any], auth: Any) -> None:
        waiting.tell(
            (sid, environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["aiohttp.request"].path, auth)
        )

    client = await stage.client(auth={"token": "t"})
    assert await waiting.next() == (client.sid, "GET", "/socket.io/", "/socket.io/", {"token": "t"})
    await stage.client()
    assert (await waiting.next())[-1] is None


async def test_a_connect_handler_without_auth_serves_clients_without(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()
    sio.on("connect", lambda sid, environ: waiting.tell(sid))
    assert (await stage.client()).sid == await waiting.next()


REFUSALS = [
    pytest.param(Refused(), {"message": "Connection rejected by server"}, id="bare"),
    pytest.param(Refused("no"), {"message": "no"}, id="message"),
    pytest.param(Refused("no", {"code": 7}), {"message": "no", "data": {"code": 7}}, id="data"),
    pytest.param(Refused("no", 1, 2), {"message": "no", "data": (1, 2)}, id="several"),
    pytest.param(ConnectionRefusedError(), {"message": "Connection refused by server"}, id="builtin"),
    pytest.param(False, {"message": "Connection rejected by server"}, id="false"),
]


@pytest.mark.parametrize(("refusal", "payload"), REFUSALS)
async def test_a_refused_client_is_told_why_and_is_in_nothing(
    stage: Stage, refusal: Any, payload: dict[str, Any]
) -> None:
    sio = stage.server()
    seen: list[str] = []

    @sio.on("connect")
    async def connect(sid: str, environ: Any, auth: Any) -> Any:
        seen.append(sid)
        if isinstance(refusal, Exception):
            raise refusal
        return refusal

    sio.on("disconnect", lambda sid, reason: seen.append("disconnected"))
    client = await stage.connection()
    with pytest.raises(ConnectError) as refused:
        await client.connect()
    expected = payload | ({"data": list(payload["data"])} if isinstance(payload.get("data"), tuple) else {})
    assert refused.value.args == (expected,)
    assert sio.rooms(seen[0]) == []
    assert len(seen) == 1


async def test_a_refused_client_may_try_again(stage: Stage) -> None:
    sio = stage.server()
    sio.on("connect", lambda sid, environ, auth: auth == {"word": "right"})
    client = await stage.connection()
    with pytest.raises(ConnectError):
        await client.connect(auth={"word": "wrong"})
    assert await client.connect(auth={"word": "right"})
    assert await client.ask("sync") == []


async def test_with_always_connect_the_refusal_is_a_disconnect(stage: Stage) -> None:
    sio = stage.server(always_connect=True)

    @sio.on("connect")
    async def connect(sid: str, environ: Any, auth: Any) -> bool:
        await sio.emit("welcome", to=sid)
        return auth != {"refuse": True}

    client = await stage.client()
    assert await client.event() == ["welcome"]
    assert client.came == [0, 2]
    refused = await stage.connection()
    await refused.connect(auth={"refuse": True})
    assert await refused.disconnected() == "/"
    assert refused.came == [0, 2, 1]


async def test_every_namespace_of_a_connection_has_its_own_sid(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/a", "/b"])
    client = await stage.connection()
    sids = [await client.connect(namespace) for namespace in ("/", "/a", "/b")]
    assert len(set(sids)) == 3
    assert sio.manager.eio_sid_from_sid(sids[1], "/a") == sio.manager.eio_sid_from_sid(sids[2], "/b")
    assert sio.manager.is_connected(sids[1], "/a")
    assert not sio.manager.is_connected(sids[1], "/b")


async def test_a_client_connects_to_a_namespace_once(stage: Stage) -> None:
    stage.server()
    client = await stage.client()
    with pytest.raises(ConnectError):
        await client.connect("/")
    assert await client.ask("sync") == []


async def test_rooms_are_entered_left_and_closed(stage: Stage) -> None:
    sio = stage.server()
    client, other = await stage.client(), await stage.client()
    for one in (client, other):
        await sio.enter_room(one.sid, "a")
        await sio.enter_room(one.sid, ("b", 1))
    assert set(sio.rooms(client.sid)) == {client.sid, "a", ("b", 1)}
    assert {sid for sid, _ in sio.manager.get_participants("/", "a")} == {client.sid, other.sid}

    await sio.leave_room(client.sid, "a")
    await sio.leave_room(client.sid, "never entered")
    assert set(sio.rooms(client.sid)) == {client.sid, ("b", 1)}
    await sio.emit("said", to="a")
    assert (await client.received(), await other.received()) == ([], [["said"]])

    await sio.close_room("a")
    await sio.emit("said", to="a")
    assert await other.received() == []
    assert set(sio.rooms(other.sid)) == {other.sid, ("b", 1)}


async def test_rooms_may_be_entered_while_connecting(stage: Stage) -> None:
    sio = stage.server()

    @sio.event
    async def connect(sid: str, environ: Any) -> None:
        await sio.enter_room(sid, "early")

    client = await stage.client()
    await sio.emit("said", to="early")
    assert await client.event() == ["said"]


async def test_a_sid_is_no_room_for_others(stage: Stage) -> None:
    sio = stage.server()
    client, other = await stage.client(), await stage.client()
    with pytest.raises(ValueError, match="sid room"):
        await sio.enter_room(client.sid, other.sid)
    with pytest.raises(ValueError, match="sid room"):
        await sio.close_room(client.sid)


async def test_rooms_belong_to_a_namespace_and_end_with_the_client(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell(set(sio.rooms(sid))))
    client = await stage.connection()
    await client.connect("/")
    main, other = client.sid, await client.connect("/other")
    await sio.enter_room(other, "a", namespace="/other")
    await sio.enter_room(main, "b")
    assert set(sio.rooms(other, "/other")) == {other, "a"}
    await client.close()
    assert await waiting.next() == {main, "b"}  # still there while the handler runs
    while sio.rooms(main) or sio.rooms(other, "/other"):
        await sio.sleep(0)


async def test_sessions_keep_what_is_noted_in_each_namespace(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    client = await stage.connection()
    main, other = await client.connect("/"), await client.connect("/other")

    async with sio.session(main) as notes:
        notes["name"] = "ada"
    await sio.save_session(other, {"name": "eve"}, namespace="/other")
    async with sio.session(main) as notes:
        notes["count"] = 1

    assert await sio.get_session(main) == {"name": "ada", "count": 1}
    assert await sio.get_session(other, namespace="/other") == {"name": "eve"}


async def test_a_session_may_be_opened_while_connecting_and_read_while_leaving(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()

    @sio.event
    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await sio.save_session(sid, {"who": auth})

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        waiting.tell((await sio.get_session(sid))["who"])

    client = await stage.client(auth="ada")
    await client.leave()
    assert await waiting.next() == "ada"


async def test_the_environ_is_kept_for_a_client(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    client = await stage.client()
    environ = sio.get_environ(client.sid)
    other = await client.connect("/other")
    assert "transport=websocket" in environ["QUERY_STRING"]
    assert sio.get_environ(other, namespace="/other") is environ
    assert sio.get_environ("nobody") is None


async def test_the_transport_is_told(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()
    sio.on("connect", lambda sid, environ: waiting.tell(sid))
    client = await stage.client()
    assert sio.transport(await waiting.next()) == "websocket"
    assert client.sid

    session = await (await stage.start()).open_polling()
    await session.post("40")
    sid = await waiting.next()
    assert sio.transport(sid) == "polling"
    async with session.upgrade() as ws:
        await ws.send('421["sync"]')
        while await ws.next_but_pings() != "431[]":
            pass
        assert sio.transport(sid) == "websocket"


async def test_disconnect_takes_the_namespace_and_leaves_the_others(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell(reason), namespace="/other")
    client = await stage.connection()
    await client.connect("/")
    other = await client.connect("/other")
    await sio.disconnect(other, namespace="/other")
    assert await client.disconnected() == "/other"
    assert await waiting.next() == "server disconnect"
    assert not sio.manager.is_connected(other, "/other")
    assert await client.ask("sync") == []
    await sio.disconnect(other, namespace="/other")  # twice is once
    await sio.disconnect("nobody")
    assert waiting.silent


async def test_the_reason_of_a_disconnect(stage: Stage) -> None:
    sio = stage.server(ping_interval=1, ping_timeout=1)
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell((sid, reason)))
    leaves, closes, drops, cut = [await stage.client() for _ in range(4)]

    await leaves.leave()
    assert await waiting.next() == (leaves.sid, "client disconnect")
    await closes.frames.send("1")
    assert await waiting.next() == (closes.sid, "client disconnect")
    await drops.close()
    assert await waiting.next() == (drops.sid, "transport close")
    await sio.eio.disconnect(sio.manager.eio_sid_from_sid(cut.sid, "/"))
    assert await waiting.next() == (cut.sid, "server disconnect")


async def test_a_silent_client_is_disconnected_for_that(stage: Stage) -> None:
    sio = stage.server(ping_interval=0.05, ping_timeout=0.05)
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell(reason))
    await stage.client()
    assert await waiting.next() == "ping timeout"


async def test_an_older_disconnect_handler_takes_the_sid_alone(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()
    sio.on("disconnect", lambda sid: waiting.tell(sid))
    client = await stage.client()
    await client.leave()
    assert await waiting.next() == client.sid


async def test_what_is_asked_of_a_client_that_is_not_there(stage: Stage) -> None:
    sio = stage.server()
    await stage.client()
    assert sio.rooms("nobody") == []
    await sio.leave_room("nobody", "room")
    with pytest.raises((KeyError, ValueError)):
        await sio.enter_room("nobody", "room")
    with pytest.raises(KeyError):
        await sio.get_session("nobody")
    with pytest.raises(KeyError):
        await sio.save_session("nobody", {})
    with pytest.raises(KeyError):
        sio.transport("nobody")


async def test_a_handler_goes_on_after_its_client_left(stage: Stage) -> None:
    sio = stage.server()
    waiting, gate = Waiting(), asyncio.Event()
    sio.on("disconnect", lambda sid, reason: gate.set())

    @sio.event
    async def work(sid: str) -> str:
        waiting.tell("begun")
        await gate.wait()
        await sio.emit("for nobody", to=sid)
        waiting.tell("done")
        return "for nobody, too"

    client = await stage.client()
    await client.emit("work")
    assert await waiting.next() == "begun"
    await client.close()
    assert await waiting.next() == "done"


async def test_connections_come_and_go_without_leaving_anything(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell(sid))
    for _ in range(20):
        client = await stage.client("/other")
        await sio.enter_room(client.sid, "room", namespace="/other")
        await client.close()
        await waiting.next()
    while sio.eio.sockets or sio.environ or list(sio.manager.get_participants("/other", "room")):
        await sio.sleep(0.001)
