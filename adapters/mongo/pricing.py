"""The ``price_rules``, ``discount_codes`` and ``discount_uses`` collections.

A use is ``{_id: order, code_id, buyer, amount, at}``. Uses of one code are counted on the code's own document, so that two
transactions that use it conflict; ``version`` is left to the coach's changes.
"""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import CONVERTER, Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.errors import Contended, NotFound, Unavailable
from domain.ids import CoachId, DiscountCodeId, PriceRuleId, UserId
from domain.ports import Tx
from domain.pricing.codes import CodeUse, DiscountCode
from domain.pricing.rules import MAX_RULES, PriceRule

INDEXES = [
    IndexSpec("price_rules", [("coach_id", 1), ("_id", 1)]),
    IndexSpec("discount_codes", [("coach_id", 1), ("code", 1)], {"unique": True}),
    IndexSpec("discount_codes", [("coach_id", 1), ("archived", 1), ("_id", 1)]),
    IndexSpec("discount_uses", [("code_id", 1), ("buyer", 1)]),
]

entity(PriceRule)
entity(DiscountCode)


@tells_outages
class MongoPriceRules:
    """Price rules, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._rules = db["price_rules"]

    async def get(self, tx: Tx, rule_id: PriceRuleId) -> PriceRule:
        document = await self._rules.find_one({"_id": oid(rule_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such rule.")
        return from_document(document, PriceRule)

    async def insert(self, tx: Tx, rule: PriceRule) -> None:
        rule.version = 1
        await self._rules.insert_one(to_document(rule), session=session_of(tx))

    async def save(self, tx: Tx, rule: PriceRule) -> None:
        expected, rule.version = rule.version, rule.version + 1
        result = await self._rules.replace_one(
            {"_id": oid(rule.id), "version": expected}, to_document(rule), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The rule changed meanwhile; please try again.")

    async def delete(self, tx: Tx, rule: PriceRule) -> None:
        result = await self._rules.delete_one(
            {"_id": oid(rule.id), "version": rule.version}, session=session_of(tx)
        )
        if result.deleted_count != 1:
            raise Unavailable("The rule changed meanwhile; please try again.")

    async def of_coach(self, tx: Tx, coach_id: CoachId) -> Sequence[PriceRule]:
        found = self._rules.find({"coach_id": oid(coach_id)}, session=session_of(tx)).sort("_id", 1)
        return [from_document(document, PriceRule) for document in await found.to_list(MAX_RULES)]


@tells_outages
class MongoDiscountCodes:
    """Codes and their uses, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._codes = db["discount_codes"]
        self._uses = db["discount_uses"]

    async def get(self, tx: Tx, code_id: DiscountCodeId) -> DiscountCode:
        document = await self._codes.find_one({"_id": oid(code_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such code.")
        return from_document(document, DiscountCode)

    async def by_code(self, tx: Tx, coach_id: CoachId, code: str) -> DiscountCode | None:
        query = {"coach_id": oid(coach_id), "code": code}
        document = await self._codes.find_one(query, session=session_of(tx))
        return from_document(document, DiscountCode) if document else None

    async def insert(self, tx: Tx, code: DiscountCode) -> None:
        code.version = 1
        await self._codes.insert_one(to_document(code), session=session_of(tx))

    async def save(self, tx: Tx, code: DiscountCode) -> None:
        expected, code.version = code.version, code.version + 1
        result = await self._codes.replace_one(
            {"_id": oid(code.id), "version": expected}, to_document(code), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The code changed meanwhile; please try again.")

    async def delete(self, tx: Tx, code: DiscountCode) -> None:
        result = await self._codes.delete_one(
            {"_id": oid(code.id), "version": code.version, "uses": code.uses}, session=session_of(tx)
        )
        if result.deleted_count != 1:
            raise Unavailable("The code changed meanwhile; please try again.")

    async def count_offered(self, tx: Tx, coach_id: CoachId) -> int:
        query = {"coach_id": oid(coach_id), "archived": False}
        return await self._codes.count_documents(query, session=session_of(tx))

    async def page(
        self, coach_id: CoachId, *, archived: bool, after: DiscountCodeId | None, limit: int
    ) -> Sequence[DiscountCode]:
        query: Document = {"coach_id": oid(coach_id), "archived": archived}
        if after is not None:
            query["_id"] = {"$gt": oid(after)}
        found = await self._codes.find(query).sort("_id", 1).limit(limit).to_list(limit)
        return [from_document(document, DiscountCode) for document in found]

    async def use_of(self, tx: Tx, order: str) -> CodeUse | None:
        document = await self._uses.find_one({"_id": order}, session=session_of(tx))
        return CONVERTER.structure({**document, "order": document["_id"]}, CodeUse) if document else None

    async def uses_of(self, tx: Tx, code_id: DiscountCodeId, buyer: UserId) -> int:
        query = {"code_id": oid(code_id), "buyer": oid(buyer)}
        return await self._uses.count_documents(query, session=session_of(tx))

    async def take(self, tx: Tx, code: DiscountCode, use: CodeUse) -> None:
        result = await self._codes.update_one(
            {"_id": oid(code.id), "uses": code.uses, "discounted": code.discounted},
            {"$inc": {"uses": 1, "discounted": use.amount}},
            session=session_of(tx),
        )
        if result.matched_count != 1:
            raise Contended("The code was used meanwhile; please try again.")
        document = to_document(use)
        await self._uses.insert_one({"_id": document.pop("order"), **document}, session=session_of(tx))

    async def untake(self, tx: Tx, use: CodeUse) -> None:
        result = await self._uses.delete_one({"_id": use.order}, session=session_of(tx))
        if result.deleted_count != 1:
            return
        await self._codes.update_one(
            {"_id": oid(use.code_id)},
            {"$inc": {"uses": -1, "discounted": -use.amount}},
            session=session_of(tx),
        )
