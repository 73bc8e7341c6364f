"""Calls that are live, as the database has them, and their next minute."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.mongo.client import MongoDatabase
from adapters.mongo.documents import milliseconds, oid, to_document
from adapters.mongo.lanes import IN_LANES, LANE_COUNT, due_in, shard_of, whole
from adapters.mongo.timers import arm_together_operation
from domain.calls.billable import Interval
from domain.calls.holds import Hold, HoldState
from domain.calls.meter import running_meter
from domain.calls.session import LiveSession, Participant, Seat, SocketId
from domain.calls.states import CallState
from domain.ids import CoachId, OperationId, PaymentMethodId, SessionId, UserId, new_id
from domain.money import Money
from domain.timers import TimerKind

#: The name of the process that holds all sockets.
PROCESS = "tick-server"
#: More than any run ticks.
HOURS = 10
BATCH = 1_000
_TICK = TimerKind.TICK.value


def session_id(number: int) -> SessionId:
    """Of the n-th call; who may join it is told by the ids (:mod:`loadtests.peers.memory`)."""
    return SessionId(f"{number:023x}0")


class LiveCalls:
    """So many live calls in a database."""

    def __init__(self, db: MongoDatabase, count: int) -> None:
        self._db = db
        self._count = count
        self._rounds = 0
        #: real seconds that :meth:`due_at` took the last time
        self.arranging = count / 2_000

    async def insert(self, now: datetime) -> None:
        """Calls, proofs and timers; nothing is due for a minute."""
        for first in range(0, self._count, BATCH):
            await insert_live_calls(self._db, first, [now] * min(BATCH, self._count - first))

    async def due_at(self, instant: datetime) -> None:
        """Let the next minute of every call be full at ``instant``, and both its sides proven until then."""
        started = time.monotonic()
        began = instant - timedelta(minutes=self._rounds + 1)
        intervals = {f"{side}.intervals": [{"start": began, "end": None}] for side in ("caller", "callee")}
        await self._db["live_sessions"].update_many({}, {"$set": intervals})
        proven = instant + timedelta(seconds=30)
        # As servers do every two seconds for whoever proves; this is not about them.
        await self._db["call_proofs"].update_many({}, {"$set": {"caller": proven, "callee": proven}})
        for lane in range(LANE_COUNT):
            place = {"shard": shard_of(lane, instant), "next": milliseconds(instant)}
            await self._db["timers"].update_many(
                {"shard": whole(lane)}, {"$set": place, "$inc": {"version": 1}}
            )
        self.arranging = time.monotonic() - started

    async def any_due(self, instant: datetime) -> bool:
        """Whether a tick of this round is not durable yet."""
        # First by what costs MongoDB nothing, for whoever looks all the time takes from what is measured.
        if await self._db["call_ticks"].estimated_document_count() < (self._rounds + 1) * self._count:
            return True
        return await self._db["timers"].find_one(due_in(None, instant, instant), {"_id": 1}) is not None

    async def check(self) -> None:
        """Every call was ticked once more, in a batch.

        Raises:
            SystemExit: with what is wrong; there is no figure then.
        """
        self._rounds += 1
        moved = {"kind": _TICK, "facts.minute": self._rounds + 1, "shard": IN_LANES, "attempts": 0}
        found = {
            "timers moved on": await self._db["timers"].count_documents(moved),
            "minutes noted": await self._db["call_ticks"].count_documents({"_id.minute": self._rounds}),
        }
        for what, count in found.items():
            if count != self._count:
                raise SystemExit(f"round {self._rounds}: {count} {what} instead of {self._count}")


async def insert_live_calls(db: MongoDatabase, first: int, since: Sequence[datetime]) -> None:
    """Calls from number ``first`` on, each live since an instant and proven for an hour: documents, proofs, timers of ticks."""
    calls = [_live_call(first + number, began) for number, began in enumerate(since)]
    await db["live_sessions"].insert_many([_document(call) for call in calls])
    proven = max(since) + timedelta(hours=1)
    proofs = [
        {"_id": oid(call.id), "caller": proven, "callee": proven, "written_at": proven} for call in calls
    ]
    await db["call_proofs"].insert_many(proofs)
    await db["timers"].bulk_write([_timer(call) for call in calls], ordered=False)


def _live_call(number: int, now: datetime) -> LiveSession:
    call = session_id(number)
    people = [
        Participant(
            UserId(call[:-1] + side), side, seat=Seat("d", PROCESS, SocketId(side)), arrived_at=now,
            media="connected", intervals=[Interval(now)],
        )
        for side in ("a", "b")
    ]  # fmt: skip
    card, seconds = PaymentMethodId(new_id()), HOURS * 3600
    hold = Hold(1, OperationId(new_id()), 250 * seconds // 60, seconds, card, HoldState.AUTHORIZED)
    return LiveSession(
        id=call, client_request_id=new_id(), coach_id=CoachId(new_id()), caller=people[0], callee=people[1],
        rate=Money(250, "USD"), fee_percent=20, minimum_charge=0, block_minutes=HOURS * 60, payment_method=card,
        gateway_customer="cus_none", billing_country="US", created_at=now, expires_at=now + timedelta(days=1),
        state=CallState.LIVE, holds=[hold], live_at=now, version=1,
    )  # fmt: skip


def _document(call: LiveSession) -> dict[str, Any]:
    return to_document(call) | {"open": True, "seated_at": [PROCESS]}


def _timer(call: LiveSession) -> Any:
    meter = running_meter(call)
    if meter is None:
        raise AssertionError("a call of this benchmark is live")
    return arm_together_operation(TimerKind.TICK, call.id, meter.due, meter)
