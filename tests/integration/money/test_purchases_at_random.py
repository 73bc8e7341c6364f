"""Whatever clients, banks, webhooks and timers do, in whatever order and number: each booking is paid once or not at all.

Clients pay, pay again another way, finish challenges late, cancel; the gateway's webhooks come when they like, doubled or not
before the end; the gateway fails now and then. Afterwards everything is told, and all must agree.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.booking.booking import Booking
from domain.booking.states import BookingState
from domain.errors import DomainError
from domain.ids import PaymentMethodId
from domain.payments.payment import PaymentState
from tests.support.house import House, Party
from tests.support.selling import Shop, open_shop

STEPS = 40
TOKENS = ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired")
ON_PAGE = ("pm_card_de", "pm_card_chargeDeclined", "pm_card_mastercard")
FAULTS = ("drop_after_success", "error_500_before", "error_500_after", "rate_limit", "conflict")
OVER_UNPAID = (BookingState.EXPIRED, BookingState.CANCELLED_BY_CLIENT, BookingState.CANCELLED_BY_COACH)


class Market:
    """A few clients with a booking each, all of whom have three cards and are in two minds."""

    def __init__(self, shop: Shop, dice: random.Random) -> None:
        self.shop = shop
        self.house = shop.house
        self.dice = dice
        self.clients: list[tuple[Party, list[PaymentMethodId], Booking]] = []
        self.said: set[str] = set()

    async def open(self) -> None:
        for _ in range(3):
            client = await self.house.client(card=None)
            cards = [await self.house.add_card(client, token) for token in TOKENS]
            self.clients.append((client, cards, await self.shop.book(client)))

    async def step(self) -> None:
        """Somebody does something; no is an answer."""
        acts: list[Callable[[], Awaitable[object]]] = [
            self.by_card, self.page, self.on_page, self.challenge, self.challenge, self.confirm,
            self.webhook, self.webhook, self.webhook, self.wait, self.fault, self.cancel,
        ]  # fmt: skip
        try:
            await self.dice.choice(acts)()
        except DomainError as refused:
            self.said.add(refused.code.value)

    async def by_card(self) -> None:
        client, cards, booking = self.dice.choice(self.clients)
        await self.shop.pay(client, booking, self.dice.choice(cards))

    async def page(self) -> None:
        client, _, booking = self.dice.choice(self.clients)
        await self.shop.page(client, booking)

    async def on_page(self) -> None:
        """Somebody pays in a tab that is still there, whatever we think of that payment by now."""
        sessions = (await self.house.sandbox.view("checkout_sessions"))["data"]
        open_ones = [one["id"] for one in sessions if one["status"] == "open"]
        tabs = (
            await self.house.stores.db["payments"].find({"page.session_id": {"$in": open_ones}}).to_list(None)
        )
        if tabs:
            await self.house.sandbox.pay_page(
                self.dice.choice(tabs)["page"]["url"], self.dice.choice(ON_PAGE)
            )

    async def challenge(self) -> None:
        waiting = {"state": "requires_action", "client_secret": {"$ne": None}}
        rows = await self.house.stores.db["payments"].find(waiting).to_list(None)
        if rows:
            row = self.dice.choice(rows)
            outcome = self.dice.choice(("complete", "complete", "fail"))
            await self.house.sandbox.answer_challenge(row["intent_id"], row["client_secret"], outcome)

    async def confirm(self) -> None:
        client, _, booking = self.dice.choice(self.clients)
        payments = await self.shop.payments(booking)
        if payments:
            await self.shop.confirm(client, self.dice.choice(payments))

    async def webhook(self) -> None:
        told = await self.shop.told()
        if told:
            await self.house.gateway_tells(self.dice.choice(told))

    async def wait(self) -> None:
        await self.house.pass_time(self.dice.choice((1, 5, 20, 120)))

    async def fault(self) -> None:
        await self.house.sandbox.fault(self.dice.choice(FAULTS))

    async def cancel(self) -> None:
        client, _, booking = self.dice.choice(self.clients)
        if self.dice.random() < 0.3:
            who = self.dice.choice((client, self.shop.coach)).who
            await self.house.booking.cases.changes.cancel(who, booking.id)

    async def end(self) -> None:
        """The gateway is well again, says everything twice, and the time to pay is over."""
        await self.house.sandbox.control("faults", "DELETE")
        await self.tell_all()
        await self.house.pass_time(16 * 60)
        await self.shop.quiet()
        await self.tell_all()
        await self.shop.quiet()

    async def tell_all(self) -> None:
        told = await self.shop.told() * 2
        self.dice.shuffle(told)
        for event in told:
            await self.house.gateway_tells(event)
        await self.house.run_due()


def net_of(rows: list[Any]) -> int:
    """What was taken of somebody and not given back."""
    return sum(one.captured - one.refunded for one in rows)


@pytest.mark.parametrize("seed", range(6))
async def test_each_booking_is_paid_once_or_not_at_all(house: House, seed: int) -> None:
    market = Market(await open_shop(house), random.Random(seed))
    await market.open()
    for _ in range(STEPS):
        await market.step()

    await market.end()

    kept = 0
    for _, _, made in market.clients:
        booking, payments = await market.shop.booking(made.id), await market.shop.payments(made)
        delivered = [one for one in payments if one.delivered]
        assert not any(one.undecided for one in payments)
        if booking.state is BookingState.CONFIRMED:
            assert [one.id for one in delivered] == [booking.payment_id]
            assert net_of(payments) == booking.price.amount
            kept += booking.price.amount
        else:
            # Two days before the start, whoever cancels gets everything back.
            assert booking.state in OVER_UNPAID
            assert len(delivered) <= 1
            assert net_of(payments) == 0
        assert {one.state for one in payments} <= {
            PaymentState.CAPTURED,
            PaymentState.REFUNDED,
            PaymentState.FAILED,
            PaymentState.CANCELLED,
        }
    assert {intent["status"] for intent in await house.intents()} <= {"succeeded", "canceled"}
    sessions = (await house.sandbox.view("checkout_sessions"))["data"]
    assert {one["status"] for one in sessions} <= {"complete", "expired"}
    assert sum((await market.shop.moved()).values()) == kept
    assert market.said <= {
        "ILLEGAL_STATE",
        "TOO_LATE",
        "PAYMENT_REFUSED",
        "UNAVAILABLE",
        "NOT_FOUND",
    }, market.said
    await market.shop.assert_books_agree()
