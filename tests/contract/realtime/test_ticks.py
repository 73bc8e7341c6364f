"""Ticks on their way to sockets: a batch, one frame for each process, to each socket its own."""

import asyncio
from typing import Any

from adapters.mongo.lanes import LANE_COUNT
from tests.contract.realtime.test_live import Pair, nodes, pair
from tests.support.realtime import Node

__all__ = ["nodes"]


async def _connected(calling: Pair) -> None:
    report = {"sessionId": calling.session, "epoch": 0, "state": "connected"}
    for tab in (calling.caller, calling.callee):
        await tab.done("live-media-state", report)


async def test_each_socket_hears_the_tick_of_its_own_call_and_hears_it_once(nodes: tuple[Node, Node]) -> None:
    one, two = nodes
    calls = [await pair(one, two), await pair(two, one)]
    for calling in calls:
        await _connected(calling)
    one.pass_time(60)
    for calling in calls:
        await _connected(calling)
    for node in {id(node): node for node in nodes}.values():
        await node.house.calls.keeper.flush()

    ran = sum([len((await one.house.calls.ticks.batch(lane)).ticked) for lane in range(LANE_COUNT)])

    tabs = [(calling.session, tab) for calling in calls for tab in (calling.caller, calling.callee)]
    told: list[Any] = await asyncio.gather(*(tab.until("live-session-tick") for _, tab in tabs))
    assert ran == 2
    assert [tick["sessionId"] for tick in told] == [session for session, _ in tabs]
    assert [(tick["minute"], tick["amount"]["amount"]) for tick in told] == [(1, 250)] * 4
    for _, tab in tabs:
        assert len(tab.named("live-session-tick")) == 1
