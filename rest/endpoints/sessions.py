"""Scheduled sessions as documents: who came, what overtime was agreed and what it came to, and one's own notes."""

from typing import Annotated

from pydantic import Field

from billing.receipts import Receipts
from domain.calls.session import Side
from domain.errors import Code
from domain.ids import BookingId, SessionId
from domain.payments.payment import Payment
from domain.scheduled.session import ROLES, Guest, SessionEnd
from domain.scheduled.states import OvertimeState, SessionState
from rest.endpoints.call_story import (
    ConnectedView,
    HoldView,
    MinuteView,
    TimelineView,
    connected_of,
    holds_of,
    minutes_of,
    timeline_of,
)
from rest.payloads import Amount, Instant, Payload, Reply
from rest.registry import Call, endpoint, member
from signaling.queries import CallView
from signaling.video.queries import NOTES_MAX, SessionRecords
from signaling.video.views import SegmentView, SessionRecord


class VisitView(Reply):
    """One stay; without ``leftAt`` while it lasts."""

    joined_at: Instant
    left_at: Instant | None = None


class GuestView(Reply):
    """A participant, and when they were there."""

    user_id: str
    name: str
    present: bool
    visits: list[VisitView]

    @classmethod
    def of(cls, guest: Guest) -> "GuestView":
        visits = [VisitView(joined_at=one.joined_at, left_at=one.left_at) for one in guest.visits]
        return cls(user_id=guest.user_id, name=guest.name, present=guest.present, visits=visits)


class OvertimeSegmentView(Reply):
    """More minutes that one asked for."""

    number: int
    minutes: int
    state: OvertimeState
    requested_by: str = Field(description="`client` or `coach`")
    requested_at: Instant
    expires_at: Instant
    price: Amount = Field(description="Of all its minutes; only those that were used are charged.")
    reason: str | None = Field(
        default=None, description="Why the card was refused; to the coach always `payment`."
    )
    finalized_at: Instant | None = None

    @classmethod
    def of(cls, view: SegmentView) -> "OvertimeSegmentView":
        return cls(
            number=view.number,
            minutes=view.minutes,
            state=OvertimeState(view.state),
            requested_by=view.requested_by,
            requested_at=view.requested_at,
            expires_at=view.expires_at,
            price=Amount.of(view.price),
            reason=view.reason,
            finalized_at=view.finalized_at,
        )


class OvertimeView(Reply):
    """All overtime together, once it began. Its money is that of a call of this `sessionId`."""

    session_id: str
    started_at: Instant
    ended_at: Instant | None = None
    authorized_seconds: int
    billable_seconds: int = Field(description="Final once it has ended.")
    amount: Amount = Field(description="What it costs so far; final once it has ended.")
    connected: ConnectedView = Field(description="The client is the caller, the coach the callee.")
    minutes: list[MinuteView]
    holds: list[HoldView]
    payment_id: str | None = Field(default=None, description="Once it has settled.")
    paid: Amount | None = Field(default=None, description="What the client paid, once it has settled.")
    earned: Amount | None = Field(default=None, description="What the coach is paid. For the coach alone.")


class ScheduledSessionReply(Reply):
    """The session of a booking, at any time."""

    booking_id: str
    state: SessionState
    end_reason: SessionEnd | None = None
    version: int
    role: str = Field(description="`client` or `coach`")
    title: str
    start: Instant
    end: Instant = Field(description="Of the booked time.")
    ends_at: Instant = Field(description="With the overtime that is paid for.")
    opens_at: Instant = Field(description="It may be joined from here on.")
    begun_at: Instant | None = Field(default=None, description="Both were there for the first time.")
    ended_at: Instant | None = None
    coach: GuestView
    client: GuestView | None = Field(default=None, description="Absent for a group session.")
    overtime_rate: Amount = Field(description="Per minute; 0 if none is sold.")
    overtime_segments: list[OvertimeSegmentView]
    overtime: OvertimeView | None = None
    timeline: list[TimelineView] = Field(description="Of the session and of its overtime, in one.")
    notes: str = Field(description="The asker's own; nobody else reads them.")
    server_time: Instant


