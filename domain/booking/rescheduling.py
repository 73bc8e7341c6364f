"""Another time for a booking, with the same price, payment and history."""

from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.booking.booking import Booking, Rescheduling
from domain.booking.expiry import answer_until
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.lifecycle import Lifecycle, still_open
from domain.booking.parties import Parties
from domain.booking.pieces import without
from domain.booking.policy import reschedule_until
from domain.booking.ports import Taken
from domain.booking.spans import Span
from domain.booking.states import BookingMove, BookingState, advance
from domain.errors import Code, Conflict
from domain.events import rfc3339
from domain.ids import BookingId
from domain.ports import Tx


class Reschedules:
    """Moves a booking at once where it would be booked firmly; else the coach is asked, and both times are held meanwhile."""

    def __init__(
        self, ports: BookingPorts, flow: BookingFlow, parties: Parties, lifecycle: Lifecycle
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle

    async def reschedule(self, who: Identity, booking_id: BookingId, start: datetime) -> Booking:
        """The client wants another time; a wish that was still open is replaced.

        Raises:
            NotFound: not the asker's.
            Forbidden: the asker is its coach, BLOCKED or CALENDAR_PRIVATE.
            Invalid: a start that is not offered.
            Conflict: ILLEGAL_STATE, SLOT_TAKEN, or TOO_LATE: the policy does not allow it any more, or within the notice.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_client(tx, who, booking_id)
            self._require_movable(booking)
            visible = self._ports.calendars.require_visible
            await visible(tx, who.user_id, booking.coach_id, booking.coach_user_id)
            offer = await self._ports.session_types.get(tx, booking.session_type_id)
            span = Span(start, start + (booking.end - booking.start))
            self._ports.free_time.require_bookable(offer, span)
            if booking.rescheduling is not None:
                await self._drop_wish(tx, booking, "replace_wish", by="client")
            taken = await self._ports.free_time.take(tx, booking.coach_id, offer, span, instead_of=booking.id)
            if booking.state is BookingState.REQUESTED or (taken.instant and offer.instant):
                await self._move(tx, booking, span, taken, by="client")
                asked = booking.state is BookingState.REQUESTED
                kind = "booking_requested" if asked else "booking_rescheduled"
                await self._flow.tell_coach(tx, booking, kind)
            else:
                await self._wish(tx, booking, span, taken)
            return booking

        return await self._ports.transact(work)

    async def accept(self, tx: Tx, booking: Booking) -> None:
        """The coach agrees to the wish.

        Raises:
            Conflict: TOO_LATE, it waited too long.
        """
        wish = booking.rescheduling
        if wish is None:
            raise ValueError("there is no wish")
        if not still_open(wish.expires_at, self._flow.now()):
            raise Conflict(
                "This wish waited too long for an answer.",
                code=Code.TOO_LATE,
                details={"until": rfc3339(wish.expires_at)},
            )
        await self._move(tx, booking, Span(wish.start, wish.end), Taken(False, wish.pieces), by="coach")
        await self._flow.tell_client(tx, booking, "booking_rescheduled")

    async def decline(self, tx: Tx, booking: Booking, *, by: str) -> None:
        """The coach does not agree, or nobody answered: the booking stays where it was."""
        await self._drop_wish(tx, booking, "decline_wish" if by == "coach" else "expire_wish", by=by)
        await self._flow.tell_client(tx, booking, "reschedule_declined")

    def _require_movable(self, booking: Booking) -> None:
        if booking.group_id is not None:
            raise Conflict(
                "A place in a group session cannot have another time.",
                details={"state": booking.state.value, "wanted": []},
            )
        # Fails here for whatever cannot be moved, before anything else is looked at.
        advance(booking.state, BookingMove.RESCHEDULE)
        if booking.state is BookingState.CONFIRMED:
            until = reschedule_until(booking.policy, booking.start)
            if self._flow.now() > until:
                raise Conflict(
                    "It is too late to choose another time.",
                    code=Code.TOO_LATE,
                    details={"until": rfc3339(until)},
                )

    async def _move(self, tx: Tx, booking: Booking, span: Span, taken: Taken, *, by: str) -> None:
        before, old = booking.span, booking.pieces
        lead, rest = booking.lead, booking.rest
        self._flow.move(
            booking, BookingMove.RESCHEDULE, by=by, before=rfc3339(before.start), to=rfc3339(span.start)
        )
        booking.start, booking.end, booking.reminded = span.start, span.end, []
        booking.busy_from, booking.busy_until = span.start - lead, span.end + rest
        booking.pieces, booking.rescheduling = taken.pieces, None
        if booking.state is BookingState.REQUESTED:
            booking.expires_at = await self._answer_until(tx, booking, span)
        await self._flow.moved(tx, booking, BookingMove.RESCHEDULE.value)
        await self._lifecycle.give_back(tx, booking, without(old, taken.pieces), before, span)
        await self._ports.meetings.reschedule(tx, booking.id)

    async def _wish(self, tx: Tx, booking: Booking, span: Span, taken: Taken) -> None:
        until = min(await self._answer_until(tx, booking, span), booking.start)
        booking.rescheduling = Rescheduling(span.start, span.end, until, taken.pieces)
        self._flow.note(booking, "wish", by="client", to=rfc3339(span.start))
        await self._flow.moved(tx, booking, "wish")
        self._flow.time_changed(tx, booking, span)
        await self._flow.tell_coach(tx, booking, "reschedule_requested")

    async def _answer_until(self, tx: Tx, booking: Booking, span: Span) -> datetime:
        offer = await self._ports.session_types.get(tx, booking.session_type_id)
        return answer_until(self._flow.now(), span.start, timedelta(minutes=offer.notice_minutes))

    async def _drop_wish(self, tx: Tx, booking: Booking, what: str, *, by: str) -> None:
        wish = booking.rescheduling
        if wish is None:
            return
        booking.rescheduling = None
        self._flow.note(booking, what, by=by)
        await self._flow.moved(tx, booking, what)
        await self._lifecycle.give_back_wish(tx, booking, wish)
