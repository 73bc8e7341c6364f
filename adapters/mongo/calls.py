"""The ``live_sessions``, ``call_proofs`` and ``call_quality`` collections."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import UpdateMany
from pymongo.errors import BulkWriteError, DuplicateKeyError

from adapters.mongo.documents import Document, entity, from_document, oid, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from adapters.mongo.timers import timer_id
from adapters.mongo.transactions import DUPLICATE_KEY, session_of
from domain.calls.session import CallKind, LiveSession, Side
from domain.calls.states import CallState, Move
from domain.calls.views import Sample
from domain.errors import Code, Conflict, NotFound, Unavailable
from domain.ids import SessionId, UserId
from domain.ports import Tx
from domain.timers import TimerKind

CALL_OPEN_INDEX = "one_open_call_per_client"
INDEXES = [
    IndexSpec(
        "live_sessions",
        [("caller.user_id", 1)],
        {"unique": True, "partialFilterExpression": {"open": True}, "name": CALL_OPEN_INDEX},
    ),
    IndexSpec("live_sessions", [("caller.user_id", 1), ("client_request_id", 1)], {"unique": True}),
    IndexSpec("live_sessions", [("caller.user_id", 1), ("_id", -1)]),
    IndexSpec("live_sessions", [("callee.user_id", 1), ("_id", -1)]),
    IndexSpec("live_sessions", [("open", 1), ("_id", -1)], {"partialFilterExpression": {"open": True}}),
    IndexSpec("live_sessions", [("seated_at", 1)], {"partialFilterExpression": {"open": True}}),
    IndexSpec("live_sessions", [("state", 1), ("_id", 1)], {"partialFilterExpression": {"state": "ending"}}),
    IndexSpec("call_proofs", [("written_at", 1)], {"expireAfterSeconds": 7 * 24 * 3600}),
    IndexSpec("call_quality", [("session_id", 1), ("at", 1)]),
]

entity(LiveSession)


@tells_outages
class MongoCalls:
    """Live sessions, one document each. ``open`` and ``seated_at`` are derived, for the indexes."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._calls = db["live_sessions"]
        self._timers = db["timers"]

    async def insert(self, tx: Tx, call: LiveSession) -> None:
        call.version = 1
        try:
            await self._calls.insert_one(_document(call), session=session_of(tx))
        except DuplicateKeyError as error:
            raise Conflict("You already have a call in progress.", code=Code.CALL_OPEN) from error

    async def get(self, tx: Tx, session_id: SessionId) -> LiveSession:
        document = await self._calls.find_one({"_id": oid(session_id)}, session=session_of(tx))
        if document is None:
            raise NotFound("There is no such call.")
        call = from_document(document, LiveSession)
        if call.counting():
            await self._read_meter(tx, call)
        return call

    async def _read_meter(self, tx: Tx, call: LiveSession) -> None:
        """Ticks do not touch the call: while its meter runs, the timer of its ticks knows how many minutes were."""
        timer = await self._timers.find_one(
            {"_id": timer_id(TimerKind.TICK, call.id)}, {"facts.minute": 1}, session=session_of(tx)
        )
        if timer is not None and "facts" in timer:
            call.ticked_minute = max(call.ticked_minute, timer["facts"]["minute"] - 1)

    async def save(self, tx: Tx, call: LiveSession) -> None:
        expected, call.version = call.version, call.version + 1
        try:
            result = await self._calls.replace_one(
                {"_id": oid(call.id), "version": expected}, _document(call), session=session_of(tx)
            )
        except DuplicateKeyError as error:
            raise Conflict("You already have a call in progress.", code=Code.CALL_OPEN) from error
        if result.matched_count != 1:
            raise Unavailable("The call moved on meanwhile; please try again.")

    async def by_request(self, tx: Tx, client: UserId, client_request_id: str) -> LiveSession | None:
        document = await self._calls.find_one(
            {"caller.user_id": oid(client), "client_request_id": client_request_id}, session=session_of(tx)
        )
        return from_document(document, LiveSession) if document else None

    async def find(self, session_ids: Sequence[SessionId]) -> list[LiveSession]:
        return await self._read({"_id": {"$in": [oid(one) for one in session_ids]}})

    async def open_of(self, user_id: UserId) -> list[LiveSession]:
        user = oid(user_id)
        found = await self._read({"$or": [{"caller.user_id": user}, {"callee.user_id": user}], "open": True})
        return sorted(found, key=lambda call: call.id)

    async def history(self, user_id: UserId, before: SessionId | None, limit: int) -> list[LiveSession]:
        older: Document = {"_id": {"$lt": oid(before)}} if before else {}
        older["kind"] = {"$ne": CallKind.OVERTIME.value}
        user = oid(user_id)
        as_client = {"caller.user_id": user, **older}
        as_coach = {"callee.user_id": user, **older, "timeline.what": Move.AUTHORIZED.value}
        cursor = self._calls.find({"$or": [as_client, as_coach]}, {"timeline": 0})
        documents = await cursor.sort("_id", -1).limit(limit).to_list(limit)
        return [from_document(document, LiveSession) for document in documents]

    async def seated_at(self, process: str) -> list[SessionId]:
        found = self._calls.find({"open": True, "seated_at": process}, {"_id": 1})
        return [SessionId(str(row["_id"])) async for row in found]

    async def counting(self, session_ids: Sequence[SessionId]) -> set[tuple[SessionId, Side, str]]:
        last = {f"{side.value}.intervals": {"$slice": -1} for side in Side}
        seats = {f"{side.value}.seat.{field}": 1 for side in Side for field in ("sid", "left_at")}
        found: set[tuple[SessionId, Side, str]] = set()
        query = {"_id": {"$in": [oid(one) for one in session_ids]}, "open": True}
        async for row in self._calls.find(query, {**last, **seats}):
            for side in Side:
                seat, intervals = row[side.value].get("seat"), row[side.value].get("intervals")
                if seat and seat.get("left_at") is None and intervals and intervals[-1]["end"] is None:
                    found.add((SessionId(str(row["_id"])), side, seat["sid"]))
        return found

    async def per_state(self, states: Sequence[str]) -> dict[str, int]:
        """How many calls are in each state, of those made in the last day; and whatever is still being settled."""
        since = ObjectId.from_datetime(datetime.now(UTC) - timedelta(days=1))
        rows = self._calls.aggregate(
            [{"$match": {"_id": {"$gte": since}}}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        counted = {row["_id"]: row["count"] async for row in rows}
        older = {"state": CallState.ENDING.value, "_id": {"$lt": since}}
        counted[CallState.ENDING.value] = counted.get(
            CallState.ENDING.value, 0
        ) + await self._calls.count_documents(older)
        return {state: counted.get(state, 0) for state in states}

    async def in_progress(self, limit: int) -> list[LiveSession]:
        found = self._calls.find({"open": True}).sort("_id", -1).limit(limit)
        return [from_document(document, LiveSession) for document in await found.to_list(limit)]

    async def open_per_state(self) -> dict[str, int]:
        rows = self._calls.aggregate(
            [{"$match": {"open": True}}, {"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        )
        return {row["_id"]: row["count"] async for row in rows}

    async def _read(self, query: Document) -> list[LiveSession]:
        return [from_document(document, LiveSession) async for document in self._calls.find(query)]


def _document(call: LiveSession) -> Document:
    if not call.overtime:
        return to_document(call) | {"open": call.open, "seated_at": sorted(call.processes())}
    # Its sockets are the session's, which is looked for in its own collection; and it engages its client only once a card does.
    engaged = call.accepted_at is not None or call.holds_unresolved or call.authorized_seconds > 0
    return to_document(call) | {"open": call.open and engaged, "seated_at": []}


@tells_outages
class MongoProofs:
    """The last proof of media of each side, one document a call: ``{_id: session_id, caller?, callee?, written_at}``.

    Proofs are domain time; ``written_at`` is the machine's own, by which the database removes what is a week old.
    """

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._proofs = db["call_proofs"]

    async def read(self, session_ids: Sequence[SessionId]) -> dict[SessionId, dict[Side, datetime]]:
        keys = [oid(session_id) for session_id in session_ids]
        rows = await self._proofs.find({"_id": {"$in": keys}}, {"written_at": 0}).to_list(len(keys) or 1)
        proofs = {row["_id"]: row for row in rows}
        return {
            session_id: {side: row[name] for side, name in _SIDES if name in row}
            for session_id, key in zip(session_ids, keys, strict=True)
            for row in (proofs.get(key, _NO_PROOF),)
        }

    async def fresh(self, session_ids: Sequence[SessionId], since: datetime) -> set[SessionId]:
        proven = {side.value: {"$gte": since} for side in Side}
        query = {"_id": {"$in": [oid(session_id) for session_id in session_ids]}, **proven}
        rows = self._proofs.find(query, {"_id": 1}, batch_size=len(session_ids))
        return {SessionId(str(row["_id"])) for row in await rows.to_list(None)}

    async def write(self, proofs: Mapping[tuple[SessionId, Side], datetime]) -> None:
        latest: defaultdict[SessionId, dict[str, datetime]] = defaultdict(dict)
        for (session_id, side), at in proofs.items():
            latest[session_id][side.value] = at
        if not latest:
            return
        now = datetime.now(UTC)
        # "Many", though each has one target: MongoDB would write down every single one for a retry, which costs more than the
        # proof itself. These may be repeated by anybody, because a proof never moves back.
        updates = [
            UpdateMany({"_id": oid(session_id)}, {"$max": sides, "$set": {"written_at": now}}, upsert=True)
            for session_id, sides in latest.items()
        ]
        try:
            await self._proofs.bulk_write(updates, ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise
            # Both sides wrote the first proof of a call at the same time; the document is there now.
            await self._proofs.bulk_write(updates, ordered=False)


_NO_PROOF: dict[str, Any] = {}
_SIDES = tuple((side, side.value) for side in Side)


@tells_outages
class MongoQuality:
    """Connection quality samples: ``{session_id, side, at, ...}``."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._quality = db["call_quality"]

    async def record(
        self, session_id: SessionId, side: Side, at: datetime, sample: Mapping[str, float]
    ) -> None:
        await self._quality.insert_one(
            {"session_id": ObjectId(session_id), "side": side.value, "at": at, **sample}
        )

    async def last(self, session_id: SessionId, limit: int) -> list[Sample]:
        cursor = self._quality.find({"session_id": oid(session_id)}, {"_id": 0, "session_id": 0})
        rows = await cursor.sort("at", -1).limit(limit).to_list(limit)
        return [Sample(row.pop("at"), Side(row.pop("side")), row) for row in reversed(rows)]