class NotesBody(Payload):
    """What one wants to remember of a session."""

    notes: Annotated[str, Field(max_length=NOTES_MAX)]


class ScheduledSessions:
    """The record of scheduled sessions, for their two participants. They take place on ``/video``."""

    def __init__(self, records: SessionRecords, receipts: Receipts) -> None:
        self._records = records
        self._receipts = receipts

    @endpoint(
        "GET",
        "/api/sessions/{bookingId}",
        may=member,
        reply=ScheduledSessionReply,
        errors=(Code.NOT_FOUND,),
    )
    async def get_record(self, call: Call[None, None]) -> ScheduledSessionReply:
        """Read the session of a booking: visits, overtime and one's own notes.

        For its two participants. The coach does not read how the client's card fared.
        """
        return await self._reply(call, await self._records.one(call.who, BookingId(call.path["bookingId"])))

    @endpoint(
        "PUT",
        "/api/sessions/{bookingId}/notes",
        may=member,
        body=NotesBody,
        reply=ScheduledSessionReply,
        errors=(Code.NOT_FOUND,),
    )
    async def write_notes(self, call: Call[NotesBody, None]) -> ScheduledSessionReply:
        """Replace one's own notes of a session. The last write wins: nobody else writes them."""
        booking_id = BookingId(call.path["bookingId"])
        return await self._reply(call, await self._records.write_notes(call.who, booking_id, call.body.notes))

    async def _reply(
        self, call: Call[NotesBody, None] | Call[None, None], record: SessionRecord
    ) -> ScheduledSessionReply:
        session, view = record.session, _call_view(record)
        payment: Payment | None = None
        if session.overtime_id is not None:
            payment = await self._receipts.of_call(call.who, SessionId(session.overtime_id))
        joined = [TimelineView.of(entry, {}, to_coach=False) for entry in session.timeline]
        if view is not None:
            joined = sorted([*joined, *timeline_of(view)], key=lambda entry: entry.at)
        return ScheduledSessionReply(
            booking_id=session.booking_id,
            state=session.state,
            end_reason=session.end_reason,
            version=session.version,
            role=ROLES[record.side],
            title=session.title,
            start=session.start,
            end=session.end,
            ends_at=session.ends_at,
            opens_at=session.opens_at,
            begun_at=session.begun_at,
            ended_at=session.ended_at,
            coach=GuestView.of(session.coach),
            client=GuestView.of(session.client) if session.client else None,
            overtime_rate=Amount.of(session.overtime_rate),
            overtime_segments=[OvertimeSegmentView.of(one) for one in record.segments],
            overtime=_overtime(record, view, payment),
            timeline=joined,
            notes=session.guest(record.side).notes,
            server_time=record.at,
        )


def _call_view(record: SessionRecord) -> CallView | None:
    """Its overtime as any call is read."""
    call, meter = record.call, record.meter
    if call is None:
        return None
    client, coach = record.connected
    return CallView(
        call=call,
        role=record.side,
        billable_seconds=meter.billable_seconds if meter else 0,
        amount=meter.amount.amount if meter else 0,
        connected={Side.CALLER: client, Side.CALLEE: coach},
        pause=None,
        at=record.at,
    )


def _overtime(record: SessionRecord, view: CallView | None, payment: Payment | None) -> OvertimeView | None:
    meter, call = record.meter, record.call
    if view is None or meter is None or call is None or call.accepted_at is None:
        return None
    price = payment.snapshot if payment else None
    to_coach = record.side is Side.CALLEE
    return OvertimeView(
        session_id=call.id,
        started_at=call.accepted_at,
        ended_at=call.ended_at,
        authorized_seconds=meter.authorized_seconds,
        billable_seconds=meter.billable_seconds,
        amount=Amount.of(meter.amount),
        connected=connected_of(view),
        minutes=minutes_of(view),
        holds=holds_of(view),
        payment_id=payment.id if payment else None,
        paid=Amount.of(call.rate.with_amount(price.gross)) if price else None,
        earned=Amount.of(call.rate.with_amount(price.earned)) if price and to_coach else None,
    )
