"""The per-minute tick, over a batch of calls: two bulk writes and one publication, however many they are.

A tick is news, not money: late, doubled or lost, it changes nothing in what is charged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.meter import next_tick_at
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Proofs
from domain.events import LiveSessionTick, ToCall
from domain.ids import SessionId
from domain.ports import Publisher

#: A call that moved while its tick was computed is looked at again after this (real seconds).
LOOK_AGAIN = 0.25


@dataclass(frozen=True, slots=True)
class TickResult:
    """When to come again for each call; those that are missing need no tick any more."""

    again: dict[SessionId, datetime]
    #: calls that count by the book, while a side has stopped proving
    stale: list[SessionId]
    ticked: int


class Ticks:
    """Stores full minutes and pushes them to both sockets."""

    def __init__(self, *, flow: CallFlow, calls: CallStore, evidence: Evidence, publisher: Publisher) -> None:
        self._flow = flow
        self._calls = calls
        self._evidence = evidence
        self._publisher = publisher

    async def run(self, session_ids: Sequence[SessionId]) -> TickResult:
        """Tick those of the calls whose minute is full."""
        calls = {call.id: call for call in await self._calls.open_among(session_ids) if call.counting()}
        evidence = await self._evidence.of_all(list(calls))
        now = self._flow.clock.now()
        minutes: dict[SessionId, tuple[int, int]] = {}
        for call in calls.values():
            minute = call.billable_seconds(now, evidence[call.id]) // 60
            if minute > call.ticked_minute:
                minutes[call.id] = (minute, call.version)
        noted = await self._calls.tick(minutes) if minutes else set()
        for session_id in noted:
            calls[session_id].ticked_minute = minutes[session_id][0]
        await self._publisher.publish([self._event(calls[one], now, evidence[one]) for one in noted])
        soon = now + self._flow.real(LOOK_AGAIN)
        again = {
            call.id: soon
            if call.id in minutes and call.id not in noted
            else max(next_tick_at(call, now, evidence[call.id]) or soon, soon)
            for call in calls.values()
        }
        stale = [one for one, proofs in evidence.items() if _is_stale(proofs, now)]
        return TickResult(again, stale, len(noted))

    def _event(self, call: LiveSession, now: datetime, proofs: Proofs) -> tuple[ToCall, LiveSessionTick]:
        seconds = call.billable_seconds(now, proofs)
        tick = LiveSessionTick(
            session_id=call.id,
            minute=call.ticked_minute,
            billable_seconds=seconds,
            amount=call.rate.with_amount(call.price_of(seconds)),
            authorized_seconds=call.authorized_seconds,
        )
        return ToCall(call.id, call.processes()), tick


def _is_stale(proofs: Proofs, now: datetime) -> bool:
    return any(now - proof.at > proof.fresh_for for proof in proofs.values())
