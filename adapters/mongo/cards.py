"""The ``cards`` and ``card_setups`` collections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.ids import PaymentMethodId, UserId
from domain.payments.cards import Card
from domain.payments.setups import CardSetup
from domain.ports import Tx

INDEXES = [
    IndexSpec("cards", [("user_id", 1), ("created_at", -1), ("_id", -1)], {}),
    IndexSpec("cards", [("user_id", 1), ("gateway_id", 1)], {"unique": True}),
    IndexSpec(
        "cards",
        [("user_id", 1)],
        {
            "unique": True,
            "partialFilterExpression": {"is_default": True},
            "name": "one_default_card_per_user",
        },
    ),
    IndexSpec("cards", [("removed_at", 1)], {"partialFilterExpression": {"removed_at": {"$type": "date"}}}),
    IndexSpec("card_setups", [("user_id", 1), ("token", 1)], {"unique": True}),
]

entity(Card)
entity(CardSetup)


@tells_outages
class MongoCards:
    """Saved cards. ``removed_at`` marks one that is gone for the user, and not yet for the gateway."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._cards = db["cards"]

    async def chosen(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId | None) -> Card | None:
        which: Document = {"is_default": True} if card_id is None else {"_id": oid(card_id)}
        return await self._one(tx, {"user_id": oid(user_id), "removed_at": None, **which})

    async def list(self, tx: Tx, user_id: UserId) -> Sequence[Card]:
        found = self._cards.find({"user_id": oid(user_id), "removed_at": None}, session=session_of(tx))
        newest_first = found.sort([("created_at", -1), ("_id", -1)])
        return [from_document(row, Card) for row in await newest_first.to_list(None)]

    async def by_gateway(self, tx: Tx, user_id: UserId, gateway_id: str) -> Card | None:
        return await self._one(tx, {"user_id": oid(user_id), "gateway_id": gateway_id, "removed_at": None})

    async def insert(self, tx: Tx, card: Card) -> None:
        await self._cards.insert_one(to_document(card), session=session_of(tx))

    async def insert_hidden(self, tx: Tx, card: Card, at: datetime) -> None:
        await self._cards.update_one(
            {"user_id": oid(card.user_id), "gateway_id": card.gateway_id},
            {"$setOnInsert": {**to_document(card), "removed_at": at}},
            upsert=True,
            session=session_of(tx),
        )

    async def make_default(self, tx: Tx, user_id: UserId, card_id: PaymentMethodId) -> None:
        # The unique index allows one default at any moment, so the old one steps down first.
        await self._cards.update_many(
            {"user_id": oid(user_id), "is_default": True, "_id": {"$ne": oid(card_id)}},
            {"$set": {"is_default": False}},
            session=session_of(tx),
        )
        await self._cards.update_one(
            {"_id": oid(card_id), "user_id": oid(user_id), "removed_at": None},
            {"$set": {"is_default": True}},
            session=session_of(tx),
        )

    async def hide(self, tx: Tx, card: Card, at: datetime) -> None:
        await self._cards.update_one(
            {"_id": oid(card.id)},
            {"$set": {"removed_at": at, "is_default": False}},
            session=session_of(tx),
        )

    async def hidden(self, before: datetime, limit: int) -> Sequence[Card]:
        # The type is what lets the partial index answer.
        removed = {"removed_at": {"$lt": before, "$type": "date"}}
        found = self._cards.find(removed).sort("removed_at", 1).limit(limit)
        return [from_document(row, Card) for row in await found.to_list(limit)]

    async def forget(self, card: Card) -> None:
        await self._cards.delete_one({"_id": oid(card.id), "removed_at": {"$ne": None}})

    async def _one(self, tx: Tx, query: Document) -> Card | None:
        found = await self._cards.find_one(query, session=session_of(tx))
        return from_document(found, Card) if found else None


@tells_outages
class MongoCardSetups:
    """Unfinished setups, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._setups = db["card_setups"]

    async def begin(self, tx: Tx, setup: CardSetup) -> CardSetup:
        found = await self._setups.find_one_and_update(
            {"user_id": oid(setup.user_id), "token": setup.token},
            {"$setOnInsert": to_document(setup)},
            upsert=True,
            return_document=ReturnDocument.AFTER,
            session=session_of(tx),
        )
        return from_document(found, CardSetup)

    async def finish(self, tx: Tx, setup: CardSetup) -> None:
        await self._setups.delete_one({"_id": oid(setup.id)}, session=session_of(tx))
