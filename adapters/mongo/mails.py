"""The ``mails`` collection: messages on their way. All times are wall times."""

from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument

from adapters.mongo.documents import a_day_ago, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.errors import Unavailable
from domain.ids import MailId
from domain.mail.outgoing import Outgoing, OutgoingState
from domain.ports import Tx

INDEXES = [
    # what became of them can be looked up for a month
    IndexSpec("mails", [("created_at", 1)], {"expireAfterSeconds": 30 * 86_400}),
]

entity(Outgoing)


@tells_outages
class MongoMails:
    """Messages, one document each, read by their id alone."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._mails = db["mails"]

    async def insert(self, tx: Tx, message: Outgoing) -> None:
        message.version = 1
        await self._mails.insert_one(to_document(message), session=session_of(tx))

    async def take(self, mail_id: MailId, now: datetime, until: datetime) -> Outgoing | None:
        document = await self._mails.find_one_and_update(
            {
                "_id": oid(mail_id),
                "state": OutgoingState.PENDING.value,
                "$or": [{"taken_until": None}, {"taken_until": {"$lte": now}}],
            },
            {"$set": {"taken_until": until}, "$inc": {"version": 1, "tries": 1}},
            return_document=ReturnDocument.AFTER,
        )
        return from_document(document, Outgoing) if document else None

    async def let_go(self, message: Outgoing) -> None:
        await self._mails.update_one(
            {"_id": oid(message.id), "version": message.version},
            {"$set": {"taken_until": None}, "$inc": {"version": 1}},
        )

    async def pending(self, mail_id: MailId) -> bool:
        query = {"_id": oid(mail_id), "state": OutgoingState.PENDING.value}
        return await self._mails.find_one(query, {"_id": 1}) is not None

    async def get(self, tx: Tx, mail_id: MailId) -> Outgoing | None:
        document = await self._mails.find_one({"_id": oid(mail_id)}, session=session_of(tx))
        return from_document(document, Outgoing) if document else None

    async def save(self, tx: Tx, message: Outgoing) -> None:
        expected, message.version = message.version, message.version + 1
        result = await self._mails.replace_one(
            {"_id": oid(message.id), "version": expected}, to_document(message), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The message changed meanwhile.")

    async def mails_per_state(self) -> dict[str, int]:
        """How many of the last day are in each state."""
        rows = self._mails.aggregate(
            [{"$match": {"_id": {"$gte": a_day_ago()}}}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        counted = {row["_id"]: row["count"] async for row in rows}
        return {state.value: counted.get(state.value, 0) for state in OutgoingState}
