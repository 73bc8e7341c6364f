"""The ``processes`` collection (one heartbeat document per process), leases, and the shared clock origin."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from adapters.mongo.outages import tells_outages
from domain.clock import Clock, ClockOrigin, to_milliseconds
from domain.operations.live_view import RunningProcess


@tells_outages
class MongoProcesses:
    """Who is alive. ``at`` is domain time, because what a dead process held ends at it; ``wall`` decides on death.

    ``wall`` is written and judged by the database's clock alone: machines whose clocks differ never bury each other.
    """

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._processes = db["processes"]
        self._clock = clock

    async def beat(self, process: str, kind: str, sockets: Mapping[str, int] | None = None) -> None:
        """I am alive, and hold so many sockets per namespace."""
        now = {"at": self._clock.now(), "kind": kind, "sockets": dict(sockets or {})}
        await self._processes.update_one(
            {"_id": process},
            {
                "$set": now,
                "$setOnInsert": {"started_at": self._clock.wall()},
                "$currentDate": {"wall": True},
            },
            upsert=True,
        )

    async def running(self) -> list[RunningProcess]:
        """All that have not been found dead yet, by kind and start."""
        age = {"$subtract": ["$$NOW", "$wall"]}
        rows = self._processes.aggregate(
            [{"$set": {"age": age}}, {"$sort": {"kind": 1, "started_at": 1, "_id": 1}}]
        )
        return [_running(row) async for row in rows]

    async def dead(self, silent_for: timedelta) -> list[tuple[str, datetime]]:
        """Processes that have been silent for longer (wall time), with their last heartbeat (domain time)."""
        silence = {"$subtract": ["$$NOW", "$wall"]}
        found = self._processes.find({"$expr": {"$gt": [silence, _milliseconds(silent_for)]}})
        return [(row["_id"], row["at"]) async for row in found]

    async def forget(self, process: str) -> None:
        """All that a process held is closed: it was found dead, or it stops and has closed everything itself."""
        await self._processes.delete_one({"_id": process})

    async def alive(self) -> list[str]:
        """All that have not been found dead yet."""
        return [row["_id"] async for row in self._processes.find({}, {"_id": 1})]


def _running(row: dict[str, Any]) -> RunningProcess:
    age = timedelta(milliseconds=max(row["age"], 0))
    return RunningProcess(row["_id"], row["kind"], row.get("started_at"), age, row.get("sockets", {}))


@tells_outages
class MongoLeases:
    """Named leases in wall time, by the database's clock: at most one holder, who must renew."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._leases = db["leases"]

    async def hold(self, name: str, holder: str, lease: timedelta) -> bool:
        """Take or renew a lease; False while somebody else holds it."""
        me = {"$literal": holder}
        # A lease that nobody has taken yet has no end, which sorts before every instant.
        mine = {"$or": [{"$eq": ["$holder", me]}, {"$lte": ["$until", "$$NOW"]}]}
        until = {"$add": ["$$NOW", _milliseconds(lease)]}
        try:
            row = await self._leases.find_one_and_update(
                {"_id": name},
                [
                    {
                        "$set": {
                            "holder": {"$cond": [mine, me, "$holder"]},
                            "until": {"$cond": [mine, until, "$until"]},
                        }
                    }
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return False
        return bool(row["holder"] == holder)


def _milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)


async def clock_origin(db: AsyncIOMotorDatabase[dict[str, Any]], speed: float | None) -> ClockOrigin:
    """The origin that every process shares, made at first boot. With ``speed``, domain time goes on at that speed."""
    wall = to_milliseconds(datetime.now(UTC))
    stored = await db["meta"].find_one_and_update(
        {"_id": "clock"},
        {"$setOnInsert": {"wall": wall, "domain": wall, "speed": float(speed or 1.0)}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    origin = ClockOrigin(stored["wall"], stored["domain"], stored["speed"])
    if speed is None or origin.speed == speed:
        return origin
    moved = origin.rebased(wall, float(speed))
    await db["meta"].replace_one(
        {"_id": "clock"}, {"wall": moved.wall, "domain": moved.domain, "speed": moved.speed}
    )
    return moved
