"""Reading the feeds that the outbox writes: ``user_feeds``, and a person's rows in ``events``."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import oid
from adapters.mongo.outages import tells_outages
from domain.ids import UserId
from domain.notifications.feed import FeedEvent, FeedPosition


@tells_outages
class MongoFeed:
    """Numbered events by person; the unique index on (person, number) answers both."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._events = db["events"]
        self._feeds = db["user_feeds"]

    async def position(self, user_id: UserId) -> FeedPosition | None:
        found = await self._feeds.find_one({"_id": oid(user_id)})
        return FeedPosition(found["epoch"], found["seq"]) if found else None

    async def since(self, user_id: UserId, after_seq: int, limit: int) -> Sequence[FeedEvent]:
        found = self._events.find({"to.id": oid(user_id), "seq": {"$gt": after_seq}}).sort("seq", 1)
        return [_event(row) for row in await found.limit(limit).to_list(limit)]


def _event(row: dict[str, Any]) -> FeedEvent:
    return FeedEvent(
        epoch=row["epoch"],
        seq=row["seq"],
        name=row["name"],
        namespace=row["namespace"],
        data=row["data"],
        droppable=row["droppable"],
        expires_at=row["expires_at"],
    )
