"""``/video``: seats of a scheduled session, signals to the other participant alone, overtime, and the end."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.support.house import Party
from tests.support.realtime import DEADLINE, Node, Tab, World, on_family
from tests.support.sandbox import eventually
from tests.support.sessions import BOOKED, MINUTE, Meeting, booked

OFFER = {"type": "offer", "sdp": "v=0\r\noffer"}
ANSWER = {"type": "answer", "sdp": "v=0\r\nanswer"}


def candidate(number: int) -> dict[str, Any]:
    return {"candidate": f"candidate:{number} 1 udp 1 192.0.2.1 {number} typ host", "sdpMid": "0"}


@dataclass
class Room:
    """A session at its start, and its two sockets."""

    meeting: Meeting
    client: Tab
    coach: Tab
    one: Node

    def about(self, **body: Any) -> dict[str, Any]:
        return {"bookingId": self.meeting.booking_id, **body}

    def signal(self, epoch: int = 0, **body: Any) -> dict[str, Any]:
        return self.about(epoch=epoch, **body)

    async def both(self, name: str, count: int = 1) -> list[Any]:
        return list(await asyncio.gather(self.client.until(name, count), self.coach.until(name, count)))

    async def prove(self, *tabs: Tab) -> None:
        report = self.signal(state="connected")
        for tab in tabs or (self.client, self.coach):
            await tab.done("session-media-state", report)


async def join(tab: Tab, meeting: Meeting, party: Party, **more: Any) -> Any:
    ask = {"bookingId": meeting.booking_id, "deviceId": party.device, **more}
    return await tab.done("join-session", ask)


async def room(one: Node, two: Node) -> Room:
    coach, client = await one.house.coach(), await one.house.client()
    meeting = await booked(one.house, client, coach)
    await meeting.pass_to(0)
    at_client, at_coach = await one.tab(client, "/video"), await two.tab(coach, "/video")
    await join(at_client, meeting, client)
    await join(at_coach, meeting, coach)
    return Room(meeting, at_client, at_coach, one)


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
async def nodes(world: World, request: pytest.FixtureRequest) -> tuple[Node, Node]:
    one = await world.node("p1")
    return one, one if request.param == 1 else await world.node("p2")


async def test_joining_answers_with_a_full_snapshot(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    meeting = await booked(node.house, client, coach)
    await meeting.pass_to(-10)
    at_client, at_coach = await node.tab(client, "/video"), await node.tab(coach, "/video")

    first, second = await join(at_client, meeting, client), await join(at_coach, meeting, coach)

    assert (first["role"], first["polite"], first["peerPresent"], first["state"]) == (
        "client",
        False,
        False,
        "open",
    )
    assert (second["role"], second["polite"], second["peerPresent"], second["state"]) == (
        "coach",
        True,
        True,
        "in_progress",
    )
    assert (first["end"], first["overtime"], first["meter"]) == (first["endsAt"], None, None)
    assert first["overtimeRate"] == {"amount": MINUTE, "currency": "USD"}
    assert first["proofIntervalMs"] == 5000
    assert "peer" not in first


async def test_who_comes_too_early_is_told_when_it_opens(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    meeting = await booked(node.house, client, coach)
    tab = await node.tab(client, "/video")

    ack = await tab.ask("join-session", {"bookingId": meeting.booking_id, "deviceId": client.device})

    session = await meeting.session()
    assert ack["error"]["code"] == "TOO_EARLY"
    assert ack["error"]["details"] == {"from": f"{session.opens_at:%Y-%m-%dT%H:%M:%S}.000Z"}


async def test_a_stranger_cannot_join_nor_learn_that_there_is_a_session(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    meeting = await booked(node.house, client, coach)
    stranger = await node.house.client(card=None)
    tab = await node.tab(stranger, "/video")

    acks = [
        await tab.ask("join-session", {"bookingId": booking, "deviceId": stranger.device})
        for booking in (meeting.booking_id, "0" * 24)
    ]

    assert acks[0] == acks[1]
    assert acks[0]["error"]["code"] == "NOT_FOUND"


async def test_the_other_side_hears_of_a_join_of_a_loss_and_of_leaving(nodes: tuple[Node, Node]) -> None:
    meeting = await room(*nodes)
    joined = await meeting.client.until("session-peer-joined")

    await meeting.coach.done("leave-session", meeting.about())
    left = await meeting.client.until("session-peer-left")
    again = await join(meeting.coach, meeting.meeting, meeting.meeting.coach)
    await meeting.client.until("session-peer-joined", 2)
    await meeting.coach.client.disconnect()
    await meeting.client.until("session-peer-left", 2)

    assert (joined["role"], joined["state"]) == ("coach", "in_progress")
    assert (left["bookingId"], left["role"]) == (meeting.meeting.booking_id, "coach")
    assert (again["state"], again["epoch"]) == ("in_progress", 1)
    session = await meeting.meeting.session()
    assert [visit.left_at is not None for visit in session.coach.visits] == [True, True]
    assert [visit.left_at is not None for visit in (session.client or session.coach).visits] == [False]


async def test_signals_reach_the_other_participant_alone_and_in_order(nodes: tuple[Node, Node]) -> None:
    meeting, bystanders = await room(*nodes), await room(*nodes)

    await meeting.client.done("session-signal", meeting.signal(description=OFFER))
    for number in range(20):
        await meeting.client.done("session-signal", meeting.signal(candidate=candidate(number)))
    await meeting.coach.until("session-signal", 21)
    await meeting.coach.done("session-signal", meeting.signal(description=ANSWER))
    answer = await meeting.client.until("session-signal")

    heard = meeting.coach.named("session-signal")
    assert heard[0] == meeting.signal(description=OFFER)
    assert [told["candidate"] for told in heard[1:]] == [candidate(number) for number in range(20)]
    assert answer == meeting.signal(description=ANSWER)
    assert bystanders.client.named("session-signal") == bystanders.coach.named("session-signal") == []


async def test_signals_wait_for_a_peer_who_has_not_come_yet(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    coach, client = await one.house.coach(), await one.house.client()
    meeting = await booked(one.house, client, coach)
    await meeting.pass_to(0)
    at_client = await one.tab(client, "/video")
    await join(at_client, meeting, client)
    ask = {"bookingId": meeting.booking_id, "epoch": 0}
    await at_client.done("session-signal", {**ask, "description": OFFER})
    await at_client.done("session-signal", {**ask, "candidate": candidate(1)})

    at_coach = await two.tab(coach, "/video")
    await join(at_coach, meeting, coach)
    await at_coach.until("session-signal", 2)

    assert at_coach.named("session-signal") == [
        {**ask, "description": OFFER},
        {**ask, "candidate": candidate(1)},
    ]


async def test_signals_lost_with_the_bus_arrive_once_it_is_back(world: World, valkey: "Redis[bytes]") -> None:
    meeting = await room(await world.node("p1"), await world.node("p2"))
    await meeting.client.done("session-signal", meeting.signal(description=OFFER))
    await meeting.coach.until("session-signal")

    await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")
    for number in range(10):
        await meeting.client.done("session-signal", meeting.signal(candidate=candidate(number)))
    await meeting.coach.until("session-signal", 11)

    heard = [told["candidate"] for told in meeting.coach.named("session-signal")[1:]]
    assert heard == [candidate(number) for number in range(10)]


async def test_an_offer_of_the_next_epoch_restarts_ice(nodes: tuple[Node, Node]) -> None:
    meeting = await room(*nodes)
    await meeting.client.done("session-signal", meeting.signal(description=OFFER))

    await meeting.client.done("session-signal", meeting.signal(epoch=1, description=OFFER))
    await meeting.coach.until("session-signal", 2)
    stale = await meeting.coach.ask("session-signal", meeting.signal(epoch=0, description=ANSWER))
    report = await meeting.coach.code("session-media-state", meeting.signal(epoch=0, state="connected"))

    assert stale["error"]["code"] == report == "STALE_EPOCH"
    assert (await meeting.meeting.session()).epoch == 1


async def test_a_second_device_takes_the_seat_and_the_first_is_told_and_closed(
    nodes: tuple[Node, Node],
) -> None:
    meeting = await room(*nodes)
    phone = on_family(meeting.meeting.client, "phone")

    at_phone = await nodes[1].tab(phone, "/video")
    joined = await join(at_phone, meeting.meeting, phone)
    told = await meeting.client.until("session-seat-taken")
    closing = await meeting.client.until("closing")
    await asyncio.wait_for(meeting.client.gone.wait(), DEADLINE)
    await at_phone.done("session-signal", meeting.signal(epoch=joined["epoch"], description=OFFER))

    assert (told["role"], told["deviceId"]) == ("client", phone.device)
    assert closing == {"code": "seat_taken", "mayReconnect": False}
    assert (await meeting.coach.until("session-signal"))["description"] == OFFER
    assert meeting.coach.named("session-peer-left") == []
    session = await meeting.meeting.session()
    assert [len(guest.visits) for _, guest in session.guests] == [1, 1]


@pytest.mark.parametrize(
    ("event", "ask"),
    [
        ("session-signal", {"epoch": 0, "description": OFFER}),
        ("session-media-state", {"epoch": 0, "state": "connected"}),
        ("leave-session", {}),
        ("session-end", {}),
        ("request-overtime", {"minutes": 10}),
        ("confirm-overtime", {"number": 1}),
        ("decline-overtime", {"number": 1}),
        ("overtime-payment-confirmed", {}),
    ],
)
async def test_only_the_socket_that_holds_the_seat_may_speak(
    node: Node, event: str, ask: dict[str, Any]
) -> None:
    meeting = await room(node, node)
    stranger = await node.tab(await node.house.client(card=None), "/video")
    other_tab = await node.tab(meeting.meeting.client, "/video")

    codes = [await tab.code(event, meeting.about(**ask)) for tab in (stranger, other_tab)]
    foreign = await meeting.client.code(event, {"bookingId": "0" * 24, **ask})

    assert [*codes, foreign] == ["NOT_JOINED"] * 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "INVALID_PAYLOAD"),
        ({"description": OFFER, "candidate": candidate(1)}, "INVALID_PAYLOAD"),
        ({"description": ANSWER}, "ILLEGAL_SIGNAL"),
        ({"candidate": {"candidate": "nonsense"}}, "INVALID_PAYLOAD"),
        ({"epoch": 5, "description": OFFER}, "STALE_EPOCH"),
    ],
)
async def test_a_signal_that_is_not_legal_is_refused_and_not_relayed(
    node: Node, body: dict[str, Any], code: str
) -> None:
    meeting = await room(node, node)

    refused = await meeting.client.code("session-signal", {**meeting.signal(), **body})
    await meeting.client.done("session-signal", meeting.signal(description=OFFER))
    await meeting.coach.until("session-signal")

    assert refused == code
    assert len(meeting.coach.named("session-signal")) == 1


async def test_the_room_of_overtime_is_not_a_call_on_live(node: Node) -> None:
    meeting = await room(node, node)
    await meeting.coach.done("request-overtime", meeting.about(minutes=10))
    await meeting.client.done("confirm-overtime", meeting.about(number=1))
    live, tab = await node.tab(meeting.meeting.client, "/live"), await node.tab(meeting.meeting.client)
    session = meeting.meeting.booking_id

    joined = await live.code("join-live-session-handshake", {"sessionId": session, "deviceId": "d"})
    cancelled = await tab.code("live_session_cancel", {"sessionId": session})

    assert (joined, cancelled) == ("NOT_FOUND", "NOT_FOUND")
    assert tab.named("live_session_update") == []


async def test_overtime_from_the_wish_to_its_first_minute(nodes: tuple[Node, Node]) -> None:
    meeting = await room(*nodes)
    house = meeting.one.house
    await meeting.meeting.pass_to(BOOKED - 5)
    soon = await meeting.both("session-ending-soon")

    asked = await meeting.coach.done("request-overtime", meeting.about(minutes=10))
    wish = await meeting.client.until("overtime-update")
    answer = await meeting.client.done("confirm-overtime", meeting.about(number=asked["number"]))
    paid = await meeting.both("overtime-update", 3)
    await meeting.prove()
    await meeting.meeting.pass_to(BOOKED)
    active = await meeting.both("overtime-update", 4)
    await meeting.prove()
    meters = await meeting.both("overtime-meter")
    for _ in range(12):
        house.clock.advance(5)
        for node in nodes:
            await node.house.keep_proving(meeting.meeting.room)
    await house.run_due()
    ticks = await meeting.both("overtime-tick")
    await meeting.coach.done("session-end", meeting.about(reason="done"))
    ended = await meeting.both("session-ended")

    session = await meeting.meeting.session()
    assert soon[0]["endsAt"] == f"{session.end:%Y-%m-%dT%H:%M:%S}.000Z"
    assert (wish["state"], wish["requestedBy"], wish["minutes"]) == ("pending_confirmation", "coach", 10)
    assert wish["price"] == {"amount": 10 * MINUTE, "currency": "USD"}
    assert answer == {"status": "authorized", "clientSecret": None}
    assert [told["state"] for told in paid] == ["authorized"] * 2
    assert [told["state"] for told in active] == ["active"] * 2
    assert [told["running"] for told in meters] == [True, True]
    assert ticks[0] == ticks[1]
    assert ticks[0] == {
        "bookingId": meeting.meeting.booking_id,
        "minute": 1,
        "billableSeconds": 60,
        "amount": {"amount": MINUTE, "currency": "USD"},
        "authorizedSeconds": 600,
    }
    assert [told["reason"] for told in ended] == ["ended_by_coach"] * 2
    assert ended[0]["amount"] == {"amount": MINUTE, "currency": "USD"}


async def test_who_joins_during_overtime_learns_where_it_stands(node: Node) -> None:
    meeting = await room(node, node)
    await meeting.coach.done("request-overtime", meeting.about(minutes=10))
    await meeting.client.done("confirm-overtime", meeting.about(number=1))
    await meeting.meeting.pass_to(BOOKED)
    await meeting.prove()
    await meeting.client.client.disconnect()
    paused = await meeting.coach.until("overtime-meter", 2)

    back = await node.tab(meeting.meeting.client, "/video")
    joined = await join(back, meeting.meeting, meeting.meeting.client, resume=True)

    assert (paused["running"], paused["reason"]) == (False, "socket_lost")
    assert (joined["overtime"]["state"], joined["overtime"]["number"]) == ("active", 1)
    assert (joined["meter"]["running"], joined["meter"]["graceEndsAt"]) == (False, paused["graceEndsAt"])
    assert joined["meter"]["authorizedSeconds"] == 600


async def test_the_session_ends_at_its_booked_end_for_both(nodes: tuple[Node, Node]) -> None:
    meeting = await room(*nodes)

    await meeting.meeting.pass_to(BOOKED)
    ended = await meeting.both("session-ended")
    ask = {"bookingId": meeting.meeting.booking_id, "deviceId": "again"}
    late = await (await nodes[0].tab(meeting.meeting.client, "/video")).code("join-session", ask)

    assert [told["reason"] for told in ended] == ["time_is_up"] * 2
    assert late == "GONE"


async def test_a_session_that_has_not_begun_cannot_be_ended(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    meeting = await booked(node.house, client, coach)
    await meeting.pass_to(-5)
    tab = await node.tab(client, "/video")
    await join(tab, meeting, client)

    assert await tab.code("session-end", {"bookingId": meeting.booking_id}) == "ILLEGAL_STATE"


async def test_draining_gives_every_seat_of_a_session_back(node: Node) -> None:
    meeting = await room(node, node)

    await node.server.drain(10)
    await asyncio.gather(meeting.client.gone.wait(), meeting.coach.gone.wait())

    await node.server.stop()

    assert meeting.client.named("server_draining")
    assert meeting.coach.named("server_draining")
    assert await node.house.stores.scheduled.seated_at("p1") == []
    assert (await meeting.meeting.session()).state == "in_progress"


async def test_a_lost_socket_leaves_no_seat_behind(node: Node) -> None:
    meeting = await room(node, node)

    await meeting.coach.client.disconnect()
    await meeting.client.until("session-peer-left")

    seats = node.server._rooms["/video"].seats
    await eventually(lambda: len(seats) == 1)
    assert node.server._video._booked_until.keys() == {seat.sid for seat in seats}
