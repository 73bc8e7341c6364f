"""A request, and what coach and client answer each other."""

from collections.abc import Sequence
from datetime import datetime

from domain.accounts.account import Identity
from domain.booking.booking import Booking
from domain.booking.expiry import answer_until
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.lifecycle import Lifecycle, still_open
from domain.booking.parties import Parties, Role
from domain.booking.rescheduling import Reschedules
from domain.booking.spans import Span
from domain.booking.states import BookingMove, BookingState
from domain.errors import Code, Conflict, Forbidden, Invalid, NotFound
from domain.events import rfc3339
from domain.ids import BookingId
from domain.ports import Tx

SUGGESTIONS_MAX = 10


class Requests:
    """Accept, decline, suggest other times, choose one of them.

    Accept and decline also answer a client's wish to move a booking that stands.
    """

    def __init__(
        self,
        ports: BookingPorts,
        flow: BookingFlow,
        parties: Parties,
        lifecycle: Lifecycle,
        reschedules: Reschedules,
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle
        self._reschedules = reschedules

    async def accept(self, who: Identity, booking_id: BookingId, *, start: datetime | None = None) -> Booking:
        """The coach takes the request: it is to be paid now; or agrees to another time.

        ``start`` is the time that the coach read: the client may wish for another one at this very moment.

        Raises:
            NotFound: not the asker's.
            Forbidden: the asker is its client.
            Conflict: ILLEGAL_STATE, or TOO_LATE: it waited too long for an answer; VERSION_MISMATCH, it is another time now.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_coach(tx, who, booking_id)
            _require_start(booking, start)
            if booking.rescheduling is not None:
                await self._reschedules.accept(tx, booking)
                return booking
            self._flow.move(booking, BookingMove.ACCEPT, by="coach")
            self._require_open(booking)
            await self._agreed(tx, booking, BookingMove.ACCEPT)
            return booking

        return await self._ports.transact(work)

    async def decline(self, who: Identity, booking_id: BookingId, reason: str | None = None) -> Booking:
        """The coach refuses a request or a wish for another time; the client, all suggested times.

        Raises:
            NotFound: not the asker's.
            Forbidden: it is for the other side to answer.
            Conflict: ILLEGAL_STATE.
        """

        async def work(tx: Tx) -> Booking:
            booking, role = await self._parties.part(tx, who, booking_id)
            if booking.rescheduling is not None and role is Role.COACH:
                await self._reschedules.decline(tx, booking, by="coach")
                return booking
            mine = {BookingState.REQUESTED: Role.COACH, BookingState.TIME_SUGGESTED: Role.CLIENT}
            if mine.get(booking.state, role) is not role:
                raise Forbidden(
                    "This is for the other side to answer; you can cancel, or suggest other times."
                )
            detail = {"reason": reason} if reason else None
            await self._lifecycle.end(tx, booking, BookingMove.DECLINE, by=role.value, detail=detail)
            tell = self._flow.tell_client if role is Role.COACH else self._flow.tell_coach
            await tell(tx, booking, "booking_declined")
            return booking

        return await self._ports.transact(work)

    async def suggest(
        self, who: Identity, booking_id: BookingId, times: Sequence[Span], message: str | None = None
    ) -> Booking:
        """The coach offers other times. Nothing is held meanwhile, neither these nor the one that was asked for.

        Raises:
            NotFound: not the asker's.
            Forbidden: the asker is its client.
            Invalid: no time, too many, one that is past, or of another duration than was asked for.
            Conflict: ILLEGAL_STATE, or TOO_LATE.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_coach(tx, who, booking_id)
            self._require_open(booking)
            offered = self._offered(booking, times)
            detail: dict[str, str | int] = {"times": len(offered)}
            if message:
                detail["message"] = message
            self._flow.move(booking, BookingMove.SUGGEST, by="coach", **detail)
            booking.suggestions = offered
            booking.expires_at = answer_until(self._flow.now(), max(one.start for one in offered))
            await self._lifecycle.let_go(tx, booking, BookingMove.SUGGEST.value)
            await self._flow.tell_client(tx, booking, "booking_times_suggested")
            return booking

        return await self._ports.transact(work)

    async def choose(self, who: Identity, booking_id: BookingId, start: datetime) -> Booking:
        """The client takes a suggested time, which is taken now, and is to be paid.

        Raises:
            NotFound: not the asker's, or no such suggestion.
            Forbidden: the asker is its coach, or BLOCKED.
            Conflict: ILLEGAL_STATE, TOO_LATE, or SLOT_TAKEN: somebody else has that time now.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_client(tx, who, booking_id)
            chosen = next((one for one in booking.suggestions if one.start == start), None)
            self._flow.move(booking, BookingMove.CHOOSE, by="client")
            self._require_open(booking)
            if chosen is None:
                raise NotFound("This time was not suggested.")
            visible = self._ports.calendars.require_visible
            await visible(tx, who.user_id, booking.coach_id, booking.coach_user_id)
            await self._take(tx, booking, chosen)
            await self._agreed(tx, booking, BookingMove.CHOOSE)
            await self._ports.meetings.reschedule(tx, booking.id)
            self._flow.time_changed(tx, booking, booking.span)
            return booking

        return await self._ports.transact(work)

    async def _take(self, tx: Tx, booking: Booking, chosen: Span) -> None:
        if chosen.start <= self._flow.now():
            raise Conflict("This time is past.", code=Code.TOO_LATE, details={"until": rfc3339(chosen.start)})
        offer = await self._ports.session_types.get(tx, booking.session_type_id)
        # The coach offered this time, which may lie outside of what clients can pick; it must only not be booked.
        taken = await self._ports.free_time.occupy(tx, booking.coach_id, offer, chosen)
        lead, rest = booking.lead, booking.rest
        booking.start, booking.end = chosen.start, chosen.end
        booking.busy_from, booking.busy_until = chosen.start - lead, chosen.end + rest
        booking.pieces, booking.occupies, booking.suggestions = taken.pieces, True, ()

    async def _agreed(self, tx: Tx, booking: Booking, move: BookingMove) -> None:
        self._lifecycle.payable(booking, agreed=True)
        await self._flow.moved(tx, booking, move.value)
        if booking.price.amount == 0:
            await self._lifecycle.paid(tx, booking, by="system")
        elif move is BookingMove.ACCEPT:
            await self._flow.tell_client(tx, booking, "booking_accepted")

    def _require_open(self, booking: Booking) -> None:
        if not still_open(booking.expires_at, self._flow.now()):
            until = rfc3339(booking.expires_at) if booking.expires_at else ""
            raise Conflict(
                "This booking waited too long for an answer.", code=Code.TOO_LATE, details={"until": until}
            )

    def _offered(self, booking: Booking, times: Sequence[Span]) -> tuple[Span, ...]:
        offered = tuple(sorted(set(times)))
        if not 1 <= len(offered) <= SUGGESTIONS_MAX:
            raise Invalid.at("times", f"Suggest one to {SUGGESTIONS_MAX} different times.")
        if any(one.start <= self._flow.now() for one in offered):
            raise Invalid.at("times", "A suggested time is past.")
        if any(one.end - one.start != booking.end - booking.start for one in offered):
            raise Invalid.at(
                "times", "Suggested times last as long as the client asked for: the price is for that."
            )
        return offered


def _require_start(booking: Booking, read: datetime | None) -> None:
    """Raise unless the coach agrees to the time that is asked for now."""
    asked = booking.rescheduling.start if booking.rescheduling else booking.start
    if read is not None and read != asked:
        raise Conflict(
            "The client asked for another time meanwhile; please read it again.",
            code=Code.VERSION_MISMATCH,
            details={"start": rfc3339(asked)},
        )
