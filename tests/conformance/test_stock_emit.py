"""Emitting, to whom and what: the same on python-socketio's server and on ours."""

from typing import Any

import pytest

from tests.conformance.client import Client, Stage


async def three(stage: Stage) -> tuple[Any, list[Client]]:
    """A server and three clients, of which the first two are in ``room``."""
    sio = stage.server()
    clients = [await stage.client() for _ in range(3)]
    for client in clients[:2]:
        await sio.enter_room(client.sid, "room")
    return sio, clients


async def heard(clients: list[Client]) -> list[int]:
    """How many events each got."""
    return [len(await client.received()) for client in clients]


@pytest.mark.parametrize(
    ("data", "arguments"),
    [
        pytest.param(None, [], id="nothing"),
        pytest.param("text", ["text"], id="text"),
        pytest.param("", [""], id="empty-text"),
        pytest.param('Grüße 你好 🎈\u2028"\\', ['Grüße 你好 🎈\u2028"\\'], id="beyond-ascii"),
        pytest.param(7, [7], id="number"),
        pytest.param(2.5, [2.5], id="fraction"),
        pytest.param(2**60, [2**60], id="large-number"),
        pytest.param(True, [True], id="truth"),
        pytest.param([1, [2]], [[1, [2]]], id="list"),
        pytest.param({"a": {"b": None}}, [{"a": {"b": None}}], id="dict"),
        pytest.param({1: "one", 2: {3: 4}}, [{"1": "one", "2": {"3": 4}}], id="int-keys"),
        pytest.param((1, "two", [3]), [1, "two", [3]], id="tuple"),
        pytest.param((), [], id="empty-tuple"),
        pytest.param(b"\0\1", [b"\0\1"], id="bytes"),
        pytest.param(b"", [b""], id="no-bytes"),
        pytest.param(
            {"a": [b"\1", {"b": b"\2"}], "c": 1}, [{"a": [b"\1", {"b": b"\2"}], "c": 1}], id="nested-bytes"
        ),
        pytest.param((b"\1", {"x": b"\2"}, 3), [b"\1", {"x": b"\2"}, 3], id="tuple-with-bytes"),
        pytest.param({"inner": (1, 2)}, [{"inner": [1, 2]}], id="inner-tuple"),
    ],
)
async def test_data_arrives_as_these_arguments(stage: Stage, data: Any, arguments: list[Any]) -> None:
    sio = stage.server()
    client = await stage.client()
    await sio.emit("said", data, to=client.sid)
    assert await client.event() == ["said", *arguments]


