"""No query of these stores walks a collection."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from adapters.mongo.client import MongoDatabase
from adapters.mongo.indexes import ensure_indexes
from bootstrap.wiring.stores import INDEXES
from tests.support.stores import assert_uses_index

USER = ObjectId()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALIVE = {"user_id": USER, "$or": [{"expires_at": None}, {"expires_at": {"$gt": NOW}}]}

QUERIES: list[tuple[str, dict[str, Any], list[tuple[str, int]] | None]] = [
    ("accounts", {"email": "a@demo.test"}, None),
    ("blocks", {"_id": {"$in": ["a:b", "b:a"]}}, None),
    ("blocks", {"$or": [{"blocker": USER}, {"blocked": USER}]}, None),
    ("token_families", {"user_id": USER, "revoked_at": None, "expires_at": {"$gt": NOW}}, None),
    ("revocations", {"at": {"$gte": NOW}}, [("at", 1)]),
    ("cards", {"user_id": USER, "removed_at": None}, [("created_at", -1), ("_id", -1)]),
    ("cards", {"user_id": USER, "removed_at": None, "is_default": True}, None),
    ("cards", {"user_id": USER, "gateway_id": "pm_1", "removed_at": None}, None),
    ("cards", {"removed_at": {"$lt": NOW, "$type": "date"}}, [("removed_at", 1)]),
    ("card_setups", {"user_id": USER, "token": "pm_card_visa"}, None),
    ("notifications", ALIVE, [("_id", -1)]),
    ("notifications", {**ALIVE, "read_at": None, "_id": {"$lt": USER}}, [("_id", -1)]),
    ("events", {"to.id": USER, "seq": {"$gt": 3}}, [("seq", 1)]),
    ("coaches", {"verified": True, "user_id": {"$nin": []}}, [("_id", -1)]),
    ("coaches", {"verified": True}, [("rating_average", -1), ("_id", -1)]),
    ("coaches", {"verified": True}, [("rate_per_minute.amount", 1), ("_id", -1)]),
]


@pytest.mark.parametrize(("collection", "query", "sort"), QUERIES)
async def test_a_query_uses_an_index(
    mongo: MongoDatabase, collection: str, query: dict[str, Any], sort: list[tuple[str, int]] | None
) -> None:
    await ensure_indexes(mongo, INDEXES)

    await assert_uses_index(mongo, collection, query, sort)
