"""The ``login_attempts``, ``token_families`` and ``revocations`` collections. All times are wall times."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.accounts.attempts import LoginAttempts
from domain.accounts.families import TokenFamily
from domain.accounts.revocations import Revocation
from domain.errors import Unavailable
from domain.ids import UserId
from domain.ports import Tx

INDEXES = [
    IndexSpec("login_attempts", [("expires_at", 1)], {"expireAfterSeconds": 0}),
    IndexSpec("token_families", [("user_id", 1), ("revoked_at", 1), ("expires_at", 1)], {}),
    # a revoked or lapsed family is kept for a day, to tell a thief's token from nonsense in the logs
    IndexSpec("token_families", [("expires_at", 1)], {"expireAfterSeconds": 86_400}),
    IndexSpec("revocations", [("at", 1)], {}),
    IndexSpec("revocations", [("expires_at", 1)], {"expireAfterSeconds": 0}),
]

entity(TokenFamily)


@tells_outages
class MongoAttempts:
    """Counted log-in attempts; the database forgets them when they no longer matter."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._attempts = db["login_attempts"]

    async def get(self, tx: Tx, key: str) -> LoginAttempts:
        found = await self._attempts.find_one({"_id": key}, session=session_of(tx))
        if found is None:
            return LoginAttempts(key)
        return LoginAttempts(key, found["failures"], found["locked_until"], found["expires_at"])

    async def save(self, tx: Tx, attempts: LoginAttempts) -> None:
        await self._attempts.replace_one(
            {"_id": attempts.key},
            {
                "failures": attempts.failures,
                "locked_until": attempts.locked_until,
                "expires_at": attempts.expires_at,
                # a second attempt at the same instant must differ, or the two would not take turns
                "nonce": ObjectId(),
            },
            upsert=True,
            session=session_of(tx),
        )

    async def forget(self, tx: Tx, key: str) -> None:
        await self._attempts.delete_one({"_id": key}, session=session_of(tx))


@tells_outages
class MongoFamilies:
    """Token families, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._families = db["token_families"]

    async def get(self, tx: Tx, family_id: str) -> TokenFamily | None:
        found = await self._families.find_one({"_id": family_id}, session=session_of(tx))
        return from_document(found, TokenFamily) if found else None

    async def insert(self, tx: Tx, family: TokenFamily) -> None:
        family.version = 1
        await self._families.insert_one(to_document(family), session=session_of(tx))

    async def save(self, tx: Tx, family: TokenFamily) -> None:
        expected, family.version = family.version, family.version + 1
        result = await self._families.replace_one(
            {"_id": family.id, "version": expected}, to_document(family), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The session changed meanwhile; please try again.")

    async def revoke_all(self, tx: Tx, user_id: UserId, now: datetime) -> Sequence[str]:
        living = {"user_id": oid(user_id), "revoked_at": None, "expires_at": {"$gt": now}}
        found = self._families.find(living, {"_id": 1}, session=session_of(tx))
        ids = [row["_id"] for row in await found.to_list(None)]
        await self._families.update_many(
            {"_id": {"$in": ids}},
            {"$set": {"revoked_at": now}, "$inc": {"version": 1}},
            session=session_of(tx),
        )
        return ids


@tells_outages
class MongoRevocations:
    """``{_id, user_id, families, at, expires_at}``."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._revocations = db["revocations"]

    async def add(self, tx: Tx, revocation: Revocation) -> None:
        await self._revocations.insert_one(
            {
                "user_id": oid(revocation.user_id),
                "families": list(revocation.families),
                "at": revocation.at,
                "expires_at": revocation.expires_at,
            },
            session=session_of(tx),
        )

    async def since(self, instant: datetime) -> Sequence[Revocation]:
        found = self._revocations.find({"at": {"$gte": instant}}).sort("at", 1)
        return [
            Revocation(UserId(str(row["user_id"])), tuple(row["families"]), row["at"]) async for row in found
        ]
