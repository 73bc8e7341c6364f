"""A process that dies between any two steps of a purchase or a refund leaves nothing that the next run does not mend."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.mongo.client import MongoClient, MongoDatabase
from domain.booking.booking import Booking
from domain.ids import RefundId
from domain.payments.payment import Payment, PaymentState
from tests.support.house import House, Party, house_on
from tests.support.selling import Shop, open_shop
from tests.support.steps import Killed, Steps

THREE_DS = "pm_card_authenticationRequired"
Act = Callable[[], Awaitable[object]]


@pytest.fixture
async def mortal(
    mongo: MongoDatabase, mongo_client: MongoClient, tmp_path: Path
) -> AsyncIterator[tuple[Shop, Steps]]:
    """A shop whose process dies at the edge it is told."""
    steps = Steps()
    async with house_on(mongo_client, tmp_path, steps=steps) as house:
        yield await open_shop(house), steps


async def to_pay(shop: Shop, card: str | None = "pm_card_visa") -> tuple[Party, Booking]:
    client = await shop.house.client(card=card)
    return client, await shop.book(client)


async def edges(steps: Steps, act: Act) -> int:
    """How many edges an act has when nobody dies."""
    steps.restart(0)
    await act()
    return steps.taken


async def killed_at(steps: Steps, edge: int, act: Act) -> None:
    steps.restart(edge)
    with pytest.raises(Killed):
        await act()
    steps.restart(0)


async def test_a_card_payment_killed_at_any_edge_is_paid_once_by_the_next_run(
    mortal: tuple[Shop, Steps],
) -> None:
    shop, steps = mortal
    client, booking = await to_pay(shop)
    count = await edges(steps, lambda: shop.pay(client, booking))

    for edge in range(1, count + 1):
        client, booking = await to_pay(shop)
        await killed_at(steps, edge, lambda c=client, b=booking: shop.pay(c, b))  # type: ignore[misc]
        if edge == 1:
            # Died before anything was written: as if nobody had asked.
            assert await shop.payments(booking) == []
            await shop.pay(client, booking)
        await rested(shop)
        (payment,) = await shop.payments(booking)
        assert (payment.state, payment.delivered) == (PaymentState.CAPTURED, True)
        assert (await shop.booking(booking.id)).state == "confirmed"

    assert count >= 8
    assert await shop.moved() == {"charge": 5000 * (count + 1), "refund": 0}
    assert len(await shop.house.intents()) == count + 1
    await shop.assert_books_agree()


async def test_a_client_who_asks_again_after_a_crash_pays_once(mortal: tuple[Shop, Steps]) -> None:
    shop, steps = mortal
    client, booking = await to_pay(shop)
    count = await edges(steps, lambda: shop.pay(client, booking))

    for edge in range(2, count):
        client, booking = await to_pay(shop)
        await killed_at(steps, edge, lambda c=client, b=booking: shop.pay(c, b))  # type: ignore[misc]
        again = await shop.pay(client, booking)
        assert again.state is PaymentState.CAPTURED
        assert len(await shop.payments(booking)) == 1

    assert await shop.moved() == {"charge": 5000 * (count - 1), "refund": 0}
    await shop.assert_books_agree()


async def test_a_page_killed_at_any_edge_is_opened_once_and_closes(mortal: tuple[Shop, Steps]) -> None:
    shop, steps = mortal
    client, booking = await to_pay(shop, card=None)
    count = await edges(steps, lambda: shop.page(client, booking))

    for edge in range(1, count + 1):
        client, booking = await to_pay(shop, card=None)
        await killed_at(steps, edge, lambda c=client, b=booking: shop.page(c, b))  # type: ignore[misc]
        page = await shop.page(client, booking)
        assert page.page is not None
        assert len(await shop.payments(booking)) == 1
        await shop.house.pass_time(15 * 60 + 1)
        await rested(shop)
        assert (await shop.payment(page.id)).state is PaymentState.CANCELLED

    assert count >= 8
    sessions = (await shop.house.sandbox.view("checkout_sessions"))["data"]
    assert {one["status"] for one in sessions} == {"expired"}
    assert len(sessions) == count + 1


async def test_a_page_that_was_paid_is_booked_by_whoever_looks_killed_or_not(
    mortal: tuple[Shop, Steps],
) -> None:
    shop, steps = mortal

    async def paid() -> tuple[Party, Payment]:
        client, booking = await to_pay(shop)
        payment = await shop.page(client, booking)
        assert payment.page is not None
        await shop.house.sandbox.pay_page(payment.page.url)
        return client, payment

    client, payment = await paid()
    count = await edges(steps, lambda: shop.confirm(client, payment))
    for edge in range(1, count + 1):
        client, payment = await paid()
        await killed_at(steps, edge, lambda c=client, p=payment: shop.confirm(c, p))  # type: ignore[misc]
        await rested(shop)
        assert (await shop.payment(payment.id)).state is PaymentState.CAPTURED

    assert count >= 8
    assert await shop.moved() == {"charge": 5000 * (count + 1), "refund": 0}
    await shop.assert_books_agree()


async def test_a_refund_killed_at_any_edge_is_given_back_once(mortal: tuple[Shop, Steps]) -> None:
    shop, steps = mortal

    async def wanted() -> RefundId:
        client, booking = await to_pay(shop)
        payment = await shop.pay(client, booking)
        await shop.refund(payment, 2000)
        return (await shop.payment(payment.id)).refunds[0].id

    refund = await wanted()
    refunds = shop.house.calls.money.refunds
    count = await edges(steps, lambda: refunds.carry_out(refund))
    for edge in range(1, count + 1):
        refund = await wanted()
        await killed_at(steps, edge, lambda r=refund: refunds.carry_out(r))  # type: ignore[misc]
        await rested(shop)

    assert count >= 6
    assert await shop.moved() == {"charge": 5000 * (count + 1), "refund": -2000 * (count + 1)}
    await shop.assert_books_agree()


async def test_giving_up_killed_at_any_edge_leaves_nothing_that_could_be_paid(
    mortal: tuple[Shop, Steps],
) -> None:
    shop, steps = mortal

    async def given_up() -> Payment:
        client, booking = await to_pay(shop, THREE_DS)
        payment = await shop.pay(client, booking)
        await shop.abandon(booking)
        return payment

    payment = await given_up()
    charges = shop.house.calls.money.charges
    count = await edges(steps, lambda: charges.look_up(payment.id))
    for edge in range(1, count + 1):
        payment = await given_up()
        await killed_at(steps, edge, lambda p=payment: charges.look_up(p.id))  # type: ignore[misc]
        await rested(shop)
        assert (await shop.payment(payment.id)).state is PaymentState.CANCELLED

    assert count >= 6
    assert {intent["status"] for intent in await shop.house.intents()} == {"canceled"}
    assert await shop.moved() == {"charge": 0, "refund": 0}


async def rested(shop: Shop) -> None:
    """The sweeper's time has come, and nothing is left to do; bookings do not expire meanwhile."""
    house: House = shop.house
    house.clock.advance(16)
    await shop.quiet()
