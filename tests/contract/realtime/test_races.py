"""Moments that are hard to hit: each is held open by the test."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from realtime.cluster import frames
from tests.contract.realtime.test_live import ANSWER, OFFER, candidate, join, pair
from tests.support.realtime import DEADLINE, Node, World, held_seats
from tests.support.sandbox import eventually


class Held:
    """A use case whose named method waits, before or after it does its work, while the gate is shut."""

    def __init__(self, inner: Any, method: str, *, after: bool) -> None:
        self._inner, self._method, self._after = inner, method, after
        self.entered, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._hold(found) if name == self._method else found

    def _hold(self, found: Any) -> Any:
        async def held(*args: Any) -> Any:
            result = await found(*args) if self._after else None
            self.entered.set()
            await self.gate.wait()
            return result if self._after else await found(*args)

        return held


async def holding(world: World, name: str, part: str, method: str, *, after: bool) -> tuple[Node, Held]:
    made: list[Held] = []

    def wrap(cases: Any) -> Any:
        made.append(Held(getattr(cases, part), method, after=after))
        return replace(cases, **{part: made[0]})

    node = await world.node(name, use=wrap)
    return node, made[0]


async def test_a_peer_that_announces_itself_before_the_seat_is_taken_is_remembered(world: World) -> None:
    one, handshakes = await holding(world, "p1", "handshakes", "join", after=True)
    two = await world.node("p2")
    coach, client = await one.house.coach(), await one.house.client()
    session = await one.house.answered(client, coach)
    caller, callee = await one.tab(client, "/live"), await two.tab(coach, "/live")
    handshakes.gate.clear()
    joining = asyncio.create_task(join(caller, session, client))
    await handshakes.entered.wait()

    await join(callee, session, coach)
    await eventually(lambda: bool(one.server._peers._early))
    handshakes.gate.set()
    await joining
    await caller.done("live-signal", {"sessionId": session, "epoch": 0, "description": OFFER})
    await callee.until("live-signal")
    await callee.done("live-signal", {"sessionId": session, "epoch": 0, "description": ANSWER})

    assert (await caller.until("live-signal"))["description"] == ANSWER


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_signal_for_a_socket_that_is_lost_but_still_being_handled_waits_for_the_next(
    world: World, processes: int
) -> None:
    one, queries = await holding(world, "p1", "queries", "record_quality", after=False)
    two = one if processes == 1 else await world.node("p2")
    calling = await pair(two, one)
    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.until("live-signal")
    queries.gate.clear()
    sample = {"sessionId": calling.session, "rttMs": 1}
    await calling.callee.client.emit("live-quality", sample, namespace="/live")
    await queries.entered.wait()
    await calling.callee.client.disconnect()
    await eventually(lambda: len(held_seats(one)) == (1 if processes == 1 else 0))

    await calling.caller.done("live-signal", calling.signal(candidate=candidate(1)))
    back = await two.tab(calling.coach, "/live")
    await join(back, calling.session, calling.coach, resume=True)
    heard = await back.until("live-signal")
    queries.gate.set()

    assert heard["candidate"] == candidate(1)


async def test_a_frame_lost_without_a_word_is_asked_for_again(world: World) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    calling = await pair(one, two)
    await calling.caller.done("live-signal", calling.signal(description=OFFER))
    await calling.callee.until("live-signal")
    send, lost = one.bus.send, []

    def lossy(channel: str, frame: bytes) -> None:
        if not lost and frames.is_signal(frame):
            lost.append(frame)
        else:
            send(channel, frame)

    one.bus.send = lossy
    for number in range(3):
        await calling.caller.done("live-signal", calling.signal(candidate=candidate(number)))
    await calling.callee.until("live-signal", 4)

    heard = [told["candidate"] for told in calling.callee.named("live-signal")[1:]]
    assert len(lost) == 1
    assert heard == [candidate(number) for number in range(3)]


async def test_a_change_while_the_first_states_are_read_is_told_after_them(world: World) -> None:
    node, presence = await holding(world, "p1", "presence", "shown_to", after=True)
    coach = await node.house.coach()
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))
    presence.gate.clear()
    await wire.emit("/notifications", "coach_status_watch", {"coachIds": [coach.who.coach_id]}, ack=1)
    await presence.entered.wait()

    own = await node.tab(coach)
    await own.done("coach_status_set", {"status": "offline"})
    await eventually(lambda: any(node.server._watchers._held.values()))
    presence.gate.set()
    first = await wire.next("43/notifications", '42/notifications,["coach_status"')
    second = await wire.next("43/notifications", '42/notifications,["coach_status"')

    assert first.startswith("43/notifications,1")
    assert '"status":"online"' in first
    assert '"status":"offline"' in second


async def test_a_poll_that_waits_ends_when_its_client_leaves(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.try_tab("/notifications", node.auth(party), transports=["polling"])
    await tab.until("recovered")

    async with asyncio.timeout(DEADLINE):
        await tab.client.disconnect()

    assert len(node.server._admission) == 0
