"""The ``timers`` collection: truth about everything that happens later.

``{_id: "kind:key", kind, key, due_at, version, shard, claim, claimed_until, attempts, facts?, dead_at?, error?}``

Due instants are domain time; leases and backoff are wall time. A dead timer keeps its document, without ``due_at``, until it
is replayed. Timers that go together have no ``due_at`` either: :mod:`adapters.mongo.lanes`.
"""

import asyncio
import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import DeleteOne, UpdateOne
from pymongo.client_session import ClientSession

from adapters.mongo import lanes
from adapters.mongo.cursors import page
from adapters.mongo.documents import instant, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.clock import Clock, real_seconds
from domain.operations.dead_letters import DeadLetter
from domain.operations.figures import TimerCounts
from domain.timers import DueTimer, TimerKind

#: Of timers that are claimed one by one. Nothing is put into the last four: an older version had its lanes there, and workers
#: of it, which may run beside ours, claim nothing from them. What it left there is claimed.
SHARDS = 20
PLACES = 16
INDEXES = [
    IndexSpec("timers", [("shard", 1), ("due_at", 1)]),
    IndexSpec(
        "timers",
        [("dead_at", -1), ("_id", -1)],
        {"partialFilterExpression": {"dead_at": {"$exists": True}}},
    ),
]


#: Real seconds to look back over for ticks that are late, and from when on they are.
JUST_NOW, LATE = 5.0, 1.0
#: Said in queries that are about all shards, because the index begins with it.
_EVERY_SHARD = {"$in": list(range(SHARDS))}
_DEAD: dict[str, Any] = {"dead_at": {"$exists": True}}


#: What this version can run. Another version may arm other kinds; they wait for a worker that knows them.
_KNOWN = {"$in": [kind.value for kind in TimerKind]}


def timer_id(kind: str, key: str) -> str:
    """The ``_id`` of a timer; ``kind`` may be one that only another version knows."""
    return f"{kind!s}:{key}"


def _fresh(kind: TimerKind, key: str) -> dict[str, Any]:
    return {"kind": kind.value, "key": key, "attempts": 0, "claimed_until": None}


def _alone(key: str, due: datetime) -> dict[str, Any]:
    return {"due_at": due, "shard": zlib.crc32(key.encode()) % PLACES}


def arm_operation(kind: TimerKind, key: str, due: datetime, facts: object | None = None) -> UpdateOne:
    """Set or move a timer that is claimed. A new version, so that whoever holds the old one completes nothing."""
    known = {} if facts is None else {"facts": to_document(facts)}
    return _arm(kind, key, _alone(key, due) | known, gone=["next", *([] if known else ["facts"])])


def arm_together_operation(kind: TimerKind, key: str, due: datetime, facts: object) -> UpdateOne:
    """Set or move a timer that goes with others of its lane."""
    return _arm(kind, key, lanes.place(key, due) | {"facts": to_document(facts)}, gone=["due_at"])


def _arm(kind: TimerKind, key: str, place: dict[str, Any], gone: Sequence[str]) -> UpdateOne:
    return UpdateOne(
        {"_id": timer_id(kind, key)},
        {
            "$set": _fresh(kind, key) | place,
            "$unset": dict.fromkeys(["claim", "dead_at", "error", *gone], ""),
            "$inc": {"version": 1},
        },
        upsert=True,
    )


def disarm_operation(kind: TimerKind, key: str) -> DeleteOne:
    """Remove a timer, claimed or not."""
    return DeleteOne({"_id": timer_id(kind, key)})


