"""A person's tabs get everything once, in order: after a reconnect, over several processes, and after a deaf bus."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from adapters.redis.bus import BusTimes
from domain.events import NotificationsRead
from domain.notifications.feed import Feed
from tests.support.house import Party
from tests.support.realtime import Node, Tab, World
from tests.support.sandbox import eventually


def numbers(tab: Tab) -> list[int]:
    return [data["unread"] for data in tab.named("notifications_read")]


async def tell(node: Node, party: Party, *unread: int, publish: bool = True) -> None:
    await node.emit(party, *(NotificationsRead(number) for number in unread), publish=publish)


async def deafen(valkey: "Redis[bytes]") -> None:
    """Cut every subscriber's connection."""
    await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")


async def test_events_carry_their_place_in_the_feed(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await tab.until("recovered")

    await tell(node, party, 1, 2)
    await tab.until("notifications_read", 2)

    heard = tab.named("notifications_read")
    assert [data["seq"] for data in heard] == [1, 2]
    assert len({data["epoch"] for data in heard}) == 1


async def test_a_new_tab_is_told_where_the_feed_stands(node: Node) -> None:
    party = await node.house.client(card=None)
    await tell(node, party, 1, 2, 3)

    tab = await node.tab(party)
    recovered = await tab.until("recovered")

    assert (recovered["recovered"], recovered["seq"]) == (False, 3)
    assert numbers(tab) == []


async def test_what_a_tab_missed_is_replayed_in_order_before_it_is_called_recovered(world: World) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    party = await one.house.client(card=None)
    tab = await one.tab(party)
    await tab.until("recovered")
    await tell(one, party, 1)
    last = await tab.until("notifications_read")
    await tab.client.disconnect()
    await tell(two, party, 2, 3)

    back = await two.tab(party, since={"epoch": last["epoch"], "seq": last["seq"]})
    recovered = await back.until("recovered")

    assert numbers(back) == [2, 3]
    assert recovered == {"recovered": True, "epoch": last["epoch"], "seq": 3}
    assert [name for name, _ in back.heard] == ["notifications_read", "notifications_read", "recovered"]


@pytest.mark.parametrize("since", [{"epoch": "another", "seq": 1}, {"epoch": "another", "seq": 10**9}])
async def test_a_position_that_cannot_be_continued_is_not_recovered_at_all(node: Node, since: Any) -> None:
    party = await node.house.client(card=None)
    await tell(node, party, 1, 2)

    tab = await node.tab(party, since=since)
    recovered = await tab.until("recovered")

    assert recovered["recovered"] is False
    assert numbers(tab) == []


async def test_two_processes_deliver_to_each_others_tabs(world: World) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    party = await one.house.client(card=None)
    here, there = await one.tab(party), await two.tab(party)
    await asyncio.gather(here.until("recovered"), there.until("recovered"))

    await tell(one, party, 1)
    await tell(two, party, 2)
    await asyncio.gather(here.until("notifications_read", 2), there.until("notifications_read", 2))

    assert numbers(here) == numbers(there) == [1, 2]


async def test_an_event_that_was_never_published_arrives_with_the_next_one(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await tab.until("recovered")

    await tell(node, party, 1, 2, publish=False)
    await tell(node, party, 3)
    await tab.until("notifications_read", 3)

    assert numbers(tab) == [1, 2, 3]
    assert node.server.counts.resyncs == 1


async def test_an_event_that_is_published_twice_is_delivered_once(node: Node) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await tab.until("recovered")
    await tell(node, party, 1, publish=False)
    (row,) = await node.house.stores.outbox.unpublished(node.house.clock.wall().replace(year=2030))

    await node.house.published.publish_rows([row])
    await node.house.published.publish_rows([row, row])
    await tell(node, party, 2)
    await tab.until("notifications_read", 2)

    assert numbers(tab) == [1, 2]


async def test_what_was_missed_while_the_bus_was_cut_is_read_from_the_database(
    node: Node, valkey: "Redis[bytes]"
) -> None:
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await tab.until("recovered")
    await tell(node, party, 1)
    await tab.until("notifications_read")

    await deafen(valkey)
    await tell(node, party, 2)
    await tab.until("notifications_read", 2)

    assert numbers(tab) == [1, 2]
    assert node.server.counts.bus_gaps >= 1


async def test_nothing_is_lost_or_doubled_while_the_bus_is_cut_again_and_again(
    world: World, valkey: "Redis[bytes]"
) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    party = await one.house.client(card=None)
    tabs = [await one.tab(party), await two.tab(party)]
    await asyncio.gather(*(tab.until("recovered") for tab in tabs))

    for number in range(1, 41):
        await tell(one if number % 2 else two, party, number)
        if number % 8 == 0:
            await deafen(valkey)
    await asyncio.gather(*(tab.until("notifications_read", 40) for tab in tabs))

    assert [numbers(tab) for tab in tabs] == [list(range(1, 41))] * 2
    assert one.server.counts.bus_gaps >= 1


async def test_events_committed_while_a_tab_opens_are_neither_lost_nor_doubled(world: World) -> None:
    class SlowFeed(Feed):
        async def replay(self, *args: Any) -> Any:
            found = await super().replay(*args)
            reading.set()
            await go_on.wait()
            return found

    reading, go_on = asyncio.Event(), asyncio.Event()
    node = await world.node(
        use=lambda cases: replace(cases, feed=SlowFeed(cases.feed._store, cases.feed._clock))
    )
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await reading.wait()

    await tell(node, party, 1, 2)
    go_on.set()
    await tab.until("notifications_read", 2)

    assert numbers(tab) == [1, 2]


async def test_a_silently_dead_subscriber_is_noticed_by_its_own_ping(
    world: World, valkey: "Redis[bytes]"
) -> None:
    node = await world.node(times=BusTimes(ping_every=0.05, pong_within=0.2))
    party = await node.house.client(card=None)
    tab = await node.tab(party)
    await tab.until("recovered")

    await valkey.execute_command("CLIENT", "PAUSE", 600, "ALL")
    await eventually(lambda: node.bus.gaps >= 1)
    await tell(node, party, 1)
    await tab.until("notifications_read")

    assert numbers(tab) == [1]


async def test_a_ringing_call_is_shown_to_every_tab_that_connects(world: World) -> None:
    node = await world.node()
    coach, client = await node.house.coach(), await node.house.client()
    asked = await node.house.ask(client, coach)

    tab = await node.tab(coach)
    ringing = await tab.until("live_session_ringing")
    update = await tab.until("live_session_update")

    assert ringing["sessionId"] == update["sessionId"] == asked.session_id
    assert "seq" not in ringing


async def test_a_coach_is_present_while_a_tab_is_there(world: World) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    coach = await one.house.coach()
    watcher = await two.tab(await two.house.client(card=None))
    tab = await one.tab(coach)

    watched = await watcher.done("coach_status_watch", {"coachIds": [coach.who.coach_id, "0" * 24]})
    await tab.done("coach_status_set", {"status": "offline"})
    told = await watcher.until("coach_status")

    assert [found["status"] for found in watched["statuses"]] == ["online"]
    assert (told["coachId"], told["status"]) == (coach.who.coach_id, "offline")


async def test_watchers_hear_the_present_state_after_a_cut(world: World, valkey: "Redis[bytes]") -> None:
    node = await world.node()
    coach = await node.house.coach()
    watcher = await node.tab(await node.house.client(card=None))
    await watcher.done("coach_status_watch", {"coachIds": [coach.who.coach_id]})

    await deafen(valkey)
    told = await watcher.until("coach_status")

    assert told["status"] == "online"


async def test_more_than_two_hundred_coaches_are_not_watched(node: Node) -> None:
    watcher = await node.tab(await node.house.client(card=None))

    await watcher.done("coach_status_watch", {"coachIds": [f"{number:024x}" for number in range(200)]})

    assert await watcher.code("coach_status_watch", {"coachIds": ["f" * 24]}) == "INVALID_PAYLOAD"
    assert await watcher.done("coach_status_unwatch", {}) == {}
    assert await watcher.done("coach_status_watch", {"coachIds": ["f" * 24]}) == {"statuses": []}
