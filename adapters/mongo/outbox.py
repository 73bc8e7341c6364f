"""The ``events`` collection: outbox and, for users, the feed that a tab which was away is replayed from.

``{_id, to: {kind, id, processes?}, name, namespace, data, droppable, created_at, expires_at, seq?, epoch?, published}``

Rows for users stay for :data:`FEED_KEPT` and are then removed by the database; others are removed once published.
``user_feeds``: ``{_id: userId, epoch, seq}``, the last number given out. A new epoch begins when a feed is made anew.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession

from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.events import Address, Event, ToCall, ToProcess, ToUser, ToWatchers, to_wire
from domain.ids import CoachId, SessionId, UserId
from domain.outbox import OutboxRow

FEED_KEPT = timedelta(days=7)
INDEXES = [
    IndexSpec(
        "events",
        [("to.id", 1), ("seq", 1)],
        {"unique": True, "partialFilterExpression": {"seq": {"$exists": True}}},
    ),
    IndexSpec(
        "events",
        [("published", 1), ("written_at", 1), ("_id", 1)],
        {"partialFilterExpression": {"published": False}},
    ),
    IndexSpec("events", [("written_at", 1)], {"expireAfterSeconds": int(FEED_KEPT.total_seconds())}),
]

#: The order of the commits, as the index has it: by identifier alone, MongoDB may choose to walk the whole feed.
_ORDER = [("written_at", 1), ("_id", 1)]
Emission = tuple[Address, Event, datetime | None]


@tells_outages
class MongoOutbox:
    """Writes rows in the transaction; marks and finds them afterwards."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._events = db["events"]
        self._feeds = db["user_feeds"]

    def write(
        self, session: ClientSession, emissions: Sequence[Emission], now: datetime, wall: datetime
    ) -> list[OutboxRow]:
        """Number and insert the rows of one transaction, in the order they were emitted. Blocks."""
        wanted: defaultdict[UserId, int] = defaultdict(int)
        for to, _, _ in emissions:
            if isinstance(to, ToUser):
                wanted[to.user_id] += 1
        numbers = {user: self._reserve(session, user, count) for user, count in wanted.items()}
        rows = []
        for to, event, expires_at in emissions:
            epoch, seq = numbers[to.user_id] if isinstance(to, ToUser) else (None, None)
            if isinstance(to, ToUser) and seq is not None:
                numbers[to.user_id] = (epoch, seq + 1)
            rows.append(
                OutboxRow(
                    id=str(ObjectId()),
                    to=to,
                    name=event.name,
                    namespace=event.namespace,
                    data=to_wire(event),
                    droppable=event.droppable,
                    created_at=now,
                    seq=seq,
                    epoch=epoch,
                    expires_at=expires_at,
                )
            )
        self._events.delegate.insert_many([_document(row, wall) for row in rows], session=session)
        return rows

    def _reserve(self, session: ClientSession, user: UserId, count: int) -> tuple[str | None, int | None]:
        feed = self._feeds.delegate.find_one_and_update(
            {"_id": ObjectId(user)},
            {"$inc": {"seq": count}, "$setOnInsert": {"epoch": uuid4().hex[:12]}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        return feed["epoch"], feed["seq"] - count + 1

    async def published(self, rows: Sequence[OutboxRow]) -> None:
        """Note that rows went out: those with a number stay for replay, the others have done their work."""
        kept = [ObjectId(row.id) for row in rows if row.seq is not None]
        gone = [ObjectId(row.id) for row in rows if row.seq is None]
        if kept:
            await self._events.update_many({"_id": {"$in": kept}}, {"$set": {"published": True}})
        if gone:
            await self._events.delete_many({"_id": {"$in": gone}})

    async def count_unpublished(self) -> int:
        """How many rows wait to be published."""
        return await self._events.count_documents({"published": False})

    async def unpublished(self, older_than: datetime, limit: int = 500) -> list[OutboxRow]:
        """Rows committed before ``older_than`` (wall) that nobody published: what a crash left."""
        found = self._events.find({"published": False, "written_at": {"$lt": older_than}})
        return [_row(document) for document in await found.sort(_ORDER).limit(limit).to_list(limit)]


def _document(row: OutboxRow, wall: datetime) -> dict[str, Any]:
    document: dict[str, Any] = {
        "_id": ObjectId(row.id),
        "to": _address(row.to),
        "name": row.name,
        "namespace": row.namespace,
        "data": row.data,
        "droppable": row.droppable,
        "created_at": row.created_at,
        "written_at": wall,
        "expires_at": row.expires_at,
        "published": False,
    }
    if row.seq is not None:
        document |= {"seq": row.seq, "epoch": row.epoch}
    return document


def _row(document: dict[str, Any]) -> OutboxRow:
    return OutboxRow(
        id=str(document["_id"]),
        to=_parse_address(document["to"]),
        name=document["name"],
        namespace=document["namespace"],
        data=document["data"],
        droppable=document["droppable"],
        created_at=document["created_at"],
        seq=document.get("seq"),
        epoch=document.get("epoch"),
        expires_at=document["expires_at"],
    )


def _address(to: Address) -> dict[str, Any]:
    match to:
        case ToUser(user_id):
            return {"kind": "user", "id": ObjectId(user_id)}
        case ToCall(session_id, processes, only):
            return {
                "kind": "call",
                "id": ObjectId(session_id),
                "processes": sorted(processes),
                "only": only,
            }
        case ToProcess(process):
            return {"kind": "process", "id": process}
        case ToWatchers(coach_id):
            return {"kind": "watchers", "id": ObjectId(coach_id)}


def _parse_address(stored: dict[str, Any]) -> Address:
    key = str(stored["id"])
    match stored["kind"]:
        case "user":
            return ToUser(UserId(key))
        case "call":
            return ToCall(SessionId(key), frozenset(stored["processes"]), stored["only"])
        case "process":
            return ToProcess(key)
        case _:
            return ToWatchers(CoachId(key))
