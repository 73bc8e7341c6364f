"""Where our engine is not as python-socketio's server is, on purpose."""

import asyncio
from typing import Any

import pytest
import socketio

from tests.conformance.client import ConnectError, Stage, Waiting

RESERVED = ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")


def refused(code: str, answer: list[Any]) -> bool:
    """Whether an acknowledgement is a refusal with this code."""
    (payload,) = answer
    error = payload["error"]
    return payload["ok"] is False and error["code"] == code and {"message", "retryable"} <= set(error)


@pytest.mark.parametrize("name", RESERVED)
async def test_reserved_names_run_no_handler(ours: Stage, name: str) -> None:
    sio = ours.server()
    ran = Waiting()
    sio.on("connect", lambda sid, environ, auth: None)
    client = await ours.client()
    for event in (name, "*"):
        sio.on(event, lambda *args: ran.tell(args))
    assert refused("UNKNOWN_EVENT", await client.ask(name, {}, {}))
    await client.emit(name, {}, {})
    assert await client.received() == []
    assert ran.silent
    await sio.disconnect(client.sid)  # runs the handler of `disconnect`, and says so


@pytest.mark.parametrize("name", ["connect", "disconnect"])
async def test_reserved_names_run_no_method_of_a_class(ours: Stage, name: str) -> None:
    ran = Waiting()

    class Room(socketio.AsyncNamespace):
        def on_disconnect(self, *args: Any) -> None:
            ran.tell(args)

    sio = ours.server()
    sio.register_namespace(Room("/room"))
    client = await ours.client("/room")
    Room.on_connect = Room.on_disconnect  # type: ignore[attr-defined]
    assert refused("UNKNOWN_EVENT", await client.ask(name, {}, {}, namespace="/room"))
    assert ran.silent


async def test_an_unknown_event_is_refused(ours: Stage) -> None:
    sio = ours.server(namespaces=["/", "/empty"])
    sio.register_namespace(socketio.AsyncNamespace("/class"))
    client = await ours.client("/empty", "/class")
    for namespace in ("/", "/empty", "/class"):
        assert refused("UNKNOWN_EVENT", await client.ask("unknown", 1, namespace=namespace))


async def raises(sid: str) -> None:
    raise LookupError("secret")


async def raises_later(sid: str) -> None:
    await asyncio.sleep(0)
    raise LookupError("secret")


async def takes_nothing() -> None: ...


async def cancels_itself(sid: str) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(5)


@pytest.mark.parametrize(
    "handler",
    [
        pytest.param(raises, id="raises"),
        pytest.param(raises_later, id="raises-later"),
        pytest.param(lambda sid: 1 / 0, id="function-raises"),
        pytest.param(takes_nothing, id="wrong-arguments"),
        pytest.param(lambda sid: object(), id="unencodable-result"),
        pytest.param(cancels_itself, id="cancels-itself"),
    ],
)
async def test_a_handler_that_fails_is_answered_for(ours: Stage, handler: Any) -> None:
    ours.server().on("work", handler)
    client = await ours.client()
    answer = await client.ask("work")
    assert refused("INTERNAL", answer)
    assert "secret" not in str(answer)
    assert await client.ask("sync") == []


async def test_an_event_to_a_namespace_that_was_not_entered_is_refused(ours: Stage) -> None:
    sio = ours.server(namespaces=["/", "/other"])
    ran = Waiting()
    sio.on("work", lambda sid: ran.tell(sid), namespace="/other")
    client = await ours.client()
    assert refused("UNAUTHENTICATED", await client.ask("work", namespace="/other"))
    assert ran.silent


async def test_connect_precedes_all_that_its_handler_emits(ours: Stage) -> None:
    sio = ours.server()

    @sio.event
    async def connect(sid: str, environ: Any, auth: Any) -> None:
        await sio.emit("first", {"raw": b"\1"}, to=sid)
        await asyncio.sleep(0)
        await sio.enter_room(sid, "room")
        await sio.emit("second", room="room")

    client = await ours.client()
    assert [await client.event(), await client.event()] == [["first", {"raw": b"\1"}], ["second"]]
    assert client.came == [0, 5, 2]


async def test_what_a_connect_handler_emits_and_then_refuses_is_not_sent(ours: Stage) -> None:
    sio = ours.server()

    @sio.event
    async def connect(sid: str, environ: Any, auth: Any) -> bool:
        await sio.emit("early", to=sid)
        return bool(auth)

    client = await ours.connection()
    with pytest.raises(ConnectError):
        await client.connect()
    await client.connect(auth={"a": 1})
    assert await client.received() == [["early"]]


async def test_a_client_that_is_not_in_yet_hears_no_room(ours: Stage) -> None:
    sio = ours.server()
    gate, arrived = asyncio.Event(), Waiting()

    @sio.event
    async def connect(sid: str, environ: Any, auth: Any) -> bool:
        arrived.tell(sid)
        await gate.wait()
        return False

    client = await ours.connection()
    connecting = asyncio.create_task(client.connect())
    await arrived.next()
    await sio.emit("for all")
    gate.set()
    with pytest.raises(ConnectError):
        await connecting
    assert client.events == []


