"""Handlers of every kind, acknowledgements and questions: the same on python-socketio's server and on ours."""

import asyncio
from functools import partial
from typing import Any

import pytest
import socketio

from tests.conformance.client import Stage, Waiting


async def test_functions_and_coroutine_functions_get_sid_and_arguments(stage: Stage) -> None:
    sio = stage.server()

    @sio.on("plain")
    def plain(sid: str, *args: Any) -> list[Any]:
        return [sid, *args]

    @sio.event
    async def coroutine(sid: str, *args: Any) -> list[Any]:
        await asyncio.sleep(0)
        return [sid, *args]

    @sio.event(namespace="/other")
    async def elsewhere(sid: str, data: Any) -> Any:
        return data

    sio.on("partly", partial(plain, "bound"))
    client = await stage.client()

    assert await client.ask("plain") == [[client.sid]]
    assert await client.ask("plain", 1, None, {"a": b"\1"}) == [[client.sid, 1, None, {"a": b"\1"}]]
    assert await client.ask("coroutine", "x") == [[client.sid, "x"]]
    assert await client.ask("partly", 1) == [["bound", client.sid, 1]]
    await client.connect("/other")
    assert await client.ask("elsewhere", [1], namespace="/other") == [[1]]


@pytest.mark.parametrize(
    ("result", "arguments"),
    [
        pytest.param(None, [], id="nothing"),
        pytest.param("one", ["one"], id="one"),
        pytest.param(0, [0], id="zero"),
        pytest.param(False, [False], id="false"),
        pytest.param(("a", 1), ["a", 1], id="tuple"),
        pytest.param([1, 2], [[1, 2]], id="list"),
        pytest.param({"raw": [b"\1"]}, [{"raw": [b"\1"]}], id="bytes"),
        pytest.param({1: "é"}, [{"1": "é"}], id="int-keys"),
    ],
)
async def test_what_a_handler_returns_is_the_acknowledgement(
    stage: Stage, result: Any, arguments: list[Any]
) -> None:
    sio = stage.server()
    sio.on("asked", lambda sid: result)
    client = await stage.client()
    assert await client.ask("asked") == arguments


async def test_nothing_is_acknowledged_unless_asked_for(stage: Stage) -> None:
    sio = stage.server()
    sio.on("told", lambda sid: "answer")
    client = await stage.client()
    await client.emit("told")
    assert await client.received() == []
    assert client.came.count(3) == 1  # of received()'s own question


async def test_a_catch_all_gets_the_name_and_loses_to_named_handlers(stage: Stage) -> None:
    sio = stage.server()
    sio.on("named", lambda sid, *args: "named")
    sio.on("*", lambda event, sid, *args: [event, sid, *args])
    client = await stage.client()
    assert await client.ask("named", 1) == ["named"]
    assert await client.ask("other", 1) == [["other", client.sid, 1]]


async def test_catch_all_namespaces_get_theirs_and_lose_to_named_ones(stage: Stage) -> None:
    sio = stage.server(namespaces="*")
    sio.on("named", lambda namespace, sid, *args: ["named", namespace, sid, *args], namespace="*")
    sio.on("*", lambda event, namespace, sid, *args: [event, namespace, sid, *args], namespace="*")
    sio.on("named", lambda sid: "here", namespace="/here")
    sio.on("*", lambda event, sid: [event, "here"], namespace="/here")
    client = await stage.client()

    anywhere = await client.connect("/anywhere")
    assert await client.ask("named", 1, namespace="/anywhere") == [["named", "/anywhere", anywhere, 1]]
    assert await client.ask("other", 1, namespace="/anywhere") == [["other", "/anywhere", anywhere, 1]]
    await client.connect("/here")
    assert await client.ask("named", namespace="/here") == ["here"]
    assert await client.ask("other", namespace="/here") == [["other", "here"]]


async def test_a_catch_all_namespace_hears_of_coming_and_going(stage: Stage) -> None:
    sio = stage.server(namespaces="*")
    waiting = Waiting()
    sio.on("connect", lambda namespace, sid, environ, auth: waiting.tell((namespace, auth)), namespace="*")
    sio.on("disconnect", lambda namespace, sid, reason: waiting.tell((namespace, reason)), namespace="*")
    client = await stage.client("/any", auth={"a": 1})
    await client.leave("/any")
    assert [await waiting.next() for _ in range(3)] == [
        ("/", {"a": 1}),
        ("/any", {"a": 1}),
        ("/any", "client disconnect"),
    ]


class Room(socketio.AsyncNamespace):
    """A class namespace with every kind of method."""

    def on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        if auth == {"refuse": True}:
            raise socketio.exceptions.ConnectionRefusedError("not here")

    async def on_join(self, sid: str, room: str) -> list[str]:
        await self.enter_room(sid, room)
        return sorted(self.rooms(sid))

    def on_plain(self, sid: str, *args: Any) -> Any:
        return self.namespace, *args

    async def on_shout(self, sid: str, room: str, words: Any) -> None:
        await self.emit("shouted", words, room=room, skip_sid=sid)

    async def on_note(self, sid: str, key: str, value: Any) -> Any:
        async with self.session(sid) as notes:
            notes[key] = value
        return await self.get_session(sid)

    async def on_ask_me(self, sid: str) -> Any:
        return await self.call("question", to=sid, timeout=5)

    async def on_out(self, sid: str) -> None:
        await self.disconnect(sid)

    async def on_disconnect(self, sid: str, reason: str) -> None:
        await self.emit("left", reason, room="room")


