"""Valkey is killed and comes back while people talk: what is committed arrives, every gap is counted, and what needs no
other process goes on as if nothing had happened."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from adapters.redis.bus import BusTimes
from bootstrap.embedded import EmbeddedStores
from domain.events import NotificationsRead
from tests.cluster.calls import Talk, candidate
from tests.support.realtime import Node, Tab, World
from tests.support.sandbox import eventually

KILLS = 2
#: Seconds between two signals of a socket: within what it may send.
PACE = 0.03


@pytest.fixture
async def nodes(world: World, embedded_only: None) -> AsyncIterator[tuple[Node, Node]]:
    """Two processes; time passes for what they ask each other again and again."""
    made = await world.node("p1"), await world.node("p2")

    async def pass_time() -> None:
        while True:
            await asyncio.sleep(0.05)
            for node in made:
                node.pass_time(0.05)

    passing = asyncio.create_task(pass_time())
    yield made
    passing.cancel()


def read(tab: Tab) -> list[int]:
    return [data["unread"] for data in tab.named("notifications_read")]


async def keep_talking(talk: Talk, node: Node, relayed: list[bool]) -> None:
    """Signal after signal, each heard before the next one; ``relayed``: whether the bus was there for each."""
    while True:
        there = node.bus.connected
        await talk.send()
        await talk.callee.when(lambda: len(talk.heard) == talk.sent)
        relayed.append(there or node.bus.connected)
        await asyncio.sleep(PACE)


async def test_a_killed_valkey_costs_nothing_that_was_committed_and_stops_no_local_relay(
    nodes: tuple[Node, Node], stores: EmbeddedStores
) -> None:
    one, two = nodes
    near, far = await Talk.between(one, one), await Talk.between(one, two)
    person = await one.house.client(card=None)
    tabs = [await one.tab(person), await two.tab(person)]
    for tab in tabs:
        await tab.until("recovered")
    relayed: list[bool] = []
    relaying = asyncio.create_task(keep_talking(near, one, relayed))
    committed = 0

    for _ in range(KILLS):
        stores.valkey.kill()
        await eventually(lambda: not one.bus.connected and not two.bus.connected)
        for _ in range(5):
            await far.send()
            committed += 1
            await one.emit(person, NotificationsRead(committed))
        await stores.valkey.wait_ready()
        await far.callee.when(lambda: far.whole)

    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
    for tab in tabs:
        await tab.when(lambda tab=tab: len(read(tab)) >= committed)
    assert [read(tab) for tab in tabs] == [list(range(1, committed + 1))] * 2
    assert near.heard == [candidate(number) for number in range(len(near.heard))]
    assert False in relayed
    assert [node.server.counts.bus_gaps for node in nodes] == [KILLS, KILLS]
    assert one.bus.lost > 0


async def test_a_signal_that_could_not_be_published_is_asked_for_again(
    world: World, valkey: "Redis[bytes]"
) -> None:
    one = await world.node("p1", times=BusTimes(publish_within=0.2))
    two = await world.node("p2")
    far = await Talk.between(one, two)

    # The bus is heard, but takes nothing: no subscriber notices anything.
    await valkey.execute_command("CLIENT", "PAUSE", 20_000, "WRITE")
    await far.send()
    await eventually(lambda: one.bus.lost == 1)
    await valkey.execute_command("CLIENT", "UNPAUSE")
    one.pass_time(1.0)
    await far.callee.when(lambda: far.whole)

    assert two.server.counts.bus_gaps == 0
