"""What every move of a booking carries with it: its timers, and who is told.

The aggregate knows its own state; :class:`BookingFlow` keeps timers and listeners in step, in the caller's transaction. Which
timers stand for a booking follows from what it is (:func:`timers_of`), so that no move has to think of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.accounts.ports import AccountStore
from domain.booking.attendance import is_watched
from domain.booking.booking import Booking
from domain.booking.expiry import NO_SHOW, minimum_at
from domain.booking.ports import BookingStore, Calendars, FreeTime, SessionTypeStore
from domain.booking.shopfront import Shopfronts
from domain.booking.spans import Span
from domain.booking.states import BookingMove, BookingState
from domain.clock import Clock
from domain.coaching.ports import CoachStore
from domain.events import AvailabilityUpdated, BookingUpdated, ToUser, ToWatchers, rfc3339
from domain.ids import UserId
from domain.notifications.ports import Notifier
from domain.payments.purchases import Till
from domain.ports import Transactions, Tx
from domain.pricing.ports import Prices
from domain.scheduled.ports import ScheduledMeetings, ScheduledSessionStore
from domain.timers import TimerKind
from domain.turns import Turns

#: A booking that moved is news for this long (domain time); a tab that returns later reads its list instead.
_UPDATE_KEPT = timedelta(hours=24)
#: What happens at a group session without moving it.
REGISTERED, LEFT = "registered", "left"
#: What those who have a place in a group session hear of it. Of its end they hear by their own bookings.
_TOLD_TO_ALL = frozenset({BookingMove.REACH_MINIMUM.value, BookingMove.LOSE_MINIMUM.value})
#: What takes place, unless something happens.
STANDS = frozenset({BookingState.CONFIRMED, BookingState.SCHEDULED})


@dataclass(frozen=True, slots=True)
class BookingPorts:
    """What the use cases of booking need."""

    transact: Transactions
    clock: Clock
    process: str
    #: of coaches who have none of their own, per cent of net
    fee_percent: int
    accounts: AccountStore
    coaches: CoachStore
    calendars: Calendars
    shopfronts: Shopfronts
    session_types: SessionTypeStore
    bookings: BookingStore
    sessions: ScheduledSessionStore
    free_time: FreeTime
    prices: Prices
    till: Till
    meetings: ScheduledMeetings
    notifier: Notifier
    #: by coach or group; they tell each other what time is kept now, with its buffers
    turns: Turns[Span] = field(default_factory=Turns)


class BookingFlow:
    """Moves bookings together with what follows from it."""

    def __init__(self, ports: BookingPorts) -> None:
        self._ports = ports

    def now(self) -> datetime:
        """The domain instant."""
        return self._ports.clock.now()

    def move(self, booking: Booking, move: BookingMove, *, by: str, **detail: str | int) -> None:
        """Make a legal move, now, at this process.

        Raises:
            Conflict: the present state does not allow it.
        """
        booking.move(move, at=self.now(), by=by, process=self._ports.process, **detail)

    def note(self, booking: Booking, what: str, *, by: str, **detail: str | int) -> None:
        """Write down what is no move."""
        booking.note(what, at=self.now(), by=by, process=self._ports.process, **detail)

    async def made(self, tx: Tx, booking: Booking, what: str) -> None:
        """Write a new booking, of which there is no timer yet; otherwise as :meth:`moved`."""
        await self._ports.bookings.insert(tx, booking)
        self._follow(tx, booking, what, new=True)

    async def moved(self, tx: Tx, booking: Booking, what: str) -> None:
        """Save the booking, set its timers, and tell everybody concerned ``what`` happened."""
        await self._ports.bookings.save(tx, booking)
        self._follow(tx, booking, what)

    async def noted(self, tx: Tx, booking: Booking, what: str) -> None:
        """Save what was written down, and tell of it. Nothing moved, so whatever is due of this booking stays due."""
        await self._ports.bookings.save(tx, booking)
        self._tell_all(tx, booking, what)

    def _follow(self, tx: Tx, booking: Booking, what: str, *, new: bool = False) -> None:
        for (kind, key), due in timers_of(booking, self.now()).items():
            if due is not None:
                tx.arm(kind, key, due)
            elif not new:
                tx.disarm(kind, key)
        self._tell_all(tx, booking, what)

    def _tell_all(self, tx: Tx, booking: Booking, what: str) -> None:
        now = self.now()
        event = BookingUpdated(
            booking_id=booking.id,
            coach_id=booking.coach_id,
            state=booking.state.value,
            start=booking.start,
            end=booking.end,
            version=booking.version,
            move=what,
            attendees=len(booking.attendees) if booking.is_group else None,
        )
        crowd = booking.attendees if what in _TOLD_TO_ALL else []
        for user_id in dict.fromkeys([*principals(booking), *(one.user_id for one in crowd)]):
            tx.emit(ToUser(user_id), event, expires_at=now + _UPDATE_KEPT)

    def time_changed(self, tx: Tx, booking: Booking, *spans: Span) -> None:
        """Tell the coach, and whoever looks at the calendar, that other times are free now."""
        for span in spans:
            event = AvailabilityUpdated(booking.coach_id, span.start - booking.lead, span.end + booking.rest)
            tx.emit(ToWatchers(booking.coach_id), event)
            tx.emit(ToUser(booking.coach_user_id), event, expires_at=self.now() + _UPDATE_KEPT)

    # --- notifications ---

    async def tell_client(self, tx: Tx, booking: Booking, kind: str, **more: str) -> None:
        """Notify the client; nobody at a group session itself."""
        if booking.client is not None:
            await self._tell(tx, booking, {booking.client.user_id: booking.coach_name}, kind, more)

    async def tell_coach(self, tx: Tx, booking: Booking, kind: str, **more: str) -> None:
        """Notify the coach."""
        name = booking.client.name if booking.client else ""
        await self._tell(tx, booking, {booking.coach_user_id: name}, kind, more)

    async def tell_both(self, tx: Tx, booking: Booking, kind: str, **more: str) -> None:
        """Notify client and coach."""
        if booking.client is None:
            await self.tell_coach(tx, booking, kind, **more)
            return
        names = {booking.client.user_id: booking.coach_name, booking.coach_user_id: booking.client.name}
        await self._tell(tx, booking, names, kind, more)

    async def _tell(
        self,
        tx: Tx,
        booking: Booking,
        others: Mapping[UserId, str],
        kind: str,
        more: Mapping[str, str],
    ) -> None:
        """``others``: whom to tell, and the name of whom they meet."""
        same = {"bookingId": booking.id, "title": booking.title, "start": rfc3339(booking.start)}
        params = {user_id: {**same, "personName": name, **more} for user_id, name in others.items()}
        await self._ports.notifier.notify_each(tx, kind, params)


def principals(booking: Booking) -> list[UserId]:
    """The coach, and the client if there is one."""
    return [booking.coach_user_id, *([booking.client.user_id] if booking.client else [])]


def timers_of(booking: Booking, now: datetime) -> dict[tuple[TimerKind, str], datetime | None]:
    """When each timer of a booking is due; None for those that it does not need (any more)."""
    stands = booking.state in STANDS
    wish = booking.rescheduling
    watched = stands and is_watched(booking)
    small = booking.state is BookingState.PENDING_MINIMUM_ATTENDEES
    due: dict[tuple[TimerKind, str], datetime | None] = {
        (TimerKind.BOOKING_EXPIRY, booking.id): booking.expires_at or (wish.expires_at if wish else None),
        (TimerKind.BOOKING_NO_SHOW, booking.id): booking.start + NO_SHOW if watched else None,
        (TimerKind.BOOKING_COMPLETE, booking.id): booking.end if stands else None,
    }
    if booking.is_group:
        minimum = minimum_at(booking.created_at, booking.start)
        due[TimerKind.GROUP_MINIMUM, booking.id] = minimum if small else None
    for hours in booking.reminder_hours:
        at = booking.start - timedelta(hours=hours)
        due[TimerKind.BOOKING_REMINDER, f"{booking.id}:{hours}"] = at if stands and at > now else None
    return due
