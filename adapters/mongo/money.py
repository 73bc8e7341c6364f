"""The ``gateway_operations``, ``payments``, ``earnings`` and ``webhook_events`` collections."""

from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.cursors import page
from adapters.mongo.documents import Document, a_day_ago, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.clock import Clock
from domain.errors import NotFound
from domain.ids import CoachId, OperationId, PaymentId, SessionId, UserId
from domain.money import Money
from domain.operations.figures import RefundFigures
from domain.operations.webhooks import ReceivedWebhook, WebhookCounts
from domain.payments.earnings import Earned
from domain.payments.gateway import WebhookEvent
from domain.payments.operations import GatewayOperation, OperationState
from domain.payments.payment import OF_PURCHASES, Earning, Payment
from domain.payments.purchases import Subject
from domain.payments.refunds import RefundState
from domain.ports import Tx

INDEXES = [
    IndexSpec("gateway_operations", [("session_id", 1)]),
    IndexSpec(
        "gateway_operations",
        [("state", 1), ("created_at", 1)],
        {"partialFilterExpression": {"state": OperationState.INTENDED.value}},
    ),
    IndexSpec(
        "payments",
        [("session_id", 1)],
        {"unique": True, "partialFilterExpression": {"session_id": {"$exists": True}}},
    ),
    IndexSpec("payments", [("payer", 1), ("_id", -1)]),
    IndexSpec(
        "payments",
        [("purchase.subject.kind", 1), ("purchase.subject.id", 1), ("_id", -1)],
        {"partialFilterExpression": {"purchase.subject.id": {"$exists": True}}},
    ),
    # Of all tries to pay for something, one gets it.
    IndexSpec(
        "payments",
        [("purchase.subject.kind", 1), ("purchase.subject.id", 1)],
        {"unique": True, "partialFilterExpression": {"delivered": True}},
    ),
    # What clients are owed: few, among all payments.
    IndexSpec(
        "payments",
        [("refunds.state", 1)],
        {"partialFilterExpression": {"refunds.state": {"$exists": True}}},
    ),
    IndexSpec("earnings", [("payment_id", 1), ("refund_id", 1)], {"unique": True}),
    IndexSpec("earnings", [("coach_id", 1), ("at", -1)]),
    IndexSpec("webhook_events", [("received_at", 1)], {"expireAfterSeconds": 30 * 24 * 3600}),
    IndexSpec("webhook_events", [("outcome", 1), ("received_at", 1)]),
    IndexSpec("webhook_events", [("received_at", -1), ("_id", -1)]),
]

#: From when a payment had one earning and no refunds could take it back.
RETIRED = [IndexSpec("earnings", [("payment_id", 1)])]

for stored in (GatewayOperation, Payment):
    entity(stored)


