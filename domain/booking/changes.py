"""Changing one's mind: cancel, and give the time back to the calendar."""

from dataclasses import dataclass
from datetime import datetime

from domain.accounts.account import Identity
from domain.booking.booking import Booking
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.groups import Groups
from domain.booking.lifecycle import Lifecycle
from domain.booking.parties import Parties, Role
from domain.booking.places import Places
from domain.booking.policy import (
    Refund,
    client_refund,
    full_refund_until,
    partial_refund_until,
    whole_refund,
)
from domain.booking.states import BOOKING_MOVES, BookingMove, BookingState, advance
from domain.errors import Code, Conflict, Invalid
from domain.events import rfc3339
from domain.ids import BookingId
from domain.payments.purchases import RefundReason
from domain.ports import Tx

_MOVE = {Role.CLIENT: BookingMove.CANCEL_BY_CLIENT, Role.COACH: BookingMove.CANCEL_BY_COACH}
_REASON = {Role.CLIENT: RefundReason.CANCELLED_BY_CLIENT, Role.COACH: RefundReason.CANCELLED_BY_COACH}


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What cancelling would do at ``at`` (domain time)."""

    allowed: bool
    by: Role
    #: of what was paid; of all places, at a group session
    refund: Refund
    currency: str
    full_until: datetime
    partial_until: datetime
    at: datetime


def cancellation_of(booking: Booking, role: Role, now: datetime) -> Cancellation:
    """What cancelling does for one of the two sides: the very calculation that cancelling uses."""
    allowed = (booking.state, _MOVE[role]) in BOOKING_MOVES and now < booking.start
    paid = booking.price.amount if booking.state is BookingState.CONFIRMED else 0
    refund = whole_refund(paid)
    if role is Role.CLIENT:
        refund = client_refund(booking.policy, booking.price.money.with_amount(paid), booking.start, now)
    return Cancellation(
        allowed=allowed,
        by=role,
        refund=refund,
        currency=booking.price.currency,
        full_until=full_refund_until(booking.policy, booking.start),
        partial_until=partial_refund_until(booking.policy, booking.start),
        at=now,
    )


class Changes:
    """Cancels, shows before what that does, and reopens time that a coach had blocked by cancelling."""

    def __init__(
        self,
        ports: BookingPorts,
        flow: BookingFlow,
        parties: Parties,
        lifecycle: Lifecycle,
        places: Places,
        groups: Groups,
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle
        self._places = places
        self._groups = groups

    async def preview(self, who: Identity, booking_id: BookingId) -> Cancellation:
        """What cancelling would give back now.

        Raises:
            NotFound: not the asker's.
        """

        async def work(tx: Tx) -> Cancellation:
            booking, role = await self._parties.part(tx, who, booking_id)
            shown = cancellation_of(booking, role, self._flow.now())
            if not booking.is_group:
                return shown
            places = await self._ports.bookings.places(tx, booking.id)
            paid = sum(one.price.amount for one in places if one.state is BookingState.CONFIRMED)
            return Cancellation(
                shown.allowed,
                role,
                whole_refund(paid),
                shown.currency,
                shown.full_until,
                shown.partial_until,
                shown.at,
            )

        return await self._ports.transact(work)

    async def cancel(
        self, who: Identity, booking_id: BookingId, *, reopen: bool = False, reason: str | None = None
    ) -> Booking:
        """Call it off. ``reopen``: a coach's own time is free for others again; else it stays blocked.

        Raises:
            NotFound: not the asker's.
            Invalid: a client who wants to reopen.
            Conflict: ILLEGAL_STATE, or TOO_LATE: it has begun.
        """

        async def work(tx: Tx) -> Booking:
            booking, role = await self._parties.part(tx, who, booking_id)
            if reopen and role is Role.CLIENT:
                raise Invalid.at("reopen", "Only a coach can reopen time.")
            advance(booking.state, _MOVE[role])
            if await self._groups.follow(tx, booking):
                return booking  # The group session was called off a moment ago: all money goes back, whoever cancels.
            now = self._flow.now()
            if now >= booking.start:
                raise Conflict(
                    "This session has begun.",
                    code=Code.TOO_LATE,
                    details={"until": rfc3339(booking.start)},
                )
            await self._lifecycle.end(
                tx,
                booking,
                _MOVE[role],
                by=role.value,
                refund=cancellation_of(booking, role, now).refund,
                reason=_REASON[role],
                keep_time=role is Role.COACH and not reopen,
                detail={"reason": reason} if reason else None,
            )
            if booking.is_group:
                await self._places.call_off(tx, booking)
            tell = self._flow.tell_client if role is Role.COACH else self._flow.tell_coach
            await tell(tx, booking, "booking_cancelled")
            return booking

        return await self._ports.transact(work)

    async def reopen(self, who: Identity, booking_id: BookingId) -> Booking:
        """The time of a session that its coach called off is free again.

        Raises:
            NotFound: not the asker's.
            Forbidden: the asker is its client.
            Conflict: ILLEGAL_STATE, it blocks no time.
        """

        async def work(tx: Tx) -> Booking:
            booking = await self._parties.as_coach(tx, who, booking_id)
            cancelled = BookingState.CANCELLED_BY_COACH
            if booking.state is not cancelled or not booking.occupies:
                raise Conflict(
                    "This booking blocks no time that could be reopened.",
                    details={"state": booking.state.value, "wanted": [cancelled.value]},
                )
            self._flow.note(booking, "reopen", by="coach")
            await self._lifecycle.let_go(tx, booking, "reopen")
            return booking

        return await self._ports.transact(work)
