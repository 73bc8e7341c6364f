"""Paying for a booking over HTTP: by card, on the gateway's page, and what can be read of it afterwards."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.booking.booking import Booking
from domain.booking.bookings import NewBooking
from domain.ids import DiscountCodeId, PaymentId, new_id
from domain.pricing.codes import DiscountCode
from tests.support.door import Answer, Caller, Door
from tests.support.house import CONSOLE, Party
from tests.support.selling import Shop, open_shop

INTENTS = "/api/payments/intents"
SESSIONS = "/api/payments/checkout-session"
CONFIRM = "/api/payments/confirm"
START = datetime(2026, 1, 8, 16, tzinfo=UTC)


@pytest.fixture
async def shop(door: Door) -> Shop:
    return await open_shop(door.house)


def party(door: Door, email: str = "client@demo.test") -> Party:
    return Party(door.demo[email], f"device-{email}", f"socket-{email}")


async def booked(door: Door, shop: Shop) -> Booking:
    return await shop.book(party(door))


async def card(client: Caller, token: str) -> str:
    answer = await client.post("/api/payment-methods", {"paymentMethodToken": token})
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def paid(client: Caller, booking: Booking, **more: Any) -> Answer:
    answer = await client.post(INTENTS, {"bookingId": booking.id, **more})
    assert answer.status == 201, answer.body
    return answer


async def test_the_default_card_pays(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)

    answer = await paid(client, booking)

    payment = answer.json
    assert payment == {
        "paymentId": payment["paymentId"],
        "state": "captured",
        "amount": {"amount": 5000, "currency": "USD"},
    }
    assert (await shop.booking(booking.id)).state == "confirmed"


async def test_one_key_pays_once(door: Door, shop: Shop, client: Caller) -> None:
    booking, key = await booked(door, shop), {"Idempotency-Key": "pay-1"}

    answers = [await client.post(INTENTS, {"bookingId": booking.id}, headers=key) for _ in range(3)]

    assert [answer.status for answer in answers] == [201] * 3
    assert len({answer.json["paymentId"] for answer in answers}) == 1
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert await shop.moved() == {"charge": 5000, "refund": 0}


async def test_a_refusal_says_why_and_another_card_may_follow(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)
    poor = await card(client, "pm_card_chargeCustomerFail")

    refused = await client.post(INTENTS, {"bookingId": booking.id, "paymentMethodId": poor})
    answer = await paid(client, booking)

    assert (refused.status, refused.code) == (402, "PAYMENT_REFUSED")
    assert refused.json["details"]["reason"] == "card_declined"
    failed = (await client.get(f"/api/payments/{refused.json['details']['paymentId']}")).json
    assert (failed["state"], failed["failure"]) == ("failed", "card_declined")
    assert answer.json["state"] == "captured"


@pytest.mark.parametrize("more", [{"amount": 1}, {"price": 1}, {"currency": "EUR"}, {"state": "captured"}])
async def test_a_price_or_a_state_in_the_body_is_refused(
    door: Door, shop: Shop, client: Caller, more: dict[str, Any]
) -> None:
    booking = await booked(door, shop)

    for path in (INTENTS, SESSIONS):
        answer = await client.post(path, {"bookingId": booking.id, **more})
        assert (answer.status, answer.code) == (400, "INVALID_PAYLOAD")

    assert await shop.moved() == {"charge": 0, "refund": 0}


async def test_three_d_secure_goes_by_the_secret_and_is_not_believed_but_read(
    door: Door, shop: Shop, client: Caller
) -> None:
    booking = await booked(door, shop)
    secure = await card(client, "pm_card_authenticationRequired")

    asked = (await paid(client, booking, paymentMethodId=secure)).json
    early = (await client.post(CONFIRM, {"paymentId": asked["paymentId"]})).json
    intent = asked["clientSecret"].partition("_secret_")[0]
    await door.house.sandbox.answer_challenge(intent, asked["clientSecret"], "complete")
    done = (await client.post(CONFIRM, {"paymentId": asked["paymentId"]})).json

    assert (asked["state"], early["state"], done["state"]) == (
        "requires_action",
        "requires_action",
        "captured",
    )
    assert early["clientSecret"] == asked["clientSecret"]
    assert "clientSecret" not in done


async def test_the_gateways_page_leads_back_to_our_own_console(
    door: Door, shop: Shop, client: Caller
) -> None:
    booking = await booked(door, shop)

    opened = await client.post(SESSIONS, {"bookingId": booking.id})
    again = await client.post(SESSIONS, {"bookingId": booking.id})
    shown = (await client.get(f"/api/payments/{opened.json['paymentId']}")).json
    back = await door.house.sandbox.pay_page(opened.json["url"])
    done = (await client.post(CONFIRM, {"paymentId": opened.json["paymentId"]})).json

    assert opened.status == 201
    assert again.json == opened.json
    assert (shown["way"], shown["state"], shown["checkoutUrl"]) == ("checkout", "created", opened.json["url"])
    assert back == f"{CONSOLE}/bookings/{booking.id}?checkout=done"
    assert (done["state"], done["bookingId"]) == ("captured", booking.id)
    assert "checkoutUrl" not in done


async def test_an_address_to_lead_back_to_cannot_be_given(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)

    answer = await client.post(SESSIONS, {"bookingId": booking.id, "successUrl": "https://evil.example"})

    assert answer.code == "INVALID_PAYLOAD"


async def test_history_and_payment_say_what_was_bought_and_given_back(
    door: Door, shop: Shop, client: Caller
) -> None:
    booking = await booked(door, shop)
    payment_id = (await paid(client, booking)).json["paymentId"]
    await shop.refund(await shop.payment(PaymentId(payment_id)), 1500)
    await shop.quiet()

    (listed,) = (await client.get("/api/payments/me")).json["items"]
    read = (await client.get(f"/api/payments/{payment_id}")).json

    assert listed == read
    assert (read["bookingId"], read["title"]) == (booking.id, booking.title)
    assert (read["state"], read["refunded"]) == (
        "partially_refunded",
        {"amount": 1500, "currency": "USD"},
    )
    assert read["price"].items() >= {"base": 5000, "reason": "base", "gross": 5000, "writtenOff": 0}.items()
    assert [(one["amount"], one["reason"], one["state"]) for one in read["refunds"]] == [
        (1500, "cancelled_by_client", "succeeded")
    ]


async def test_a_receipt_has_lines_tax_and_refunds(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)
    german = await card(client, "pm_card_de")
    payment_id = (await paid(client, booking, paymentMethodId=german)).json["paymentId"]
    await shop.refund(await shop.payment(PaymentId(payment_id)), 2500)
    await shop.quiet()

    receipt = (await client.get(f"/api/payments/{payment_id}/receipt")).json

    (line,) = receipt["lines"]
    assert receipt["subject"] == {"kind": "booking", "id": booking.id}
    assert (line["description"], line["base"], line["discount"], line["amount"]) == (
        booking.title,
        5000,
        0,
        5000,
    )
    assert (receipt["gross"], receipt["tax"], receipt["taxCountry"], receipt["net"]) == (
        5000,
        798,
        "DE",
        4202,
    )
    assert (receipt["refunded"], receipt["refunds"][0]["tax"]) == (2500, 399)
    assert receipt["state"] == "partially_refunded"


async def test_a_receipt_says_what_a_code_took_off(door: Door, shop: Shop, client: Caller) -> None:
    coach_id = shop.coach.who.coach_id
    assert coach_id is not None
    code = DiscountCode(DiscountCodeId(new_id()), coach_id, "WELCOME", percent=20)
    await door.house.stores.transact(lambda tx: door.house.stores.discount_codes.insert(tx, code))
    ask = NewBooking(coach_id, shop.offer.id, START, 60, discount_code="welcome")
    booking = await door.house.booking.cases.bookings.create(party(door).who, ask)
    payment_id = (await paid(client, booking)).json["paymentId"]

    receipt = (await client.get(f"/api/payments/{payment_id}/receipt")).json

    (line,) = receipt["lines"]
    assert line == {
        "description": booking.title,
        "startsAt": "2026-01-08T16:00:00.000Z",
        "base": 5000,
        "discount": 1000,
        "reason": "code",
        "label": "WELCOME",
        "amount": 4000,
    }
    assert (receipt["gross"], receipt["tax"] + receipt["net"]) == (4000, 4000)


async def test_history_is_read_page_by_page(door: Door, shop: Shop, client: Caller) -> None:
    payments = [(await paid(client, await booked(door, shop))).json["paymentId"] for _ in range(5)]

    pages, cursor = list[list[str]](), ""
    while True:
        page = (await client.get(f"/api/payments/me?limit=2{cursor}")).json
        pages.append([one["paymentId"] for one in page["items"]])
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    newest = payments[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]


async def test_a_receipt_is_there_once_something_was_captured(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)
    opened = (await client.post(SESSIONS, {"bookingId": booking.id})).json

    answer = await client.get(f"/api/payments/{opened['paymentId']}/receipt")

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


async def test_strangers_learn_nothing_and_a_coach_no_country(
    door: Door, shop: Shop, client: Caller, coach: Caller, admin: Caller
) -> None:
    booking = await booked(door, shop)
    payment_id = (await paid(client, booking)).json["paymentId"]
    # The payment belongs to the demo coach now, so that somebody can look at it as its coach.
    own = door.demo["coach@demo.test"].coach_id
    whose, receipt = f"/api/payments/{payment_id}", f"/api/payments/{payment_id}/receipt"
    nosy = [
        await coach.get(whose),
        await coach.get(receipt),
        await coach.post(CONFIRM, {"paymentId": payment_id}),
    ]
    payment = await shop.payment(PaymentId(payment_id))
    assert own is not None
    payment.coach_id = own
    await door.house.stores.transact(lambda tx: door.house.stores.payments.save(tx, payment))

    as_coach, as_admin = (await coach.get(whose)).json, (await admin.get(whose)).json

    assert {(answer.status, answer.code) for answer in nosy} == {(404, "NOT_FOUND")}
    assert "taxCountry" not in as_coach["price"]
    assert "taxCountry" in (await client.get(whose)).json["price"]
    assert as_admin["paymentId"] == payment_id
    assert (await coach.get(receipt)).code == "NOT_FOUND"
    assert (await admin.get(receipt)).status == 200


async def test_what_does_not_exist_is_not_found(client: Caller) -> None:
    answers = [
        await client.post(INTENTS, {"bookingId": new_id()}),
        await client.post(SESSIONS, {"bookingId": new_id()}),
        await client.post(CONFIRM, {"paymentId": new_id()}),
        await client.get(f"/api/payments/{new_id()}"),
        await client.get(f"/api/payments/{new_id()}/receipt"),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "NOT_FOUND")] * 5


async def test_a_gateway_that_opens_no_page_is_told_as_such(door: Door, shop: Shop, client: Caller) -> None:
    booking = await booked(door, shop)
    await door.house.sandbox.fault("rate_limit", operation="checkout.sessions.create")

    answer = await client.post(SESSIONS, {"bookingId": booking.id})
    again = await client.post(SESSIONS, {"bookingId": booking.id})

    assert (answer.status, answer.code, answer.json["retryable"]) == (503, "UNAVAILABLE", True)
    assert again.status == 201
    assert again.json["url"]
