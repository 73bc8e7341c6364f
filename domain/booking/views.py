"""Bookings as people read them: who may see what is decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Identity
from domain.booking.booking import Booking
from domain.booking.changes import Cancellation, cancellation_of
from domain.booking.expiry import JOIN_BEFORE
from domain.booking.flow import STANDS, BookingPorts
from domain.booking.parties import Parties, Role, role_of
from domain.booking.places import OPEN
from domain.booking.ports import BookingLists, BookingSearch
from domain.coaching.coach import Coach
from domain.errors import Forbidden, NotFound
from domain.ids import BookingId, CoachId, PaymentId, UserId
from domain.ports import Tx


class PaymentStates(Protocol):
    """How payments stand."""

    async def states(self, payment_ids: Sequence[PaymentId]) -> Mapping[PaymentId, str]:
        """The state of those that exist."""
        ...


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking as one person reads it at ``at`` (domain time)."""

    booking: Booking
    #: on which side the reader is; somebody who might register for a group session is ``client``
    role: Role
    #: whether the reader has a part in it, or only looks at a group session
    involved: bool
    payment_state: str | None
    #: None for somebody who only looks
    cancellation: Cancellation | None
    #: the reader's place in this group session
    place_id: BookingId | None
    at: datetime

    @property
    def join_from(self) -> datetime:
        """When the meeting may be joined."""
        return self.booking.start - JOIN_BEFORE

    @property
    def meeting_url(self) -> str | None:
        """For the coach, and for whoever has a place that stands."""
        coach = self.involved and self.role is Role.COACH
        joins = self.involved and self.booking.client is not None and self.booking.state in STANDS
        return self.booking.meeting_url if coach or joins else None


@dataclass(frozen=True, slots=True)
class ViewPage:
    """One page of bookings, and the cursor of the next."""

    items: Sequence[BookingView]
    next_cursor: str | None


class BookingQueries:
    """Reads bookings. Strangers learn nothing, not even that a booking exists."""

    def __init__(
        self, ports: BookingPorts, parties: Parties, lists: BookingLists, payments: PaymentStates
    ) -> None:
        self._ports = ports
        self._parties = parties
        self._lists = lists
        self._payments = payments

    async def one(self, who: Identity, booking_id: BookingId) -> BookingView:
        """One booking; a group session that can be registered for is for everybody who may see the calendar.

        Raises:
            NotFound: no such booking, or not for the asker.
        """
        found = await self._lists.find([booking_id])
        if not found or not await self._may_read(who, found[0]):
            raise NotFound("There is no such booking.")
        return (await self._views(who, found))[0]

    async def view(self, who: Identity, booking: Booking) -> BookingView:
        """A booking that the asker just changed."""
        return (await self._views(who, [booking]))[0]

    async def of_user(self, who: Identity, user_id: UserId, search: BookingSearch) -> ViewPage:
        """The asker's own sessions, at either end.

        Raises:
            NotFound: somebody else's.
            Invalid: a cursor that no such page gave.
        """
        if user_id != who.user_id:
            raise NotFound("There is no such person.")
        page = await self._lists.of_user(user_id, search)
        return ViewPage(await self._views(who, page.items), page.next_cursor)

    async def of_coach(self, who: Identity, user_id: UserId, search: BookingSearch) -> ViewPage:
        """A coach's bookings: all of them for the coach, their own for anybody else.

        Raises:
            NotFound: no such coach.
            Invalid: a cursor that no such page gave.
        """
        coach = await self._coach(user_id)
        client = None if user_id == who.user_id else who.user_id
        page = await self._lists.of_coach(coach.id, search, client=client)
        return ViewPage(await self._views(who, page.items), page.next_cursor)

    async def groups(self, who: Identity, user_id: UserId, search: BookingSearch) -> ViewPage:
        """A coach's group sessions that are still to come.

        Raises:
            NotFound: no such coach.
            Forbidden: BLOCKED or CALENDAR_PRIVATE.
            Invalid: a cursor that no such page gave.
        """
        coach = await self._coach(user_id)
        if user_id != who.user_id:
            await self._ports.transact(lambda tx: self._parties.require_open(tx, who, coach))
        now = self._ports.clock.now()
        page = await self._lists.groups(coach.id, now, replace(search, newest_first=False))
        return ViewPage(await self._views(who, page.items), page.next_cursor)

    async def _coach(self, user_id: UserId) -> Coach:
        async def work(tx: Tx) -> Coach | None:
            return await self._ports.coaches.of_user(tx, user_id)

        coach = await self._ports.transact(work)
        if coach is None:
            raise NotFound("There is no such coach.")
        return coach

    async def _may_read(self, who: Identity, booking: Booking) -> bool:
        if role_of(booking, who.user_id) is not None:
            return True
        if not booking.is_group:
            return False
        if booking.id in await self._lists.places_of(who.user_id, [booking.id]):
            return True
        return booking.state in OPEN and await self._may_see(who, booking.coach_id)

    async def _may_see(self, who: Identity, coach_id: CoachId) -> bool:
        async def work(tx: Tx) -> None:
            await self._parties.require_open(tx, who, await self._ports.coaches.get(tx, coach_id))

        try:
            await self._ports.transact(work)
        except (Forbidden, NotFound):
            return False
        return True

    async def _views(self, who: Identity, bookings: Sequence[Booking]) -> list[BookingView]:
        now = self._ports.clock.now()
        paid = [one.payment_id for one in bookings if one.payment_id is not None]
        states = await self._payments.states(paid) if paid else {}
        groups = [one.id for one in bookings if one.is_group and one.coach_user_id != who.user_id]
        places = await self._lists.places_of(who.user_id, groups) if groups else {}
        views = []
        for booking in bookings:
            role = role_of(booking, who.user_id)
            views.append(
                BookingView(
                    booking=booking,
                    role=role or Role.CLIENT,
                    involved=role is not None,
                    payment_state=states.get(booking.payment_id) if booking.payment_id else None,
                    cancellation=cancellation_of(booking, role, now) if role else None,
                    place_id=places.get(booking.id),
                    at=now,
                )
            )
        return views
