"""The ``idempotency_keys`` collection: ``{_id, fingerprint, holder, leased_until, status?, body?, created_at}``.

Wall time. A key whose process died is free again after its lease.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.errors import Conflict
from domain.idempotency import Reservation, StoredReply

KEPT_SECONDS = 86_400
INDEXES = [IndexSpec("idempotency_keys", [("created_at", 1)], {"expireAfterSeconds": KEPT_SECONDS})]


@tells_outages
class MongoIdempotency:
    """Replies by key, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._keys = db["idempotency_keys"]

    async def reserve(
        self, key: str, fingerprint: str, now: datetime, lease: timedelta
    ) -> Reservation | StoredReply:
        reservation = Reservation(key, uuid4().hex)
        held = {"holder": reservation.token, "leased_until": now + lease}
        try:
            await self._keys.insert_one({"_id": key, "fingerprint": fingerprint, "created_at": now, **held})
            return reservation
        except DuplicateKeyError:
            known = await self._keys.find_one_and_update(
                {"_id": key, "fingerprint": fingerprint, "status": None, "leased_until": {"$lte": now}},
                {"$set": held},
                return_document=ReturnDocument.AFTER,
            )
            return reservation if known else await self._known(key, fingerprint)

    async def _known(self, key: str, fingerprint: str) -> StoredReply:
        known = await self._keys.find_one({"_id": key})
        if known is not None and known["fingerprint"] != fingerprint:
            raise Conflict("This Idempotency-Key was used for another request.")
        if known is None or "status" not in known:
            raise Conflict("A request with this Idempotency-Key is running; please try again in a moment.")
        return StoredReply(known["status"], bytes(known["body"]))

    async def complete(self, reservation: Reservation, reply: StoredReply) -> None:
        await self._keys.update_one(
            {"_id": reservation.key, "holder": reservation.token},
            {"$set": {"status": reply.status, "body": reply.body}},
        )

    async def release(self, reservation: Reservation) -> None:
        await self._keys.delete_one({"_id": reservation.key, "holder": reservation.token, "status": None})
