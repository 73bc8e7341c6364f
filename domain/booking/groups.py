"""Group sessions: a coach offers one, people take places in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Account, Identity
from domain.booking.booking import Booking
from domain.booking.expiry import minimum_at
from domain.booking.flow import BookingFlow, BookingPorts
from domain.booking.lifecycle import Lifecycle
from domain.booking.parties import Parties, client_of, fee_of
from domain.booking.places import OPEN, Places
from domain.booking.policy import whole_refund
from domain.booking.session_type import Format, SessionType
from domain.booking.spans import Span
from domain.booking.states import BookingMove, BookingState
from domain.booking.titles import title_of
from domain.coaching.coach import Coach
from domain.errors import Code, Conflict, Forbidden, Invalid, NotFound
from domain.events import rfc3339
from domain.ids import BookingId, SessionId, SessionTypeId, new_id
from domain.payments.purchases import RefundReason
from domain.ports import Tx
from domain.pricing.quote import Quote
from domain.scheduled.meetings import meeting_of
from domain.timers import TimerKind


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group session as its coach announces it. It is held at ``meeting_url``."""

    session_type_id: SessionTypeId
    start: datetime
    minutes: int
    meeting_url: str
    title: str | None = None

    @property
    def span(self) -> Span:
        """When it takes place."""
        return Span(self.start, self.start + timedelta(minutes=self.minutes))


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody wants a place."""

    discount_code: str | None = None
    time_zone: str | None = None


class Groups:
    """Makes group sessions and places in them, and calls off what stays too small."""

    def __init__(
        self,
        ports: BookingPorts,
        flow: BookingFlow,
        parties: Parties,
        lifecycle: Lifecycle,
        places: Places,
    ) -> None:
        self._ports = ports
        self._flow = flow
        self._parties = parties
        self._lifecycle = lifecycle
        self._places = places

    async def create(self, who: Identity, ask: NewGroup) -> Booking:
        """Announce a group session. It may lie outside of the coach's own availability, and never on another booking.

        Raises:
            NotFound: no such session type of the asker's.
            Forbidden: no coach who may sell.
            Invalid: a session type for two, a duration that it does not have, or a start that is past.
            Conflict: SLOT_TAKEN.
        """
        return await self._ports.transact(lambda tx: self._create(tx, who, ask))

    async def _create(self, tx: Tx, who: Identity, ask: NewGroup) -> Booking:
        ports = self._ports
        coach, account = await self._parties.own_business(tx, who)
        offer = await self._parties.session_type(tx, coach, ask.session_type_id, Format.GROUP)
        self._check(ask, offer)
        taken = await ports.free_time.occupy(tx, coach.id, offer, ask.span)
        price = await ports.prices.quote(
            tx, buyer=None, session_type=offer, start=ask.start, minutes=ask.minutes, code=None
        )
        group = self._new(ask, coach, account, offer, price)
        group.pieces = taken.pieces
        await self._flow.made(tx, group, "create")
        await ports.session_types.mark_used(tx, offer)
        await ports.meetings.schedule(tx, meeting_of(group, offer))
        self._flow.time_changed(tx, group, group.span)
        return group

    def _check(self, ask: NewGroup, offer: SessionType) -> None:
        if not offer.offers(ask.minutes):
            least, most = offer.duration_min, offer.duration_max
            lasts = f"{least}" if least == most else f"{least} to {most}"
            raise Invalid.at("minutes", f"This session type lasts {lasts} minutes.")
        if ask.start <= self._flow.now():
            raise Invalid.at("start", "A group session begins in the future.")

    def _new(
        self, ask: NewGroup, coach: Coach, account: Account, offer: SessionType, price: Quote
    ) -> Booking:
        group = Booking(
            id=BookingId(new_id()),
            coach_id=coach.id,
            coach_user_id=coach.user_id,
            coach_name=account.name,
            session_type_id=offer.id,
            format=Format.GROUP,
            title=title_of(ask.title, offer, account.locale),
            start=ask.span.start,
            end=ask.span.end,
            busy_from=ask.span.start - offer.buffer_before,
            busy_until=ask.span.end + offer.buffer_after,
            firm=True,
            price=price,
            fee_percent=fee_of(coach, self._ports.fee_percent),
            policy=offer.policy,
            session_id=SessionId(new_id()),
            created_at=self._flow.now(),
            state=BookingState.PENDING_MINIMUM_ATTENDEES,
            meeting_url=ask.meeting_url,
            capacity=offer.capacity,
            min_attendees=offer.min_attendees,
            reminder_hours=list(offer.reminder_hours),
        )
        self._flow.note(group, "create", by="coach")
        return group

    # --- places ---

    async def register(self, who: Identity, group_id: BookingId, ask: Registration) -> Booking:
        """A place in a group session, to be paid; who pays while there is room, has it.

        Raises:
            NotFound: no such group session, or not for the asker to see.
            Forbidden: ACCOUNT_SUSPENDED or ACCOUNT_UNVERIFIED.
            Conflict: ILLEGAL_STATE, GROUP_FULL, ALREADY_REGISTERED, TOO_LATE, OWN_ACCOUNT, TOO_MANY_UNPAID_BOOKINGS,
                CODE_INVALID or CODE_USED_UP.
        """
        async with self._ports.turns.of(group_id):
            return await self._ports.transact(lambda tx: self._register(tx, who, group_id, ask))

    async def _register(self, tx: Tx, who: Identity, group_id: BookingId, ask: Registration) -> Booking:
        ports = self._ports
        group = await ports.bookings.get(tx, group_id)
        if not group.is_group:
            raise NotFound("There is no such group session.")
        coach, _ = await self._host(tx, who, group)
        await self._require_room(tx, who, group)
        client = await self._parties.client(tx, who)
        offer = await ports.session_types.get(tx, group.session_type_id)
        minutes = (group.end - group.start) // timedelta(minutes=1)
        price = await ports.prices.quote(
            tx,
            buyer=who.user_id,
            session_type=offer,
            start=group.start,
            minutes=minutes,
            code=ask.discount_code,
        )
        place = self._place(group, client, price, ask)
        place.fee_percent = fee_of(coach, ports.fee_percent)
        await ports.prices.consume(tx, price, who.user_id, place.id)
        await self._flow.made(tx, place, "create")
        # Written, so that calling the group off at this very moment conflicts and finds this place, or is found by it.
        await ports.bookings.save(tx, group)
        if price.amount == 0 and not await self._lifecycle.paid(tx, place, by="system"):
            raise _full()
        return place

    async def _host(self, tx: Tx, who: Identity, group: Booking) -> tuple[Coach, Account]:
        """Whoever may not see the coach's calendar does not learn what is in it."""
        try:
            return await self._parties.coach(tx, who, group.coach_id)
        except Forbidden:
            raise NotFound("There is no such group session.") from None

    async def _require_room(self, tx: Tx, who: Identity, group: Booking) -> None:
        if group.state not in OPEN:
            raise Conflict(
                "This group session cannot be registered for any more.",
                details={"state": group.state.value, "wanted": sorted(OPEN)},
            )
        if group.start <= self._flow.now():
            raise Conflict(
                "This group session has begun.",
                code=Code.TOO_LATE,
                details={"until": rfc3339(group.start)},
            )
        if await self._ports.bookings.place_of(tx, group.id, who.user_id) is not None:
            raise Conflict("You have a place in this group session already.", code=Code.ALREADY_REGISTERED)
        if len(group.attendees) >= (group.capacity or 0):
            raise _full()

    def _place(self, group: Booking, client: Account, price: Quote, ask: Registration) -> Booking:
        place = Booking(
            id=BookingId(new_id()),
            coach_id=group.coach_id,
            coach_user_id=group.coach_user_id,
            coach_name=group.coach_name,
            session_type_id=group.session_type_id,
            format=Format.GROUP,
            title=group.title,
            start=group.start,
            end=group.end,
            busy_from=group.busy_from,
            busy_until=group.busy_until,
            firm=True,
            price=price,
            fee_percent=group.fee_percent,
            policy=group.policy,
            session_id=group.session_id,
            created_at=self._flow.now(),
            state=BookingState.PENDING_PAYMENT,
            client=client_of(client, ask.time_zone),
            meeting_url=group.meeting_url,
            occupies=False,
            group_id=group.id,
            reminder_hours=list(group.reminder_hours),
        )
        self._lifecycle.payable(place, agreed=False)
        self._flow.note(place, "create", by="client")
        return place

    # --- too small ---

    async def minimum_due(self, group_id: BookingId) -> None:
        """It has to be large enough now, or it is called off and everybody gets all money back."""

        async def work(tx: Tx) -> None:
            group = await self._ports.bookings.get(tx, group_id)
            if group.state is not BookingState.PENDING_MINIMUM_ATTENDEES:
                return
            due = minimum_at(group.created_at, group.start)
            if due > self._flow.now():
                tx.arm(TimerKind.GROUP_MINIMUM, group.id, due)
                return
            await self._lifecycle.end(
                tx, group, BookingMove.EXPIRE, by="system", detail={"reason": "minimum"}
            )
            await self._places.call_off(tx, group)
            await self._flow.tell_coach(tx, group, "group_cancelled_minimum")

        await self._ports.transact(work)

    async def follow(self, tx: Tx, place: Booking) -> bool:
        """End a place whose group session will not take place; False when that is not so."""
        if place.group_id is None:
            return False
        group = await self._ports.bookings.get(tx, place.group_id)
        if group.state is BookingState.EXPIRED:
            move, reason = BookingMove.EXPIRE, RefundReason.MINIMUM_NOT_REACHED
        elif group.state is BookingState.CANCELLED_BY_COACH:
            move, reason = BookingMove.CANCEL_BY_COACH, RefundReason.CANCELLED_BY_COACH
        else:
            return False
        stood = place.state is BookingState.CONFIRMED
        refund = whole_refund(place.price.amount if stood else 0)
        await self._lifecycle.end(tx, place, move, by="system", refund=refund, reason=reason)
        small = reason is RefundReason.MINIMUM_NOT_REACHED
        await self._flow.tell_client(tx, place, "group_cancelled_minimum" if small else "booking_cancelled")
        return True


def _full() -> Conflict:
    return Conflict("Every place in this group session is taken.", code=Code.GROUP_FULL)
