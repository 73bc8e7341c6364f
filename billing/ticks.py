"""The per-minute tick: full minutes are noted and pushed to both sockets.

A tick is news, not money: late or doubled, it changes nothing in what is charged. Most are ordinary: both sides prove, and
the minute is full when its timer says so. All that are due together go by one transaction, which reads and writes their timers
alone and leaves one frame for each process. Whatever is not ordinary is looked at by itself, from the call.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calls.billable import Proof
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.meter import arm_tick, next_tick_at, running_meter
from domain.calls.ports import CallStore, DueTick, MeterStore
from domain.calls.session import LiveSession, Proofs
from domain.errors import Contended, Unavailable
from domain.events import LiveSessionTick, LiveSessionTicks, ToProcess
from domain.ids import SessionId
from domain.ports import Transactions, Tx

log = logging.getLogger(__name__)

#: A minute that is not full when its timer says so is looked at again after this (real seconds).
LOOK_AGAIN = 0.25
#: Ticks of one transaction: it holds their timers for some tens of milliseconds.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of the ticks that were due in a lane."""

    ticked: Sequence[SessionId] = ()
    #: to be run one by one
    aside: Sequence[SessionId] = ()
    #: still due, because somebody else holds their timers
    left: int = 0
    #: there may be more
    full: bool = False


class Ticks:
    """Notes full minutes and pushes them to both sockets."""

    def __init__(
        self,
        *,
        transact: Transactions,
        together: Transactions,
        flow: CallFlow,
        calls: CallStore,
        evidence: Evidence,
        meters: MeterStore,
    ) -> None:
        """``together`` is for batches: transactions that soon give up waiting for others."""
        self._transact = transact
        self._together = together
        self._flow = flow
        self._calls = calls
        self._evidence = evidence
        self._meters = meters

    # --- many -------------------------------------------------------------------------------------------------------

    async def batch(
        self, lane: int, since: datetime | None = None, *, among: Collection[SessionId] | None = None
    ) -> Batch:
        """Tick what is due in a lane, or became due after ``since``, or those of it that are named, in one commit.

        A timer that somebody else holds for long falls out, and so does one that cannot be ticked at all: the others go on
        without it, in halves of the batch.

        Raises:
            Unavailable: the database did not answer in time.
        """
        due: list[DueTick] = []

        async def work(tx: Tx) -> Batch:
            due[:] = await self._meters.due(tx, lane, BATCH, since=since, among=among)
            return await self._tick(tx, due)

        try:
            return await self._together(work)
        except Exception as error:
            outage = isinstance(error, Unavailable) and not isinstance(error, Contended)
            if outage or not due:
                raise
            log.warning("%d ticks failed together (%s); now in halves", len(due), type(error).__name__)
            sessions = [tick.session_id for tick in due]
        if len(sessions) == 1:
            return await self._alone(sessions)
        half = len(sessions) // 2
        parts = [await self.batch(lane, among=part) for part in (sessions[:half], sessions[half:])]
        return Batch(
            [one for part in parts for one in part.ticked],
            [one for part in parts for one in part.aside],
            left=sum(part.left for part in parts),
            full=among is None and len(sessions) == BATCH,
        )

    async def _alone(self, sessions: Sequence[SessionId]) -> Batch:
        try:
            await self._together(lambda tx: self._meters.set_aside(tx, sessions))
        except Contended:
            return Batch(left=1)  # still held; the next turn finds it
        return Batch(aside=sessions)

    async def _tick(self, tx: Tx, due: Sequence[DueTick]) -> Batch:
        if not due:
            return Batch()
        now = self._flow.clock.now()
        proven = await self._evidence.fresh([tick.session_id for tick in due], now)
        full: list[tuple[SessionId, int, int]] = []
        aside: list[SessionId] = []
        told: defaultdict[str, list[LiveSessionTick]] = defaultdict(list)
        for session_id, meter in due:
            minute = meter.seconds(now) // 60 if meter else 0
            if meter is None or session_id not in proven or minute < meter.minute:
                aside.append(session_id)
                continue
            full.append((session_id, meter.minute, minute))
            event = meter.tick(session_id, minute, now)
            for process in meter.processes:
                told[process].append(event)
        if full:
            await self._meters.advance(tx, full)
        if aside:
            await self._meters.set_aside(tx, aside)
        for process, ticks in told.items():
            tx.emit(ToProcess(process), LiveSessionTicks(tuple(ticks)))
        return Batch([session_id for session_id, _, _ in full], aside, full=len(due) == BATCH)

    # --- one --------------------------------------------------------------------------------------------------------

    async def one(self, session_id: SessionId) -> bool:
        """Tick one call, as its document and its proofs say; whether a side has stopped proving while it counts.

        Raises:
            NotFound: no such call.
        """
        proofs = await self._evidence.of(session_id)
        now = self._flow.clock.now()

        async def work(tx: Tx) -> bool:
            call = await self._calls.get(tx, session_id)
            if not call.counting():
                return False
            await self._tick_one(tx, call, proofs, now)
            return any(not _is_fresh(proof, now) for proof in proofs.values())

        return await self._transact(work)

    async def _tick_one(self, tx: Tx, call: LiveSession, proofs: Proofs, now: datetime) -> None:
        seconds = call.billable_seconds(now, proofs)
        minute = seconds // 60
        if minute > call.ticked_minute:
            call.ticked_minute = minute
            if await self._meters.note(tx, call.id, minute):
                amount = call.rate.with_amount(call.price_of(seconds))
                event = LiveSessionTick(call.id, minute, seconds, amount, call.authorized_seconds)
                for process in sorted(call.processes()):
                    tx.emit(ToProcess(process), LiveSessionTicks((event,)))
        meter = running_meter(call)
        if meter is not None:
            soon = now + self._flow.real(LOOK_AGAIN)
            later = max(next_tick_at(call, now, proofs) or soon, soon)
            arm_tick(tx, call, meter, now, later)


def _is_fresh(proof: Proof, now: datetime) -> bool:
    return now - proof.at <= proof.fresh_for
