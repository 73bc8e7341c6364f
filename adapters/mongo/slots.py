"""The slots of availability in the ``bookings`` collection, and the time that the bookings beside them keep.

Slots have ``is_availability: true``. Of bookings only spans are read, from an index that has them all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.booking.booking import LONGEST
from domain.booking.slots import Slot, SlotChanges
from domain.booking.spans import Span
from domain.booking.starts import Busy
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, SlotId
from domain.ports import Tx

_IS_SLOT = {"is_availability": True}
_SPANS = ("busy_from", "busy_until", "start", "end")
INDEXES = [
    IndexSpec(
        "bookings",
        [("coach_id", 1), ("end", 1), ("start", 1)],
        {"partialFilterExpression": _IS_SLOT, "name": "slots_of_a_coach"},
    ),
    # All that free time needs of a booking: read without fetching documents.
    IndexSpec(
        "bookings",
        [("coach_id", 1), ("occupies", 1), *((name, 1) for name in _SPANS)],
        {"partialFilterExpression": {"occupies": True}, "name": "spans_of_a_coach"},
    ),
    IndexSpec(
        "bookings",
        [("coach_id", 1), ("rescheduling.start", 1)],
        {"partialFilterExpression": {"rescheduling.start": {"$exists": True}}, "name": "wishes_of_a_coach"},
    ),
]

entity(Slot)


@tells_outages
class MongoSlots:
    """Slots, one document each."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._rows = db["bookings"]

    async def get(self, tx: Tx, coach_id: CoachId, slot_id: SlotId) -> Slot:
        query = {"_id": oid(slot_id), "coach_id": oid(coach_id), **_IS_SLOT}
        document = await self._rows.find_one(query, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such slot.")
        return from_document(document, Slot)

    async def touching(self, tx: Tx, coach_id: CoachId, window: Span) -> Sequence[Slot]:
        return await self._inside(coach_id, window, session_of(tx))

    async def inside(self, coach_id: CoachId, window: Span) -> Sequence[Slot]:
        return await self._inside(coach_id, window, None)

    async def _inside(
        self, coach_id: CoachId, window: Span, session: AsyncIOMotorClientSession | None
    ) -> list[Slot]:
        found = self._rows.find(slots_query(coach_id, window), session=session)
        return [from_document(document, Slot) for document in await found.to_list(None)]

    async def count(self, tx: Tx, coach_id: CoachId, now: datetime) -> int:
        query = {"coach_id": oid(coach_id), "end": {"$gt": now}, **_IS_SLOT}
        return await self._rows.count_documents(query, session=session_of(tx))

    async def count_series(self, tx: Tx, coach_id: CoachId, now: datetime) -> int:
        query = {"coach_id": oid(coach_id), "end": {"$gt": now}, "pattern": {"$ne": None}, **_IS_SLOT}
        return await self._rows.count_documents(query, session=session_of(tx))

    async def apply(self, tx: Tx, changes: SlotChanges) -> None:
        session = session_of(tx)
        for slot in changes.inserted:
            slot.version = 1
        if changes.inserted:
            await self._rows.insert_many([to_document(slot) for slot in changes.inserted], session=session)
        for slot in changes.saved:
            expected, slot.version = slot.version, slot.version + 1
            result = await self._rows.replace_one(
                {"_id": oid(slot.id), "version": expected, **_IS_SLOT}, to_document(slot), session=session
            )
            _require(result.matched_count)
        for slot in changes.deleted:
            gone = await self._rows.delete_one(
                {"_id": oid(slot.id), "version": slot.version, **_IS_SLOT}, session=session
            )
            _require(gone.deleted_count)

    async def busy(self, coach_id: CoachId, window: Span) -> Sequence[Busy]:
        spans = {"_id": 0, **dict.fromkeys(_SPANS, 1)}
        rows = await self._rows.find(busy_query(coach_id, window), spans).to_list(None)
        wished = {"_id": 0, **dict.fromkeys(_SPANS, 1), "rescheduling.start": 1, "rescheduling.end": 1}
        wishes = await self._rows.find(wishes_query(coach_id, window), wished).to_list(None)
        return [_busy(row) for row in rows] + [_wished(row) for row in wishes]


def slots_query(coach_id: CoachId, window: Span) -> Document:
    """Slots that overlap or touch a window."""
    return {
        "coach_id": oid(coach_id),
        "end": {"$gte": window.start},
        "start": {"$lte": window.end},
        **_IS_SLOT,
    }


def busy_query(coach_id: CoachId, window: Span) -> Document:
    """Bookings that keep their time inside a window. The lower bound spares reading all that is long past."""
    return {
        "coach_id": oid(coach_id),
        "occupies": True,
        "busy_from": {"$gt": window.start - LONGEST, "$lt": window.end},
        "busy_until": {"$gt": window.start},
    }


def wishes_query(coach_id: CoachId, window: Span) -> Document:
    """Bookings that hold another time inside a window, until somebody agrees to it or does not."""
    return {
        "coach_id": oid(coach_id),
        "rescheduling.start": {"$gt": window.start - LONGEST, "$lt": window.end + LONGEST},
    }


def _busy(row: Document) -> Busy:
    plain = Span(row["start"], row["end"])
    if row["busy_from"] == plain.start and row["busy_until"] == plain.end:
        return Busy(plain, plain)
    return Busy(plain, Span(row["busy_from"], row["busy_until"]))


def _wished(row: Document) -> Busy:
    plain = Span(row["rescheduling"]["start"], row["rescheduling"]["end"])
    before: timedelta = row["start"] - row["busy_from"]
    after: timedelta = row["busy_until"] - row["end"]
    return Busy(plain, plain.widened(before, after))


def _require(count: int) -> None:
    if count != 1:
        raise Unavailable("This slot changed meanwhile; please try again.")
