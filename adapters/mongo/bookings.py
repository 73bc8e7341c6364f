"""The bookings in the ``bookings`` collection; slots of availability lie beside them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from bson import ObjectId
from bson.errors import InvalidId
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import (
    Document,
    entity,
    from_document,
    instant,
    milliseconds,
    oid,
    to_document,
)
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.booking.booking import LONGEST, Booking
from domain.booking.ports import BookingPage, BookingSearch
from domain.booking.spans import Span
from domain.booking.states import UNPAID, BookingState
from domain.errors import Invalid, NotFound, Unavailable
from domain.ids import BookingId, CoachId, PaymentId, UserId
from domain.ports import Tx

#: Only bookings: what is derived for an index stands in no slot.
_OF_BOOKINGS = {"partialFilterExpression": {"is_availability": False}}
INDEXES = [
    IndexSpec("bookings", [("coach_id", 1), ("kept.from", 1)], _OF_BOOKINGS),
    IndexSpec("bookings", [("coach_id", 1), ("start", 1), ("_id", 1)], _OF_BOOKINGS),
    IndexSpec("bookings", [("coach_id", 1), ("state", 1), ("start", 1), ("_id", 1)], _OF_BOOKINGS),
    IndexSpec("bookings", [("shown_to", 1), ("start", 1), ("_id", 1)], _OF_BOOKINGS),
    IndexSpec("bookings", [("client.user_id", 1), ("state", 1), ("start", 1)], _OF_BOOKINGS),
    IndexSpec("bookings", [("group_id", 1), ("client.user_id", 1)], _OF_BOOKINGS),
]
_IS_BOOKING = {"is_availability": False}
_LIVING_PLACES = [BookingState.PENDING_PAYMENT.value, BookingState.CONFIRMED.value]
_OPEN_GROUPS = [BookingState.PENDING_MINIMUM_ATTENDEES.value, BookingState.SCHEDULED.value]

entity(Booking)


@tells_outages
class MongoBookings:
    """Bookings, one document each.

    Derived, for the indexes: ``kept``, the spans that nobody else may book, and ``shown_to``, in whose list it stands.
    """

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._bookings = db["bookings"]

    async def insert(self, tx: Tx, booking: Booking) -> None:
        booking.version = 1
        await self._bookings.insert_one(_document(booking), session=session_of(tx))

    async def get(self, tx: Tx, booking_id: BookingId) -> Booking:
        query = {"_id": oid(booking_id), **_IS_BOOKING}
        document = await self._bookings.find_one(query, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such booking.")
        return from_document(document, Booking)

    async def save(self, tx: Tx, booking: Booking) -> None:
        expected, booking.version = booking.version, booking.version + 1
        result = await self._bookings.replace_one(
            {"_id": oid(booking.id), "version": expected}, _document(booking), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The booking moved on meanwhile; please try again.")

    async def occupying(self, tx: Tx, coach_id: CoachId, span: Span) -> list[Booking]:
        # Both bounds of one span of a booking, so that the index is read from the earliest that can reach into `span`.
        reaches = {"from": {"$gt": span.start - LONGEST, "$lt": span.end}, "until": {"$gt": span.start}}
        query = {"coach_id": oid(coach_id), "kept": {"$elemMatch": reaches}, **_IS_BOOKING}
        found = self._bookings.find(query, session=session_of(tx))
        return [from_document(document, Booking) async for document in found]

    async def count_unpaid(self, tx: Tx, user_id: UserId, now: datetime) -> int:
        query = {
            "client.user_id": oid(user_id),
            "state": {"$in": sorted(UNPAID)},
            "start": {"$gt": now},
            **_IS_BOOKING,
        }
        return await self._bookings.count_documents(query, session=session_of(tx))

    async def place_of(self, tx: Tx, group_id: BookingId, user_id: UserId) -> Booking | None:
        query = {**_living_places([group_id]), "client.user_id": oid(user_id)}
        document = await self._bookings.find_one(query, session=session_of(tx))
        return from_document(document, Booking) if document else None

    async def places(self, tx: Tx, group_id: BookingId) -> list[Booking]:
        found = self._bookings.find(_living_places([group_id]), session=session_of(tx))
        return [from_document(document, Booking) async for document in found]

    # --- lists ---

    async def find(self, booking_ids: Sequence[BookingId]) -> list[Booking]:
        query = {"_id": {"$in": [oid(one) for one in booking_ids]}, **_IS_BOOKING}
        return [from_document(document, Booking) async for document in self._bookings.find(query)]

    async def of_user(self, user_id: UserId, search: BookingSearch) -> BookingPage:
        return await self._page({"shown_to": oid(user_id)}, search)

    async def of_coach(
        self, coach_id: CoachId, search: BookingSearch, *, client: UserId | None = None
    ) -> BookingPage:
        query: Document = {"coach_id": oid(coach_id)}
        if client is not None:
            query["shown_to"] = oid(client)
        return await self._page(query, search)

    async def groups(self, coach_id: CoachId, now: datetime, search: BookingSearch) -> BookingPage:
        query: Document = {
            "coach_id": oid(coach_id),
            "state": {"$in": _OPEN_GROUPS},
            "start": {"$gt": now - LONGEST},
            "end": {"$gt": now},
        }
        return await self._page(query, search)

    async def places_of(self, user_id: UserId, groups: Sequence[BookingId]) -> Mapping[BookingId, BookingId]:
        query = {**_living_places(groups), "client.user_id": oid(user_id)}
        found = self._bookings.find(query, {"group_id": 1})
        return {BookingId(str(row["group_id"])): BookingId(str(row["_id"])) async for row in found}

    async def _page(self, query: Document, search: BookingSearch) -> BookingPage:
        direction = -1 if search.newest_first else 1
        clauses = [query, _IS_BOOKING, _within(search), _after(search)]
        wanted: Document = {"$and": [clause for clause in clauses if clause]}
        found = self._bookings.find(wanted).sort([("start", direction), ("_id", direction)])
        rows = await found.limit(search.limit + 1).to_list(search.limit + 1)
        items = [from_document(document, Booking) for document in rows[: search.limit]]
        return BookingPage(items, _cursor(items[-1]) if len(rows) > search.limit else None)


def _document(booking: Booking) -> Document:
    kept = _kept(booking)
    if any(span.end - span.start > LONGEST for span in kept):
        raise ValueError("a booking keeps more time than any may")
    shown = [booking.client.user_id] if booking.client else []
    if booking.group_id is None:
        shown.append(booking.coach_user_id)
    return to_document(booking) | {
        "is_availability": False,
        "kept": [{"from": span.start, "until": span.end} for span in kept],
        "shown_to": [oid(one) for one in shown],
    }


def _kept(booking: Booking) -> list[Span]:
    kept = [Span(booking.busy_from, booking.busy_until)] if booking.occupies else []
    wish = booking.rescheduling
    if wish is not None:
        kept.append(Span(wish.start - booking.lead, wish.end + booking.rest))
    return kept


def _living_places(groups: Sequence[BookingId]) -> Document:
    return {
        "group_id": {"$in": [oid(one) for one in groups]},
        "state": {"$in": _LIVING_PLACES},
        **_IS_BOOKING,
    }


def _within(search: BookingSearch) -> Document:
    clauses: Document = {}
    starts: Document = {}
    if search.start is not None:
        # What began earlier and is still on counts too; nothing is longer than LONGEST.
        clauses["end"] = {"$gt": search.start}
        starts["$gt"] = search.start - LONGEST
    if search.end is not None:
        starts["$lt"] = search.end
    if starts:
        clauses["start"] = starts
    if search.states:
        clauses["state"] = {"$in": [state.value for state in search.states]}
    return clauses


def _after(search: BookingSearch) -> Document:
    if search.cursor is None:
        return {}
    at, last = _parsed(search.cursor)
    further = "$lt" if search.newest_first else "$gt"
    return {"$or": [{"start": {further: at}}, {"start": at, "_id": {further: last}}]}


def _cursor(booking: Booking) -> str:
    """Names a row, by what lists are ordered by."""
    place = orjson.dumps([milliseconds(booking.start), booking.id])
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _parsed(cursor: str) -> tuple[datetime, ObjectId]:
    try:
        passed, identifier = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(passed) is not int or not isinstance(identifier, str):
            raise ValueError("not a place in this list")
        return instant(passed), ObjectId(identifier)
    except (binascii.Error, ValueError, TypeError, OverflowError, InvalidId) as error:
        raise Invalid("This cursor does not belong to this list.", details={"field": "cursor"}) from error


@tells_outages
class MongoPaymentStates:
    """How the payments of bookings stand."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._payments = db["payments"]

    async def states(self, payment_ids: Sequence[PaymentId]) -> Mapping[PaymentId, str]:
        query = {"_id": {"$in": [oid(one) for one in payment_ids]}}
        found = self._payments.find(query, {"state": 1})
        return {PaymentId(str(row["_id"])): row["state"] async for row in found}
