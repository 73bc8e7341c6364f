"""The ``coaches`` and ``presence`` collections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.coaching.coach import Coach
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, UserId
from domain.ports import Tx

INDEXES = [
    IndexSpec("coaches", [("user_id", 1)], {"unique": True}),
    IndexSpec("presence", [("user_id", 1)]),
    IndexSpec("presence", [("process", 1)]),
]

entity(Coach)


@tells_outages
class MongoCoaches:
    """Coaches, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._coaches = db["coaches"]

    async def insert(self, tx: Tx, coach: Coach) -> None:
        """Write a new coach."""
        coach.version = 1
        await self._coaches.insert_one(to_document(coach), session=session_of(tx))

    async def get(self, tx: Tx, coach_id: CoachId) -> Coach:
        document = await self._coaches.find_one({"_id": oid(coach_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such coach.")
        return from_document(document, Coach)

    async def of_user(self, tx: Tx, user_id: UserId) -> Coach | None:
        document = await self._coaches.find_one({"user_id": oid(user_id)}, session=session_of(tx))
        return from_document(document, Coach) if document else None

    async def save(self, tx: Tx, coach: Coach) -> None:
        expected, coach.version = coach.version, coach.version + 1
        result = await self._coaches.replace_one(
            {"_id": oid(coach.id), "version": expected}, to_document(coach), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The coach's status moved on meanwhile; please try again.")

    async def find(self, coach_ids: Sequence[CoachId]) -> list[Coach]:
        found = self._coaches.find({"_id": {"$in": [oid(one) for one in coach_ids]}})
        return [from_document(document, Coach) async for document in found]


@tells_outages
class MongoPresence:
    """``{_id: "process:user", process, user_id, since}``, for coaches who wish to be online."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._presence = db["presence"]

    async def add(self, tx: Tx, process: str, user_id: UserId, now: datetime) -> None:
        await self._presence.update_one(
            {"_id": f"{process}:{user_id}"},
            {"$setOnInsert": {"process": process, "user_id": oid(user_id), "since": now}},
            upsert=True,
            session=session_of(tx),
        )

    async def remove(self, tx: Tx, process: str, user_id: UserId) -> None:
        await self._presence.delete_one({"_id": f"{process}:{user_id}"}, session=session_of(tx))

    async def anywhere(self, tx: Tx, user_id: UserId) -> bool:
        return await self._presence.find_one({"user_id": oid(user_id)}, session=session_of(tx)) is not None

    async def at(self, process: str) -> list[UserId]:
        """Whose sockets a process holds."""
        found = self._presence.find({"process": process}, {"user_id": 1})
        return [UserId(str(row["user_id"])) async for row in found]
