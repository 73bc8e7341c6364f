"""Reading calls: lists, one call with its timeline, and the snapshot that a connecting tab gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Identity, Role
from domain.calls.billable import Interval, full_minutes
from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow, ringing_event
from domain.calls.ports import CallStore
from domain.calls.session import LiveSession, Side
from domain.calls.states import CallState
from domain.calls.views import Pause, Sample
from domain.errors import Invalid, NotFound
from domain.events import Event, LiveSessionUpdated
from domain.ids import SessionId

#: A quality sample has at most so many numbers.
MAX_SAMPLE = 16
#: Of the samples of both sides: the last minutes, which a complaint is about; an hour would be thousands.
SAMPLES_SHOWN = 200


class QualityStore(Protocol):
    """Connection quality samples."""

    async def record(
        self, session_id: SessionId, side: Side, at: datetime, sample: Mapping[str, float]
    ) -> None:
        """Keep one sample."""
        ...

    async def last(self, session_id: SessionId, limit: int) -> Sequence[Sample]:
        """The last samples of a call, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as a participant or the admin reads it. Amounts in minor units of ``call.rate.currency``."""

    call: LiveSession
    role: Side | None
    billable_seconds: int
    amount: int
    #: proven connected, by side; those of a running call end at what its proofs support
    connected: Mapping[Side, Sequence[Interval]]
    pause: Pause | None
    #: the domain instant of all this
    at: datetime

    @property
    def full_minutes(self) -> list[datetime]:
        """When each billable minute was full."""
        found = full_minutes(self.connected[Side.CALLER], self.connected[Side.CALLEE])
        return found[: self.billable_seconds // 60]


class CallQueries:
    """Participants and the admin only; anybody else learns nothing, not even that a call exists."""

    def __init__(
        self, *, flow: CallFlow, calls: CallStore, evidence: Evidence, quality: QualityStore
    ) -> None:
        self._flow = flow
        self._calls = calls
        self._evidence = evidence
        self._quality = quality

    async def history(self, who: Identity, before: SessionId | None, limit: int) -> list[CallView]:
        """The asker's calls at either end, newest first."""
        calls = await self._calls.history(who.user_id, before, limit)
        return await self._views(who, calls)

    async def one(self, who: Identity, session_id: SessionId) -> CallView:
        """One call.

        Raises:
            NotFound: no such call, or not the asker's; a coach does not find one that never rang.
        """
        found = await self._calls.find([session_id])
        if not found:
            raise NotFound("There is no such call.")
        if who.role is not Role.ADMIN and found[0].side_of(who.user_id) is Side.CALLEE and not found[0].rang:
            raise NotFound("There is no such call.")
        return (await self._views(who, found))[0]

    async def _views(self, who: Identity, calls: Sequence[LiveSession]) -> list[CallView]:
        running = [call.id for call in calls if call.final is None]
        evidence = await self._evidence.of_all(running) if running else {}
        now = self._flow.clock.now()
        views = []
        for call in calls:
            proofs = evidence.get(call.id, {})
            seconds = call.billable_seconds(now, proofs)
            amount = call.final.amount if call.final else call.price_of(seconds)
            caller, callee = call.closed_intervals(now, proofs)
            connected = {Side.CALLER: caller, Side.CALLEE: callee}
            pause = self._flow.pause_of(call)
            views.append(CallView(call, _role(who, call), seconds, amount, connected, pause, now))
        return views

    async def open_snapshot(self, who: Identity) -> list[Event]:
        """Open rings and calls, as a tab that connects must show them whatever it missed."""
        events: list[Event] = []
        for call in await self._calls.open_of(who.user_id):
            if call.overtime:
                continue
            callee = call.side_of(who.user_id) is Side.CALLEE
            if callee and call.state in (CallState.RESERVING, CallState.REQUIRES_ACTION):
                continue
            if callee and call.state is CallState.RINGING:
                events.append(ringing_event(call))
            events.append(
                LiveSessionUpdated(
                    call.id, call.state.value, call.version, accepted_device_id=call.accepted_by
                )
            )
        return events

    async def record_quality(
        self, who: Identity, sid: str, session_id: SessionId, side: Side, sample: Mapping[str, float]
    ) -> None:
        """Keep a quality sample of a seated socket; the door has checked that ``sid`` holds the seat.

        Raises:
            Invalid: too many numbers.
        """
        if len(sample) > MAX_SAMPLE:
            raise Invalid("A quality sample has at most 16 numbers.")
        await self._quality.record(session_id, side, self._flow.clock.now(), sample)

    async def quality(self, view: CallView) -> Sequence[Sample]:
        """The last :data:`SAMPLES_SHOWN` samples of a call, oldest first; whoever holds a view may read them."""
        return await self._quality.last(view.call.id, SAMPLES_SHOWN)


def _role(who: Identity, call: LiveSession) -> Side | None:
    if who.user_id == call.caller.user_id:
        return Side.CALLER
    return Side.CALLEE if who.user_id == call.callee.user_id else None
