"""A scheduled session: the meeting that belongs to a booking, with who came, who left, and the overtime that was added.

Written in the same transaction as its booking (one for each booking; the places in a group session share the group's). The
client is the caller of a call, the coach its callee: what holds of seats, signals and proofs there holds here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.calls.pricing import block_amount
from domain.calls.session import Seat, Side, SocketId
from domain.errors import Code, Conflict, Forbidden, NotFound
from domain.ids import BookingId, CoachId, OperationId, PaymentMethodId, SessionId, UserId
from domain.money import Money
from domain.scheduled.states import (
    OVER,
    OVERTIME_MOVES,
    PAID_FOR,
    SESSION_MOVES,
    OvertimeMove,
    OvertimeState,
    SessionMove,
    SessionState,
    advance,
)
from domain.timeline import TimelineEntry

#: How long before its start a session may be joined.
OPENS_BEFORE = timedelta(minutes=10)
#: How long before its end both are told.
WARNS_BEFORE = timedelta(minutes=5)
#: Real seconds that a session waits beyond its end for a card that is being asked: longer than the gateway may take to answer,
#: and unbilled. A person who has not answered by the end is not waited for.
CARD_GRACE = 20.0
#: What the two ends of a call are called in a session.
ROLES = {Side.CALLER: "client", Side.CALLEE: "coach"}
SIDES = {role: side for side, role in ROLES.items()}


class SessionEnd(StrEnum):
    """Why a session is over."""

    ENDED_BY_CLIENT = "ended_by_client"
    ENDED_BY_COACH = "ended_by_coach"
    TIME_IS_UP = "time_is_up"
    CONNECTION_LOST = "connection_lost"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"


@dataclass(slots=True)
class Visit:
    """One stay of a participant: ``left_at`` is None while they are there."""

    joined_at: datetime
    left_at: datetime | None = None


@dataclass(slots=True)
class Guest:
    """A participant of a scheduled session."""

    user_id: UserId
    name: str
    seat: Seat | None = None
    visits: list[Visit] = field(default_factory=list)
    #: private to them
    notes: str = ""

    @property
    def came(self) -> bool:
        """Whether they were there at all."""
        return bool(self.visits)

    @property
    def present(self) -> bool:
        """Whether a socket holds the seat."""
        return self.seat is not None and self.seat.left_at is None

    def arrive(self, seat: Seat, at: datetime) -> None:
        """Take the seat; a visit begins unless one goes on (another device of the same person)."""
        self.seat = seat
        if not self.visits or self.visits[-1].left_at is not None:
            self.visits.append(Visit(at))

    def depart(self, at: datetime) -> None:
        """The socket is gone since ``at``, and the visit with it."""
        if self.seat is not None and self.seat.left_at is None:
            self.seat.left_at = at
        if self.visits and self.visits[-1].left_at is None:
            self.visits[-1].left_at = max(at, self.visits[-1].joined_at)


@dataclass(slots=True)
class OvertimeSegment:
    """More minutes, asked for by one and confirmed by the other. Money is the live session's that runs it."""

    number: int
    minutes: int
    requested_by: UserId
    requested_at: datetime
    expires_at: datetime
    state: OvertimeState = OvertimeState.PENDING_CONFIRMATION
    confirmed_at: datetime | None = None
    operation_id: OperationId | None = None
    #: chosen by the client; None for the default card
    payment_method: PaymentMethodId | None = None
    #: why the card was refused, in the word that the client may read
    refusal: str | None = None
    finalized_at: datetime | None = None

    @property
    def pending(self) -> bool:
        """Whether somebody, or the card, has yet to answer."""
        return self.state is OvertimeState.PENDING_CONFIRMATION

    @property
    def seconds(self) -> int:
        """What is authorized for it."""
        return self.minutes * 60

    def move(self, move: OvertimeMove) -> None:
        """Make a legal move.

        Raises:
            Conflict: the present state does not allow it.
        """
        self.state = advance(OVERTIME_MOVES, self.state, move, "Overtime")


