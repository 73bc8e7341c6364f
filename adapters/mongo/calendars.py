"""The ``calendars`` collection: a coach's schedule, and the version that transactions about the coach's time conflict on.

``{_id: coach id, version, changed, months, schedule?, schedule_version?, privacy?}``; ``privacy`` is another store's.
"""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from adapters.mongo.documents import Document, from_document, oid, to_document
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import FirstOfItsKey, session_of
from domain.booking.calendar import Calendar, Schedule
from domain.booking.months import Month, concerned
from domain.booking.spans import Span
from domain.errors import NotFound
from domain.ids import CoachId
from domain.ports import Tx


def _noted(months: Sequence[Month]) -> list[Document]:
    """Stages that write down what a version concerns."""
    if months:
        return [{"$set": {f"months.{month}": "$version" for month in months}}]
    return [{"$set": {"changed": "$version"}}, {"$unset": "months"}]


def calendar_of(coach_id: CoachId, document: Document, empty: Schedule | None) -> Calendar:
    """The calendar of a document, which may be ``{}``; ``empty`` stands for a schedule that was never set."""
    kept = document.get("schedule")
    schedule = from_document(kept, Schedule) if kept else empty
    assert schedule is not None, "a calendar without a schedule"
    return Calendar(
        id=coach_id,
        schedule=schedule,
        schedule_version=document.get("schedule_version", 0),
        version=document.get("version", 0),
        changed=document.get("changed", 0),
        months=document.get("months", {}),
    )


@tells_outages
class MongoCalendars:
    """Calendars, one document each, made by the first transaction about a coach's time."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._calendars = db["calendars"]
        self._coaches = db["coaches"]
        self._accounts = db["accounts"]

    async def touch(self, tx: Tx, coach_id: CoachId, spans: Sequence[Span] = ()) -> Calendar:
        session = session_of(tx)
        try:
            document = await self._calendars.find_one_and_update(
                {"_id": oid(coach_id)},
                [
                    {"$set": {"version": {"$add": [{"$ifNull": ["$version", 0]}, 1]}}},
                    *_noted(concerned(spans)),
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
                session=session,
            )
        except DuplicateKeyError as collision:
            # A label of the driver's means that it runs again anyway.
            if collision.has_error_label("TransientTransactionError"):
                raise
            raise FirstOfItsKey from collision
        return await self._calendar(coach_id, document, session)

    async def get(self, tx: Tx, coach_id: CoachId) -> Calendar:
        session = session_of(tx)
        document = await self._calendars.find_one({"_id": oid(coach_id)}, session=session)
        return await self._calendar(coach_id, document, session)

    async def save_schedule(self, tx: Tx, calendar: Calendar) -> None:
        calendar.schedule_version += 1
        calendar.version += 1
        calendar.changed, calendar.months = calendar.version, {}
        await self._calendars.update_one(
            {"_id": oid(calendar.id)},
            {
                "$set": {
                    "schedule": to_document(calendar.schedule),
                    "schedule_version": calendar.schedule_version,
                    "changed": calendar.version,
                    "months": {},
                },
                "$inc": {"version": 1},
            },
            session=session_of(tx),
        )

    async def peek(self, coach_id: CoachId) -> Calendar:
        return await self._calendar(coach_id, await self._calendars.find_one({"_id": oid(coach_id)}), None)

    async def _calendar(
        self, coach_id: CoachId, document: Document | None, session: AsyncIOMotorClientSession | None
    ) -> Calendar:
        found = document or {}
        return calendar_of(
            coach_id, found, None if found.get("schedule") else await self._empty(coach_id, session)
        )

    async def _empty(self, coach_id: CoachId, session: AsyncIOMotorClientSession | None) -> Schedule:
        coach = await self._coaches.find_one({"_id": oid(coach_id)}, {"user_id": 1}, session=session)
        account = coach and await self._accounts.find_one(
            {"_id": coach["user_id"]}, {"time_zone": 1}, session=session
        )
        if not account:
            raise NotFound("There is no such coach.")
        return Schedule(account["time_zone"])
