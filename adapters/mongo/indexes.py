"""Indexes, declared beside the store whose queries need them and created at start."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.errors import OperationFailure

Keys = Sequence[tuple[str, int | str]]


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """One index: the collection, its keys in order, and the options of ``createIndexes`` (unique, sparse, …)."""

    collection: str
    keys: Keys
    options: Mapping[str, Any] = field(default_factory=dict)

    def model(self) -> IndexModel:
        return IndexModel(list(self.keys), **self.options)


async def ensure_indexes(db: AsyncIOMotorDatabase[dict[str, Any]], specs: Iterable[IndexSpec]) -> None:
    """Create what is missing: one command per collection, a no-op (about a millisecond) when all is there.

    Several processes may do it at once. Raises ``OperationFailure`` (IndexOptionsConflict) when an index of the same keys
    exists with other options: changing one is a migration, never a side effect of starting.
    """
    by_collection: defaultdict[str, list[IndexModel]] = defaultdict(list)
    for spec in specs:
        by_collection[spec.collection].append(spec.model())
    await asyncio.gather(*(db[name].create_indexes(models) for name, models in by_collection.items()))


_GONE_ALREADY = frozenset({26, 27})  # NamespaceNotFound, IndexNotFound


async def retire_indexes(db: AsyncIOMotorDatabase[dict[str, Any]], specs: Iterable[IndexSpec]) -> None:
    """Drop indexes that an earlier version needed and that would be in the way now; others are left alone."""
    for spec in specs:
        try:
            await db[spec.collection].drop_index(list(spec.keys))
        except OperationFailure as error:
            if error.code not in _GONE_ALREADY:
                raise