@tells_outages
class MongoOperations:
    """Gateway operations, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._operations = db["gateway_operations"]

    async def insert(self, tx: Tx, operation: GatewayOperation) -> None:
        await self._operations.insert_one(to_document(operation), session=session_of(tx))

    async def get(self, operation_id: OperationId) -> GatewayOperation | None:
        document = await self._operations.find_one({"_id": oid(operation_id)})
        return from_document(document, GatewayOperation) if document else None

    async def finish(
        self, tx: Tx, operation_id: OperationId, state: OperationState, error: str | None
    ) -> None:
        await self._operations.update_one(
            {"_id": oid(operation_id)},
            {"$set": {"state": state.value, "error": error}},
            session=session_of(tx),
        )

    async def unanswered(self, before: datetime) -> int:
        return await self._operations.count_documents(
            {"state": OperationState.INTENDED.value, "created_at": {"$lt": before}}
        )

    async def next_attempt(self, operation_id: OperationId, after: int) -> None:
        await self._operations.update_one(
            {"_id": oid(operation_id), "attempt": after}, {"$inc": {"attempt": 1}}
        )


@tells_outages
class MongoPayments:
    """Payments and earnings."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._clock = clock
        self._payments = db["payments"]
        self._earnings = db["earnings"]

    async def get(self, tx: Tx, payment_id: PaymentId) -> Payment:
        document = await self._payments.find_one({"_id": oid(payment_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such payment.")
        return _payment_of(document)

    async def find(self, payment_id: PaymentId) -> Payment | None:
        document = await self._payments.find_one({"_id": oid(payment_id)})
        return _payment_of(document) if document else None

    async def of_subject(self, tx: Tx, subject: Subject) -> list[Payment]:
        about = {"purchase.subject.kind": subject.kind.value, "purchase.subject.id": subject.id}
        found = self._payments.find(about, session=session_of(tx)).sort("_id", -1)
        return [_payment_of(document) for document in await found.to_list(None)]

    async def of_session(self, tx: Tx, session_id: SessionId) -> Payment | None:
        document = await self._payments.find_one({"session_id": oid(session_id)}, session=session_of(tx))
        return _payment_of(document) if document else None

    async def insert(self, tx: Tx, payment: Payment) -> None:
        await self._payments.insert_one(_document_of(payment), session=session_of(tx))

    async def save(self, tx: Tx, payment: Payment) -> None:
        payment.version += 1
        await self._payments.replace_one(
            {"_id": oid(payment.id)}, _document_of(payment), session=session_of(tx)
        )

    async def earn(self, tx: Tx, earning: Earning) -> None:
        await self._earnings.insert_one(to_document(earning), session=session_of(tx))

    async def earned_since(self, coach_id: CoachId, since: datetime) -> list[Earned]:
        rows = self._earnings.aggregate(
            [
                {"$match": {"coach_id": oid(coach_id), "at": {"$gte": since}}},
                {
                    "$lookup": {
                        "from": "payments",
                        "localField": "payment_id",
                        "foreignField": "_id",
                        "as": "payments",
                    }
                },
                {
                    "$group": {
                        "_id": "$currency",
                        "net": {"$sum": "$amount"},
                        "calls": {"$sum": {"$cond": ["$session_id", 1, 0]}},
                        "seconds": {
                            "$sum": {
                                "$cond": ["$session_id", {"$sum": "$payments.snapshot.billable_seconds"}, 0]
                            }
                        },
                    }
                },
                {"$sort": {"_id": 1}},
            ]
        )
        return [Earned(Money(row["net"], row["_id"]), row["calls"], row["seconds"]) async for row in rows]

    async def purchases_per_state(self) -> dict[str, int]:
        of_purchases = {"_id": {"$gte": a_day_ago()}, "purchase.subject.id": {"$exists": True}}
        rows = self._payments.aggregate(
            [{"$match": of_purchases}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}],
            hint={"_id": 1},
        )
        counted = {row["_id"]: row["count"] async for row in rows}
        return {state.value: counted.get(state.value, 0) for state in OF_PURCHASES}

    async def open_refunds(self) -> RefundFigures:
        owed = {"refunds.state": {"$in": [RefundState.PENDING.value, RefundState.RETURNED.value]}}
        rows = self._payments.aggregate(
            [
                {"$match": owed},
                {"$unwind": "$refunds"},
                {"$match": owed},
                {
                    "$group": {
                        "_id": "$refunds.state",
                        "count": {"$sum": 1},
                        "since": {"$min": "$refunds.requested_at"},
                    }
                },
            ]
        )
        found = {row["_id"]: row async for row in rows}
        waiting, returned = (found.get(state.value) for state in (RefundState.PENDING, RefundState.RETURNED))
        return RefundFigures(
            waiting=waiting["count"] if waiting else 0,
            waiting_seconds=(self._clock.now() - waiting["since"]).total_seconds() if waiting else 0.0,
            returned=returned["count"] if returned else 0,
        )

    async def by_sessions(self, session_ids: list[SessionId]) -> dict[SessionId, Payment]:
        found = self._payments.find({"session_id": {"$in": [oid(one) for one in session_ids]}})
        payments = [_payment_of(document) async for document in found]
        return {payment.session_id: payment for payment in payments if payment.session_id}

    async def history(self, user_id: UserId, before: PaymentId | None, limit: int) -> list[Payment]:
        older = {"_id": {"$lt": oid(before)}} if before else {}
        found = self._payments.find({"payer": oid(user_id), **older}).sort("_id", -1).limit(limit)
        return [_payment_of(document) for document in await found.to_list(limit)]


@tells_outages
class MongoWebhooks:
    """The inbox: ``{_id: gateway event id, type, object_id, created_at, received_at, attempts?, outcome?}``."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._events = db["webhook_events"]
        self._clock = clock

    async def insert(self, tx: Tx, event: WebhookEvent) -> bool:
        result = await self._events.update_one(
            {"_id": event.id},
            {
                "$setOnInsert": {
                    "type": event.type,
                    "object_id": event.object_id,
                    "created_at": event.created_at,
                    "received_at": self._clock.wall(),
                }
            },
            upsert=True,
            session=session_of(tx),
        )
        return result.upserted_id is not None

    async def attempt(self, event_id: str) -> WebhookEvent | None:
        row = await self._events.find_one_and_update({"_id": event_id}, {"$inc": {"attempts": 1}})
        return WebhookEvent(row["_id"], row["type"], row["object_id"], row["created_at"]) if row else None

    async def oldest_waiting_seconds(self) -> float:
        """How long the oldest event that nothing came of yet has been here; 0 without any."""
        row = await self._events.find_one({"outcome": None}, {"received_at": 1}, sort=[("received_at", 1)])
        return max(0.0, (self._clock.wall() - row["received_at"]).total_seconds()) if row else 0.0

    async def latest(self, limit: int, cursor: str | None = None) -> tuple[list[ReceivedWebhook], str | None]:
        rows, next_cursor = await page(self._events, {}, "received_at", limit, cursor)
        return [_received(row) for row in rows], next_cursor

    async def webhook_counts(self, since: datetime) -> WebhookCounts:
        rows = self._events.aggregate(
            [
                {"$match": {"received_at": {"$gte": since}, "outcome": {"$ne": None}}},
                {"$group": {"_id": "$outcome", "count": {"$sum": 1}}},
                {"$sort": {"_id": 1}},
            ]
        )
        return WebhookCounts(
            waiting=await self._events.count_documents({"outcome": None}),
            oldest_waiting_seconds=await self.oldest_waiting_seconds(),
            by_outcome={row["_id"]: row["count"] async for row in rows},
        )

    async def processed(self, event_id: str, outcome: str) -> None:
        await self._events.update_one({"_id": event_id}, {"$set": {"outcome": outcome}})


def _received(row: dict[str, Any]) -> ReceivedWebhook:
    return ReceivedWebhook(
        id=row["_id"],
        type=row["type"],
        object_id=row["object_id"],
        created_at=row["created_at"],
        received_at=row["received_at"],
        outcome=row.get("outcome"),
        attempts=row.get("attempts", 0),
    )


def _document_of(payment: Payment) -> Document:
    """Without ``session_id`` when it is of no call: the unique index holds whatever has one, be it null."""
    document = to_document(payment)
    if payment.session_id is None:
        del document["session_id"]
    return document


def _payment_of(document: Document) -> Payment:
    return from_document({"session_id": None, **document}, Payment)
