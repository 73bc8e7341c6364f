"""``/live``: seats, signals to the other participant alone, and what survives a lost socket or a deaf bus."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from domain.accounts.account import Identity
from domain.errors import Unavailable
from domain.events import rfc3339
from realtime.limits import Buckets
from tests.support.house import Party
from tests.support.realtime import DEADLINE, Node, Tab, World, held_seats, on_family
from tests.support.sandbox import eventually

OFFER = {"type": "offer", "sdp": "v=0\r\noffer"}
ANSWER = {"type": "answer", "sdp": "v=0\r\nanswer"}


def candidate(number: int) -> dict[str, Any]:
    return {"candidate": f"candidate:{number} 1 udp 1 192.0.2.1 {number} typ host", "sdpMid": "0"}


@dataclass
class Pair:
    """An accepted call and its two sockets."""

    session: str
    caller: Tab
    callee: Tab
    client: Party
    coach: Party

    def signal(self, epoch: int = 0, **body: Any) -> dict[str, Any]:
        return {"sessionId": self.session, "epoch": epoch, **body}


async def join(tab: Tab, session: str, party: Party, **more: Any) -> Any:
    ask = {"sessionId": session, "deviceId": party.device, **more}
    return await tab.done("join-live-session-handshake", ask)


async def pair(one: Node, two: Node) -> Pair:
    coach, client = await one.house.coach(), await one.house.client()
    session = await one.house.answered(client, coach)
    caller, callee = await one.tab(client, "/live"), await two.tab(coach, "/live")
    await join(caller, session, client)
    await join(callee, session, coach)
    return Pair(session, caller, callee, client, coach)


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
async def nodes(world: World, request: pytest.FixtureRequest) -> tuple[Node, Node]:
    one = await world.node("p1")
    return one, one if request.param == 1 else await world.node("p2")


async def test_joining_answers_with_a_full_snapshot(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    session = await node.house.answered(client, coach)
    caller, callee = await node.tab(client, "/live"), await node.tab(coach, "/live")

    first, second = await join(caller, session, client), await join(callee, session, coach)

    assert (first["role"], first["polite"], first["peerPresent"]) == ("caller", False, False)
    assert (second["role"], second["polite"], second["peerPresent"]) == ("callee", True, True)
    assert (first["rate"], first["authorizedSeconds"]) == ({"amount": 250, "currency": "USD"}, 900)
    assert (first["iceServers"], first["paused"]) == ([], None)
    assert "peer" not in first


async def test_who_joins_a_paused_call_learns_why_it_stands_still_and_for_how_long(node: Node) -> None:
    coach, client = await node.house.coach(), await node.house.client()
    session = await node.house.live(client, coach)
    gone_at = node.house.clock.now()
    await node.house.leave(client, session)
    caller = await node.tab(client, "/live")

    snapshot = await join(caller, session, client)

    until = rfc3339(gone_at + timedelta(seconds=node.house.terms.grace))
    assert (snapshot["state"], snapshot["paused"]) == (
        "paused",
        {"reason": "socket_lost", "graceEndsAt": until},
    )


async def test_the_other_side_hears_of_a_join_and_of_a_loss(nodes: tuple[Node, Node]) -> None:
    calling = await pair(*nodes)
    joined = await calling.caller.until("live-peer-joined")

    await calling.callee.client.disconnect()
    left = await calling.caller.until("live-peer-left")

    assert (joined["sessionId"], joined["role"]) == (calling.session, "callee")
    assert (left["role"], left["graceSeconds"]) == ("callee", 45.0)


async def test_signals_reach_the_other_participant_alone_and_in_order(nodes: tuple[Node, Node]) -> None:
    calling, bystanders = await pair(*nodes), await pair(*nodes)

    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    for number in range(20):
        await calling.caller.done("live-signal", calling.signal(candidate=candidate(number)))
    await calling.callee.until("live-signal", 21)
    await calling.callee.done("live-signal", calling.signal(description=ANSWER))
    answer = await calling.caller.until("live-signal")

    heard = calling.callee.named("live-signal")
    assert heard[0] == calling.signal(description=OFFER)
    assert [told["candidate"] for told in heard[1:]] == [candidate(number) for number in range(20)]
    assert answer == calling.signal(description=ANSWER)
    assert bystanders.caller.named("live-signal") == bystanders.callee.named("live-signal") == []


async def test_both_offers_pass_when_they_cross_and_only_the_polite_side_answers(
    nodes: tuple[Node, Node],
) -> None:
    calling = await pair(*nodes)

    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.done("live-signal", calling.signal(description=OFFER))
    await asyncio.gather(calling.caller.until("live-signal"), calling.callee.until("live-signal"))
    impolite = await calling.caller.code("live-signal", calling.signal(description=ANSWER))
    await calling.callee.done("live-signal", calling.signal(description=ANSWER))

    assert impolite == "ILLEGAL_SIGNAL"
    assert await calling.caller.until("live-signal", 2) == calling.signal(description=ANSWER)


async def test_signals_wait_for_a_peer_who_has_not_come_yet(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    coach, client = await one.house.coach(), await one.house.client()
    session = await one.house.answered(client, coach)
    caller = await one.tab(client, "/live")
    await join(caller, session, client)
    await caller.done("live-signal", {"sessionId": session, "epoch": 0, "description": OFFER})
    for number in range(63):
        ask = {"sessionId": session, "epoch": 0, "candidate": candidate(number)}
        await caller.ask("live-signal", ask)
        one.server._sockets.get(caller.client.get_sid("/live")).buckets = Buckets()
    full = await caller.code("live-signal", {"sessionId": session, "epoch": 0, "candidate": candidate(64)})

    callee = await two.tab(coach, "/live")
    await join(callee, session, coach)
    await callee.until("live-signal", 64)

    assert full == "RATE_LIMITED"
    assert [told["description"] for told in callee.named("live-signal")[:1]] == [OFFER]


async def test_signals_wait_for_a_peer_who_comes_back(nodes: tuple[Node, Node]) -> None:
    calling = await pair(*nodes)
    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.until("live-signal")
    await calling.callee.client.disconnect()
    await calling.caller.until("live-peer-left")

    await calling.caller.done("live-signal", calling.signal(candidate=candidate(1)))
    back = await nodes[0].tab(calling.coach, "/live")
    await join(back, calling.session, calling.coach, resume=True)
    await back.until("live-signal")
    await back.done("live-signal", calling.signal(description=ANSWER))

    assert [told.get("candidate") for told in back.named("live-signal")] == [candidate(1)]
    assert await calling.caller.until("live-signal") == calling.signal(description=ANSWER)


async def test_an_offer_of_the_next_epoch_restarts_ice_and_the_old_epoch_is_stale(
    nodes: tuple[Node, Node],
) -> None:
    calling = await pair(*nodes)
    await calling.caller.done("live-signal", calling.signal(description=OFFER))

    await calling.caller.done("live-signal", calling.signal(epoch=1, description=OFFER))
    await calling.callee.until("live-signal", 2)
    stale = await calling.callee.ask("live-signal", calling.signal(epoch=0, description=ANSWER))
    ahead = await calling.callee.code("live-signal", calling.signal(epoch=2, candidate=candidate(1)))
    await calling.callee.done("live-signal", calling.signal(epoch=1, description=ANSWER))

    assert stale["error"]["code"] == ahead == "STALE_EPOCH"
    assert stale["error"]["details"] == {"epoch": 1}
    assert (await nodes[0].house.call(calling.session)).epoch == 1


async def test_a_second_device_takes_the_seat_and_the_first_is_told_and_closed(
    nodes: tuple[Node, Node],
) -> None:
    calling = await pair(*nodes)
    phone = on_family(calling.client, "phone")

    taken_over = await nodes[1].tab(phone, "/live")
    joined = await join(taken_over, calling.session, phone)
    told = await calling.caller.until("live-seat-taken")
    closing = await calling.caller.until("closing")
    await asyncio.wait_for(calling.caller.gone.wait(), DEADLINE)
    await taken_over.done("live-signal", calling.signal(epoch=joined["epoch"], description=OFFER))

    assert (told["role"], told["deviceId"]) == ("caller", phone.device)
    assert closing == {"code": "seat_taken", "mayReconnect": False}
    assert (await calling.callee.until("live-signal"))["description"] == OFFER
    assert calling.callee.named("live-peer-left") == []


async def test_signals_lost_with_the_bus_arrive_once_it_is_back(world: World, valkey: "Redis[bytes]") -> None:
    one, two = await world.node("p1"), await world.node("p2")
    calling = await pair(one, two)
    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.until("live-signal")

    await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")
    for number in range(10):
        await calling.caller.done("live-signal", calling.signal(candidate=candidate(number)))
    await calling.callee.until("live-signal", 11)

    heard = [told["candidate"] for told in calling.callee.named("live-signal")[1:]]
    assert heard == [candidate(number) for number in range(10)]


@pytest.mark.parametrize(
    ("event", "ask"),
    [
        ("live-signal", {"epoch": 0, "description": OFFER}),
        ("live-media-state", {"epoch": 0, "state": "connected"}),
        ("live-quality", {"rttMs": 1}),
        ("live-payment-method", {"paymentMethodId": "0" * 24}),
        ("live-payment-confirmed", {}),
        ("live-session-end", {}),
    ],
)
async def test_only_the_socket_that_holds_the_seat_may_speak(
    node: Node, event: str, ask: dict[str, Any]
) -> None:
    calling = await pair(node, node)
    stranger = await node.tab(await node.house.client(card=None), "/live")
    other_tab = await node.tab(calling.client, "/live")

    codes = [await tab.code(event, {"sessionId": calling.session, **ask}) for tab in (stranger, other_tab)]
    foreign = await calling.caller.code(event, {"sessionId": "0" * 24, **ask})

    assert [*codes, foreign] == ["NOT_JOINED"] * 3


async def test_a_stranger_cannot_join(node: Node) -> None:
    calling = await pair(node, node)
    stranger = await node.house.client(card=None)
    tab = await node.tab(stranger, "/live")

    ask = {"sessionId": calling.session, "deviceId": stranger.device}

    assert await tab.code("join-live-session-handshake", ask) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "INVALID_PAYLOAD"),
        ({"description": OFFER, "candidate": candidate(1)}, "INVALID_PAYLOAD"),
        ({"description": {"type": "offer", "sdp": "v=0" + "x" * 33_000}}, "INVALID_PAYLOAD"),
        ({"description": {"type": "offer", "sdp": "no description"}}, "INVALID_PAYLOAD"),
        ({"description": {"type": "order", "sdp": "v=0"}}, "INVALID_PAYLOAD"),
        ({"description": {"type": "rollback", "sdp": "v=0"}}, "ILLEGAL_SIGNAL"),
        ({"description": ANSWER}, "ILLEGAL_SIGNAL"),
        ({"candidate": candidate(1)}, "ILLEGAL_SIGNAL"),
        ({"candidate": {"candidate": "candidate:" + "x" * 2_000}}, "INVALID_PAYLOAD"),
        ({"candidate": {"candidate": "nonsense"}}, "INVALID_PAYLOAD"),
        ({"epoch": 5, "description": OFFER}, "STALE_EPOCH"),
    ],
)
async def test_a_signal_that_is_not_legal_is_refused_and_not_relayed(
    node: Node, body: dict[str, Any], code: str
) -> None:
    calling = await pair(node, node)

    refused = await calling.caller.code("live-signal", {**calling.signal(), **body})
    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.until("live-signal")

    assert refused == code
    assert len(calling.callee.named("live-signal")) == 1


async def test_media_proven_both_ways_starts_the_meter_and_ending_tells_both(
    nodes: tuple[Node, Node],
) -> None:
    calling = await pair(*nodes)
    report = {"sessionId": calling.session, "epoch": 0, "state": "connected"}

    await calling.caller.done("live-media-state", report)
    await calling.callee.done("live-media-state", report)
    started = await asyncio.gather(
        calling.caller.until("live-session-started"), calling.callee.until("live-session-started")
    )
    await calling.callee.done("live-quality", {"sessionId": calling.session, "rttMs": 20, "lossPct": 0.5})
    await calling.callee.done("live-session-end", {"sessionId": calling.session, "reason": "done"})
    ended = await asyncio.gather(
        calling.caller.until("live-session-ended"), calling.callee.until("live-session-ended")
    )

    assert started[0]["sessionId"] == calling.session
    assert [told["reason"] for told in ended] == ["ended_by_coach"] * 2


async def test_a_report_of_a_past_epoch_counts_for_nothing(node: Node) -> None:
    calling = await pair(node, node)

    ask = {"sessionId": calling.session, "epoch": 3, "state": "connected"}

    assert await calling.caller.code("live-media-state", ask) == "STALE_EPOCH"


async def test_a_whole_request_over_the_socket_rings_and_is_answered(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    coach, client = await one.house.coach(), await one.house.client()
    laptop, phone = await two.tab(coach), await one.tab(on_family(coach, "phone"))
    caller = await one.tab(client)
    ask = {"coachId": coach.who.coach_id, "clientRequestId": "r1"}

    made = await caller.done("live_session_request", ask)
    again = await caller.done("live_session_request", ask)
    await asyncio.gather(laptop.until("live_session_ringing"), phone.until("live_session_ringing"))
    await laptop.done("live_session_accept", {"sessionId": made["sessionId"]})
    late = await phone.code("live_session_accept", {"sessionId": made["sessionId"]})
    await phone.when(lambda: any(u["state"] == "ready" for u in phone.named("live_session_update")))

    assert made["sessionId"] == again["sessionId"]
    assert made["authorization"] == {"status": "authorized", "clientSecret": None}
    assert late == "ANSWERED_ELSEWHERE"


async def test_a_lost_socket_leaves_its_seat_at_the_moment_it_was_lost(node: Node) -> None:
    calling = await pair(node, node)

    await calling.callee.client.disconnect()
    await calling.caller.until("live-peer-left")
    seats = {seat.side.value for seat in held_seats(node)}

    assert seats == {"caller"}
    await eventually(lambda: len(node.server._seats) == 1)


async def test_a_loss_during_an_outage_is_written_once_it_is_over(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    calling = await pair(node, node)
    left, outages = node.house.calls.handshakes.left, iter([Unavailable("away"), Unavailable("away")])

    async def away_twice(*args: Any) -> None:
        for outage in outages:
            raise outage
        await left(*args)

    monkeypatch.setattr(node.house.calls.handshakes, "left", away_twice)
    monkeypatch.setattr("realtime.server._LEAVE_AGAIN", 0.0)
    await calling.callee.client.disconnect()

    assert (await calling.caller.until("live-peer-left"))["role"] == "callee"


async def test_who_the_socket_is_comes_from_its_token_alone(node: Node) -> None:
    coach = await node.house.coach()

    await node.tab(coach)
    (socket,) = node.server._sockets

    assert isinstance(socket.identity, Identity)
    assert socket.identity.coach_id == coach.who.coach_id
    await eventually(lambda: node.server._presence.here() == {coach.who.user_id})