@dataclass(slots=True)
class ScheduledSession:
    """One meeting. ``version`` rises with every write; every transaction about it increments it."""

    id: SessionId
    booking_id: BookingId
    coach_id: CoachId
    coach: Guest
    #: None in a group session, which is held at its meeting link
    client: Guest | None
    start: datetime
    end: datetime
    title: str
    #: of one minute, frozen with the booking; an amount of 0 means that none is sold
    overtime_rate: Money
    #: the platform's, of net, frozen with the booking
    fee_percent: int
    state: SessionState = SessionState.SCHEDULED
    #: paid, so it will take place
    confirmed_at: datetime | None = None
    begun_at: datetime | None = None
    #: ICE generation
    epoch: int = 0
    #: when a peer began the present one; None if joining did
    restarted_at: datetime | None = None
    overtime_segments: list[OvertimeSegment] = field(default_factory=list)
    #: the live session whose clock, holds and settlement run the overtime
    overtime_id: SessionId | None = None
    ended_at: datetime | None = None
    end_reason: SessionEnd | None = None
    timeline: list[TimelineEntry] = field(default_factory=list)
    version: int = 0

    # --- who --------------------------------------------------------------------------------------------------

    @property
    def room(self) -> SessionId:
        """What its sockets, its proofs and the live session of its overtime are known by: the booking's id."""
        return SessionId(self.booking_id)

    @property
    def guests(self) -> Iterator[tuple[Side, Guest]]:
        """Who takes part, by side."""
        if self.client is not None:
            yield Side.CALLER, self.client
        yield Side.CALLEE, self.coach

    def side_of(self, user_id: UserId) -> Side:
        """Which end a person is.

        Raises:
            NotFound: neither; a stranger must not learn that there is a session.
        """
        for side, guest in self.guests:
            if guest.user_id == user_id:
                return side
        raise NotFound("There is no such session.")

    def guest(self, side: Side) -> Guest:
        """The person at one end.

        Raises:
            NotFound: a group session has no client.
        """
        found = self.client if side is Side.CALLER else self.coach
        if found is None:
            raise NotFound("There is no such session.")
        return found

    def processes(self) -> frozenset[str]:
        """The processes that hold a socket of this session."""
        return frozenset(g.seat.process for _, g in self.guests if g.seat is not None and g.present)

    def require_socket(self, side: Side, sid: SocketId) -> None:
        """Raise unless this socket holds the seat of ``side``."""
        seat = self.guest(side).seat
        if seat is None or seat.left_at is not None or seat.sid != sid:
            raise Forbidden("This connection is not in the session; join it first.", code=Code.NOT_JOINED)

    # --- when -------------------------------------------------------------------------------------------------

    @property
    def opens_at(self) -> datetime:
        """From when on it may be joined."""
        return self.start - OPENS_BEFORE

    @property
    def over(self) -> bool:
        """Whether nothing happens in it any more."""
        return self.state in OVER

    @property
    def ends_at(self) -> datetime:
        """When it ends as things stand: the booked end, and the overtime that is paid for after it."""
        return self.end + timedelta(minutes=sum(one.minutes for one in self._paid_for()))

    def boundary_after(self, now: datetime) -> datetime:
        """The next instant at which something ends by itself: the booked time, or a segment of overtime."""
        at = self.end
        for segment in self._paid_for():
            if at > now:
                break
            at += timedelta(minutes=segment.minutes)
        return at

    # --- moves ------------------------------------------------------------------------------------------------

    def move(self, move: SessionMove, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Make a legal move and write it down.

        Raises:
            Conflict: the present state does not allow it.
        """
        self.state = advance(SESSION_MOVES, self.state, move, "A session")
        self.note(move.value, at=at, by=by, process=process, **detail)

    def note(self, what: str, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Append to the timeline."""
        self.timeline.append(TimelineEntry(at, what, by, process, detail))

    # --- overtime ---------------------------------------------------------------------------------------------

    @property
    def newest(self) -> OvertimeSegment | None:
        """The segment that was asked for last."""
        return self.overtime_segments[-1] if self.overtime_segments else None

    @property
    def pending(self) -> OvertimeSegment | None:
        """The one that waits for an answer; there is never more than one."""
        return next((one for one in self.overtime_segments if one.pending), None)

    def segment(self, number: int) -> OvertimeSegment:
        """By its number.

        Raises:
            Conflict: GONE, there is none.
        """
        for one in self.overtime_segments:
            if one.number == number:
                return one
        raise Conflict("There is no such wish for overtime.", code=Code.GONE)

    def segment_of(self, operation_id: OperationId) -> OvertimeSegment | None:
        """The one whose card an operation asks."""
        return next((one for one in self.overtime_segments if one.operation_id == operation_id), None)

    def price_of(self, segment: OvertimeSegment) -> Money:
        """What all its minutes cost at the most: what the card has to hold."""
        return self.overtime_rate.with_amount(block_amount(self.overtime_rate, segment.seconds))

    def activate(self, now: datetime) -> list[OvertimeSegment]:
        """Those whose minutes begin by ``now``: they are being used."""
        begun, at = [], self.end
        for segment in self._paid_for():
            if segment.state is OvertimeState.AUTHORIZED and at <= now:
                segment.move(OvertimeMove.ACTIVATE)
                begun.append(segment)
            at += timedelta(minutes=segment.minutes)
        return begun

    def _paid_for(self) -> list[OvertimeSegment]:
        return [one for one in self.overtime_segments if one.state in PAID_FOR]
