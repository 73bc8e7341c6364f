"""Paying for a booking: by card, with 3-D Secure, on the gateway's page. One payment gets it, all other money goes back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.booking.booking import Booking
from domain.errors import Conflict, Forbidden, Invalid, NotFound, PaymentRefused
from domain.payments.payment import Payment, PaymentState, Way
from domain.payments.refunds import RefundState
from tests.support.house import House, Party
from tests.support.selling import Shop, open_shop

THREE_DS = "pm_card_authenticationRequired"
#: Until an unpaid booking expires, and a little more.
QUARTER = 15 * 60 + 1


@pytest.fixture
async def shop(house: House) -> Shop:
    return await open_shop(house)


async def challenged(house: House, shop: Shop) -> tuple[Party, Booking, Payment]:
    """A payment that waits for the client's bank."""
    client = await house.client(card=THREE_DS)
    booking = await shop.book(client)
    return client, booking, await shop.pay(client, booking)


async def answered(house: House, payment: Payment, outcome: str) -> None:
    await house.sandbox.answer_challenge(payment.intent_id or "", payment.client_secret, outcome)


# --- by card ------------------------------------------------------------------------------------------------------


async def test_a_saved_card_pays_and_the_booking_stands(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_de")
    booking = await shop.book(client)

    payment = await shop.pay(client, booking)

    assert (payment.state, payment.amount, payment.delivered) == (PaymentState.CAPTURED, 5000, True)
    assert payment.snapshot is not None
    price = payment.snapshot
    assert (price.gross, price.tax, price.tax_country, price.net) == (5000, 798, "DE", 4202)
    assert (price.platform_fee, price.coach_share) == (840, 3362)
    assert price.quote == booking.price
    paid = await shop.booking(booking.id)
    assert (paid.state, paid.payment_id) == ("confirmed", payment.id)
    assert await shop.moved() == {"charge": 5000, "refund": 0}
    await shop.assert_books_agree()


async def test_both_are_told_what_is_theirs(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_de")
    booking = await shop.book(client)

    payment = await shop.pay(client, booking)

    (to_client,) = house.published.heard_by(client, "payment_update")
    (to_coach,) = house.published.heard_by(shop.coach, "payment_update")
    about = (to_client["bookingId"], to_client["state"], to_client["amount"]["amount"])
    assert about == (booking.id, "captured", 5000)
    assert to_client["receipt"]["lines"][0]["description"] == booking.title
    assert (to_coach["paymentId"], to_coach["amount"]["amount"]) == (payment.id, 3362)
    assert to_coach["receipt"] is None


async def test_a_refused_card_takes_nothing_and_another_one_pays(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_chargeCustomerFail")
    booking = await shop.book(client)

    with pytest.raises(PaymentRefused) as refused:
        await shop.pay(client, booking)
    good = await house.add_card(client, "pm_card_visa")
    payment = await shop.pay(client, booking, good)

    first, second = await shop.payments(booking)
    assert refused.value.details == {"reason": "card_declined", "paymentId": first.id}
    assert (first.state, first.failure, second.id) == (PaymentState.FAILED, "card_declined", payment.id)
    assert (await shop.booking(booking.id)).state == "confirmed"
    await shop.quiet()
    await shop.assert_books_agree()


async def test_a_client_is_never_told_that_a_card_is_stolen(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault("decline", code="stolen_card")

    with pytest.raises(PaymentRefused) as refused:
        await shop.pay(client, booking)

    operation = await house.stores.db["gateway_operations"].find_one({"kind": "charge"})
    assert refused.value.details["reason"] == "card_declined"
    assert operation is not None
    assert (operation["state"], operation["error"]) == ("refused", "stolen_card")


async def test_what_is_paid_cannot_be_paid_again(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await shop.pay(client, booking)

    with pytest.raises(Conflict):
        await shop.pay(client, booking)

    assert await shop.moved() == {"charge": 5000, "refund": 0}


async def test_ten_times_at_once_is_paid_once(house: House, neighbour: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    two = [shop, Shop(neighbour, shop.coach, shop.offer)]

    await asyncio.gather(*(two[n % 2].pay(client, booking) for n in range(10)), return_exceptions=True)
    await shop.quiet()

    assert await shop.moved() == {"charge": 5000, "refund": 0}
    (payment,) = await shop.payments(booking)
    assert payment.state is PaymentState.CAPTURED
    await shop.assert_books_agree()


async def test_only_the_client_pays_and_strangers_learn_nothing(house: House, shop: Shop) -> None:
    client, stranger = await house.client(), await house.client()
    booking = await shop.book(client)
    payment = await shop.page(client, booking)

    for nosy in (stranger, shop.coach):
        with pytest.raises(NotFound):
            await shop.pay(nosy, booking)
        with pytest.raises(NotFound):
            await shop.page(nosy, booking)
        with pytest.raises(NotFound):
            await shop.confirm(nosy, payment)

    assert [one.id for one in await shop.payments(booking)] == [payment.id]


async def test_without_a_card_of_their_own_nobody_pays_by_card(house: House, shop: Shop) -> None:
    client, other = await house.client(card=None), await house.client(card=None)
    foreign = await house.add_card(other, "pm_card_visa")
    booking = await shop.book(client)

    for card in (None, foreign):
        with pytest.raises(Invalid) as refused:
            await shop.pay(client, booking, card)
        assert refused.value.code == "NO_PAYMENT_METHOD"


async def test_a_suspended_account_pays_nothing(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.stores.db["accounts"].update_many({}, {"$set": {"suspended_at": house.clock.now()}})

    with pytest.raises(Forbidden):
        await shop.pay(client, booking)
    with pytest.raises(Forbidden):
        await shop.page(client, booking)

    assert await shop.payments(booking) == []


# --- 3-D Secure -----------------------------------------------------------------------------------------------------


async def test_the_bank_asks_for_the_client_who_confirms(house: House, shop: Shop) -> None:
    client, booking, payment = await challenged(house, shop)
    unproven = await shop.confirm(client, payment)
    await answered(house, payment, "complete")

    confirmed = await shop.confirm(client, payment)

    assert (payment.state, unproven.state) == (PaymentState.REQUIRES_ACTION, PaymentState.REQUIRES_ACTION)
    assert (payment.client_secret or "").startswith("pi_")
    assert (confirmed.state, confirmed.client_secret) == (PaymentState.CAPTURED, None)
    assert (await shop.booking(booking.id)).state == "confirmed"
    await shop.quiet()
    await shop.assert_books_agree()


async def test_a_challenge_that_failed_closes_the_intent_for_good(house: House, shop: Shop) -> None:
    client, booking, payment = await challenged(house, shop)
    await answered(house, payment, "fail")

    failed = await shop.confirm(client, payment)

    (intent,) = await house.intents()
    assert failed.state is PaymentState.FAILED
    assert failed.failure == "payment_intent_authentication_failure"
    assert intent["status"] == "canceled"
    assert (await shop.booking(booking.id)).state == "pending_payment"


async def test_asking_again_answers_the_payment_that_is_undecided(house: House, shop: Shop) -> None:
    client, booking, payment = await challenged(house, shop)

    again = await shop.pay(client, booking)

    assert (again.id, again.client_secret) == (payment.id, payment.client_secret)
    assert len(await house.intents()) == 1


async def test_another_card_gives_the_first_one_up(house: House, shop: Shop) -> None:
    client, booking, payment = await challenged(house, shop)
    good = await house.add_card(client, "pm_card_visa")

    paid = await shop.pay(client, booking, good)
    await shop.quiet()

    assert paid.state is PaymentState.CAPTURED
    assert (await shop.payment(payment.id)).state is PaymentState.CANCELLED
    assert {intent["status"] for intent in await house.intents()} == {"succeeded", "canceled"}
    await shop.assert_books_agree()


async def test_a_challenge_finished_after_the_time_to_pay_gives_everything_back(
    house: House, shop: Shop
) -> None:
    _, booking, payment = await challenged(house, shop)
    house.clock.advance(QUARTER)
    await answered(house, payment, "complete")

    await shop.quiet()

    late = await shop.payment(payment.id)
    assert (await shop.booking(booking.id)).state == "expired"
    assert (late.state, late.delivered, late.refunded) == (PaymentState.REFUNDED, False, 5000)
    assert await shop.moved() == {"charge": 5000, "refund": -5000}
    assert not house.published.heard_by(shop.coach, "payment_update")
    await shop.assert_books_agree()


async def test_an_expired_booking_leaves_no_intent_that_could_be_paid(house: House, shop: Shop) -> None:
    _, booking, payment = await challenged(house, shop)

    await house.pass_time(QUARTER)
    await shop.quiet()

    (intent,) = await house.intents()
    assert intent["status"] == "canceled"
    assert (await shop.payment(payment.id)).state is PaymentState.CANCELLED
    assert (await shop.booking(booking.id)).state == "expired"


async def test_money_that_comes_after_the_payment_was_given_up_is_booked_and_goes_back(
    house: House, shop: Shop
) -> None:
    """Somebody's own script confirms an intent that we have forgotten: the gateway's word counts, not ours."""
    _, booking, payment = await challenged(house, shop)
    await house.stores.db["payments"].update_one({}, {"$set": {"state": "cancelled"}})
    await shop.abandon(booking)
    await house.stores.db["timers"].delete_many({"kind": "booking_expiry"})
    await house.stores.db["bookings"].update_one({"state": "pending_payment"}, {"$set": {"state": "expired"}})
    await answered(house, payment, "complete")

    for event in await shop.told():
        await house.gateway_tells(event)
    await shop.quiet()

    late = await shop.payment(payment.id)
    assert (late.state, late.refunded) == (PaymentState.REFUNDED, 5000)
    await shop.assert_books_agree()


# --- the gateway's page -----------------------------------------------------------------------------------------------


async def test_a_client_without_a_card_pays_on_the_gateways_page(house: House, shop: Shop) -> None:
    client = await house.client(card=None)
    booking = await shop.book(client)
    payment = await shop.page(client, booking)
    assert payment.page is not None

    back = await house.sandbox.pay_page(payment.page.url, "pm_card_de")
    unheard = await shop.payment(payment.id)
    paid = await shop.confirm(client, payment)

    assert back.endswith(f"/bookings/{booking.id}?checkout=done")
    assert (payment.way, unheard.state) == (Way.CHECKOUT, PaymentState.CREATED)
    assert (paid.state, paid.delivered) == (PaymentState.CAPTURED, True)
    assert paid.snapshot is not None
    assert (paid.snapshot.tax, paid.snapshot.tax_country) == (798, "DE")
    assert (await shop.booking(booking.id)).state == "confirmed"
    await shop.quiet()
    await shop.assert_books_agree()


async def test_while_it_is_the_clients_turn_nothing_counts_as_unanswered(house: House, shop: Shop) -> None:
    _, _, secured = await challenged(house, shop)
    client = await house.client()
    on_page = await shop.page(client, await shop.book(client))

    unknown = await house.stores.operations.unanswered(house.clock.wall() + timedelta(days=1))

    assert (secured.undecided, on_page.undecided) == (True, True)
    assert unknown == 0


async def test_a_page_is_found_again_and_not_opened_twice(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)

    first, again = await shop.page(client, booking), await shop.page(client, booking)

    assert first.page is not None
    assert (again.id, again.page) == (first.id, first.page)
    assert await pages(house) == ["open"]


async def test_a_card_refused_on_the_page_leaves_it_open_for_another(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    payment = await shop.page(client, booking)
    assert payment.page is not None

    await house.sandbox.pay_page(payment.page.url, "pm_card_chargeDeclined")
    for event in await shop.told():
        await house.gateway_tells(event)
    await house.run_due()
    refused = await shop.confirm(client, payment)
    await house.sandbox.pay_page(payment.page.url, "pm_card_visa")
    paid = await shop.confirm(client, payment)

    assert (refused.state, paid.state) == (PaymentState.CREATED, PaymentState.CAPTURED)
    await shop.quiet()
    await shop.assert_books_agree()


async def test_the_page_closes_with_the_time_to_pay(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    payment = await shop.page(client, booking)

    await house.pass_time(QUARTER)
    await shop.quiet()

    assert await pages(house) == ["expired"]
    assert (await shop.payment(payment.id)).state is PaymentState.CANCELLED


async def test_a_page_that_closed_by_itself_is_followed_by_a_new_one(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    first = await shop.page(client, booking)
    assert first.page is not None
    await house.sandbox.client.v1.checkout.sessions.expire_async(first.page.session_id)

    second = await shop.page(client, booking)

    assert second.page is not None
    assert second.id != first.id
    assert sorted(await pages(house)) == ["expired", "open"]


async def test_paid_on_the_page_and_by_card_one_is_kept_and_the_other_given_back(
    house: House, shop: Shop
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    on_page = await shop.page(client, booking)
    assert on_page.page is not None
    await house.sandbox.pay_page(on_page.page.url)

    by_card = await shop.pay(client, booking)
    await shop.quiet()

    kept, back = await shop.payment(by_card.id), await shop.payment(on_page.id)
    assert (kept.state, kept.delivered) == (PaymentState.CAPTURED, True)
    assert (back.state, back.delivered, back.refunded) == (PaymentState.REFUNDED, False, 5000)
    assert (await shop.booking(booking.id)).payment_id == by_card.id
    assert await shop.moved() == {"charge": 10_000, "refund": -5000}
    await shop.assert_books_agree()


async def test_paying_by_card_closes_the_page(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await shop.page(client, booking)

    await shop.pay(client, booking)
    await shop.quiet()

    assert await pages(house) == ["expired"]
    assert await shop.moved() == {"charge": 5000, "refund": 0}
    await shop.assert_books_agree()


async def test_a_payment_given_up_that_succeeds_first_gets_it_and_closes_the_page_after_it(
    house: House, shop: Shop
) -> None:
    client, booking, by_card = await challenged(house, shop)
    on_page = await shop.page(client, booking)
    await answered(house, by_card, "complete")

    await shop.quiet()

    kept, closed = await shop.payment(by_card.id), await shop.payment(on_page.id)
    assert (kept.state, kept.delivered) == (PaymentState.CAPTURED, True)
    assert closed.state is PaymentState.CANCELLED
    assert await pages(house) == ["expired"]
    assert (await shop.booking(booking.id)).payment_id == by_card.id
    await shop.assert_books_agree()


async def test_billing_hands_over_once_even_if_what_is_sold_would_say_yes_twice(
    house: House, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await house.client()
    booking = await shop.book(client)
    on_page = await shop.page(client, booking)
    assert on_page.page is not None
    await house.sandbox.pay_page(on_page.page.url)
    await shop.pay(client, booking)

    async def yes(*_: Any) -> bool:
        return True

    monkeypatch.setattr(house.booking.cases.sales, "paid", yes)
    await shop.quiet()

    payments = await shop.payments(booking)
    assert sorted((one.state.value, one.delivered) for one in payments) == [
        ("captured", True),
        ("refunded", False),
    ]


async def test_another_amount_than_was_asked_for_is_not_booked_but_looked_at(
    house: House, shop: Shop
) -> None:
    client, booking, payment = await challenged(house, shop)
    await house.stores.db["payments"].update_one({}, {"$set": {"amount": 4000}})
    await answered(house, payment, "complete")

    with pytest.raises(Conflict) as refused:
        await shop.confirm(client, payment)

    assert refused.value.details == {"asked": 4000, "taken": 5000, "payment": payment.id}
    assert (await shop.booking(booking.id)).state == "pending_payment"
    assert await house.stores.db["ledger"].count_documents({}) == 0


# --- what the gateway does not know ---------------------------------------------------------------------------------


async def test_a_fee_that_is_not_known_yet_is_waited_for(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault("fee_pending", operation="payment_intents", times=4)

    payment = await shop.pay(client, booking)
    await shop.quiet()

    settled = await shop.payment(payment.id)
    assert (payment.state, settled.state) == (PaymentState.CREATED, PaymentState.CAPTURED)
    assert settled.captures[0].fee == 175
    await shop.assert_books_agree()


async def test_a_fee_that_nobody_ever_knows_keeps_no_booking_waiting(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    await house.sandbox.fault("fee_pending", operation="payment_intents", times=None)

    await shop.pay(client, booking)
    await shop.quiet()

    (payment,) = await shop.payments(booking)
    assert (payment.state, payment.captures[0].fee) == (PaymentState.CAPTURED, 0)


async def test_a_tax_that_nobody_can_tell_is_booked_as_none(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_noPostalCode")
    booking = await shop.book(client)

    payment = await shop.pay(client, booking)

    assert payment.snapshot is not None
    assert (payment.snapshot.tax, payment.snapshot.tax_calculation) == (0, None)
    assert (await shop.booking(booking.id)).state == "confirmed"
    await shop.assert_books_agree()


async def test_of_a_payment_given_back_at_once_the_client_hears_both(house: House, shop: Shop) -> None:
    client, _, payment = await challenged(house, shop)
    house.clock.advance(QUARTER)
    await answered(house, payment, "complete")

    await shop.quiet()

    told = [one["state"] for one in house.published.heard_by(client, "payment_update")]
    last = house.published.heard_by(client, "payment_update")[-1]
    assert told == ["requires_action", "captured", "refunded"]
    (refund,) = last["receipt"]["refunds"]
    assert (refund["amount"], refund["reason"], refund["state"]) == (
        5000,
        "unavailable",
        RefundState.SUCCEEDED.value,
    )


async def pages(house: House) -> list[Any]:
    """The states of all hosted pages."""
    found = (await house.sandbox.view("checkout_sessions"))["data"]
    return [one["status"] for one in found]
