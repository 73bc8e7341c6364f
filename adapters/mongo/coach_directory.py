"""Searching the ``coaches`` collection together with the people behind it."""

import base64
import binascii
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson
from bson import ObjectId
from bson.errors import InvalidId
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import Document, from_document, oid
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.accounts.profiles import CoachSearch, CoachSort, ListedCoach
from domain.clock import Clock
from domain.coaching.coach import ClaimState, Coach, Status, Wish
from domain.errors import Invalid
from domain.ids import UserId

INDEXES = [
    IndexSpec("coaches", [("verified", 1), ("_id", -1)], {}),
    IndexSpec("coaches", [("verified", 1), ("rating_average", -1), ("_id", -1)], {}),
    IndexSpec("coaches", [("verified", 1), ("rate_per_minute.amount", 1), ("_id", -1)], {}),
    IndexSpec("coaches", [("verified", 1), ("wish", 1), ("_id", -1)], {}),
    IndexSpec("coaches", [("claim.state", 1)], {"sparse": True}),
    IndexSpec("coaches", [("in_sessions", 1)], {"sparse": True}),
    IndexSpec("coaches", [("verified", 1), ("languages", 1), ("_id", -1)], {}),
    IndexSpec("coaches", [("verified", 1), ("expertise", 1), ("_id", -1)], {}),
    IndexSpec(
        "coaches",
        [("headline", "text"), ("bio", "text"), ("expertise", "text")],
        {"default_language": "none", "language_override": "text_language"},
    ),
]

#: How many people of a searched name are looked at.
NAMESAKES = 200
_VISIBLE_CLAIMS = [state.value for state in ClaimState if state is not ClaimState.RESERVING]
#: order → (field, direction); ids always run newest first
_ORDERS: dict[CoachSort, tuple[str, int]] = {
    CoachSort.NEWEST: ("_id", -1),
    CoachSort.RATING: ("rating_average", -1),
    CoachSort.PRICE_LOW: ("rate_per_minute.amount", 1),
    CoachSort.PRICE_HIGH: ("rate_per_minute.amount", -1),
}


@tells_outages
class MongoCoachDirectory:
    """Pages of coaches. Suspended people, and those blocked either way, are left out before a page is cut."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._coaches = db["coaches"]
        self._accounts = db["accounts"]
        self._blocks = db["blocks"]
        self._clock = clock

    async def search(
        self, search: CoachSearch, *, now_absent: float, limit: int
    ) -> tuple[Sequence[ListedCoach], str | None]:
        conditions = [
            {"verified": True, "user_id": {"$nin": await self._strangers(search.seeker)}},
            *self._facets(search, now_absent),
            *(_after(search.sort, search.cursor) if search.cursor else ()),
        ]
        if search.text is not None:
            conditions.append(await self._matching(search.text))
        found = await self._coaches.aggregate(_pipeline(conditions, search.sort, limit + 1)).to_list(None)
        page = found[:limit]
        cursor = _cursor(search.sort, page[-1]) if len(found) > limit else None
        return [_listed(document) for document in page], cursor

    async def count_by_status(self, *, now_absent: float) -> dict[Status, int]:
        """Verified coaches by what watchers see of them."""
        verified: Document = {"verified": True}
        busy = {**verified, **self._status(Status.BUSY, now_absent)}
        # First by the wish, which has an index: most coaches do not even wish to be online.
        online = {**verified, "wish": Wish.ONLINE.value, **self._status(Status.ONLINE, now_absent)}
        counts = {
            Status.ONLINE: await self._coaches.count_documents(online),
            Status.BUSY: await self._coaches.count_documents(busy),
        }
        rest = await self._coaches.count_documents(verified) - sum(counts.values())
        return counts | {Status.OFFLINE: max(rest, 0)}

    async def _strangers(self, seeker: UserId) -> list[ObjectId]:
        blocks = self._blocks.find({"$or": [{"blocker": oid(seeker)}, {"blocked": oid(seeker)}]})
        pairs = [(row["blocker"], row["blocked"]) async for row in blocks]
        return [blocked if str(blocker) == seeker else blocker for blocker, blocked in pairs]

    def _facets(self, search: CoachSearch, absent: float) -> list[Document]:
        facets: list[Document] = []
        if search.language is not None:
            facets.append({"languages": search.language})
        if search.expertise is not None:
            facets.append({"expertise": search.expertise})
        if search.status is not None:
            facets.append(self._status(search.status, absent))
        return facets

    def _status(self, status: Status, absent: float) -> Document:
        """The same three facts as :meth:`Coach.status`, as a query."""
        busy: Document = {
            "$or": [{"claim.state": {"$in": _VISIBLE_CLAIMS}}, {"in_sessions": {"$type": "objectId"}}]
        }
        if status is Status.BUSY:
            return busy
        present = {"$gt": self._clock.now() - timedelta(seconds=absent)}
        reachable: Document = {
            "wish": Wish.ONLINE.value,
            "$or": [{"absent_since": None}, {"absent_since": present}],
        }
        wanted = reachable if status is Status.ONLINE else {"$nor": [reachable]}
        return {"$and": [{"$nor": [busy]}, wanted]}

    async def _matching(self, text: str) -> Document:
        people = self._accounts.find({"$text": {"$search": text}}, {"_id": 1}).limit(NAMESAKES)
        coaches = self._coaches.find({"$text": {"$search": text}}, {"_id": 1})
        return {
            "$or": [
                {"user_id": {"$in": [row["_id"] async for row in people]}},
                {"_id": {"$in": [row["_id"] async for row in coaches]}},
            ]
        }


def _pipeline(conditions: Sequence[Document], sort: CoachSort, limit: int) -> list[Document]:
    key, direction = _ORDERS[sort]
    return [
        {"$match": {"$and": list(conditions)}},
        {"$sort": {key: direction, "_id": -1}},
        {"$lookup": {"from": "accounts", "localField": "user_id", "foreignField": "_id", "as": "person"}},
        {"$match": {"person.suspended_at": None}},
        {"$limit": limit},
    ]


def _listed(document: Document) -> ListedCoach:
    person = document.pop("person")[0]
    return ListedCoach(from_document(document, Coach), person["name"], person["avatar_url"])


def _cursor(sort: CoachSort, last: Document) -> str:
    value: object = last
    for part in _ORDERS[sort][0].split("."):
        value = value[part] if isinstance(value, dict) else None
    plain = None if sort is CoachSort.NEWEST else value
    return base64.urlsafe_b64encode(orjson.dumps([sort.value, plain, str(last["_id"])])).decode().rstrip("=")


def _after(sort: CoachSort, cursor: str) -> list[Document]:
    key, direction = _ORDERS[sort]
    value, last = _parsed(sort, cursor)
    if sort is CoachSort.NEWEST:
        return [{"_id": {"$lt": last}}]
    later: list[Document] = [{key: value, "_id": {"$lt": last}}]
    if direction > 0:
        later.append({key: {"$gt": value}})
    elif value is not None:
        # Coaches without a rating come last.
        later += [{key: {"$lt": value}}, {key: None}]
    return [{"$or": later}]


def _parsed(sort: CoachSort, cursor: str) -> tuple[float | None, ObjectId]:
    try:
        order, value, last = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order != sort.value or not isinstance(value, int | float | None):
            raise ValueError
        return value, ObjectId(last)
    except (binascii.Error, ValueError, TypeError, InvalidId) as error:
        raise Invalid("This cursor does not belong to this list.", details={"field": "cursor"}) from error
