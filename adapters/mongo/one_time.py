"""The ``one_time_tokens`` and ``mail_requests`` collections. All times are wall times."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import making_the_first, session_of
from domain.accounts.one_time import OneTimeToken, Purpose
from domain.accounts.requests import WINDOW, MailRequests
from domain.errors import Unavailable
from domain.ids import UserId
from domain.ports import Tx

INDEXES = [
    IndexSpec("one_time_tokens", [("user_id", 1), ("purpose", 1), ("used_at", 1)]),
    # kept for a day, to tell a late link from nonsense
    IndexSpec("one_time_tokens", [("expires_at", 1)], {"expireAfterSeconds": 86_400}),
    IndexSpec("mail_requests", [("expires_at", 1)], {"expireAfterSeconds": 0}),
]

entity(OneTimeToken)


@tells_outages
class MongoOneTimeTokens:
    """Links that were sent, one document each, by the id of their mail."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._tokens = db["one_time_tokens"]

    async def get(self, tx: Tx, token_id: str) -> OneTimeToken | None:
        document = await self._tokens.find_one({"_id": token_id}, session=session_of(tx))
        return from_document(document, OneTimeToken) if document else None

    async def insert(self, tx: Tx, token: OneTimeToken) -> None:
        token.version = 1
        await self._tokens.insert_one(to_document(token), session=session_of(tx))

    async def save(self, tx: Tx, token: OneTimeToken) -> None:
        expected, token.version = token.version, token.version + 1
        result = await self._tokens.replace_one(
            {"_id": token.id, "version": expected}, to_document(token), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The link was used meanwhile; please try again.")

    async def use_up(self, tx: Tx, user_id: UserId, purpose: Purpose, now: datetime) -> None:
        await self._tokens.update_many(
            {"user_id": oid(user_id), "purpose": purpose.value, "used_at": None},
            {"$set": {"used_at": now}, "$inc": {"version": 1}},
            session=session_of(tx),
        )


@tells_outages
class MongoMailRequests:
    """``{_id: digest, count, expires_at, nonce}``; the database forgets them when they no longer matter."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._requests = db["mail_requests"]

    async def get(self, tx: Tx, key: str) -> MailRequests:
        found = await self._requests.find_one({"_id": key}, session=session_of(tx))
        return MailRequests(key) if found is None else MailRequests(key, found["count"], found["expires_at"])

    async def bump(self, more: Mapping[str, int], now: datetime) -> Mapping[str, int]:
        # One by one: numbers that are read after all were written may count what somebody else wrote in between.
        numbers = await asyncio.gather(*(self._bump_one(key, count, now) for key, count in more.items()))
        return dict(zip(more, numbers, strict=True))

    async def _bump_one(self, key: str, count: int, now: datetime) -> int:
        while True:
            try:
                row = await self._requests.find_one_and_update(
                    {"_id": key},
                    [_counted(count, now)],
                    upsert=True,
                    return_document=ReturnDocument.AFTER,
                )
            except DuplicateKeyError:
                continue  # somebody else made the first: now there is one to change
            return int(row["count"])

    async def save(self, tx: Tx, requests: MailRequests) -> None:
        with making_the_first():
            await self._requests.replace_one(
                {"_id": requests.key},
                # a second request at the same instant must differ, or the two would not take turns
                {"count": requests.count, "expires_at": requests.expires_at, "nonce": ObjectId()},
                upsert=True,
                session=session_of(tx),
            )


def _counted(more: int, now: datetime) -> Document:
    """The stage of an update that counts on, or begins a new hour."""
    running = {"$gt": ["$expires_at", now]}
    return {
        "$set": {
            "count": {"$cond": [running, {"$add": ["$count", more]}, more]},
            "expires_at": {"$cond": [running, "$expires_at", now + WINDOW]},
        }
    }