@tells_outages
class MongoTimers:
    """Claims, completes and fails timers; setting them is the transaction's part.

    Claims carry the name of ``process``, so that they can be taken from it once it is dead.
    """

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock, process: str = "") -> None:
        self._timers = db["timers"]
        self._clock = clock
        self._process = process

    def write(self, session: ClientSession, operations: Sequence[UpdateOne | DeleteOne]) -> None:
        """Apply what a transaction gathered: of each timer one change, so that their order does not matter. Blocks."""
        self._timers.delegate.bulk_write(list(operations), ordered=False, session=session)

    async def arm_if_missing(self, kind: TimerKind, key: str, due: datetime) -> None:
        """Set a timer unless it is there already, waiting or dead."""
        await self._timers.update_one(
            {"_id": timer_id(kind, key)},
            {"$setOnInsert": _fresh(kind, key) | _alone(key, due) | {"version": 1}},
            upsert=True,
        )

    async def claim_due(self, shard: int, limit: int, lease: timedelta) -> list[DueTimer]:
        """Take up to ``limit`` due timers of one shard, earliest first, for ``lease`` (wall time).

        Attempts are counted now, before anything runs, so that a timer which kills its worker is counted too.
        """
        free = {"shard": shard, **self._free(self._clock.wall())}
        found = await self._timers.find(free).sort("due_at", 1).limit(limit).to_list(limit)
        return await self._claim(free, found, lease)

    async def claim_few(self, limit: int, lease: timedelta) -> list[DueTimer] | None:
        """As :meth:`claim_due` of all shards at once; None, and nothing claimed, where more than ``limit`` are due.

        Mostly little or nothing is due, and then a look at each shard would cost more than all that is found.
        """
        free = {"shard": _EVERY_SHARD, **self._free(self._clock.wall())}
        found = await self._timers.find(free).limit(limit + 1).to_list(limit + 1)
        return None if len(found) > limit else await self._claim(free, found, lease)

    async def _claim(
        self, free: dict[str, Any], found: list[dict[str, Any]], lease: timedelta
    ) -> list[DueTimer]:
        if not found:
            return []
        ids, claim = [row["_id"] for row in found], f"{self._process}:{uuid4().hex}"
        versions = sorted({row["version"] for row in found})
        claimed = await self._timers.update_many(
            {**free, "_id": {"$in": ids}, "version": {"$in": versions}},
            {
                "$set": {"claim": claim, "claimed_until": self._clock.wall() + lease},
                "$inc": {"attempts": 1},
            },
        )
        if len(versions) == 1 and claimed.modified_count == len(ids):
            # Mostly so: nobody else was quicker, and none was set anew since it was read.
            rows = [{**row, "claim": claim, "attempts": row["attempts"] + 1} for row in found]
        else:
            # By identifier: an index on the claim would cost two entries per timer, for this alone.
            rows = await self._timers.find({"_id": {"$in": ids}, "claim": claim}).to_list(len(ids))
        return sorted((_due(row) for row in rows), key=lambda timer: timer.due_at)

    async def due_lanes(self, since: datetime | None = None) -> list[int]:
        """The lanes (0 to ``LANE_COUNT``) in which something is due, or became due after ``since``."""
        now = self._clock.now()
        if await self._timers.find_one(lanes.due_in(None, since, now), {"_id": 1}) is None:
            return []
        wanted = [lanes.due_in(lane, since, now) for lane in range(lanes.LANE_COUNT)]
        found = await asyncio.gather(*(self._timers.find_one(due, {"_id": 1}) for due in wanted))
        return [lane for lane, first in enumerate(found) if first is not None]

    def _free(self, wall: datetime) -> dict[str, Any]:
        return {
            "due_at": {"$lte": self._clock.now()},
            "kind": _KNOWN,
            "$or": [{"claimed_until": None}, {"claimed_until": {"$lte": wall}}],
        }

    async def release(self, process: str) -> int:
        """Let go of all that a dead process had claimed, so that nobody waits for its leases; how many.

        Whoever got some of them from it to run does so in vain, or twice, which is safe: completing needs the claim.
        """
        held = {
            # Only what is due is ever claimed; said again, because it has the index.
            "shard": _EVERY_SHARD,
            "due_at": {"$lte": self._clock.now()},
            "claim": {"$regex": f"^{re.escape(process)}:"},
        }
        released = await self._timers.update_many(
            held, {"$set": {"claimed_until": None}, "$unset": {"claim": ""}}
        )
        return released.modified_count

    async def complete(self, timers: Sequence[DueTimer]) -> None:
        """Remove timers that have run, unless they were set anew or taken over meanwhile.

        One statement for all that share claim and version, as the timers of a batch mostly do: statements with a single
        target are retryable, for which MongoDB keeps a record of each. One that is lost leaves timers that come again.
        """
        held: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for timer in timers:
            held[timer.claim, timer.version].append(timer_id(timer.kind, timer.key))
        for (claim, version), ids in held.items():
            await self._timers.delete_many({"_id": {"$in": ids}, "version": version, "claim": claim})

    async def rearm(self, timers: Sequence[tuple[DueTimer, datetime]]) -> None:
        """Move held timers to a later instant and let go of them: their work went well and goes on."""
        if timers:
            moves = [
                UpdateOne(
                    _held(timer),
                    {
                        "$set": {"due_at": due, "claimed_until": None, "attempts": 0},
                        "$unset": {"claim": ""},
                        "$inc": {"version": 1},
                    },
                )
                for timer, due in timers
            ]
            await self._timers.bulk_write(moves, ordered=False)

    async def postpone(self, timer: DueTimer, seconds: float) -> None:
        """Let go of a timer and let it come again in ``seconds`` (real): its work failed this time."""
        await self._timers.update_one(
            _held(timer),
            {
                "$set": {
                    "due_at": self._clock.now() + real_seconds(self._clock, seconds),
                    "claimed_until": None,
                },
                "$unset": {"claim": ""},
            },
        )

    async def bury(self, timer: DueTimer, error: str) -> None:
        """Make a dead letter of a timer that failed too often."""
        await self._timers.update_one(
            _held(timer),
            {
                "$set": {"dead_at": self._clock.wall(), "error": error[:500], "claimed_until": None},
                "$unset": {"claim": "", "due_at": ""},
            },
        )

    async def dead_letters(
        self, limit: int = 100, cursor: str | None = None
    ) -> tuple[list[DeadLetter], str | None]:
        """The newest dead letters, and the cursor of the next page."""
        rows, next_cursor = await page(self._timers, _DEAD, "dead_at", limit, cursor)
        return [_letter(row) for row in rows], next_cursor

    async def replay(self, kind: str, key: str) -> bool:
        """Let a dead letter run again, now; False if it is not dead."""
        return await self._replay({"_id": timer_id(kind, key)})

    async def replay_letter(self, letter_id: str) -> DeadLetter | None:
        """Let one run again, now, by its identifier; None if it is not dead any more.

        Walks all of them, by their index: they are few, and somebody presses a button.
        """
        async for row in self._timers.find(_DEAD).sort([("dead_at", -1), ("_id", -1)]):
            if _letter_id(row) == letter_id:
                won = await self._replay({"_id": row["_id"], "version": row["version"]})
                return _letter(row) if won else None
        return None

    async def _replay(self, which: dict[str, Any]) -> bool:
        result = await self._timers.update_one(
            {**which, **_DEAD},
            {
                "$set": {"due_at": self._clock.now(), "attempts": 0},
                "$unset": {"dead_at": "", "error": ""},
                "$inc": {"version": 1},
            },
        )
        return result.modified_count == 1

    async def counts(self) -> TimerCounts:
        """How many timers wait and of which kind, how many are dead or due, and how late the most overdue one is."""
        dead = await self._per_kind(_DEAD_PER_KIND)
        there = await self._per_kind(_PER_KIND, hint={"_id": 1})
        waiting = {kind: count - dead.get(kind, 0) for kind, count in there.items()}
        now = self._clock.now()
        due: dict[str, Any] = {"shard": _EVERY_SHARD, "due_at": {"$lte": now}}
        first = await self._timers.find_one(due, {"due_at": 1}, sort=[("due_at", 1)])
        together, longest = await self._due_together(now)
        late = max((now - first["due_at"]).total_seconds() if first else 0.0, longest)
        return TimerCounts(
            by_kind={kind: count for kind, count in sorted(waiting.items()) if count > 0},
            dead=sum(dead.values()),
            due=await self._timers.count_documents(due) + together,
            overdue_seconds=max(late, 0.0),
        )

    async def _due_together(self, now: datetime) -> tuple[int, float]:
        """Of those in lanes: how many are due, and for how many seconds the first of them has been.

        To look at all of them takes as long as they are many. When workers keep up, all that is due became so just now; only
        where something waits is everything looked at.
        """
        count, late = await self._due_since(now - real_seconds(self._clock, JUST_NOW), now)
        return await self._due_since(None, now) if late > LATE * self._clock.speed else (count, late)

    async def _due_since(self, since: datetime | None, now: datetime) -> tuple[int, float]:
        due = lanes.due_in(None, since, now)
        group = {"_id": None, "count": {"$sum": 1}, "first": {"$min": "$next"}}
        rows = await self._timers.aggregate([{"$match": due}, {"$group": group}]).to_list(1)
        if not rows:
            return 0, 0.0
        return rows[0]["count"], (now - instant(rows[0]["first"])).total_seconds()

    async def _per_kind(self, stages: list[dict[str, Any]], **options: Any) -> dict[str, int]:
        rows = self._timers.aggregate(stages, **options)
        return {row["_id"]: row["count"] async for row in rows}


