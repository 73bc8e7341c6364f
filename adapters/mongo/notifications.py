"""The ``notifications`` and ``seen`` collections."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument, UpdateOne

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import insert_at_the_end, making_the_first, session_of
from domain.errors import NotFound, Unavailable
from domain.ids import NotificationId, UserId
from domain.notifications.notification import Channel, Delivery, Notification
from domain.notifications.preferences import Preferences
from domain.ports import Tx

INDEXES = [
    IndexSpec("notifications", [("user_id", 1), ("_id", -1)], {}),
    IndexSpec("notifications", [("user_id", 1), ("read_at", 1), ("_id", -1)], {}),
    # Expired ones are not shown; this clears them away. Expiry is domain time, so there is a wide margin.
    IndexSpec("notifications", [("expires_at", 1)], {"expireAfterSeconds": 30 * 86_400}),
    IndexSpec("seen", [("at", 1)], {"expireAfterSeconds": 90 * 86_400}),
]

entity(Notification)
entity(Preferences)


@tells_outages
class MongoNotifications:
    """Notifications, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._notifications = db["notifications"]

    async def insert(self, tx: Tx, notification: Notification) -> None:
        insert_at_the_end(tx, self._notifications.name, to_document(notification))

    async def page(
        self, user_id: UserId, *, now: datetime, before: NotificationId | None, unread_only: bool, limit: int
    ) -> Sequence[Notification]:
        query = _alive(user_id, now)
        if before is not None:
            query["_id"] = {"$lt": oid(before)}
        if unread_only:
            query["read_at"] = None
        found = self._notifications.find(query).sort("_id", -1).limit(limit)
        return [from_document(document, Notification) for document in await found.to_list(limit)]

    async def mark_read(
        self, tx: Tx, user_id: UserId, ids: Sequence[NotificationId] | None, now: datetime
    ) -> None:
        query: Document = {"user_id": oid(user_id), "read_at": None}
        if ids is not None:
            query["_id"] = {"$in": [oid(one) for one in ids]}
        await self._notifications.update_many(query, {"$set": {"read_at": now}}, session=session_of(tx))

    async def delete(self, tx: Tx, user_id: UserId, notification_id: NotificationId) -> None:
        query = {"_id": oid(notification_id), "user_id": oid(user_id)}
        result = await self._notifications.delete_one(query, session=session_of(tx))
        if result.deleted_count != 1:
            raise NotFound("There is no such notification.")

    async def note_deliveries(
        self, tx: Tx, deliveries: Sequence[tuple[NotificationId, Channel, Delivery]]
    ) -> None:
        notes = [
            UpdateOne({"_id": oid(one)}, {"$set": {f"delivery.{channel.value}": delivery.value}})
            for one, channel, delivery in deliveries
        ]
        await self._notifications.bulk_write(notes, session=session_of(tx))

    async def unread(self, user_id: UserId, now: datetime, tx: Tx | None = None) -> int:
        return await self._notifications.count_documents(
            {**_alive(user_id, now), "read_at": None}, session=session_of(tx) if tx else None
        )

    async def mark_delivered(self, user_id: UserId, ids: Sequence[NotificationId]) -> None:
        await self._notifications.update_many(
            {"_id": {"$in": [oid(one) for one in ids]}, "user_id": oid(user_id)},
            {"$set": {f"delivery.{Channel.SOCKET.value}": Delivery.DELIVERED.value}},
        )


def _alive(user_id: UserId, now: datetime) -> Document:
    return {"user_id": oid(user_id), "$or": [{"expires_at": None}, {"expires_at": {"$gt": now}}]}


@tells_outages
class MongoSeen:
    """``{_id: "user:device", seq, at}``."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._seen = db["seen"]

    async def advance(self, user_id: UserId, device_id: str, seq: int, now: datetime) -> int:
        before = await self._seen.find_one_and_update(
            {"_id": f"{user_id}:{device_id}"},
            {"$max": {"seq": seq}, "$set": {"at": now}},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
        )
        return before["seq"] if before else 0


@tells_outages
class MongoPreferences:
    """``notification_preferences``: one document for whoever chose something, under the person's id."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._preferences = db["notification_preferences"]

    async def get(self, tx: Tx, user_id: UserId) -> Preferences:
        return (await self.of(tx, [user_id]))[user_id]

    async def of(self, tx: Tx, user_ids: Collection[UserId]) -> Mapping[UserId, Preferences]:
        wanted = {"_id": {"$in": [oid(one) for one in user_ids]}}
        rows = await self._preferences.find(wanted, session=session_of(tx)).to_list(None)
        chosen = {one.id: one for one in (from_document(row, Preferences) for row in rows)}
        return {one: chosen.get(one) or Preferences(one) for one in user_ids}

    async def save(self, tx: Tx, preferences: Preferences) -> None:
        expected, preferences.version = preferences.version, preferences.version + 1
        with making_the_first():
            result = await self._preferences.replace_one(
                {"_id": oid(preferences.id), "version": expected},
                to_document(preferences),
                upsert=expected == 0,
                session=session_of(tx),
            )
        if expected and result.matched_count != 1:
            raise Unavailable("Your preferences changed meanwhile; please try again.")
