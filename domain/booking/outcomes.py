"""How a session went: it took place, or somebody did not come."""

from enum import StrEnum

from domain.accounts.account import Identity
from domain.booking.attendance import is_watched, missing
from domain.booking.booking import Booking
from domain.booking.expiry import NO_SHOW
from domain.booking.flow import STANDS, BookingFlow, BookingPorts
from domain.booking.lifecycle import Lifecycle
from domain.booking.parties import Parties
from domain.booking.places import CALLED_OFF
from domain.booking.policy import whole_refund
from domain.booking.states import BookingMove, BookingState, advance
from domain.errors import Code, Conflict
from domain.events import rfc3339
from domain.ids import BookingId
from domain.payments.purchases import RefundReason
from domain.ports import Tx


class Asserted(StrEnum):
    """What a coach may say of a session."""

    COMPLETED = "completed"
    NO_SHOW = "no_show"


class Outcomes:
    """By the coach's word, and by timers. Where the platform saw who came, it does not believe anybody else."""

    def __init__(
        self, ports: BookingPorts, flow: BookingFlow, parties: Parties, lifecycle: Lifecycle
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle

    async def assert_status(self, who: Identity, booking_id: BookingId, status: Asserted) -> Booking:
        """The coach says that it took place, or that the client did not come.

        Raises:
            NotFound: not the asker's.
            Forbidden: the asker is its client.
            Conflict: ILLEGAL_STATE, also when the platform saw otherwise; TOO_EARLY.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_coach(tx, who, booking_id)
            absent = status is Asserted.NO_SHOW
            advance(booking.state, BookingMove.MISS if absent else BookingMove.COMPLETE)
            since = booking.start + NO_SHOW if absent else booking.start
            if self._flow.now() < since:
                raise Conflict(
                    "This can be said once the session has begun, and of somebody who does not come, 15 minutes later.",
                    code=Code.TOO_EARLY,
                    details={"from": rfc3339(since)},
                )
            missed_by = await self._missing(tx, booking)
            if not is_watched(booking):
                missed_by = "client" if absent else None
            elif absent and missed_by in (None, "coach"):
                raise _seen_otherwise(booking, "The client was there.")
            elif not absent and missed_by is not None:
                raise _seen_otherwise(booking, "Not both of you were there.")
            await self._conclude(tx, booking, missed_by, by="coach")
            return booking

        return await self._ports.transact(work)

    async def no_show_due(self, booking_id: BookingId) -> None:
        """Fifteen minutes have passed: has everybody come?"""

        async def work(tx: Tx) -> None:
            booking = await self._ports.bookings.get(tx, booking_id)
            if booking.state is not BookingState.CONFIRMED or not is_watched(booking):
                return
            if self._flow.now() < booking.start + NO_SHOW:
                return  # This timer is of an earlier time of the booking.
            missed_by = await self._missing(tx, booking)
            if missed_by is not None:
                await self._conclude(tx, booking, missed_by, by="system")

        await self._ports.transact(work)

    async def over(self, booking_id: BookingId) -> None:
        """The booked time has passed."""

        async def work(tx: Tx) -> None:
            booking = await self._ports.bookings.get(tx, booking_id)
            if booking.state not in STANDS or self._flow.now() < booking.end:
                return
            if await self._called_off(tx, booking):
                return  # The timer that ends it comes late.
            # Both timers may come late, and in any order: whoever did not come is missed all the same.
            await self._conclude(tx, booking, await self._missing(tx, booking), by="system")

        await self._ports.transact(work)

    async def _called_off(self, tx: Tx, place: Booking) -> bool:
        """Whether it is a place in a group session that did not take place."""
        if place.group_id is None:
            return False
        return (await self._ports.bookings.get(tx, place.group_id)).state in CALLED_OFF

    async def _missing(self, tx: Tx, booking: Booking) -> str | None:
        if not is_watched(booking):
            return None
        return missing(booking, await self._ports.sessions.get(tx, booking.session_id))

    async def _conclude(self, tx: Tx, booking: Booking, missed_by: str | None, *, by: str) -> None:
        move = BookingMove.COMPLETE if missed_by is None else BookingMove.MISS
        booking.missed_by = missed_by
        # A wish for another time that nobody answered holds that time no longer.
        wished, booking.rescheduling = booking.rescheduling, None
        self._flow.move(booking, move, by=by, **({"missedBy": missed_by} if missed_by else {}))
        await self._flow.moved(tx, booking, move.value)
        if wished is not None:
            await self._lifecycle.give_back_wish(tx, booking, wished)
        if missed_by is None:
            return
        if booking.group_id is None:
            await self._ports.meetings.cancel(tx, booking.session_id, by=by)
        if missed_by != "client":
            refund, reason = whole_refund(booking.price.amount), RefundReason.COACH_NO_SHOW
            await self._lifecycle.settle(tx, booking, stood=True, refund=refund, reason=reason)
        await self._flow.tell_both(tx, booking, "booking_no_show", missedBy=missed_by)


def _seen_otherwise(booking: Booking, message: str) -> Conflict:
    return Conflict(message, details={"state": booking.state.value, "wanted": []})
