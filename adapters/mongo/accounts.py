"""The ``accounts`` and ``blocks`` collections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.accounts.account import Account
from domain.errors import Code, Conflict, NotFound, Unavailable
from domain.ids import UserId
from domain.ports import Tx

INDEXES = [
    IndexSpec("accounts", [("email", 1)], {"unique": True}),
    IndexSpec("accounts", [("name", "text")], {"default_language": "none"}),
    IndexSpec("blocks", [("blocked", 1)], {}),
    IndexSpec("blocks", [("blocker", 1)], {}),
]

entity(Account)


@tells_outages
class MongoAccounts:
    """Accounts, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._accounts = db["accounts"]

    async def get(self, tx: Tx, user_id: UserId) -> Account:
        document = await self._accounts.find_one({"_id": oid(user_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such person.")
        return from_document(document, Account)

    async def by_email(self, tx: Tx, email: str) -> Account | None:
        document = await self._accounts.find_one({"email": email}, session=session_of(tx))
        return from_document(document, Account) if document else None

    async def find(self, user_ids: Sequence[UserId]) -> list[Account]:
        found = self._accounts.find({"_id": {"$in": [oid(one) for one in user_ids]}})
        return [from_document(document, Account) async for document in found]

    async def with_addresses(self, emails: Sequence[str]) -> list[Account]:
        found = self._accounts.find({"email": {"$in": list(emails)}})
        return [from_document(document, Account) async for document in found]

    async def insert(self, tx: Tx, account: Account) -> None:
        account.version = 1
        try:
            await self._accounts.insert_one(to_document(account), session=session_of(tx))
        except DuplicateKeyError as error:
            raise Conflict("This e-mail address has an account.", code=Code.EMAIL_TAKEN) from error

    async def save(self, tx: Tx, account: Account) -> None:
        expected, account.version = account.version, account.version + 1
        result = await self._accounts.replace_one(
            {"_id": oid(account.id), "version": expected}, to_document(account), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The account changed meanwhile; please try again.")


@tells_outages
class MongoBlocks:
    """``{_id: "blocker:blocked", blocker, blocked, at}``."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._blocks = db["blocks"]

    async def between(self, tx: Tx, one: UserId, other: UserId) -> bool:
        either = {"$in": [_block_id(one, other), _block_id(other, one)]}
        return await self._blocks.find_one({"_id": either}, session=session_of(tx)) is not None

    async def apart(self, user_id: UserId, others: Sequence[UserId]) -> set[UserId]:
        either = [_block_id(*pair) for other in others for pair in ((user_id, other), (other, user_id))]
        found = self._blocks.find({"_id": {"$in": either}}, {"blocker": 1, "blocked": 1})
        return {UserId(str(one)) async for row in found for one in (row["blocker"], row["blocked"])} - {
            user_id
        }

    async def count(self, tx: Tx, blocker: UserId, but: UserId) -> int:
        query = {"blocker": oid(blocker), "blocked": {"$ne": oid(but)}}
        return await self._blocks.count_documents(query, session=session_of(tx))

    async def add(self, tx: Tx, blocker: UserId, blocked: UserId, at: datetime) -> None:
        await self._blocks.update_one(
            {"_id": _block_id(blocker, blocked)},
            {"$setOnInsert": {"blocker": oid(blocker), "blocked": oid(blocked), "at": at}},
            upsert=True,
            session=session_of(tx),
        )

    async def remove(self, tx: Tx, blocker: UserId, blocked: UserId) -> None:
        await self._blocks.delete_one({"_id": _block_id(blocker, blocked)}, session=session_of(tx))


def _block_id(blocker: UserId, blocked: UserId) -> str:
    return f"{blocker}:{blocked}"
