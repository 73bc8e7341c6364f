"""One mongod and one Valkey for the whole run, emptied before each test that uses them.

``MONGODB_URI`` and ``REDIS_URL`` name others; they are emptied too, so never name a store that matters.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from adapters.mongo.client import MongoClient, MongoDatabase, database_of, open_client
from adapters.mongo.indexes import ensure_indexes
from bootstrap.embedded import EmbeddedStores, StoreUris
from bootstrap.wiring.stores import INDEXES

SMALL_CACHE_GB = 0.25


@pytest.fixture(scope="session")
async def stores() -> AsyncIterator[EmbeddedStores]:
    """The stores of this run, for tests that kill them."""
    # Short, since a socket path has 107 bytes; pytest's own temporary paths may not fit.
    folder = Path(tempfile.mkdtemp(prefix="rapport-test-"))
    embedded = EmbeddedStores(
        folder,
        mongodb_uri=os.environ.get("MONGODB_URI"),
        redis_url=os.environ.get("REDIS_URL"),
        cache_gb=SMALL_CACHE_GB,
        # Fail points: how tests make a commit fail. No expiry: on a virtual clock everything is months old.
        mongod_parameters=["enableTestCommands=1", "ttlMonitorEnabled=false"],
    )
    try:
        yield embedded
    finally:
        await embedded.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def store_uris(stores: EmbeddedStores) -> StoreUris:
    """Where they are."""
    return await stores.start()


@pytest.fixture(scope="session")
async def mongo_client(store_uris: StoreUris) -> AsyncIterator[MongoClient]:
    """The driver as the program opens it; every collection has its indexes, and keeps them to the end."""
    client = open_client(store_uris.mongodb_uri)
    await ensure_indexes(database_of(client), INDEXES)
    yield client
    client.close()


@pytest.fixture(scope="session")
def embedded_only(store_uris: StoreUris) -> None:
    """For tests that kill the stores, or break them: never somebody else's."""
    if os.environ.get("MONGODB_URI") or os.environ.get("REDIS_URL"):
        pytest.skip("needs the embedded stores; MONGODB_URI or REDIS_URL names others")


@pytest.fixture
async def mongo(mongo_client: MongoClient) -> MongoDatabase:
    """The database, without documents."""
    db = database_of(mongo_client)
    for name in await _with_documents(db):
        await db[name].delete_many({})
    return db


async def _with_documents(db: MongoDatabase) -> list[str]:
    """The collections that are not empty, found by one command: to delete nothing from each of sixty takes longer."""
    names = await db.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}})
    one_of_each = [
        {"$unionWith": {"coll": name, "pipeline": [{"$limit": 1}, {"$project": {"_id": 0, "of": name}}]}}
        for name in names
    ]
    found = db.aggregate([{"$documents": []}, *one_of_each])
    return [one["of"] async for one in found]


@pytest.fixture
async def valkey(store_uris: StoreUris) -> AsyncIterator[Redis]:
    """A client of an empty Valkey."""
    client = Redis.from_url(store_uris.redis_url)
    await client.flushdb()
    yield client
    await client.aclose()


async def assert_uses_index(
    db: MongoDatabase,
    collection: str,
    filter: dict[str, Any],
    sort: list[tuple[str, int]] | None = None,
) -> None:
    """Fail when MongoDB would walk a whole collection, or sort in memory, to answer this query."""
    find: dict[str, Any] = {"find": collection, "filter": filter}
    if sort:
        find["sort"] = dict(sort)
    plan = await db.command({"explain": find, "verbosity": "queryPlanner"})
    stages = set(_stages(plan["queryPlanner"]["winningPlan"]))
    assert stages & {"IXSCAN", "IDHACK", "COUNT_SCAN", "DISTINCT_SCAN"}, (
        f"{collection} {filter}: no index, {stages}"
    )
    assert not stages & {"COLLSCAN", "SORT"}, f"{collection} {filter} sorted by {sort}: {stages}"


_PROFILE_BYTES = 64 * 1024 * 1024


@contextlib.asynccontextmanager
async def plans(db: MongoDatabase) -> AsyncIterator[list[dict[str, Any]]]:
    """What mongod did for the commands of the block, by its own profiler; filled when the block ends."""
    profile: list[dict[str, Any]] = []
    # By itself it is made so small that it soon forgets what came first.
    await db.create_collection("system.profile", capped=True, size=_PROFILE_BYTES)
    await db.command("profile", 2)
    try:
        yield profile
    finally:
        await db.command("profile", 0)
        profile += await db["system.profile"].find({"ns": {"$ne": f"{db.name}.system.profile"}}).to_list(None)
        await db.drop_collection("system.profile")


def _stages(plan: Any) -> list[str]:
    """The names of all stages in a plan, wherever a server version nests them."""
    if isinstance(plan, list):
        return [stage for part in plan for stage in _stages(part)]
    if not isinstance(plan, dict):
        return []
    own = [plan["stage"]] if isinstance(plan.get("stage"), str) else []
    return own + [stage for part in plan.values() for stage in _stages(part)]
