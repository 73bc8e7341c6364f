"""The ``timers`` collection: truth about everything that happens later.

``{_id: "kind:key", kind, key, due_at, version, shard, claim, claimed_until, attempts, dead_at?, error?}``

Due instants are domain time; leases and backoff are wall time. A dead timer keeps its document, without ``due_at``, until it
is replayed.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import DeleteOne, UpdateOne

from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.clock import Clock, real_seconds
from domain.timers import DueTimer, TimerKind

SHARDS = 16
INDEXES = [
    IndexSpec("timers", [("shard", 1), ("due_at", 1)]),
    IndexSpec("timers", [("dead_at", -1)], {"sparse": True}),
]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A timer that failed too often and waits for somebody to look at it."""

    kind: TimerKind
    key: str
    attempts: int
    dead_at: datetime
    error: str


def _timer_id(kind: TimerKind, key: str) -> str:
    return f"{kind.value}:{key}"


def _fresh(kind: TimerKind, key: str, due: datetime) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "key": key,
        "due_at": due,
        "shard": zlib.crc32(key.encode()) % SHARDS,
        "attempts": 0,
        "claimed_until": None,
    }


def arm_operation(kind: TimerKind, key: str, due: datetime) -> UpdateOne:
    """Set or move a timer. A new version, so that whoever holds the old one completes nothing."""
    return UpdateOne(
        {"_id": _timer_id(kind, key)},
        {
            "$set": _fresh(kind, key, due),
            "$unset": {"claim": "", "dead_at": "", "error": ""},
            "$inc": {"version": 1},
        },
        upsert=True,
    )


def disarm_operation(kind: TimerKind, key: str) -> DeleteOne:
    """Remove a timer, claimed or not."""
    return DeleteOne({"_id": _timer_id(kind, key)})


@tells_outages
class MongoTimers:
    """Claims, completes and fails timers; setting them is the transaction's part.

    Claims carry the name of ``process``, so that they can be taken from it once it is dead.
    """

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock, process: str = "") -> None:
        self._timers = db["timers"]
        self._clock = clock
        self._process = process

    async def write(
        self, session: AsyncIOMotorClientSession, operations: Sequence[UpdateOne | DeleteOne]
    ) -> None:
        """Apply what a transaction gathered."""
        await self._timers.bulk_write(list(operations), session=session)

    async def arm_if_missing(self, kind: TimerKind, key: str, due: datetime) -> None:
        """Set a timer unless it is there already, waiting or dead."""
        await self._timers.update_one(
            {"_id": _timer_id(kind, key)},
            {"$setOnInsert": _fresh(kind, key, due) | {"version": 1}},
            upsert=True,
        )

    async def claim_due(self, shard: int, limit: int, lease: timedelta) -> list[DueTimer]:
        """Take up to ``limit`` due timers of one shard, earliest first, for ``lease`` (wall time).

        Attempts are counted now, before anything runs, so that a timer which kills its worker is counted too.
        """
        wall = self._clock.wall()
        free = {"shard": shard, **self._free(wall)}
        found = await self._timers.find(free, {"_id": 1}).sort("due_at", 1).limit(limit).to_list(limit)
        if not found:
            return []
        ids, claim = [row["_id"] for row in found], f"{self._process}:{uuid4().hex}"
        await self._timers.update_many(
            {**free, "_id": {"$in": ids}},
            {"$set": {"claim": claim, "claimed_until": wall + lease}, "$inc": {"attempts": 1}},
        )
        # By identifier: an index on the claim would cost two entries per timer and serve this alone.
        rows = await self._timers.find({"_id": {"$in": ids}, "claim": claim}).to_list(limit)
        return sorted((_due(row) for row in rows), key=lambda timer: timer.due_at)

    async def any_due(self) -> bool:
        """Whether a look at the shards would find something: one query instead of one for each."""
        free = {"shard": {"$in": list(range(SHARDS))}, **self._free(self._clock.wall())}
        return await self._timers.find_one(free, {"_id": 1}) is not None

    def _free(self, wall: datetime) -> dict[str, Any]:
        return {
            "due_at": {"$lte": self._clock.now()},
            "$or": [{"claimed_until": None}, {"claimed_until": {"$lte": wall}}],
        }

    async def release(self, process: str) -> int:
        """Let go of all that a dead process had claimed, so that nobody waits for its leases; how many.

        Whoever got some of them from it to run does so in vain, or twice, which is safe: completing needs the claim.
        """
        held = {
            # Only what is due is ever claimed; said again, because it has the index.
            "shard": {"$in": list(range(SHARDS))},
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
            held[timer.claim, timer.version].append(_timer_id(timer.kind, timer.key))
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

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        """The newest dead letters."""
        rows = (
            await self._timers.find({"dead_at": {"$exists": True}})
            .sort("dead_at", -1)
            .limit(limit)
            .to_list(limit)
        )
        return [
            DeadLetter(TimerKind(r["kind"]), r["key"], r["attempts"], r["dead_at"], r["error"]) for r in rows
        ]

    async def replay(self, kind: TimerKind, key: str) -> bool:
        """Let a dead letter run again, now; False if it is not dead."""
        result = await self._timers.update_one(
            {"_id": _timer_id(kind, key), "dead_at": {"$exists": True}},
            {
                "$set": {"due_at": self._clock.now(), "attempts": 0},
                "$unset": {"dead_at": "", "error": ""},
                "$inc": {"version": 1},
            },
        )
        return result.modified_count == 1

    async def counts(self) -> tuple[int, int, float]:
        """How many timers wait, how many are dead, and how late the most overdue one is (domain seconds)."""
        waiting = await self._timers.count_documents({"due_at": {"$exists": True}})
        dead = await self._timers.count_documents({"dead_at": {"$exists": True}})
        first = await self._timers.find({"due_at": {"$exists": True}}).sort("due_at", 1).limit(1).to_list(1)
        late = (self._clock.now() - first[0]["due_at"]).total_seconds() if first else 0.0
        return waiting, dead, max(late, 0.0)


def _held(timer: DueTimer) -> dict[str, Any]:
    return {"_id": _timer_id(timer.kind, timer.key), "version": timer.version, "claim": timer.claim}


def _due(row: dict[str, Any]) -> DueTimer:
    return DueTimer(
        kind=TimerKind(row["kind"]),
        key=row["key"],
        due_at=row["due_at"],
        version=row["version"],
        claim=row["claim"],
        attempts=row["attempts"],
    )
