"""Booking a time with a coach."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Account, Identity
from domain.booking.booking import Booking
from domain.booking.expiry import answer_until
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.free_time import taken
from domain.booking.lifecycle import Lifecycle
from domain.booking.parties import Parties, client_of, fee_of, of_format
from domain.booking.ports import Taken
from domain.booking.session_type import Format, SessionType
from domain.booking.shopfront import Shopfront
from domain.booking.spans import Span
from domain.booking.states import BookingState
from domain.booking.titles import title_of
from domain.coaching.coach import Coach
from domain.ids import BookingId, CoachId, SessionId, SessionTypeId, new_id
from domain.ports import Tx
from domain.pricing.quote import Quote
from domain.scheduled.meetings import meeting_of


@dataclass(frozen=True, slots=True)
class NewBooking:
    """What a client asks for. Price, fee and state are nothing that anybody may ask for."""

    coach_id: CoachId
    session_type_id: SessionTypeId
    start: datetime
    minutes: int
    goals: str = ""
    discount_code: str | None = None
    title: str | None = None
    #: IANA; None means that of the account
    time_zone: str | None = None

    @property
    def span(self) -> Span:
        """When it would take place."""
        return Span(self.start, self.start + timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True)
class _Made:
    """All that a new booking is made of."""

    ask: NewBooking
    client: Account
    coach: Coach
    coach_account: Account
    session_type: SessionType
    taken: Taken
    price: Quote


class Bookings:
    """Makes bookings of sessions between two."""

    def __init__(
        self, ports: BookingPorts, flow: BookingFlow, parties: Parties, lifecycle: Lifecycle
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle

    async def create(self, who: Identity, ask: NewBooking) -> Booking:
        """Take the time, freeze the price, and write booking and meeting, all in one transaction.

        Firm, and to be paid, where both the availability and the session type allow it; else the coach is asked.

        Raises:
            NotFound: no such coach or session type.
            Forbidden: ACCOUNT_SUSPENDED, ACCOUNT_UNVERIFIED, BLOCKED or CALENDAR_PRIVATE.
            Invalid: a duration or start that is not offered.
            Conflict: SLOT_TAKEN, TOO_LATE, TOO_MANY_UNPAID_BOOKINGS, OWN_ACCOUNT, CODE_INVALID or CODE_USED_UP.
        """
        async with self._ports.turns.of(ask.coach_id) as turn:
            if not any(kept.overlaps(ask.span) for kept in turn.news):
                booking = await self._ports.transact(lambda tx: self._create(tx, who, ask))
                if booking.occupies:
                    turn.tell(Span(booking.busy_from, booking.busy_until))
                return booking
        # It was free when this one came, and taken by somebody before it: there is no need to make others wait for the refusal.
        await self._wanted(None, who, ask)
        raise taken()

    async def _wanted(self, tx: Tx | None, who: Identity, ask: NewBooking) -> tuple[Shopfront, SessionType]:
        """With whom, and what, if such a session may be booked at all."""
        front = await self._parties.shopfront(tx, who, ask.coach_id, ask.session_type_id)
        offer = of_format(front.offered(), Format.ONE_TO_ONE)
        self._ports.free_time.require_bookable(offer, ask.span)
        return front, offer

    async def _create(self, tx: Tx, who: Identity, ask: NewBooking) -> Booking:
        ports = self._ports
        front, offer = await self._wanted(tx, who, ask)
        coach = front.coach
        # Most of those who want a popular hour are refused here, having read as little and written nothing.
        time = await ports.free_time.take(tx, coach.id, offer, ask.span)
        client = await self._parties.client(tx, who)
        price = await ports.prices.quote(
            tx,
            buyer=who.user_id,
            session_type=offer,
            start=ask.start,
            minutes=ask.minutes,
            code=ask.discount_code,
            zone=front.calendar.schedule.time_zone,
        )
        booking = self._new(_Made(ask, client, coach, front.account, offer, time, price))
        await ports.prices.consume(tx, price, who.user_id, booking.id)
        free = booking.firm and price.amount == 0
        if free:
            self._lifecycle.stands_at_once(booking)
        await self._flow.made(tx, booking, "create")
        await ports.session_types.mark_used(tx, offer)
        await ports.meetings.schedule(tx, meeting_of(booking, offer), confirmed=free)
        self._flow.time_changed(tx, booking, booking.span)
        if not booking.firm:
            await self._flow.tell_coach(tx, booking, "booking_requested")
        elif free:
            await self._flow.tell_both(tx, booking, "booking_confirmed")
        return booking

    def _new(self, made: _Made) -> Booking:
        ask, offer, now = made.ask, made.session_type, self._flow.now()
        firm = made.taken.instant and offer.instant
        booking = Booking(
            id=BookingId(new_id()),
            coach_id=made.coach.id,
            coach_user_id=made.coach.user_id,
            coach_name=made.coach_account.name,
            session_type_id=offer.id,
            format=offer.format,
            title=title_of(ask.title, offer, made.client.locale),
            start=ask.span.start,
            end=ask.span.end,
            busy_from=ask.span.start - offer.buffer_before,
            busy_until=ask.span.end + offer.buffer_after,
            firm=firm,
            price=made.price,
            fee_percent=fee_of(made.coach, self._ports.fee_percent),
            policy=offer.policy,
            session_id=SessionId(new_id()),
            created_at=now,
            state=BookingState.PENDING_PAYMENT if firm else BookingState.REQUESTED,
            client=client_of(made.client, ask.time_zone),
            goals=ask.goals,
            pieces=made.taken.pieces,
            reminder_hours=list(offer.reminder_hours),
        )
        if firm:
            self._lifecycle.payable(booking, agreed=False)
        else:
            booking.expires_at = answer_until(now, booking.start, timedelta(minutes=offer.notice_minutes))
        self._flow.note(booking, "create", by="client", firm=int(firm))
        return booking
