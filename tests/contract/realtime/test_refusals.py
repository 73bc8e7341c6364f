"""Refused events cost their sender: hundreds within seconds close a connection, a client with a bug is left alone."""

import json

import pytest

from realtime.limits import REFUSALS_OF_A_CONNECTION
from tests.support.realtime import Node, Wire
from tests.support.sandbox import eventually

BURST = REFUSALS_OF_A_CONNECTION.burst


@pytest.fixture
async def wire(node: Node) -> Wire:
    """A connection to ``/notifications``, at an instant that does not pass for limits."""
    node.server._limits._monotonic = lambda: 1_000.0
    wire = await node.wire()
    await wire.connect("/notifications", node.auth(await node.house.client(card=None)))
    return wire


def closings(heard: list[str]) -> list[dict[str, object]]:
    packets = [json.loads(text.partition(",")[2]) for text in heard if '["closing"' in text]
    return [data for _, data in packets]


async def test_events_for_a_namespace_that_is_not_connected_are_counted_and_close_in_the_end(
    node: Node, wire: Wire
) -> None:
    for number in range(BURST):
        await wire.emit("/live", "live-session-end", {}, ack=number)
    await wire.next(f"43/live,{BURST - 1}[")
    counted, closed_early = (
        node.server.counts.events["/live", "unknown", "UNAUTHENTICATED"],
        dict(node.server.counts.closings),
    )

    await wire.emit("/live", "live-session-end", {})
    heard = await wire.closed()

    assert (counted, closed_early) == (BURST, {})
    assert closings(heard) == [{"code": "too_many_refusals", "mayReconnect": False}]
    assert dict(node.server.counts.closings) == {"too_many_refusals": 1}
    await eventually(lambda: len(node.server._refusals) == 0)


async def test_a_namespace_that_does_not_exist_makes_no_label_of_its_own(node: Node, wire: Wire) -> None:
    await wire.emit("/made/up", "anything", {}, ack=1)
    await wire.next("43/made/up,1")

    assert node.server.counts.events["unknown", "unknown", "UNAUTHENTICATED"] == 1


async def test_whoever_goes_on_beyond_the_rate_is_closed(node: Node, wire: Wire) -> None:
    for _ in range(BURST + 200):
        await wire.emit("/notifications", "notifications_ack", {"seq": 0})

    heard = await wire.closed()

    assert [closing["code"] for closing in closings(heard)] == ["too_many_refusals"]


async def test_a_client_with_a_bug_that_is_refused_thirty_times_a_second_stays(node: Node) -> None:
    now = [1_000.0]
    node.server._limits._monotonic = lambda: now[0]
    tab = await node.tab(await node.house.client(card=None))

    codes = set()
    for _ in range(BURST * 2):
        now[0] += 1 / 29
        codes.add(await tab.code("no_such_event", {}))

    assert codes == {"UNKNOWN_EVENT"}
    assert node.server.counts.closings == {}


async def test_what_is_handled_is_no_refusal(node: Node) -> None:
    now = [1_000.0]
    node.server._limits._monotonic = lambda: now[0]
    tab = await node.tab(await node.house.client(card=None))

    for _ in range(BURST + 10):
        now[0] += 1 / 5
        await tab.done("notifications_ack", {"seq": 0})

    assert len(node.server._refusals) == 0
