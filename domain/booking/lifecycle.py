"""How a booking comes to be payable, stands, and ends, with the money, the time and the meeting that go with it."""

from collections.abc import Mapping
from datetime import datetime

from domain.booking.booking import Booking, Rescheduling, TakenPiece
from domain.booking.expiry import pay_until
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.pieces import without
from domain.booking.places import Places
from domain.booking.policy import Refund
from domain.booking.spans import Span
from domain.booking.states import BookingMove, BookingState
from domain.payments.purchases import RefundReason, Subject, SubjectKind
from domain.ports import Tx


class Lifecycle:
    """The turns that several use cases take, each in the caller's transaction."""

    def __init__(self, ports: BookingPorts, flow: BookingFlow, places: Places) -> None:
        self._ports = ports
        self._flow = flow
        self._places = places

    def payable(self, booking: Booking, *, agreed: bool) -> None:
        """The booking, pending payment, waits for it from now on; the caller saves it."""
        booking.expires_at = pay_until(self._flow.now(), booking.start, agreed=agreed)

    def stands_at_once(self, booking: Booking) -> None:
        """There is nothing to pay: it stands before it is written for the first time; the caller writes it."""
        self._flow.move(booking, BookingMove.PAY, by="system")
        booking.expires_at = None

    async def paid(self, tx: Tx, booking: Booking, *, by: str) -> bool:
        """It is paid, or there is nothing to pay: it stands. False when its place in the group is gone.

        Raises:
            Conflict: it was not waiting for payment.
        """
        if booking.group_id is not None and not await self._places.enter(tx, booking):
            return False
        self._flow.move(booking, BookingMove.PAY, by=by)
        booking.expires_at = None
        await self._flow.moved(tx, booking, BookingMove.PAY.value)
        await self._flow.tell_client(tx, booking, "booking_confirmed")
        if booking.group_id is not None:
            await self._flow.tell_coach(tx, booking, "group_registered")
            return True
        await self._ports.meetings.confirmed(tx, booking.session_id)
        await self._flow.tell_coach(tx, booking, "booking_confirmed")
        return True

    async def end(
        self,
        tx: Tx,
        booking: Booking,
        move: BookingMove,
        *,
        by: str,
        refund: Refund | None = None,
        reason: RefundReason = RefundReason.CANCELLED_BY_CLIENT,
        keep_time: bool = False,
        detail: Mapping[str, str | int] | None = None,
    ) -> None:
        """It will not take place: its time is free again (unless ``keep_time``), its money goes where it belongs.

        Raises:
            Conflict: the present state does not allow it.
        """
        stood = booking.state is BookingState.CONFIRMED
        facts = dict(detail or {}) | ({"percent": refund.percent} if refund else {})
        self._flow.move(booking, move, by=by, **facts)
        booking.expires_at, booking.suggestions = None, ()
        await self.let_go(tx, booking, move.value, keep_time=keep_time)
        if booking.group_id is None:
            await self._ports.meetings.cancel(tx, booking.session_id, by=by)
        elif stood:
            await self._places.leave(tx, booking)
        await self.settle(tx, booking, stood=stood, refund=refund, reason=reason)

    async def let_go(self, tx: Tx, booking: Booking, what: str, *, keep_time: bool = False) -> None:
        """Save the booking without its time, and without a wish for another; what was taken out of slots goes back."""
        kept = booking.pieces if keep_time else ()
        held = [] if keep_time or not booking.occupies else [booking.span]
        wish, back = booking.rescheduling, [*booking.pieces]
        if wish is not None:
            held.append(Span(wish.start, wish.end))
            back += without(wish.pieces, booking.pieces)
        booking.rescheduling = None
        if not keep_time:
            booking.occupies, booking.pieces = False, ()
        await self._flow.moved(tx, booking, what)
        if held:
            await self.give_back(tx, booking, without(back, kept), *held)

    async def give_back(self, tx: Tx, booking: Booking, pieces: tuple[TakenPiece, ...], *spans: Span) -> None:
        """Slots come back, calendars are told; the booking, already saved, does not keep ``spans`` any more."""
        await self._ports.free_time.give_back(tx, booking.coach_id, pieces, self._flow.now(), spans)
        self._flow.time_changed(tx, booking, *spans)

    async def give_back_wish(self, tx: Tx, booking: Booking, wish: Rescheduling) -> None:
        """The time of a wish that came to nothing is free again; the booking, already saved, has the wish no more."""
        back = without(wish.pieces, booking.pieces)
        await self.give_back(tx, booking, back, Span(wish.start, wish.end))

    async def settle(
        self, tx: Tx, booking: Booking, *, stood: bool, refund: Refund | None, reason: RefundReason
    ) -> None:
        """Give money back for what was paid; what was not cannot be any more, and its code may be used again."""
        if booking.client is None:
            return
        if not stood:
            await self._ports.prices.release(tx, booking.price, booking.client.user_id, booking.id)
            await self._ports.till.abandon(tx, Subject(SubjectKind.BOOKING, booking.id))
        elif booking.payment_id is not None and refund is not None:
            left = await self._ports.till.refundable(tx, booking.payment_id)
            await self._ports.till.refund(tx, booking.payment_id, min(refund.amount, left), reason)


def still_open(until: datetime | None, now: datetime) -> bool:
    """Whether a deadline has not passed; the timer that acts on it may come late."""
    return until is None or until > now
