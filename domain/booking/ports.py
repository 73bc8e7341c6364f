"""Where calendars and bookings are kept, and what booking asks of the rest of the house."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.booking.booking import Booking, TakenPiece
from domain.booking.session_type import SessionType
from domain.booking.spans import Span
from domain.booking.states import BookingState
from domain.ids import BookingId, CoachId, SessionTypeId, UserId
from domain.ports import Tx


class SessionTypeStore(Protocol):
    """What coaches offer."""

    async def get(self, tx: Tx, session_type_id: SessionTypeId) -> SessionType:
        """Read in the transaction; archived ones too.

        Raises:
            NotFound: no such session type.
        """
        ...

    async def mark_used(self, tx: Tx, session_type: SessionType) -> None:
        """Something is booked of it: from now on it can only be archived. ``version`` stays.

        In the transaction that books, which so conflicts with one that deletes it.
        """
        ...

    async def insert(self, tx: Tx, session_type: SessionType) -> None:
        """Write a new one."""
        ...

    async def save(self, tx: Tx, session_type: SessionType) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def delete(self, tx: Tx, session_type: SessionType) -> None:
        """Remove it for good.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def count_offered(self, tx: Tx, coach_id: CoachId) -> int:
        """How many a coach offers, without archived ones."""
        ...

    async def page(
        self, coach_id: CoachId, *, archived: bool, after: SessionTypeId | None, limit: int
    ) -> Sequence[SessionType]:
        """A coach's, oldest first, those younger than ``after``; outside any transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking a time came to: whether the availability allows a firm booking, and what was cut out of slot documents."""

    instant: bool
    pieces: tuple[TakenPiece, ...]


class FreeTime(Protocol):
    """A coach's time, inside a transaction that increments the calendar's version: two of them about one coach conflict."""

    async def take(
        self,
        tx: Tx,
        coach_id: CoachId,
        session_type: SessionType,
        span: Span,
        *,
        instead_of: BookingId | None = None,
    ) -> Taken:
        """Make sure that ``span`` can be booked, cut it out of the slot documents that cover it, increment the version.

        ``instead_of`` is a booking that gives its own time up for this (a reschedule): it does not stand in the way.
        Neither notice nor step are asked for: a coach may suggest what clients cannot pick.

        Raises:
            Conflict: SLOT_TAKEN, not free (any more).
        """
        ...

    def require_bookable(self, session_type: SessionType, span: Span) -> None:
        """Raise unless a client may pick this start: on the step, with notice, of an allowed duration.

        Raises:
            Invalid: a duration or a start that is not offered.
            Conflict: TOO_LATE, within the notice.
        """
        ...

    async def give_back(
        self,
        tx: Tx,
        coach_id: CoachId,
        pieces: Sequence[TakenPiece],
        now: datetime,
        spans: Sequence[Span] = (),
    ) -> None:
        """Coalesce and restore: what of ``pieces`` is still to come is slots again, merged with neighbours of the same kind.

        The booking itself must not occupy its time any more. Increments the version. ``spans`` are the times that are not kept
        any more, or are now, without buffers: all that readers have to read anew. Without any, that is everything.
        """
        ...

    async def occupy(self, tx: Tx, coach_id: CoachId, session_type: SessionType, span: Span) -> Taken:
        """As :meth:`take`, for the coach's own group session: outside their availability too, but never twice.

        Raises:
            Conflict: SLOT_TAKEN, something else is booked then.
        """
        ...


class BookingStore(Protocol):
    """Bookings; slots of availability are in the same collection, and not seen here."""

    async def insert(self, tx: Tx, booking: Booking) -> None:
        """Write a new one."""
        ...

    async def get(self, tx: Tx, booking_id: BookingId) -> Booking:
        """Read in the transaction.

        Raises:
            NotFound: no such booking.
        """
        ...

    async def save(self, tx: Tx, booking: Booking) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def occupying(self, tx: Tx, coach_id: CoachId, span: Span) -> Sequence[Booking]:
        """Those that keep time inside ``span``, buffers and wished-for times included; read in the transaction."""
        ...

    async def count_unpaid(self, tx: Tx, user_id: UserId, now: datetime) -> int:
        """How many unpaid ones of a client start after ``now``."""
        ...

    async def place_of(self, tx: Tx, group_id: BookingId, user_id: UserId) -> Booking | None:
        """The place that somebody has in a group session, or is paying for; read in the transaction."""
        ...

    async def places(self, tx: Tx, group_id: BookingId) -> Sequence[Booking]:
        """The places in a group session that are paid or may still be; read in the transaction."""
        ...


@dataclass(frozen=True, slots=True)
class BookingSearch:
    """Which bookings of somebody: those that share an instant with ``start`` .. ``end`` (domain time; None is open).

    Ordered by start, then by identifier; ``cursor`` is what the page before gave.
    """

    start: datetime | None = None
    end: datetime | None = None
    states: tuple[BookingState, ...] = ()
    newest_first: bool = True
    cursor: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class BookingPage:
    """One page of bookings, and the cursor of the next."""

    items: Sequence[Booking]
    next_cursor: str | None


class BookingLists(Protocol):
    """Bookings, read outside of transactions."""

    async def find(self, booking_ids: Sequence[BookingId]) -> Sequence[Booking]:
        """Those that exist, in no particular order."""
        ...

    async def of_user(self, user_id: UserId, search: BookingSearch) -> BookingPage:
        """Sessions in which somebody takes part, at either end. For a coach a group session is one, not its places.

        Raises:
            Invalid: a cursor that no such page gave.
        """
        ...

    async def of_coach(
        self, coach_id: CoachId, search: BookingSearch, *, client: UserId | None = None
    ) -> BookingPage:
        """A coach's bookings; with ``client`` only those of that client.

        Raises:
            Invalid: a cursor that no such page gave.
        """
        ...

    async def groups(self, coach_id: CoachId, now: datetime, search: BookingSearch) -> BookingPage:
        """A coach's group sessions that begin after ``now`` and can be registered for, or are full.

        Raises:
            Invalid: a cursor that no such page gave.
        """
        ...

    async def places_of(self, user_id: UserId, groups: Sequence[BookingId]) -> Mapping[BookingId, BookingId]:
        """By group session: the place in it that somebody has, or is paying for."""
        ...


class Calendars(Protocol):
    """Who may see, and so book, a coach's calendar."""

    async def require_visible(
        self, tx: Tx, viewer: UserId, coach_id: CoachId, coach: UserId | None = None
    ) -> None:
        """Raise unless ``viewer`` may see it: public, or connected, or their own; and neither blocked the other.

        ``coach`` is the person whose calendar it is; whoever has read who that is says so, and spares a read.

        Raises:
            Forbidden: CALENDAR_PRIVATE or BLOCKED.
            NotFound: no such coach.
        """
        ...
