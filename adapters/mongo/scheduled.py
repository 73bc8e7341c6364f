"""The ``sessions`` collection: scheduled sessions, one document a booking (log-ins are in ``token_families``)."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.errors import NotFound, Unavailable
from domain.ids import BookingId, SessionId, UserId
from domain.ports import Tx
from domain.scheduled.session import ScheduledSession
from domain.scheduled.states import SessionState

INDEXES = [
    IndexSpec("sessions", [("booking_id", 1)], {"unique": True}),
    IndexSpec("sessions", [("seated_at", 1)], {"partialFilterExpression": {"running": True}}),
    IndexSpec("sessions", [("coach.user_id", 1)], {"partialFilterExpression": {"running": True}}),
    IndexSpec("sessions", [("client.user_id", 1)], {"partialFilterExpression": {"running": True}}),
]
_RUNNING = (SessionState.OPEN, SessionState.IN_PROGRESS)

entity(ScheduledSession)


@tells_outages
class MongoScheduledSessions:
    """``running`` (may be joined, or in progress) and ``seated_at`` are derived, for the indexes."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._sessions = db["sessions"]

    async def insert(self, tx: Tx, session: ScheduledSession) -> None:
        session.version = 1
        await self._sessions.insert_one(_document(session), session=session_of(tx))

    async def get(self, tx: Tx, session_id: SessionId) -> ScheduledSession:
        return _found(await self._sessions.find_one({"_id": oid(session_id)}, session=session_of(tx)))

    async def of_booking(self, tx: Tx, booking_id: BookingId) -> ScheduledSession:
        query = {"booking_id": oid(booking_id)}
        return _found(await self._sessions.find_one(query, session=session_of(tx)))

    async def save(self, tx: Tx, session: ScheduledSession) -> None:
        expected, session.version = session.version, session.version + 1
        result = await self._sessions.replace_one(
            {"_id": oid(session.id), "version": expected}, _document(session), session=session_of(tx)
        )
        if result.matched_count != 1:
            raise Unavailable("The session moved on meanwhile; please try again.")

    async def seated_at(self, process: str) -> list[BookingId]:
        found = self._sessions.find({"running": True, "seated_at": process}, {"booking_id": 1})
        return [BookingId(str(row["booking_id"])) async for row in found]

    async def running_of(self, user_id: UserId) -> list[BookingId]:
        user = oid(user_id)
        either = {"$or": [{"coach.user_id": user}, {"client.user_id": user}], "running": True}
        return [
            BookingId(str(row["booking_id"])) async for row in self._sessions.find(either, {"booking_id": 1})
        ]


def _found(document: Document | None) -> ScheduledSession:
    if document is None:
        raise NotFound("There is no such session.")
    return from_document(document, ScheduledSession)


def _document(session: ScheduledSession) -> Document:
    return to_document(session) | {
        "running": session.state in _RUNNING,
        "seated_at": sorted(session.processes()),
    }