async def test_class_namespaces(stage: Stage) -> None:
    sio = stage.server()
    sio.register_namespace(Room("/room"))
    speaker, listener = await stage.client("/room"), await stage.client("/room")

    assert await speaker.ask("plain", 1, namespace="/room") == ["/room", 1]
    assert await speaker.ask("join", "room", namespace="/room") == [sorted([speaker.sid, "room"])]
    await listener.ask("join", "room", namespace="/room")
    await speaker.ask("shout", "room", {"loud": b"\1"}, namespace="/room")
    assert await listener.event() == ["shouted", {"loud": b"\1"}]
    assert await speaker.ask("note", "a", 1, namespace="/room") == [{"a": 1}]
    await speaker.emit("ask_me", namespace="/room")
    assert await speaker.event() == ["question"]
    await speaker.answer("yes")
    await speaker.emit("out", namespace="/room")
    assert await speaker.disconnected() == "/room"
    assert await listener.event() == ["left", "server disconnect"]


async def test_a_class_for_all_namespaces_and_one_that_routes_itself(stage: Stage) -> None:
    class Anywhere(socketio.AsyncNamespace):
        async def on_where(self, namespace: str, sid: str) -> str:
            return namespace

    class Router(socketio.AsyncNamespace):
        async def trigger_event(self, event: str, *args: Any) -> Any:
            return [event, *args[1:]] if event not in ("connect", "disconnect") else None

    sio = stage.server(namespaces="*")
    sio.register_namespace(Anywhere("*"))
    sio.register_namespace(Router("/router"))
    client = await stage.client("/some", "/router")
    assert await client.ask("where", namespace="/some") == ["/some"]
    assert await client.ask("what-ever", 1, namespace="/router") == [["what-ever", 1]]


async def test_functions_come_before_class_namespaces(stage: Stage) -> None:
    sio = stage.server()
    sio.register_namespace(Room("/room"))
    sio.on("plain", lambda sid: "function", namespace="/room")
    client = await stage.client("/room")
    assert await client.ask("plain", namespace="/room") == ["function"]


async def test_call_returns_what_the_client_acknowledges(stage: Stage) -> None:
    sio = stage.server()

    answers = Waiting()

    @sio.event
    async def ask_me(sid: str, *args: Any) -> None:
        answers.tell(await sio.call("question", args, to=sid))

    client = await stage.client()
    for answer, result in ([[], None], [["one"], "one"], [[1, b"\2"], (1, b"\2")], [[None], None]):
        await client.emit("ask_me", 1, "two")
        assert await client.event() == ["question", 1, "two"]
        await client.answer(*answer)
        assert await answers.next() == result


async def test_call_takes_sid_for_to_and_no_room_at_all(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    asking = asyncio.create_task(sio.call("question", sid=client.sid))
    await client.event()
    await client.answer("yes")
    assert await asking == "yes"
    with pytest.raises(ValueError, match="broadcast"):
        await sio.call("question")


async def test_call_gives_up_after_its_timeout(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    with pytest.raises(socketio.exceptions.TimeoutError):
        await sio.call("question", to=client.sid, timeout=0.01)
    assert await client.event() == ["question"]
    await client.answer("too late")
    assert await client.ask("sync") == []


async def test_call_ends_when_the_client_is_gone(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    # Stock waits for all of the timeout, ours raises at once, as a subclass.
    timeout = 0.2 if stage.kind == "stock" else 60
    asking = asyncio.create_task(sio.call("question", to=client.sid, timeout=timeout))
    await client.event()
    await client.close()
    with pytest.raises(socketio.exceptions.TimeoutError):
        await asyncio.wait_for(asking, 20)


async def test_a_handler_that_asks_keeps_nothing_from_being_read(stage: Stage) -> None:
    sio = stage.server()

    @sio.event
    async def ask_me(sid: str) -> Any:
        return await sio.call("question", to=sid)

    sio.on("other", lambda sid: "meanwhile")
    client = await stage.client()
    await client.emit("ask_me")
    assert await client.event() == ["question"]
    assert await client.ask("other") == ["meanwhile"]


async def test_without_async_handlers_events_are_handled_one_after_the_other(stage: Stage) -> None:
    sio = stage.server(async_handlers=False)
    order: list[Any] = []

    @sio.event
    async def step(sid: str, number: int) -> None:
        order.append(("begin", number))
        await asyncio.sleep(0.01 if number == 0 else 0)
        order.append(("end", number))

    client = await stage.client()
    for number in range(3):
        await client.emit("step", number)
    await client.received()
    assert order == [(what, number) for number in range(3) for what in ("begin", "end")]
    with pytest.raises(RuntimeError, match="async_handlers"):
        await sio.call("question", to=client.sid)


async def test_with_async_handlers_a_later_event_may_overtake(stage: Stage) -> None:
    sio = stage.server()
    gate = asyncio.Event()

    @sio.event
    async def wait(sid: str) -> str:
        await gate.wait()
        return "waited"

    sio.on("open", lambda sid: gate.set())
    client = await stage.client()
    await client.emit("wait")
    await client.ask("open")
    assert await client.ask("wait") == ["waited"]


async def test_background_tasks_and_sleep(stage: Stage) -> None:
    sio = stage.server()

    async def later(sid: str, word: str) -> None:
        await sio.sleep(0)
        await sio.emit("later", word, to=sid)

    @sio.event
    async def start(sid: str) -> None:
        sio.start_background_task(later, sid, "word")

    client = await stage.client()
    await client.emit("start")
    assert await client.event() == ["later", "word"]
