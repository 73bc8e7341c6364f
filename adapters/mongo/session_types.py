"""The ``session_types`` collection."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.booking.session_type import SessionType
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, SessionTypeId
from domain.ports import Tx

INDEXES = [IndexSpec("session_types", [("coach_id", 1), ("archived", 1), ("_id", 1)])]

entity(SessionType)


@tells_outages
class MongoSessionTypes:
    """Session types, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._types = db["session_types"]

    async def get(self, tx: Tx, session_type_id: SessionTypeId) -> SessionType:
        document = await self._types.find_one({"_id": oid(session_type_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such session type.")
        return from_document(document, SessionType)

    async def mark_used(self, tx: Tx, session_type: SessionType) -> None:
        if session_type.used:
            # Whoever reads this cannot be deleted any more, so there is nothing to conflict with.
            return
        session_type.used = True
        result = await self._types.update_one(
            {"_id": oid(session_type.id)}, {"$set": {"used": True}}, session=session_of(tx)
        )
        if result.matched_count != 1:
            raise NotFound("There is no such session type.")

    async def insert(self, tx: Tx, session_type: SessionType) -> None:
        session_type.version = 1
        await self._types.insert_one(to_document(session_type), session=session_of(tx))

    async def save(self, tx: Tx, session_type: SessionType) -> None:
        expected, session_type.version = session_type.version, session_type.version + 1
        result = await self._types.replace_one(
            {"_id": oid(session_type.id), "version": expected},
            to_document(session_type),
            session=session_of(tx),
        )
        if result.matched_count != 1:
            raise Unavailable("The session type changed meanwhile; please try again.")

    async def delete(self, tx: Tx, session_type: SessionType) -> None:
        result = await self._types.delete_one(
            {"_id": oid(session_type.id), "version": session_type.version}, session=session_of(tx)
        )
        if result.deleted_count != 1:
            raise Unavailable("The session type changed meanwhile; please try again.")

    async def count_offered(self, tx: Tx, coach_id: CoachId) -> int:
        query = {"coach_id": oid(coach_id), "archived": False}
        return await self._types.count_documents(query, session=session_of(tx))

    async def page(
        self, coach_id: CoachId, *, archived: bool, after: SessionTypeId | None, limit: int
    ) -> Sequence[SessionType]:
        query: Document = {"coach_id": oid(coach_id), "archived": archived}
        if after is not None:
            query["_id"] = {"$gt": oid(after)}
        found = await self._types.find(query).sort("_id", 1).limit(limit).to_list(limit)
        return [from_document(document, SessionType) for document in found]
