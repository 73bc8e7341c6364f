"""The ``ledger`` collection, and the audit whose last report is the document ``ledger_audit`` of ``meta``."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import entity, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.errors import Conflict
from domain.payments.audit import LedgerAudit, LedgerReport
from domain.payments.ledger import COACH_PAYABLE, GATEWAY_CLEARING, GATEWAY_FEE, Journal
from domain.ports import Tx

INDEXES = [
    IndexSpec("ledger", [("movement", 1)], {"unique": True}),
    IndexSpec("ledger", [("payment_id", 1)]),
]
_REPORT = "ledger_audit"
Stage = dict[str, Any]

entity(Journal)


#: The lines of the first journal found that say what was taken: what the gateway owes us, and what it kept.
_TAKEN = {
    "$filter": {
        "input": {"$ifNull": [{"$first": "$journals.postings"}, []]},
        "cond": {"$in": ["$$this.account", [GATEWAY_CLEARING, GATEWAY_FEE]]},
    }
}

_UNBALANCED: list[Stage] = [
    {"$project": {"movement": 1, "sum": {"$sum": "$postings.amount"}}},
    {"$match": {"sum": {"$ne": 0}}},
]

_UNBOOKED: list[Stage] = [
    {"$match": {"settled_at": {"$ne": None}}},
    {"$unwind": "$captures"},
    {"$project": {"intent": "$captures.intent_id", "amount": "$captures.amount"}},
    {"$set": {"movement": {"$concat": ["capture:", "$intent"]}}},
    {
        "$lookup": {
            "from": "ledger",
            "localField": "movement",
            "foreignField": "movement",
            "as": "journals",
        }
    },
    {"$set": {"booked": {"$sum": {"$map": {"input": _TAKEN, "in": "$$this.amount"}}}}},
    {
        "$match": {
            "$expr": {
                "$or": [
                    {"$ne": [{"$size": "$journals"}, 1]},
                    {"$ne": ["$booked", "$amount"]},
                ]
            }
        }
    },
]

#: More captured than the call's holds had been authorized for, or than what was bought costs.
_OVERCAPTURED: list[Stage] = [
    {"$match": {"settled_at": {"$ne": None}, "captures.0": {"$exists": True}}},
    {"$lookup": {"from": "live_sessions", "localField": "session_id", "foreignField": "_id", "as": "calls"}},
    {"$set": {"captured": {"$sum": "$captures.amount"}, "holds": {"$first": "$calls.holds.amount"}}},
    {"$set": {"allowed": {"$ifNull": ["$purchase.price.amount", {"$sum": "$holds"}]}}},
    {"$match": {"$expr": {"$gt": ["$captured", "$allowed"]}}},
    {"$project": {"_id": 1}},
]

#: The line of the first journal found that says what moved at the gateway.
_GIVEN = {
    "$filter": {
        "input": {"$ifNull": [{"$first": "$journals.postings"}, []]},
        "cond": {"$eq": ["$$this.account", GATEWAY_CLEARING]},
    }
}

#: What must be booked of a refund: that it was given, and that a bank sent it back if one did.
_MOVEMENTS: Stage = {
    "$concatArrays": [
        {
            "$cond": [
                {"$in": ["$refunds.state", ["succeeded", "returned"]]},
                [
                    {
                        "movement": {"$concat": ["refund:", "$refunds.gateway_id"]},
                        "amount": {"$multiply": ["$refunds.amount", -1]},
                    }
                ],
                [],
            ]
        },
        {
            "$cond": [
                {"$eq": ["$refunds.state", "returned"]},
                [
                    {
                        "movement": {"$concat": ["refund_failure:", "$refunds.gateway_id"]},
                        "amount": "$refunds.amount",
                    }
                ],
                [],
            ]
        },
    ]
}

_UNBOOKED_REFUNDS: list[Stage] = [
    {"$match": {"refunds.0": {"$exists": True}}},
    {"$unwind": "$refunds"},
    {"$project": {"moved": _MOVEMENTS}},
    {"$unwind": "$moved"},
    {"$replaceRoot": {"newRoot": "$moved"}},
    {
        "$lookup": {
            "from": "ledger",
            "localField": "movement",
            "foreignField": "movement",
            "as": "journals",
        }
    },
    {"$set": {"booked": {"$sum": {"$map": {"input": _GIVEN, "in": "$$this.amount"}}}}},
    {
        "$match": {
            "$expr": {
                "$or": [
                    {"$ne": [{"$size": "$journals"}, 1]},
                    {"$ne": ["$booked", "$amount"]},
                ]
            }
        }
    },
]

#: Journals of refunds that no payment knows of: walked from the other side, so that both agree one to one.
_STRAY_REFUNDS: list[Stage] = [
    {"$match": {"movement": {"$regex": "^refund"}}},
    {"$lookup": {"from": "payments", "localField": "payment_id", "foreignField": "_id", "as": "payments"}},
    {"$set": {"known": {"$ifNull": [{"$first": "$payments.refunds.gateway_id"}, []]}}},
    {"$match": {"$expr": {"$not": {"$in": [{"$last": {"$split": ["$movement", ":"]}}, "$known"]}}}},
]

_OVERREFUNDED: list[Stage] = [
    {"$match": {"refunds.0": {"$exists": True}}},
    {"$match": {"$expr": {"$gt": [{"$sum": "$refunds.amount"}, {"$sum": "$captures.amount"}]}}},
    {"$project": {"_id": 1}},
]

_TORN_REFUNDS: Stage = {
    "$filter": {
        "input": {"$ifNull": ["$refunds", []]},
        "cond": {
            "$and": [
                {"$ne": ["$$this.state", "pending"]},
                {
                    "$ne": [
                        "$$this.amount",
                        {
                            "$add": [
                                "$$this.parts.tax",
                                "$$this.parts.platform_fee",
                                "$$this.parts.coach_share",
                            ]
                        },
                    ]
                },
            ]
        },
    }
}

_TORN: list[Stage] = [
    {"$match": {"snapshot": {"$ne": None}}},
    {
        "$match": {
            "$expr": {
                "$or": [
                    {"$ne": ["$snapshot.gross", {"$add": ["$snapshot.net", "$snapshot.tax"]}]},
                    {
                        "$ne": [
                            "$snapshot.net",
                            {"$add": ["$snapshot.platform_fee", "$snapshot.coach_share"]},
                        ]
                    },
                    {"$gt": [{"$size": _TORN_REFUNDS}, 0]},
                ]
            }
        }
    },
    {"$project": {"_id": 1}},
]

_PAYABLE: Stage = {
    "$reduce": {
        "input": "$journals.postings",
        "initialValue": [],
        "in": {
            "$concatArrays": [
                "$$value",
                {
                    "$filter": {
                        "input": "$$this",
                        "as": "line",
                        "cond": {"$eq": [{"$indexOfBytes": ["$$line.account", f"{COACH_PAYABLE}:"]}, 0]},
                    }
                },
            ]
        },
    }
}

#: What is owed to a coach is a credit, hence negative: with the earning it adds up to nothing.
_UNEQUAL: list[Stage] = [
    {"$match": {"settled_at": {"$ne": None}}},
    {"$lookup": {"from": "ledger", "localField": "_id", "foreignField": "payment_id", "as": "journals"}},
    {"$lookup": {"from": "earnings", "localField": "_id", "foreignField": "payment_id", "as": "earnings"}},
    {"$set": {"payable": _PAYABLE}},
    {
        "$match": {
            "$expr": {"$ne": [{"$add": [{"$sum": "$earnings.amount"}, {"$sum": "$payable.amount"}]}, 0]}
        }
    },
    {"$project": {"_id": 1}},
]


@tells_outages
class MongoLedger:
    """The append-only journal, and the questions that prove it right."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._ledger = db["ledger"]
        self._payments = db["payments"]
        self._meta = db["meta"]

    async def append(self, tx: Tx, journal: Journal) -> None:
        try:
            await self._ledger.insert_one(to_document(journal), session=session_of(tx))
        except DuplicateKeyError as error:
            raise Conflict(f"{journal.movement} is booked already.") from error

    async def balances(self) -> dict[tuple[str, str], int]:
        """Account balances: (currency, account) → minor units."""
        rows = await self._ledger.aggregate(
            [
                {"$unwind": "$postings"},
                {
                    "$group": {
                        "_id": {"currency": "$currency", "account": "$postings.account"},
                        "sum": {"$sum": "$postings.amount"},
                    }
                },
            ]
        ).to_list(None)
        return {(row["_id"]["currency"], row["_id"]["account"]): row["sum"] for row in rows}

    async def check(self) -> LedgerReport:
        """Walk all of it. Every journal and currency balances; every capture is booked with its amount and within what
        was authorized, every refund with its amount and within what was captured; prices add up; coaches earn what is
        booked as owed to them."""
        sums: dict[str, int] = {}
        for (currency, _), amount in (await self.balances()).items():
            sums[currency] = sums.get(currency, 0) + amount
        return LedgerReport(
            unbalanced_currencies=sorted(currency for currency, total in sums.items() if total),
            unbalanced_journals=await _found(self._ledger, _UNBALANCED, "movement"),
            unbooked_payments=await _found(self._payments, _UNBOOKED, "intent"),
            overcaptured_payments=await _found(self._payments, _OVERCAPTURED),
            unbooked_refunds=[
                *await _found(self._payments, _UNBOOKED_REFUNDS, "movement"),
                *await _found(self._ledger, _STRAY_REFUNDS, "movement"),
            ],
            overrefunded_payments=await _found(self._payments, _OVERREFUNDED),
            torn_snapshots=await _found(self._payments, _TORN),
            unequal_earnings=await _found(self._payments, _UNEQUAL),
        )

    async def keep(self, report: LedgerReport, at: datetime) -> None:
        """Let every process read the report, so that none of them walks the ledger for it. ``at`` is wall time."""
        await self._meta.replace_one({"_id": _REPORT}, asdict(report) | {"at": at}, upsert=True)

    async def last_audit(self) -> LedgerAudit | None:
        """What was kept last; None before the first audit."""
        kept = await self._meta.find_one({"_id": _REPORT}, {"_id": 0})
        if kept is None:
            return None
        at = kept.pop("at", None)
        return LedgerAudit(LedgerReport(**kept), at)


async def _found(
    where: AsyncIOMotorCollection[dict[str, Any]], stages: list[Stage], name: str = "_id"
) -> list[str]:
    return [str(row[name]) async for row in where.aggregate(stages)]
