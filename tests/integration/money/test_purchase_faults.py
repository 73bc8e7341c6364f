"""Whatever the gateway does between our question and its answer, a purchase is paid once, and by what it says."""

import pytest

from domain.errors import Unavailable
from domain.payments.payment import PaymentState
from tests.support.house import House
from tests.support.sandbox import GATEWAY_PATIENCE
from tests.support.selling import Shop, open_shop

FAULTS = (
    "timeout_after_success",
    "drop_after_success",
    "error_500_before",
    "error_500_after",
    "rate_limit",
    "lock_timeout",
    "conflict",
)


@pytest.fixture
async def shop(house: House) -> Shop:
    return await open_shop(house)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_charge_without_an_answer_is_looked_up_and_taken_once(
    house: House, shop: Shop, fault: str
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault(fault, operation="payment_intents.create", seconds=GATEWAY_PATIENCE + 1)

    asked = await shop.pay(client, booking)
    house.clock.advance(16)
    await shop.quiet()

    assert asked.state is PaymentState.CREATED
    assert (await shop.payment(asked.id)).state is PaymentState.CAPTURED
    assert len(await house.intents()) == 1
    assert (await shop.booking(booking.id)).state == "confirmed"
    assert await shop.moved() == {"charge": 5000, "refund": 0}
    await shop.assert_books_agree()


@pytest.mark.parametrize("fault", ["drop_after_success", "error_500_before", "error_500_after"])
async def test_a_page_without_an_answer_is_found_and_opened_once(
    house: House, shop: Shop, fault: str
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault(fault, operation="checkout.sessions.create", seconds=3)

    with pytest.raises(Unavailable):
        await shop.page(client, booking)
    for _ in range(3):
        house.clock.advance(16)
        await house.run_due()
    page = await shop.page(client, booking)

    assert page.page is not None
    assert len(await shop.payments(booking)) == 1
    assert len((await house.sandbox.view("checkout_sessions"))["data"]) == 1


@pytest.mark.parametrize("operation", ["payment_intents.retrieve", "tax.calculate"])
@pytest.mark.parametrize("fault", ["error_500_after", "drop_after_success"])
async def test_an_outage_between_paying_and_booking_only_delays_it(
    house: House, shop: Shop, operation: str, fault: str
) -> None:
    client = await house.client(card="pm_card_authenticationRequired")
    booking = await shop.book(client)
    payment = await shop.pay(client, booking)
    await house.sandbox.answer_challenge(payment.intent_id or "", payment.client_secret, "complete")
    await house.sandbox.fault(fault, operation=operation, times=2)

    early = await shop.confirm(client, payment)
    await shop.quiet()

    assert early.state is PaymentState.REQUIRES_ACTION
    assert (await shop.payment(payment.id)).state is PaymentState.CAPTURED
    assert (await shop.booking(booking.id)).state == "confirmed"
    await shop.assert_books_agree()


async def test_given_up_while_nobody_knows_whether_it_was_asked_is_given_back_if_it_was(
    house: House, shop: Shop
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault("drop_after_success", operation="payment_intents.create")
    payment = await shop.pay(client, booking)

    await house.pass_time(15 * 60 + 1)
    await shop.quiet()

    late = await shop.payment(payment.id)
    # The sweeper was there long before the time to pay was over; or else everything goes back.
    assert (late.state, late.delivered) in (
        (PaymentState.CAPTURED, True),
        (PaymentState.REFUNDED, False),
    )
    assert (await shop.booking(booking.id)).state == ("confirmed" if late.delivered else "expired")
    await shop.assert_books_agree()


async def test_given_up_and_never_asked_is_cancelled_but_not_before_it_is_sure(
    house: House, shop: Shop
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault("rate_limit", operation="payment_intents.create")
    payment = await shop.pay(client, booking)
    await shop.abandon(booking)

    await house.run_due()
    early = await shop.payment(payment.id)
    house.clock.advance(16)
    await shop.quiet()

    assert early.state is PaymentState.CREATED
    assert (await shop.payment(payment.id)).state is PaymentState.CANCELLED
    assert await house.intents() == []


async def test_a_gateway_in_chaos_takes_every_booking_once(house: House, shop: Shop) -> None:
    clients = [await house.client() for _ in range(6)]
    booked = [await shop.book(client) for client in clients]
    await house.sandbox.fault(
        "chaos", seed=3, reads=True, dropAfterSuccess=0.15, error500=0.2, rateLimit=0.1, conflict=0.1
    )

    for client, booking in zip(clients, booked, strict=True):
        await shop.pay(client, booking)
    for _ in range(8):
        await house.pass_time(20)
    await house.sandbox.control("faults", "DELETE")
    await shop.quiet()

    states = [(await shop.booking(booking.id)).state.value for booking in booked]
    assert states == ["confirmed"] * 6
    assert await shop.moved() == {"charge": 30_000, "refund": 0}
    await shop.assert_books_agree()
