"""The ``calendar_feeds`` collection: ``{_id: user id, digest, created_at}``."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.booking.feed import FeedAddress
from domain.ids import UserId
from domain.ports import Tx

INDEXES = [IndexSpec("calendar_feeds", [("digest", 1)], {"unique": True})]

entity(FeedAddress)


@tells_outages
class MongoCalendarFeeds:
    """Secret addresses, one per person."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._feeds = db["calendar_feeds"]

    async def get(self, tx: Tx, user_id: UserId) -> FeedAddress | None:
        return await self._one(tx, {"_id": oid(user_id)})

    async def put(self, tx: Tx, address: FeedAddress) -> None:
        await self._feeds.replace_one(
            {"_id": oid(address.id)}, to_document(address), upsert=True, session=session_of(tx)
        )

    async def remove(self, tx: Tx, user_id: UserId) -> None:
        await self._feeds.delete_one({"_id": oid(user_id)}, session=session_of(tx))

    async def by_digest(self, tx: Tx, digest: str) -> FeedAddress | None:
        return await self._one(tx, {"digest": digest})

    async def _one(self, tx: Tx, query: Document) -> FeedAddress | None:
        document = await self._feeds.find_one(query, session=session_of(tx))
        return from_document(document, FeedAddress) if document else None
