"""A coach's free time inside a transaction: what is offered, without what is booked; taken, and given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.booking.availability_ports import CalendarStore, SlotStore
from domain.booking.booking import Booking, TakenPiece
from domain.booking.calendar import Calendar
from domain.booking.patterns import Series
from domain.booking.ports import BookingStore, Taken
from domain.booking.session_type import SessionType
from domain.booking.slots import Kind, Offer, Slot, cut, offers_of, put_back
from domain.booking.spans import Span, merged
from domain.booking.starts import Busy, Wanted, check_minutes, fits, is_start
from domain.clock import Clock
from domain.errors import Code, Conflict, Invalid
from domain.ids import BookingId, CoachId
from domain.ports import Tx

#: How far ahead a client may book, and look.
BOOKABLE_AHEAD = timedelta(days=366)


class CoachTime:
    """Implements :class:`~domain.booking.ports.FreeTime`."""

    def __init__(
        self,
        *,
        calendars: CalendarStore,
        slots: SlotStore,
        bookings: BookingStore,
        series: Series,
        clock: Clock,
    ) -> None:
        self._calendars = calendars
        self._slots = slots
        self._bookings = bookings
        self._series = series
        self._clock = clock

    async def take(
        self,
        tx: Tx,
        coach_id: CoachId,
        session_type: SessionType,
        span: Span,
        *,
        instead_of: BookingId | None = None,
    ) -> Taken:
        """See :class:`~domain.booking.ports.FreeTime`."""
        return await self._take(tx, coach_id, session_type, span, instead_of=instead_of, anywhere=False)

    async def occupy(self, tx: Tx, coach_id: CoachId, session_type: SessionType, span: Span) -> Taken:
        """See :class:`~domain.booking.ports.FreeTime`."""
        return await self._take(tx, coach_id, session_type, span, instead_of=None, anywhere=True)

    def require_bookable(self, session_type: SessionType, span: Span) -> None:
        """See :class:`~domain.booking.ports.FreeTime`."""
        now = self._clock.now()
        if not is_start(span.start):
            raise _wrong("start", "Sessions begin at quarter hours.")
        if span.start > now + BOOKABLE_AHEAD:
            raise _wrong("start", f"Sessions are booked at most {BOOKABLE_AHEAD.days} days ahead.")
        if span.length % timedelta(minutes=1):
            raise _wrong("minutes", "Sessions last whole minutes.")
        check_minutes(session_type, span.length // timedelta(minutes=1))
        if span.start < now + timedelta(minutes=session_type.notice_minutes):
            raise Conflict(
                f"This has to be booked {session_type.notice_minutes} minutes ahead.",
                code=Code.TOO_LATE,
                details={"noticeMinutes": session_type.notice_minutes},
            )

    async def give_back(
        self,
        tx: Tx,
        coach_id: CoachId,
        pieces: Sequence[TakenPiece],
        now: datetime,
        spans: Sequence[Span] = (),
    ) -> None:
        """See :class:`~domain.booking.ports.FreeTime`."""
        await self._calendars.touch(tx, coach_id, spans)
        if not pieces:
            return
        around = Span(min(one.start for one in pieces), max(one.end for one in pieces))
        slots = [slot for slot in await self._slots.touching(tx, coach_id, around) if slot.pattern is None]
        await self._slots.apply(tx, put_back(coach_id, slots, pieces, now))

    async def _take(
        self,
        tx: Tx,
        coach_id: CoachId,
        session_type: SessionType,
        span: Span,
        *,
        instead_of: BookingId | None,
        anywhere: bool,
    ) -> Taken:
        if span.start <= self._clock.now():
            raise Conflict("This time is past.", code=Code.TOO_LATE)
        wanted = Wanted(session_type.id, span.length, session_type.buffer_before, session_type.buffer_after)
        around = span.widened(wanted.buffer_before, wanted.buffer_after)
        booked = await self._bookings.occupying(tx, coach_id, around)
        own = [piece for one in booked if one.id == instead_of for piece in _pieces(one)]
        busy = [kept for one in booked if one.id != instead_of for kept in kept_by(one)]
        # Looked at before the calendar is touched: whoever comes too late for an hour that many want writes nothing, and so
        # waits for nobody. What was booked since this transaction began makes touching conflict, and all of it run again.
        if fits([], busy, wanted, span, anywhere=True) is None:
            raise taken()
        calendar = await self._calendars.touch(tx, coach_id, () if instead_of else (span,))
        slots = await self._slots.touching(tx, coach_id, span)
        offers = [*self._offers(calendar, slots, span), *(_offer(piece) for piece in own)]
        instant = fits(offers, busy, wanted, span, anywhere=anywhere)
        if instant is None:
            raise taken()
        pieces, changes = cut([slot for slot in slots if slot.pattern is None], span)
        await self._slots.apply(tx, changes)
        return Taken(instant, pieces + _inside(own, span))

    def _offers(self, calendar: Calendar, slots: Sequence[Slot], span: Span) -> list[Offer]:
        scheduled = Kind(calendar.schedule.instant)
        # Touching windows of two days are one stretch of time, also where only its middle is asked for.
        offers = [Offer(part, scheduled) for part in merged(calendar.schedule.expanded(span))]
        for slot in slots:
            if slot.pattern is not None:
                offers += [Offer(one.span, slot.kind) for one in self._series.inside(slot.pattern, span)]
        return offers + list(offers_of(slots))


def kept_by(booking: Booking) -> list[Busy]:
    """What a booking keeps from others: its own time, and the one that somebody wishes for instead."""
    kept = [Busy(booking.span, Span(booking.busy_from, booking.busy_until))] if booking.occupies else []
    wish = booking.rescheduling
    if wish is not None:
        before, after = booking.start - booking.busy_from, booking.busy_until - booking.end
        plain = Span(wish.start, wish.end)
        kept.append(Busy(plain, plain.widened(before, after)))
    return kept


def _pieces(booking: Booking) -> tuple[TakenPiece, ...]:
    return booking.pieces + (booking.rescheduling.pieces if booking.rescheduling else ())


def _offer(piece: TakenPiece) -> Offer:
    return Offer(Span(piece.start, piece.end), Kind(piece.instant, piece.session_type_ids))


def _inside(pieces: Sequence[TakenPiece], span: Span) -> tuple[TakenPiece, ...]:
    return tuple(
        TakenPiece(part.start, part.end, piece.instant, piece.session_type_ids)
        for piece in pieces
        if (part := Span(piece.start, piece.end).within(span)) is not None
    )


def taken() -> Conflict:
    """What is said to whoever comes too late for a time."""
    return Conflict("This time is not free any more.", code=Code.SLOT_TAKEN)


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
