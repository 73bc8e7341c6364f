"""The ``connections`` collection, and the privacy in ``calendars``."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import making_the_first, session_of
from domain.connections.connection import Connection, ConnectionState, pair_of
from domain.connections.privacy import Privacy
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, ConnectionId, UserId
from domain.ports import Tx

INDEXES = [
    IndexSpec("connections", [("pair", 1)], {"unique": True}),
    IndexSpec("connections", [("people", 1), ("_id", -1)]),
    IndexSpec("connections", [("people", 1), ("state", 1), ("_id", -1)]),
    IndexSpec("connections", [("requester", 1), ("state", 1)]),
]

entity(Connection)


@tells_outages
class MongoConnections:
    """Connections, one document for each pair of people."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._connections = db["connections"]

    async def get(self, tx: Tx, connection_id: ConnectionId) -> Connection:
        document = await self._connections.find_one({"_id": oid(connection_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such connection.")
        return from_document(document, Connection)

    async def between(self, tx: Tx, one: UserId, other: UserId) -> Connection | None:
        document = await self._connections.find_one({"pair": pair_of(one, other)}, session=session_of(tx))
        return from_document(document, Connection) if document else None

    async def insert(self, tx: Tx, connection: Connection) -> None:
        connection.version = 1
        with making_the_first():
            await self._connections.insert_one(to_document(connection), session=session_of(tx))

    async def save(self, tx: Tx, connection: Connection) -> None:
        expected, connection.version = connection.version, connection.version + 1
        result = await self._connections.replace_one(
            {"_id": oid(connection.id), "version": expected}, to_document(connection), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The connection changed meanwhile; please try again.")

    async def delete(self, tx: Tx, connection: Connection) -> None:
        result = await self._connections.delete_one(
            {"_id": oid(connection.id), "version": connection.version}, session=session_of(tx)
        )
        if result.deleted_count != 1:
            raise Unavailable("The connection changed meanwhile; please try again.")

    async def count_asked(self, tx: Tx, requester: UserId) -> int:
        query = {"requester": oid(requester), "state": ConnectionState.PENDING.value}
        return await self._connections.count_documents(query, session=session_of(tx))

    async def page(
        self, user_id: UserId, *, state: ConnectionState | None, before: ConnectionId | None, limit: int
    ) -> Sequence[Connection]:
        query: Document = {"people": oid(user_id)}
        if state is not None:
            query["state"] = state.value
        if before is not None:
            query["_id"] = {"$lt": oid(before)}
        found = self._connections.find(query).sort("_id", -1).limit(limit)
        return [from_document(document, Connection) for document in await found.to_list(limit)]


@tells_outages
class MongoCalendarPrivacy:
    """The field ``privacy`` of ``calendars``: missing, like the whole document, means public."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._calendars = db["calendars"]

    async def get(self, tx: Tx, coach_id: CoachId) -> Privacy:
        document = await self._calendars.find_one(
            {"_id": oid(coach_id)}, {"privacy": 1}, session=session_of(tx)
        )
        return Privacy((document or {}).get("privacy", Privacy.PUBLIC))

    async def set(self, tx: Tx, coach_id: CoachId, privacy: Privacy) -> None:
        with making_the_first():
            await self._calendars.update_one(
                {"_id": oid(coach_id)},
                {"$set": {"privacy": privacy.value}, "$inc": {"version": 1}},
                upsert=True,
                session=session_of(tx),
            )
