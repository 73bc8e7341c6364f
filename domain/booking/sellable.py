"""Bookings as something that is bought: what billing asks of them, in its own transactions."""

from domain.booking.booking import Booking
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.lifecycle import Lifecycle, still_open
from domain.booking.parties import Role, role_of
from domain.booking.states import BookingMove, BookingState, advance
from domain.errors import Code, Conflict, NotFound
from domain.events import rfc3339
from domain.ids import BookingId, PaymentId, UserId
from domain.payments.purchases import Purchase, Subject, SubjectKind
from domain.ports import Tx


class BookingSales:
    """A session between two, or a place in a group."""

    def __init__(self, ports: BookingPorts, flow: BookingFlow, lifecycle: Lifecycle) -> None:
        self._ports = ports
        self._flow = flow
        self._lifecycle = lifecycle

    async def purchase(self, tx: Tx, payer: UserId, subject_id: str) -> Purchase:
        """What ``payer`` has to pay for a booking now.

        Raises:
            NotFound: no such booking, or ``payer`` has no part in it.
            Conflict: ILLEGAL_STATE, or TOO_LATE: the time to pay is over.
        """
        booking = await self._ports.bookings.get(tx, BookingId(subject_id))
        if role_of(booking, payer) is not Role.CLIENT:
            raise NotFound("There is no such booking.")
        advance(booking.state, BookingMove.PAY)
        if booking.expires_at is not None and not still_open(booking.expires_at, self._flow.now()):
            raise Conflict(
                "The time to pay this booking is over.",
                code=Code.TOO_LATE,
                details={"until": rfc3339(booking.expires_at)},
            )
        return Purchase(
            subject=Subject(SubjectKind.BOOKING, booking.id),
            payer=payer,
            coach_id=booking.coach_id,
            coach_user_id=booking.coach_user_id,
            coach_name=booking.coach_name,
            title=booking.title,
            price=booking.price,
            fee_percent=booking.fee_percent,
            starts_at=booking.start,
        )

    async def begun(self, tx: Tx, subject_id: str, payment_id: PaymentId) -> None:
        """The booking remembers its newest payment; written, so that an expiry at this moment conflicts with it."""
        booking = await self._ports.bookings.get(tx, BookingId(subject_id))
        booking.payment_id = payment_id
        await self._ports.bookings.save(tx, booking)

    async def paid(self, tx: Tx, subject_id: str, payment_id: PaymentId) -> bool:
        """The money is there: the booking stands. False when it cannot be had any more, or is paid already by another payment.

        Money for a place in a group that is full ends the place; the caller gives the money back.
        """
        booking = await self._ports.bookings.get(tx, BookingId(subject_id))
        if booking.state is not BookingState.PENDING_PAYMENT:
            return booking.payment_id == payment_id and _was_paid(booking)
        booking.payment_id = payment_id
        if await self._lifecycle.paid(tx, booking, by="gateway"):
            return True
        await self._full(tx, booking)
        return False

    async def _full(self, tx: Tx, place: Booking) -> None:
        await self._lifecycle.end(tx, place, BookingMove.EXPIRE, by="system", detail={"reason": "full"})
        await self._flow.tell_client(tx, place, "group_full_refunded")

    async def refunded(self, tx: Tx, subject_id: str, payment_id: PaymentId, amount: int) -> None:
        """Money went back: written down, and told to the client."""
        booking = await self._ports.bookings.get(tx, BookingId(subject_id))
        self._flow.note(booking, "refunded", by="gateway", amount=amount, currency=booking.price.currency)
        await self._flow.noted(tx, booking, "refunded")
        await self._flow.tell_client(
            tx, booking, "payment_refunded", amount=str(amount), currency=booking.price.currency
        )


def _was_paid(booking: Booking) -> bool:
    """Whatever became of it later."""
    return any(entry.what == BookingMove.PAY.value for entry in booking.timeline)
