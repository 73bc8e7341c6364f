"""Meters that run, kept with the timers of their ticks, and ``call_ticks``: ``{_id: {session_id, minute}}``.

A batch of ticks is three statements whatever its size: the due timers are read, moved on by their minutes, and the minutes
are noted. All in one transaction: whoever changes one of these timers meanwhile makes the batch start anew, so that no tick is
ever told from facts that are not true any more.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from cattrs.gen import make_dict_unstructure_fn, override
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

from adapters.mongo.documents import CONVERTER, instant, oid
from adapters.mongo.lanes import IN_LANES, due_in
from adapters.mongo.outages import tells_outages
from adapters.mongo.timers import PLACES, timer_id
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
_DUE = {"_id": 0, "key": 1, "next": 1, "facts": 1}

# When the minute is full is told by the timer itself.
CONVERTER.register_unstructure_hook(
    RunningMeter, make_dict_unstructure_fn(RunningMeter, CONVERTER, due=override(omit=True))
)


@tells_outages
class MongoMeters:
    """The timers of ticks, by the batch."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]], clock: Clock) -> None:
        self._timers = db["timers"]
        self._ticks = db["call_ticks"]
        self._clock = clock

    async def due(
        self,
        tx: Tx,
        lane: int,
        limit: int,
        *,
        since: datetime | None = None,
        among: Collection[SessionId] | None = None,
    ) -> list[DueTick]:
        query = {**due_in(lane, since, self._clock.now()), "kind": TimerKind.TICK.value}
        if among is not None:
            query["_id"] = {"$in": _timers_of(among)}
        found = self._timers.find(query, _DUE, session=session_of(tx), batch_size=limit).limit(limit)
        return [DueTick(SessionId(row["key"]), _meter(row)) for row in await found.to_list(limit)]

    async def advance(self, tx: Tx, minutes: Sequence[tuple[SessionId, int, int]]) -> None:
        by_step: defaultdict[int, list[SessionId]] = defaultdict(list)
        for session_id, due, full in minutes:
            by_step[full + 1 - due].append(session_id)
        for step, sessions in by_step.items():
            # One statement for all, and no record of each for a retry: a third of what statements of their own cost.
            await self._timers.update_many(
                {"_id": {"$in": _timers_of(sessions)}},
                {"$inc": {"next": step * MINUTE, "facts.minute": step, "version": 1}},
                session=session_of(tx),
            )
        rows = [{"_id": _tick_id(session_id, full)} for session_id, _, full in minutes]
        try:
            await self._ticks.insert_many(rows, ordered=False, session=session_of(tx))
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise
            raise Contended("A minute is noted already.") from error

    async def set_aside(self, tx: Tx, sessions: Collection[SessionId]) -> None:
        place = {"due_at": self._clock.now(), "shard": {"$mod": ["$shard", PLACES]}}
        await self._timers.update_many(
            {"_id": {"$in": _timers_of(sessions)}, "shard": IN_LANES},
            [{"$set": place}, {"$unset": "next"}],
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
            due=instant(row["next"]),
            rate=Money(facts["rate"]["amount"], facts["rate"]["currency"]),
            minimum_charge=facts["minimum_charge"],
            authorized_seconds=facts["authorized_seconds"],
            authorized_amount=facts["authorized_amount"],
            processes=tuple(facts["processes"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
