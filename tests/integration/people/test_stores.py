"""No query about people, mails and links walks a collection."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from adapters.mongo.client import MongoDatabase
from adapters.mongo.indexes import ensure_indexes
from bootstrap.wiring.stores import INDEXES
from domain.connections.connection import Connection, ConnectionState, pair_of
from domain.ids import CoachId, ConnectionId, UserId, new_id
from tests.support.house import House
from tests.support.stores import assert_uses_index, plans

PERSON = ObjectId()
NOW = datetime(2026, 1, 1, tzinfo=UTC)

QUERIES: list[tuple[str, dict[str, Any], list[tuple[str, int]] | None]] = [
    ("connections", {"pair": "a:b"}, None),
    ("connections", {"people": PERSON}, [("_id", -1)]),
    ("connections", {"people": PERSON, "state": "accepted", "_id": {"$lt": PERSON}}, [("_id", -1)]),
    ("connections", {"requester": PERSON, "state": "pending"}, None),
    ("one_time_tokens", {"user_id": PERSON, "purpose": "reset_password", "used_at": None}, None),
    ("notifications", {"_id": PERSON, "user_id": PERSON}, None),
    ("accounts", {"_id": {"$in": [PERSON]}}, None),
]


@pytest.mark.parametrize(("collection", "query", "sort"), QUERIES)
async def test_a_query_uses_an_index(
    mongo: MongoDatabase, collection: str, query: dict[str, Any], sort: list[tuple[str, int]] | None
) -> None:
    await ensure_indexes(mongo, INDEXES)

    await assert_uses_index(mongo, collection, query, sort)


async def test_nothing_that_the_stores_do_walks_a_collection(house: House) -> None:
    one, other = UserId(new_id()), UserId(new_id())
    connection = Connection(
        id=ConnectionId(new_id()),
        requester=one,
        addressee=other,
        pair=pair_of(one, other),
        people=(one, other),
        created_at=house.clock.now(),
    )
    stores = house.stores
    async with plans(stores.db) as profile:
        await stores.transact(lambda tx: stores.connections.insert(tx, connection))
        await stores.transact(lambda tx: stores.connections.between(tx, one, other))
        await stores.transact(lambda tx: stores.connections.count_asked(tx, one))
        await stores.transact(lambda tx: stores.calendar_privacy.get(tx, CoachId(new_id())))
        await stores.connections.page(one, state=ConnectionState.PENDING, before=None, limit=5)
        await stores.transact(lambda tx: stores.preferences.get(tx, one))
        await stores.transact(lambda tx: stores.mail_requests.get(tx, "k"))

    walked = [row for row in profile if "COLLSCAN" in row.get("planSummary", "")]
    looked = {row["ns"].partition(".")[2] for row in profile if row.get("planSummary")}
    assert walked == []
    assert {"connections", "calendars", "notification_preferences", "mail_requests"} <= looked
