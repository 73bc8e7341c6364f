"""A coach who can be booked at any hour, clients who book, and what the gateway took of them."""

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.booking.booking import Booking
from domain.booking.bookings import NewBooking
from domain.booking.calendar import WEEKDAYS, Schedule
from domain.booking.session_type import Format, SessionType
from domain.booking.zones import WallWindow
from domain.ids import BookingId, PaymentId, PaymentMethodId, SessionTypeId, new_id
from domain.money import Money
from domain.payments.payment import Payment
from domain.payments.purchases import RefundReason, Subject, SubjectKind
from domain.ports import Tx
from tests.support.house import House, Party

PRICE = Money(5000, "USD")
#: What the gateway has to tell about a purchase.
ABOUT_PURCHASES = ("payment_intent.", "checkout.session.", "refund.", "charge.refunded")
DAY = timedelta(days=1)


@dataclass
class Shop:
    """A coach's offer of one-hour sessions, firm at once, around the clock."""

    house: House
    coach: Party
    offer: SessionType
    _hours: Any = field(default_factory=lambda: itertools.count(48))

    async def book(self, client: Party, *, hours: int | None = None) -> Booking:
        """A session at an hour of its own, to be paid within 15 minutes."""
        now = self.house.clock.now()
        start = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours or next(self._hours))
        assert self.coach.who.coach_id is not None
        ask = NewBooking(self.coach.who.coach_id, self.offer.id, start, 60)
        return await self.house.booking.cases.bookings.create(client.who, ask)

    async def booking(self, booking_id: BookingId) -> Booking:
        return await self.house.stores.transact(lambda tx: self.house.stores.bookings.get(tx, booking_id))

    # --- paying ---

    async def pay(self, client: Party, booking: Booking, card: PaymentMethodId | None = None) -> Payment:
        return await self.house.calls.money.purchases.pay_by_card(client.who, subject(booking), card)

    async def page(self, client: Party, booking: Booking) -> Payment:
        return await self.house.calls.money.purchases.open_checkout(client.who, subject(booking))

    async def confirm(self, client: Party, payment: Payment) -> Payment:
        return await self.house.calls.money.purchases.confirm(client.who, payment.id)

    async def payment(self, payment_id: PaymentId) -> Payment:
        found = await self.house.stores.payments.find(payment_id)
        assert found is not None
        return found

    async def payments(self, booking: Booking) -> list[Payment]:
        """All tries to pay for it, the oldest first."""
        found = await self.house.stores.transact(
            lambda tx: self.house.stores.payments.of_subject(tx, subject(booking))
        )
        return found[::-1]

    async def refund(
        self, payment: Payment, amount: int, reason: RefundReason = RefundReason.CANCELLED_BY_CLIENT
    ) -> None:
        """Reserve a refund, as a subject does in its transaction; a timer gives it back."""

        async def work(tx: Tx) -> None:
            await self.house.calls.money.till.refund(tx, payment.id, amount, reason)

        await self.house.stores.transact(work)

    async def abandon(self, booking: Booking) -> None:
        await self.house.stores.transact(lambda tx: self.house.calls.money.till.abandon(tx, subject(booking)))

    # --- the gateway ---

    async def told(self) -> list[dict[str, Any]]:
        """Everything the gateway has to tell, in order."""
        events: list[dict[str, Any]] = (await self.house.sandbox.view("events"))["data"]
        return [event for event in events if event["type"].startswith(ABOUT_PURCHASES)]

    async def moved(self) -> dict[str, int]:
        """What the gateway took and gave back, by kind of movement."""
        sums: dict[str, int] = {"charge": 0, "refund": 0}
        for movement in (await self.house.sandbox.view("movements"))["data"]:
            sums[movement["type"]] = sums.get(movement["type"], 0) + movement["amount"]
        return sums

    async def quiet(self) -> None:
        """Run timers until nothing waits for the gateway any more; give backoff its time."""
        waiting = {"kind": {"$in": ["purchase", "refund", "webhook"]}}
        for _ in range(30):
            await self.house.run_due()
            if not await self.house.stores.db["timers"].count_documents(waiting):
                return
            self.house.clock.advance(5)
        raise AssertionError("still waiting for the gateway")

    async def assert_books_agree(self) -> None:
        """Every invariant holds, nothing is dead, and what the gateway moved is what is booked as clearing."""
        report = await self.house.stores.ledger.check()
        assert report.healthy, report
        assert await self.house.dead_letters() == 0
        balances = await self.house.stores.ledger.balances()
        booked = sum(
            amount
            for (_, account), amount in balances.items()
            if account in ("gateway_clearing", "gateway_fee")
        )
        assert booked == sum((await self.moved()).values())


def subject(booking: Booking) -> Subject:
    """A booking as billing knows it."""
    return Subject(SubjectKind.BOOKING, booking.id)


async def open_shop(house: House, price: Money = PRICE) -> Shop:
    """A coach with an offer and a calendar that is open day and night."""
    coach = await house.coach(rate=Money(250, price.currency))
    coach_id = coach.who.coach_id
    assert coach_id is not None
    offer = SessionType(
        id=SessionTypeId(new_id()),
        coach_id=coach_id,
        names={"en": "Deep talk"},
        descriptions={},
        format=Format.ONE_TO_ONE,
        price=price,
        duration_min=60,
        duration_max=60,
        duration_default=60,
        notice_minutes=0,
    )
    always = {day: (WallWindow(0, 24 * 60),) for day in WEEKDAYS}

    async def work(tx: Tx) -> None:
        await house.stores.session_types.insert(tx, offer)
        calendar = await house.stores.calendars.touch(tx, coach_id)
        calendar.schedule = Schedule("UTC", always)
        await house.stores.calendars.save_schedule(tx, calendar)

    await house.stores.transact(work)
    return Shop(house, coach, offer)
