"""Meters that run, kept with the timers of their ticks, and ``call_ticks``: ``{_id: {session_id, minute}}``.

A batch of ticks is three statements whatever its size: the due timers are read, moved on by their minutes, and the minutes
are noted. All in one transaction: whoever changes one of these timers meanwhile makes the batch start anew, so that no tick is
ever told from facts that are not true any more.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from adapters.mongo.documents import oid
from adapters.mongo.outages import tells_outages
from adapters.mongo.timers import LANES, timer_id
from adapters.mongo.transactions import DUPLICATE_KEY, session_of
from domain.calls.billable import MINUTE
from domain.calls.meter import RunningMeter
from domain.calls.ports import DueTick
from domain.clock import Clock
from domain.errors import Contended
from domain.ids import SessionId
from domain.money import Money
from domain.ports import Tx
from domain.timers import TimerKind

_PREFIX = timer_id(TimerKind.TICK, "")
_DUE = {"key": 1, "due_at": 1, "facts": 1}


@tells_outages
class MongoMeters:
    """The timers of ticks, by the batch."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._timers = db["timers"]
        self._ticks = db["call_ticks"]
        self._clock = clock

    async def due(
        self, tx: Tx, lane: int, limit: int, among: Collection[SessionId] | None = None
    ) -> list[DueTick]:
        query: dict[str, Any] = {
            "shard": LANES + lane,
            "due_at": {"$lte": self._clock.now()},
            "kind": TimerKind.TICK.value,
        }
        if among is not None:
            query["_id"] = {"$in": _timers_of(among)}
        found = self._timers.find(query, _DUE, session=session_of(tx), batch_size=limit).limit(limit)
        return [
            DueTick(SessionId(row["key"]), row["due_at"], _meter(row)) for row in await found.to_list(limit)
        ]

    async def advance(self, tx: Tx, minutes: Sequence[tuple[DueTick, int]]) -> None:
        by_step: defaultdict[int, list[SessionId]] = defaultdict(list)
        for tick, minute in minutes:
            by_step[minute + 1 - tick.minute].append(tick.session_id)
        for step, sessions in by_step.items():
            # One statement for all, and no record of each for a retry: a third of what statements of their own cost.
            await self._timers.update_many(
                {"_id": {"$in": _timers_of(sessions)}},
                [
                    {
                        "$set": {
                            "due_at": {"$add": ["$due_at", step * MINUTE]},
                            "facts.minute": {"$add": ["$facts.minute", step]},
                            "version": {"$add": ["$version", 1]},
                        }
                    }
                ],
                session=session_of(tx),
            )
        rows = [{"_id": _tick_id(tick.session_id, minute)} for tick, minute in minutes]
        try:
            await self._ticks.insert_many(rows, ordered=False, session=session_of(tx))
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise
            raise Contended("A minute is noted already.") from error

    async def set_aside(self, tx: Tx, sessions: Collection[SessionId]) -> None:
        await self._timers.update_many(
            {"_id": {"$in": _timers_of(sessions)}, "shard": {"$gte": LANES}},
            [{"$set": {"shard": {"$subtract": ["$shard", LANES]}}}],
            session=session_of(tx),
        )

    async def note(self, tx: Tx, session_id: SessionId, minute: int) -> bool:
        noted = await self._ticks.update_one(
            {"_id": _tick_id(session_id, minute)}, {"$setOnInsert": {}}, upsert=True, session=session_of(tx)
        )
        return noted.upserted_id is not None


def _timers_of(sessions: Collection[SessionId]) -> list[str]:
    return [_PREFIX + session_id for session_id in sessions]


def _tick_id(session_id: SessionId, minute: int) -> dict[str, Any]:
    return {"session_id": oid(session_id), "minute": minute}


def _meter(row: dict[str, Any]) -> RunningMeter | None:
    """By hand, not by the converter: five times as fast, and this is read for every minute of every call. None if a tick cannot
    be told from it."""
    try:
        facts = row["facts"]
        return RunningMeter(
            minute=facts["minute"],
            before=facts["before"],
            since=facts["since"],
            rate=Money(facts["rate"]["amount"], facts["rate"]["currency"]),
            minimum_charge=facts["minimum_charge"],
            authorized_seconds=facts["authorized_seconds"],
            authorized_amount=facts["authorized_amount"],
            processes=tuple(facts["processes"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