#: The kind is the first part of the identifier, whose index answers this without reading a timer.
_PER_KIND: list[dict[str, Any]] = [
    {"$project": {"_id": 1}},
    {"$group": {"_id": {"$first": {"$split": ["$_id", ":"]}}, "count": {"$sum": 1}}},
]
_DEAD_PER_KIND: list[dict[str, Any]] = [
    {"$match": _DEAD},
    {"$group": {"_id": "$kind", "count": {"$sum": 1}}},
]


def _letter_id(row: dict[str, Any]) -> str:
    """Names this death: replaying raises the version, so a timer that dies again is another letter."""
    return hashlib.sha256(f"{row['_id']}\n{row['version']}".encode()).hexdigest()[:24]


def _letter(row: dict[str, Any]) -> DeadLetter:
    return DeadLetter(
        id=_letter_id(row),
        kind=row["kind"],
        key=row["key"],
        attempts=row["attempts"],
        dead_at=row["dead_at"],
        error=row["error"],
    )


def _held(timer: DueTimer) -> dict[str, Any]:
    return {"_id": timer_id(timer.kind, timer.key), "version": timer.version, "claim": timer.claim}


def _due(row: dict[str, Any]) -> DueTimer:
    return DueTimer(
        kind=TimerKind(row["kind"]),
        key=row["key"],
        due_at=row["due_at"],
        version=row["version"],
        claim=row["claim"],
        attempts=row["attempts"],
    )
