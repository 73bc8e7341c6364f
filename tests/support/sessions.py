"""Booked sessions of a house, and what their participants do in them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bootstrap.wiring.stores import Stores
from domain.booking.booking import Booking, Client
from domain.booking.session_type import CancellationPolicy, Format, SessionType
from domain.booking.states import BookingState
from domain.calls.session import LiveSession
from domain.calls.views import AuthorizationView, SocketRef
from domain.errors import DomainError
from domain.ids import BookingId, CoachId, PaymentMethodId, SessionId, SessionTypeId, UserId, new_id
from domain.money import Money
from domain.ports import Tx
from domain.pricing.quote import PriceReason, Quote
from domain.scheduled.meetings import Meetings, meeting_of
from domain.scheduled.session import OvertimeSegment, ScheduledSession
from signaling.video.views import JoinSession, SessionSnapshot
from tests.support.house import House, Party

#: Of one booked minute, so of one minute of overtime: what calls cost in tests.
MINUTE = 250
BOOKED = 30


@dataclass
class Meeting:
    """A confirmed session of two, and its house."""

    house: House
    booking_id: BookingId
    client: Party
    coach: Party

    @property
    def room(self) -> SessionId:
        return SessionId(self.booking_id)

    async def session(self) -> ScheduledSession:
        scheduled = self.house.stores.scheduled
        return await self.house.stores.transact(lambda tx: scheduled.of_booking(tx, self.booking_id))

    async def segment(self, number: int = 1) -> OvertimeSegment:
        return (await self.session()).segment(number)

    async def call(self) -> LiveSession:
        return await self.house.call(self.room)

    def at(self, house: House) -> "Meeting":
        """The same, seen from another process."""
        return replace(self, house=house)

    # --- the room ---

    async def join(self, party: Party, *, resume: bool = False) -> SessionSnapshot:
        ask = JoinSession(self.booking_id, party.device, resume)
        seats = self.house.calls.sessions.seats
        return await seats.join(party.who, SocketRef(self.house.process, party.sid), ask)

    async def both_join(self) -> None:
        await self.join(self.client)
        await self.join(self.coach)

    async def lose(self, party: Party) -> None:
        """The party's socket is gone, as its process notices."""
        side = (await self.session()).side_of(party.who.user_id)
        self.house.calls.keeper.drop(self.room, side, party.sid)
        await self.house.calls.sessions.seats.left(self.booking_id, party.who.user_id, party.sid)

    async def media(self, party: Party, state: str = "connected") -> None:
        session = await self.session()
        side = session.side_of(party.who.user_id)
        await self.house.calls.sessions.media.report(
            party.who, party.sid, self.booking_id, side, session.epoch, state
        )

    async def both_prove(self) -> None:
        await self.media(self.client)
        await self.media(self.coach)

    async def end(self, party: Party) -> None:
        await self.house.calls.sessions.endings.end(party.who, self.booking_id, None)

    # --- time ---

    async def pass_to(self, minutes: float) -> None:
        """Go to so many minutes after the start of the session, and run what is due."""
        until = (await self.session()).start + timedelta(minutes=minutes)
        seconds = (until - self.house.clock.now()).total_seconds()
        await self.house.pass_time(max(seconds, 0))

    async def talk(self, seconds: float) -> None:
        """Overtime with media flowing: both sides keep proving, and due timers run."""
        await self.house.talk(self.room, seconds)

    # --- overtime ---

    async def ask(self, party: Party, minutes: int = 10, card: PaymentMethodId | None = None) -> int:
        return await self.house.calls.sessions.overtime.request(party.who, self.booking_id, minutes, card)

    async def agree(
        self, party: Party, number: int = 1, card: PaymentMethodId | None = None
    ) -> AuthorizationView:
        return await self.house.calls.sessions.overtime.confirm(party.who, self.booking_id, number, card)

    async def decline(self, party: Party, number: int = 1) -> None:
        await self.house.calls.sessions.overtime.decline(party.who, self.booking_id, number)

    async def agreed(self, minutes: int = 10, number: int = 1) -> None:
        """The coach asks, the client agrees, the card holds it."""
        await self.ask(self.coach, minutes)
        await self.agree(self.client, number)

    def heard(self, name: str) -> list[Any]:
        """The data of all events of one name that went to the room."""
        return self.house.published.named(name)


async def booked(
    house: House,
    client: Party,
    coach: Party,
    *,
    minutes: int = BOOKED,
    starts_in: float = 3600,
    confirmed: bool = True,
    overtime_rate: Money | None = None,
    price: int | None = None,
) -> Meeting:
    """A booking with its meeting, as a client who paid has it."""
    assert coach.who.coach_id is not None
    booking = a_booking(
        coach=(coach.who.coach_id, coach.who.user_id),
        client=client.who.user_id,
        start=house.clock.now() + timedelta(seconds=starts_in),
        minutes=minutes,
        price=MINUTE * minutes if price is None else price,
    )
    await keep(house.stores, house.calls.sessions.meetings, booking, overtime_rate, confirmed=confirmed)
    return Meeting(house, booking.id, client, coach)


async def keep(
    stores: Stores,
    meetings: Meetings,
    booking: Booking,
    overtime_rate: Money | None = None,
    *,
    confirmed: bool = True,
) -> None:
    """Write a booking with its meeting."""
    offer = _offer(booking, overtime_rate)

    async def work(tx: Tx) -> None:
        await stores.bookings.insert(tx, booking)
        await meetings.schedule(tx, meeting_of(booking, offer))
        if confirmed:
            await meetings.confirmed(tx, booking.session_id)

    await stores.transact(work)


async def in_progress(house: House, client: Party, coach: Party, **more: Any) -> Meeting:
    """Both there, at the start of the session."""
    meeting = await booked(house, client, coach, **more)
    await meeting.pass_to(0)
    await meeting.both_join()
    return meeting


async def refusal(attempt: Any) -> DomainError:
    """The error that an attempt must end with."""
    try:
        await attempt
    except DomainError as error:
        return error
    raise AssertionError("it was not refused")


def a_booking(
    *,
    coach: tuple[CoachId, UserId],
    client: UserId,
    start: datetime,
    minutes: float,
    price: int,
    currency: str = "USD",
) -> Booking:
    """A booking of two that is paid; nobody was asked whether the coach is free."""
    end = start + timedelta(minutes=minutes)
    coach_id, coach_user = coach
    return Booking(
        id=BookingId(new_id()),
        coach_id=coach_id,
        coach_user_id=coach_user,
        coach_name="Coach",
        session_type_id=SessionTypeId(new_id()),
        format=Format.ONE_TO_ONE,
        title="A session",
        start=start,
        end=end,
        busy_from=start,
        busy_until=end,
        firm=True,
        price=Quote(currency, price, price, PriceReason.BASE, "Price"),
        fee_percent=20,
        policy=CancellationPolicy(),
        session_id=SessionId(new_id()),
        created_at=start - timedelta(hours=1),
        state=BookingState.CONFIRMED,
        client=Client(client, "Client", "UTC", "en"),
    )


def _offer(booking: Booking, overtime_rate: Money | None) -> SessionType:
    minutes = max(1, int((booking.end - booking.start).total_seconds() // 60))
    return SessionType(
        id=booking.session_type_id,
        coach_id=booking.coach_id,
        names={"en": "A session"},
        descriptions={},
        format=Format.ONE_TO_ONE,
        price=Money(booking.price.base, booking.price.currency),
        duration_min=minutes,
        duration_max=minutes,
        duration_default=minutes,
        overtime_rate=overtime_rate,
    )