async def test_what_is_no_json_raises_and_sends_nothing(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    with pytest.raises(TypeError):
        await sio.emit("said", object())
    assert await client.received() == []


async def test_data_is_taken_when_it_is_emitted(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    data = {"list": [1]}
    await sio.emit("said", data)
    data["list"].append(2)
    assert await client.event() == ["said", {"list": [1]}]


async def test_without_a_recipient_everybody_hears_it(stage: Stage) -> None:
    sio, clients = await three(stage)
    await sio.emit("said")
    assert await heard(clients) == [1, 1, 1]


@pytest.mark.parametrize("recipient", ["to", "room"])
async def test_a_room_hears_it(stage: Stage, recipient: str) -> None:
    sio, clients = await three(stage)
    await sio.emit("said", **{recipient: "room"})
    assert await heard(clients) == [1, 1, 0]


async def test_a_sid_hears_it(stage: Stage) -> None:
    sio, clients = await three(stage)
    await sio.emit("said", to=clients[1].sid)
    assert await heard(clients) == [0, 1, 0]


async def test_several_rooms_hear_it_once(stage: Stage) -> None:
    sio, clients = await three(stage)
    for client in clients[1:]:
        await sio.enter_room(client.sid, "other")
    await sio.emit("said", room=["room", "other"])
    assert await heard(clients) == [1, 1, 1]


async def test_an_unknown_room_sid_or_namespace_is_nobody(stage: Stage) -> None:
    sio, clients = await three(stage)
    await sio.emit("said", room="nowhere")
    await sio.emit("said", to=["nowhere", "else"])
    await sio.emit("said", namespace="/nowhere")
    assert await heard(clients) == [0, 0, 0]


async def test_skip_sid_spares_one_or_several(stage: Stage) -> None:
    sio, clients = await three(stage)
    await sio.emit("said", room="room", skip_sid=clients[0].sid)
    assert await heard(clients) == [0, 1, 0]
    await sio.emit("said", skip_sid=[clients[0].sid, clients[2].sid])
    assert await heard(clients) == [0, 1, 0]
    await sio.emit("said", skip_sid=[])
    assert await heard(clients) == [1, 1, 1]


async def test_bytes_reach_a_room(stage: Stage) -> None:
    sio, clients = await three(stage)
    await sio.emit("said", {"raw": b"\1"}, room="room")
    assert [await client.received() for client in clients] == [[["said", {"raw": b"\1"}]]] * 2 + [[]]


async def test_send_is_an_event_named_message(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    await sio.send({"a": 1}, to=client.sid)
    assert await client.event() == ["message", {"a": 1}]


async def test_a_namespace_hears_only_its_own(stage: Stage) -> None:
    sio = stage.server(namespaces=["/", "/other"])
    client = await stage.connection()
    await client.connect("/")
    other = await client.connect("/other")
    await sio.emit("said", 1, namespace="/other")
    await sio.emit("said", 2, to=other)
    await sio.emit("said", 3, to=other, namespace="/other")
    assert await client.received() == [["said", 1], ["said", 3]]


async def test_events_keep_the_order_in_which_they_were_emitted(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    for number in range(50):
        await sio.emit("said", b"%d" % number if number % 3 else number)
    assert [event[1] for event in await client.received()] == [
        b"%d" % number if number % 3 else number for number in range(50)
    ]


async def test_a_callback_gets_the_arguments_of_the_acknowledgement(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    answers: list[Any] = []
    await sio.emit("asked", 1, to=client.sid, callback=lambda *args: answers.append(args))
    assert await client.event() == ["asked", 1]
    await client.answer("yes", 2, b"\3")
    await client.received()
    assert answers == [("yes", 2, b"\3")]

    await client.answer("again")  # an answer to nothing
    await client.received()
    assert len(answers) == 1


async def test_a_callback_may_be_a_coroutine_function(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    answers: list[Any] = []

    async def answered(answer: str) -> None:
        await sio.emit("thanks", answer, to=client.sid)
        answers.append(answer)

    await sio.emit("asked", to=client.sid, callback=answered)
    await client.event()
    await client.answer("yes")
    assert await client.event() == ["thanks", "yes"]
    assert answers == ["yes"]


async def test_a_callback_that_raises_harms_nobody(stage: Stage) -> None:
    sio = stage.server()
    client = await stage.client()
    await sio.emit("asked", to=client.sid, callback=lambda: 1 / 0)
    await client.event()
    await client.answer()
    await sio.emit("asked", to=client.sid, callback=lambda: None)
    await client.event()
    await client.answer("more arguments", "than it takes")
    assert await client.received() == []


async def test_emitting_to_somebody_who_left_is_nothing(stage: Stage) -> None:
    sio = stage.server()
    client, other = await stage.client(), await stage.client()
    await client.leave()
    await client.close()
    while sio.manager.is_connected(client.sid, "/"):
        await sio.sleep(0.001)
    await sio.emit("said", to=client.sid)
    await sio.emit("said", to=client.sid, callback=lambda: None)
    await sio.emit("said")
    assert await other.received() == [["said"]]


async def test_polling_clients_get_events_with_bytes_in_order(stage: Stage) -> None:
    sio = stage.server()
    session = await (await stage.start()).open_polling()
    await session.post("40")
    (welcome,) = await session.receive()
    assert welcome.startswith("40")
    await sio.emit("one", {"raw": b"\1"})
    await sio.emit("two", 2)
    assert await session.receive(3) == [
        '451-["one",{"raw":{"_placeholder":true,"num":0}}]',
        "bAQ==",
        '42["two",2]',
    ]
