"""A coach's practice, as the tests of bookings want it: clients book, pay, come or stay away."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.booking.booking import Booking
from domain.booking.bookings import NewBooking
from domain.booking.groups import NewGroup, Registration
from domain.booking.session_type import Format, SessionType
from domain.booking.slots import Slot, SlotChanges
from domain.booking.spans import Span
from domain.errors import Code, Conflict
from domain.ids import SessionTypeId, SlotId, new_id
from domain.ports import Tx
from domain.scheduled.session import Visit
from tests.support.house import House, Party
from tests.support.selling import PRICE, Shop, open_shop

HOUR = timedelta(hours=1)
ROOM = "https://meet.example.com/room"


@dataclass
class Practice(Shop):
    """A shop with more to do in it. Sessions begin ``days`` from now, at the hour."""

    def at(self, *, days: float = 3, hours: float = 0) -> datetime:
        """A start in the future, at a full hour unless ``hours`` is none."""
        now = self.house.clock.now().replace(minute=0, second=0, microsecond=0)
        return now + timedelta(days=days, hours=hours)

    async def ask(self, client: Party, start: datetime | None = None, **more: Any) -> Booking:
        """Book an hour; in three days unless told otherwise."""
        assert self.coach.who.coach_id is not None
        ask = NewBooking(self.coach.who.coach_id, self.offer.id, start or self.at(), 60, **more)
        return await self.house.booking.cases.bookings.create(client.who, ask)

    async def bought(self, client: Party, start: datetime | None = None) -> Booking:
        """Book and pay."""
        booking = await self.ask(client, start)
        await self.pay(client, booking)
        return await self.now(booking)

    async def now(self, booking: Booking) -> Booking:
        """The booking as it is stored now."""
        return await self.booking(booking.id)

    async def refunded(self, booking: Booking) -> int:
        """What the gateway gave back for a booking, once it had time to; and everything is booked."""
        await self.quiet()
        payments = await self.payments(await self.now(booking))
        await self.assert_books_agree()
        return sum(payment.refunded for payment in payments)

    async def attend(self, booking: Booking, *, coach: bool = True, client: bool = True) -> None:
        """Let them have been in the room at the start, until it ends."""

        async def work(tx: Tx) -> None:
            meeting = await self.house.stores.scheduled.get(tx, booking.session_id)
            if coach:
                meeting.coach.visits.append(Visit(booking.start, booking.end))
            if client and meeting.client is not None:
                meeting.client.visits.append(Visit(booking.start, booking.end))
            await self.house.stores.scheduled.save(tx, meeting)

        await self.house.stores.transact(work)

    async def until(self, instant: datetime) -> None:
        """Let time pass up to an instant, and run what is due then."""
        await self.house.pass_time((instant - self.house.clock.now()).total_seconds())

    async def free(self, start: datetime, *, by: Party | None = None) -> bool:
        """Whether somebody can book this hour: tried, and taken back."""
        client = by or await self.house.client("Somebody else")
        try:
            tried = await self.ask(client, start)
        except Conflict as refused:
            if refused.code is Code.SLOT_TAKEN:
                return False
            raise
        await self.house.booking.cases.changes.cancel(client.who, tried.id)
        return True

    async def slot(self, start: datetime, end: datetime, *, instant: bool = True) -> None:
        """A one-off slot of the coach's, instead of the weekly schedule."""
        coach_id = self.coach.who.coach_id
        assert coach_id is not None
        made = Slot(SlotId(new_id()), coach_id, start, end, instant)

        async def work(tx: Tx) -> None:
            calendar = await self.house.stores.calendars.touch(tx, coach_id)
            calendar.schedule = replace(calendar.schedule, weekly={})
            await self.house.stores.calendars.save_schedule(tx, calendar)
            await self.house.stores.slots.apply(tx, SlotChanges(inserted=[made]))

        await self.house.stores.transact(work)

    async def slots(self) -> list[Span]:
        """What is left of one-off slots, by start."""
        coach_id = self.coach.who.coach_id
        assert coach_id is not None
        window = Span(self.at(days=-2), self.at(days=60))
        return sorted(slot.span for slot in await self.house.stores.slots.inside(coach_id, window))

    # --- groups ---

    async def circle(self, *, capacity: int = 3, minimum: int = 2, **more: Any) -> SessionType:
        """Offer a group session, firm, of an hour."""
        offer = replace(
            self.offer,
            id=SessionTypeId(new_id()),
            names={"en": "Circle"},
            format=Format.GROUP,
            capacity=capacity,
            min_attendees=minimum,
            **more,
        )
        offer.version = 0
        await self.house.stores.transact(lambda tx: self.house.stores.session_types.insert(tx, offer))
        return offer

    async def group(self, start: datetime | None = None, **circle: Any) -> Booking:
        """Announce a group session."""
        offer = await self.circle(**circle)
        ask = NewGroup(offer.id, start or self.at(), 60, ROOM)
        return await self.house.booking.cases.groups.create(self.coach.who, ask)

    async def register(self, client: Party, group: Booking, code: str | None = None) -> Booking:
        """Take a place, not paid yet."""
        return await self.house.booking.cases.groups.register(client.who, group.id, Registration(code))

    async def seated(self, client: Party, group: Booking) -> Booking:
        """Take a place and pay for it."""
        place = await self.register(client, group)
        await self.pay(client, place)
        return await self.now(place)

    # --- who was told ---

    async def notes(self, party: Party) -> list[str]:
        """The kinds of what somebody was notified of, in order, about bookings."""
        return [one["kind"] for one in self.house.published.heard_by(party, "notification")]

    def moves(self, party: Party, booking: Booking) -> list[str]:
        """Which moves of a booking somebody's tabs heard of, in order."""
        heard = self.house.published.heard_by(party, "booking_update")
        return [one["move"] for one in heard if one["bookingId"] == booking.id]


async def open_practice(house: House, *, asked: bool = False, **different: Any) -> Practice:
    """A coach, open day and night. ``asked``: the coach is asked before anything is booked."""
    shop = await open_shop(house, different.pop("price", PRICE))
    offer = replace(shop.offer, instant=not asked, **different)

    async def work(tx: Tx) -> None:
        await house.stores.session_types.save(tx, offer)

    await house.stores.transact(work)
    return Practice(house, shop.coach, offer)
