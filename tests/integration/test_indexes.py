"""``ensure_indexes`` and the helper that proves a query uses one."""

import pytest
from pymongo.errors import OperationFailure

from adapters.mongo.client import MongoDatabase
from adapters.mongo.indexes import IndexSpec, ensure_indexes, retire_indexes
from tests.support.stores import assert_uses_index

SPECS = [
    IndexSpec("index_trial", [("owner", 1), ("at", -1)]),
    IndexSpec("index_trial", [("number", 1)], {"unique": True, "partialFilterExpression": {"open": True}}),
    IndexSpec("index_trial_other", [("at", 1)], {"expireAfterSeconds": 60}),
]


async def test_indexes_are_made_once_and_made_again_without_change(mongo: MongoDatabase) -> None:
    await ensure_indexes(mongo, SPECS)
    first = await mongo["index_trial"].index_information()
    await ensure_indexes(mongo, SPECS)

    assert await mongo["index_trial"].index_information() == first
    assert first["number_1"]["partialFilterExpression"] == {"open": True}
    assert (await mongo["index_trial_other"].index_information())["at_1"]["expireAfterSeconds"] == 60


async def test_changed_options_of_an_index_are_refused(mongo: MongoDatabase) -> None:
    await ensure_indexes(mongo, SPECS)

    with pytest.raises(OperationFailure, match="different options"):
        await ensure_indexes(mongo, [IndexSpec("index_trial_other", [("at", 1)], {"expireAfterSeconds": 61})])


async def test_an_index_of_an_earlier_version_is_dropped_once_and_again_and_no_other(
    mongo: MongoDatabase,
) -> None:
    await ensure_indexes(mongo, SPECS)

    for _ in range(2):
        await retire_indexes(mongo, [SPECS[0], IndexSpec("no_such_collection", [("at", 1)])])

    assert set(await mongo["index_trial"].index_information()) == {"_id_", "number_1"}


async def test_query_with_an_index_passes_and_others_are_caught(mongo: MongoDatabase) -> None:
    await ensure_indexes(mongo, SPECS)

    await assert_uses_index(mongo, "index_trial", {"owner": 1}, [("at", -1)])
    await assert_uses_index(mongo, "index_trial", {"_id": 1})
    with pytest.raises(AssertionError, match="COLLSCAN"):
        await assert_uses_index(mongo, "index_trial", {"colour": "blue"})
    with pytest.raises(AssertionError, match="SORT"):
        await assert_uses_index(mongo, "index_trial", {"owner": 1}, [("colour", 1)])
    with pytest.raises(AssertionError, match="no index"):
        await assert_uses_index(mongo, "no_such_collection", {"owner": 1})
