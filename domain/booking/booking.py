"""A booking: one aggregate for a session between two, a group session, and a place in one.

A **group session** has no client; whoever registers gets a booking of their own (``group_id``), which is paid, cancelled and
refunded like any other, holds no time, and is listed among the group's ``attendees`` once it is paid.

Whoever changes a booking loads it in a transaction that also increments the coach's calendar version, calls the methods here
and saves it; saving increments ``version``.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.booking.session_type import CancellationPolicy, Format
from domain.booking.spans import Span
from domain.booking.states import UNPAID, BookingMove, BookingState, advance
from domain.ids import BookingId, CoachId, PaymentId, SessionId, SessionTypeId, UserId
from domain.pricing.quote import Quote
from domain.timeline import TimelineEntry

#: No session lasts longer, buffers included: how far back whoever overlaps an instant can have begun.
LONGEST = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Client:
    """Who booked. ``time_zone`` (IANA) and ``locale`` are those in which they are told of it."""

    user_id: UserId
    name: str
    time_zone: str
    locale: str


@dataclass(frozen=True, slots=True)
class TakenPiece:
    """Time that a booking took out of a slot document, and what the slot was like: given back when that is called off."""

    start: datetime
    end: datetime
    instant: bool
    session_type_ids: tuple[SessionTypeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Attendee:
    """A paid place in a group session."""

    user_id: UserId
    name: str
    booking_id: BookingId
    at: datetime


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """A wish for another time that the other side has to accept. It holds the new time; ``pieces`` as in a booking."""

    start: datetime
    end: datetime
    expires_at: datetime
    pieces: tuple[TakenPiece, ...] = ()


@dataclass(slots=True)
class Booking:
    """One booking. Instants are UTC domain time; money in minor units of the quote's currency, tax included."""

    id: BookingId
    coach_id: CoachId
    coach_user_id: UserId
    coach_name: str
    session_type_id: SessionTypeId
    format: Format
    title: str
    start: datetime
    end: datetime
    #: with the buffers around it: what nobody else may book
    busy_from: datetime
    busy_until: datetime
    firm: bool
    price: Quote
    fee_percent: int
    policy: CancellationPolicy
    session_id: SessionId
    created_at: datetime
    state: BookingState
    client: Client | None = None
    goals: str = ""
    meeting_url: str | None = None
    #: whether it keeps its time from others; stays so after a coach cancelled without reopening
    occupies: bool = True
    #: when nobody answered, chose or paid until then, it expires
    expires_at: datetime | None = None
    pieces: tuple[TakenPiece, ...] = ()
    payment_id: PaymentId | None = None
    suggestions: tuple[Span, ...] = ()
    rescheduling: Rescheduling | None = None
    #: a place in this group session
    group_id: BookingId | None = None
    capacity: int | None = None
    min_attendees: int | None = None
    attendees: list[Attendee] = field(default_factory=list)
    #: ``client``, ``coach`` or ``both``
    missed_by: str | None = None
    reminder_hours: list[int] = field(default_factory=list)
    #: which of them were sent for its present start
    reminded: list[int] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    version: int = 0

    @property
    def span(self) -> Span:
        """When it takes place."""
        return Span(self.start, self.end)

    @property
    def lead(self) -> timedelta:
        """What is kept free before it."""
        return self.start - self.busy_from

    @property
    def rest(self) -> timedelta:
        """What is kept free after it."""
        return self.busy_until - self.end

    @property
    def is_group(self) -> bool:
        """A group session itself, not a place in one."""
        return self.format is Format.GROUP and self.group_id is None

    @property
    def unpaid(self) -> bool:
        """Whether it counts against the limit of unpaid bookings, as long as it is in the future."""
        return self.state in UNPAID

    def move(self, move: BookingMove, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Make a legal move and write it down. ``by``: ``client``, ``coach``, ``gateway``, ``system``.

        Raises:
            Conflict: the present state does not allow it.
        """
        self.state = advance(self.state, move)
        self.note(move.value, at=at, by=by, process=process, **detail)

    def note(self, what: str, *, at: datetime, by: str, process: str, **detail: str | int) -> None:
        """Append to the timeline."""
        self.timeline.append(TimelineEntry(at, what, by, process, detail))
