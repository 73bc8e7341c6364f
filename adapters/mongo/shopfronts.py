"""A coach with all that a booking begins with, joined by the database: one round trip instead of six."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.calendars import calendar_of
from adapters.mongo.documents import Document, from_document, oid
from adapters.mongo.outages import tells_outages
from adapters.mongo.transactions import session_of
from domain.accounts.account import Account
from domain.booking.calendar import Schedule
from domain.booking.session_type import SessionType
from domain.booking.shopfront import Shopfront
from domain.coaching.coach import Coach
from domain.connections.connection import ConnectionState
from domain.connections.privacy import Privacy
from domain.errors import NotFound
from domain.ids import CoachId, SessionTypeId, UserId
from domain.ports import Tx


def _joined(collection: str, by: str, *, on: str = "_id", then: list[Document] | None = None) -> Document:
    """A stage that adds the documents of ``collection`` under its name. By a plain field, so that it uses the index."""
    stage: Document = {"from": collection, "localField": by, "foreignField": on, "as": collection}
    return {"$lookup": stage | ({"pipeline": then} if then else {})}


@tells_outages
class MongoShopfronts:
    """Implements :class:`~domain.booking.shopfront.Shopfronts`."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._coaches = db["coaches"]

    async def of_coach(
        self, tx: Tx | None, coach_id: CoachId, viewer: UserId, wanted: SessionTypeId
    ) -> Shopfront:
        return await self._look(tx, {"_id": oid(coach_id)}, viewer, wanted)

    async def of_user(
        self, tx: Tx | None, user_id: UserId, viewer: UserId, wanted: SessionTypeId
    ) -> Shopfront:
        return await self._look(tx, {"user_id": oid(user_id)}, viewer, wanted)

    async def _look(self, tx: Tx | None, coach: Document, viewer: UserId, wanted: SessionTypeId) -> Shopfront:
        session = None if tx is None else session_of(tx)
        found = await self._coaches.aggregate(_pipeline(coach, viewer, wanted), session=session).to_list(1)
        if not found or not found[0]["accounts"]:
            raise NotFound("There is no such coach.")
        (document,) = found
        account = from_document(document["accounts"][0], Account)
        calendar: Document = next(iter(document["calendars"]), {})
        return Shopfront(
            viewer=viewer,
            coach=from_document(document, Coach),
            account=account,
            calendar=calendar_of(CoachId(str(document["_id"])), calendar, Schedule(account.time_zone)),
            privacy=Privacy(calendar.get("privacy", Privacy.PUBLIC)),
            apart=bool(document["blocks"]),
            connected=bool(document["connections"]),
            wanted=next((from_document(one, SessionType) for one in document["session_types"]), None),
        )


def _pipeline(coach: Document, viewer: UserId, wanted: SessionTypeId) -> list[Document]:
    user: Document = {"$toString": "$user_id"}
    # What names a block, and what names a connection, of the two.
    pairs = [{"$concat": [user, ":", viewer]}, {"$concat": [viewer, ":", user]}]
    accepted: list[Document] = [
        {"$match": {"state": ConnectionState.ACCEPTED.value}},
        {"$project": {"_id": 1}},
    ]
    return [
        {"$match": coach},
        _joined("calendars", "_id"),
        {"$set": {"pairs": pairs, "wanted": oid(wanted)}},
        _joined("accounts", "user_id"),
        _joined("session_types", "wanted"),
        _joined("blocks", "pairs", then=[{"$project": {"_id": 1}}]),
        _joined("connections", "pairs", on="pair", then=accepted),
    ]