async def test_a_connect_handler_that_raises_refuses(ours: Stage) -> None:
    ours.server().on("connect", lambda sid, environ, auth: 1 / 0)
    client = await ours.connection()
    with pytest.raises(ConnectError) as told:
        await client.connect()
    assert "message" in told.value.args[0]
    assert "division" not in str(told.value)


async def test_an_unknown_namespace_is_called_that(ours: Stage) -> None:
    ours.server()
    async with (await ours.start()).websocket() as ws:
        await ws.send('40/random,{"token":"t"}')
        assert await ws.text() == '44/random,{"message":"Invalid namespace"}'


async def test_a_question_ends_at_once_when_its_client_is_gone(ours: Stage) -> None:
    sio = ours.server(namespaces=["/", "/other"])
    client = await ours.client("/other")
    questions = [
        asyncio.create_task(sio.call("question", to=client.sid, namespace="/other", timeout=60))
        for _ in range(3)
    ]
    await client.event()
    await client.leave("/other")
    for result in await asyncio.wait_for(asyncio.gather(*questions, return_exceptions=True), 20):
        assert isinstance(result, socketio.exceptions.TimeoutError)
    assert await client.ask("sync") == []


async def test_a_question_to_nobody_ends_at_once(ours: Stage) -> None:
    sio = ours.server()
    with pytest.raises(socketio.exceptions.TimeoutError):
        await asyncio.wait_for(sio.call("question", to="nobody", timeout=60), 20)


async def test_a_server_that_disconnects_in_the_middle_of_an_upgrade_closes_both_ways(ours: Stage) -> None:
    sio = ours.server()

    @sio.event
    async def cut(sid: str) -> None:
        await sio.eio.disconnect(sio.manager.eio_sid_from_sid(sid, "/"))

    session = await (await ours.start()).open_polling()
    await session.post("40")
    assert (await session.poll()).text.startswith("40")
    async with session.upgrade(upgraded=False) as ws:
        await session.post('42["cut"]')
        assert await ws.closed() == []
    assert await session.poll() == (200, "1")  # whichever way the client looks, it hears of it
    assert (await session.poll()).status == 400


async def test_a_server_that_disconnects_ends_a_waiting_poll_with_a_close(ours: Stage) -> None:
    sio = ours.server()
    session = await (await ours.start()).open_polling()
    await session.post("40")
    assert (await session.poll()).text.startswith("40")
    async with session.waiting_poll() as waiting:
        await sio.eio.disconnect(session.sid)
        assert await waiting.answer() == (200, "1")


async def test_closing_a_connection_does_not_wait_for_its_client(ours: Stage) -> None:
    sio = ours.server()
    waiting = Waiting()
    sio.on("disconnect", lambda sid, reason: waiting.tell(reason))
    client = await ours.client()
    await sio.eio.disconnect(sio.manager.eio_sid_from_sid(client.sid, "/"))
    assert await client.frames.closed() == []
    assert await waiting.next() == "server disconnect"


async def test_bytearrays_are_bytes(ours: Stage) -> None:
    sio = ours.server()
    client = await ours.client()
    await sio.emit("said", [bytearray(b"\1")])
    assert await client.event() == ["said", [b"\1"]]


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(['4599999999-["sync",{"_placeholder":true,"num":0}]'], id="attachments-without-end"),
        pytest.param([b"\1"], id="attachment-that-nobody-announced"),
        pytest.param(
            ['451-["sync",{"_placeholder":true,"num":0}]', '42["sync"]'],
            id="text-where-an-attachment-was-due",
        ),
        pytest.param(['451-["sync",{"_placeholder":true,"num":1}]', b"\1"], id="no-such-attachment"),
        pytest.param(["42[]"], id="event-without-name"),
        pytest.param(['42["sync"'], id="half-of-json"),
        pytest.param(["43[]"], id="acknowledgement-of-nothing-said"),
        pytest.param(["431{}"], id="acknowledgement-without-arguments"),
        pytest.param(['44{"message":"no"}'], id="connect-error-by-a-client"),
        pytest.param(["47"], id="unknown-packet"),
        pytest.param(["40[1"], id="half-of-auth"),
    ],
)
async def test_what_is_malformed_closes_its_connection_and_no_other(
    ours: Stage, frames: list[str | bytes]
) -> None:
    ours.server()
    client, other = await ours.client(), await ours.client()
    await client.frames.send(*frames)
    assert await client.frames.closed() == []
    assert await other.ask("sync") == []


@pytest.mark.parametrize("name", ["1", "null", "true", '["sync"]', "{}"])
async def test_a_name_that_is_no_text_is_no_event(ours: Stage, name: str) -> None:
    sio = ours.server()
    ran = Waiting()
    sio.on("*", lambda *args: ran.tell(args))
    client = await ours.client()
    await client.frames.send(f"42[{name}]")
    assert await client.ask("sync") == []
    assert ran.silent


async def test_an_acknowledgement_may_be_asked_for_with_zero(ours: Stage) -> None:
    ours.server()
    client = await ours.client()
    await client.frames.send('420["sync"]')
    assert await client.frames.next() == "430[]"


async def test_jsonp_is_refused(ours: Stage) -> None:
    ours.server()
    assert (await (await ours.start()).ask(EIO="4", transport="polling", j="0")).status == 400
