"""A scheduled session: the meeting that belongs to a booking, with who came, who left, and the overtime that was added.

Written in the same transaction as its booking (one for each booking; the places in a group session share the group's).
"""

from dataclasses import dataclass, field
from datetime import datetime

from domain.calls.session import Seat
from domain.ids import BookingId, CoachId, OperationId, PaymentMethodId, SessionId, UserId
from domain.scheduled.states import (
    OVERTIME_MOVES,
    SESSION_MOVES,
    OvertimeMove,
    OvertimeState,
    SessionMove,
    SessionState,
    advance,
)
from domain.timeline import TimelineEntry


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
    payment_method: PaymentMethodId | None = None
    finalized_at: datetime | None = None

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
    client: Guest | None
    start: datetime
    end: datetime
    state: SessionState = SessionState.SCHEDULED
    #: ICE generation
    epoch: int = 0
    overtime_segments: list[OvertimeSegment] = field(default_factory=list)
    #: the live session whose clock, holds and settlement run the overtime
    overtime_id: SessionId | None = None
    ended_at: datetime | None = None
    timeline: list[TimelineEntry] = field(default_factory=list)
    version: int = 0

    def move(self, move: SessionMove, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Make a legal move and write it down.

        Raises:
            Conflict: the present state does not allow it.
        """
        self.state = advance(SESSION_MOVES, self.state, move, "A session")
        self.timeline.append(TimelineEntry(at, move.value, by, process, detail))
