"""Whoever is kept apart by a block neither shows nor sees a status."""

import pytest
from bson import ObjectId

from adapters.mongo.accounts import MongoBlocks
from domain.accounts.blocks import MAX_BLOCKS, Blocks
from domain.coaching.coach import Wish
from domain.errors import Conflict
from tests.support.realtime import Node


def blocks(node: Node) -> Blocks:
    stores = node.house.stores
    return Blocks(stores.transact, stores.accounts, MongoBlocks(stores.db), node.house.clock)


@pytest.mark.parametrize("by", ["watcher", "coach"])
async def test_a_block_either_way_makes_a_coach_as_unknown(node: Node, by: str) -> None:
    client, apart, other = (
        await node.house.client(card=None),
        await node.house.coach(),
        await node.house.coach(),
    )
    pair = {"watcher": (client, apart), "coach": (apart, client)}[by]
    await blocks(node).block(pair[0].who, pair[1].who.user_id)
    watcher = await node.tab(client)

    watched = await watcher.done(
        "coach_status_watch", {"coachIds": [apart.who.coach_id, other.who.coach_id, "0" * 24]}
    )
    for coach in (apart, other):
        await node.house.calls.presence.set_status(coach.who, Wish.OFFLINE, None)
    await watcher.until("coach_status")

    assert [status["coachId"] for status in watched["statuses"]] == [other.who.coach_id]
    assert {status["coachId"] for status in watcher.named("coach_status")} == {other.who.coach_id}


async def test_watching_again_after_the_block_is_taken_back_shows_the_coach(node: Node) -> None:
    client, coach = await node.house.client(card=None), await node.house.coach()
    await blocks(node).block(client.who, coach.who.user_id)
    watcher = await node.tab(client)
    ask = {"coachIds": [coach.who.coach_id]}
    hidden = await watcher.done("coach_status_watch", ask)
    await blocks(node).unblock(client.who, coach.who.user_id)

    shown = await watcher.done("coach_status_watch", ask)
    await node.house.calls.presence.set_status(coach.who, Wish.OFFLINE, None)

    assert (hidden["statuses"], len(shown["statuses"])) == ([], 1)
    assert (await watcher.until("coach_status"))["status"] == "offline"


async def test_a_block_while_watching_counts_from_the_next_watch_on(node: Node) -> None:
    client, coach = await node.house.client(card=None), await node.house.coach()
    watcher = await node.tab(client)
    ask = {"coachIds": [coach.who.coach_id]}
    before = await watcher.done("coach_status_watch", ask)
    await blocks(node).block(coach.who, client.who.user_id)

    after = await watcher.done("coach_status_watch", ask)

    assert (len(before["statuses"]), after["statuses"]) == (1, [])


async def test_one_person_blocks_a_thousand_others_and_no_more(node: Node) -> None:
    client, last, more = [await node.house.client(card=None) for _ in range(3)]
    await blocks(node).block(client.who, last.who.user_id)
    me = ObjectId(client.who.user_id)
    rows = [
        {"_id": f"{me}:{one}", "blocker": me, "blocked": one}
        for one in (ObjectId() for _ in range(MAX_BLOCKS - 1))
    ]
    await node.house.stores.db["blocks"].insert_many(rows)

    await blocks(node).block(client.who, last.who.user_id)
    with pytest.raises(Conflict, match="unblock somebody first") as refused:
        await blocks(node).block(client.who, more.who.user_id)
    await blocks(node).unblock(client.who, last.who.user_id)
    await blocks(node).block(client.who, more.who.user_id)

    assert refused.value.details == {"limit": MAX_BLOCKS}
