"""The ``mails`` collection: messages on their way. All times are wall times."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateOne

from adapters.mongo.documents import a_day_ago, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import insert_at_the_end, session_of
from domain.ids import MailId
from domain.mail.outgoing import Outgoing, OutgoingState
from domain.ports import Tx

INDEXES = [
    # what became of them can be looked up for a month
    IndexSpec("mails", [("created_at", 1)], {"expireAfterSeconds": 30 * 86_400}),
]

_PENDING = {"state": OutgoingState.PENDING.value}
#: What :meth:`Outgoing.end` changes.
_ENDED = ("state", "ended_at", "taken_until", "taken_by", "address")

entity(Outgoing)


@tells_outages
class MongoMails:
    """Messages, one document each, read by their id alone."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._mails = db["mails"]

    async def insert(self, tx: Tx, message: Outgoing) -> None:
        message.version = 1
        insert_at_the_end(tx, self._mails.name, to_document(message))

    async def take(
        self, mail_ids: Sequence[MailId], now: datetime, until: datetime
    ) -> tuple[Sequence[Outgoing], Sequence[MailId]]:
        wanted = {"_id": {"$in": [oid(one) for one in mail_ids]}, **_PENDING}
        pending = [from_document(row, Outgoing) for row in await self._mails.find(wanted).to_list(None)]
        free = [one for one in pending if one.taken_until is None or one.taken_until <= now]
        taken = await self._take(free, now, until) if free else []
        ours = {one.id for one in taken}
        return taken, [one.id for one in pending if one.id not in ours]

    async def _take(self, free: list[Outgoing], now: datetime, until: datetime) -> list[Outgoing]:
        ids, taker = [oid(one.id) for one in free], uuid4().hex
        result = await self._mails.update_many(
            {
                "_id": {"$in": ids},
                **_PENDING,
                "$or": [{"taken_until": None}, {"taken_until": {"$lte": now}}],
                # Mostly all have one; whichever was tried since it was read is left alone.
                "version": {"$in": sorted({one.version for one in free})},
            },
            {"$set": {"taken_until": until, "taken_by": taker}, "$inc": {"version": 1, "tries": 1}},
        )
        if result.modified_count < len(free):
            rows = await self._mails.find({"_id": {"$in": ids}, "taken_by": taker}).to_list(None)
            return [from_document(row, Outgoing) for row in rows]
        return [
            replace(one, taken_until=until, taken_by=taker, version=one.version + 1, tries=one.tries + 1)
            for one in free
        ]

    async def let_go(self, messages: Sequence[Outgoing]) -> None:
        takers = {"$in": sorted({one.taken_by or "" for one in messages})}
        await self._mails.update_many(
            {"_id": {"$in": [oid(one.id) for one in messages]}, **_PENDING, "taken_by": takers},
            {"$set": {"taken_until": None, "taken_by": None}, "$inc": {"version": 1}},
        )

    async def end(self, tx: Tx, messages: Sequence[Outgoing]) -> int:
        ends = [
            UpdateOne(
                {"_id": oid(one.id), **_PENDING},
                {"$set": {name: document[name] for name in _ENDED}, "$inc": {"version": 1}},
            )
            for one in messages
            for document in [to_document(one)]
        ]
        result = await self._mails.bulk_write(ends, session=session_of(tx))
        return result.modified_count

    async def mails_per_state(self) -> dict[str, int]:
        """How many of the last day are in each state."""
        rows = self._mails.aggregate(
            [{"$match": {"_id": {"$gte": a_day_ago()}}}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        counted = {row["_id"]: row["count"] async for row in rows}
        return {state.value: counted.get(state.value, 0) for state in OutgoingState}
