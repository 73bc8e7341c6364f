"""Every permutation and duplication of the webhooks of a booking ends in the same state."""

import asyncio
import random
from itertools import permutations
from typing import Any

import pytest

from domain.payments.payment import PaymentState
from tests.support.house import House
from tests.support.selling import Shop, open_shop

THREE_DS = "pm_card_authenticationRequired"
Told = list[dict[str, Any]]


@pytest.fixture
async def shop(house: House) -> Shop:
    shop = await open_shop(house)
    # Nothing but webhooks may bring the news here.
    await house.stores.db["timers"].delete_many({})
    return shop


async def tell(house: House, events: Told) -> None:
    """Hand webhooks in, one after the other, and process each at once; no other timer runs."""
    for event in events:
        await house.gateway_tells(event)
        await house.calls.webhooks.process(event["id"])


async def without_timers(house: House) -> None:
    await house.stores.db["timers"].delete_many({"kind": {"$in": ["purchase", "refund"]}})


async def outcome(shop: Shop) -> list[tuple[Any, ...]]:
    """All that matters of every payment there is."""
    rows = await shop.house.stores.db["payments"].find({}).sort("_id", 1).to_list(None)
    return [
        (row["state"], row["delivered"], [one["amount"] for one in row["captures"]], len(row["journals"]))
        for row in rows
    ]


async def paid_with_3ds(house: House, shop: Shop, answer: str) -> Told:
    """A payment of which only webhooks will tell how its challenge ended."""
    before = len(await shop.told())
    client = await house.client(card=THREE_DS)
    payment = await shop.pay(client, await shop.book(client))
    await house.sandbox.answer_challenge(payment.intent_id or "", payment.client_secret, answer)
    await without_timers(house)
    return (await shop.told())[before:]


async def paid_on_page(house: House, shop: Shop) -> Told:
    """A payment on the gateway's page, after a refused card."""
    before = len(await shop.told())
    client = await house.client()
    payment = await shop.page(client, await shop.book(client))
    assert payment.page is not None
    await house.sandbox.pay_page(payment.page.url, "pm_card_chargeDeclined")
    await house.sandbox.pay_page(payment.page.url, "pm_card_visa")
    await without_timers(house)
    return (await shop.told())[before:]


async def test_a_challenge_passed_is_told_in_any_order_and_number(house: House, shop: Shop) -> None:
    count = 0
    for order in permutations(range(3)):
        events = await paid_with_3ds(house, shop, "complete")
        assert len(events) == 3
        told = [events[index] for index in order]
        await tell(house, [*told, *reversed(told), *told])
        count += 1

    assert await outcome(shop) == [("captured", True, [5000], 1)] * count
    await shop.assert_books_agree()


async def test_a_challenge_failed_is_told_in_any_order_and_number(house: House, shop: Shop) -> None:
    count = 0
    for order in permutations(range(3)):
        events = await paid_with_3ds(house, shop, "fail")
        assert len(events) == 3
        told = [events[index] for index in order]
        await tell(house, [*told, *reversed(told)])
        count += 1

    assert await outcome(shop) == [("failed", False, [], 0)] * count
    assert {intent["status"] for intent in await house.intents()} == {"canceled"}


async def test_a_page_is_told_in_any_order_and_number(house: House, shop: Shop) -> None:
    count = 0
    for order in permutations(range(4)):
        events = await paid_on_page(house, shop)
        assert [event["type"] for event in events] == [
            "payment_intent.created",
            "payment_intent.payment_failed",
            "payment_intent.succeeded",
            "checkout.session.completed",
        ]
        told = [events[index] for index in order]
        await tell(house, [*told, *told])
        count += 1

    assert await outcome(shop) == [("captured", True, [5000], 1)] * count
    await shop.assert_books_agree()


@pytest.mark.parametrize("seed", range(4))
async def test_card_and_page_both_paid_are_told_in_any_order_and_number(
    house: House, shop: Shop, seed: int
) -> None:
    client = await house.client(card=THREE_DS)
    booking = await shop.book(client)
    by_card = await shop.pay(client, booking)
    on_page = await shop.page(client, booking)
    assert on_page.page is not None
    await house.sandbox.pay_page(on_page.page.url, "pm_card_visa")
    await house.sandbox.answer_challenge(by_card.intent_id or "", by_card.client_secret, "complete")
    await without_timers(house)
    told = await shop.told() * 3
    random.Random(seed).shuffle(told)

    await tell(house, told)
    await shop.quiet()
    refunds = (await shop.told())[len(told) // 3 :] * 2
    random.Random(seed).shuffle(refunds)
    await tell(house, refunds)

    states = sorted((one.state.value, one.delivered) for one in await shop.payments(booking))
    assert states == [("captured", True), ("refunded", False)]
    assert (await shop.booking(booking.id)).state == "confirmed"
    assert await shop.moved() == {"charge": 10_000, "refund": -5000}
    await shop.assert_books_agree()


async def test_refunds_are_told_in_any_order_and_number_also_before_we_know_of_them(
    house: House, shop: Shop
) -> None:
    """Two halves are given back; our process dies before it hears that they were, and webhooks bring it."""
    count = 0
    for order in list(permutations(range(4)))[::4]:
        client = await house.client()
        payment = await shop.pay(client, await shop.book(client))
        before = len(await shop.told())
        for _ in range(2):
            await shop.refund(payment, 2500)
        for refund in (await shop.payment(payment.id)).refunds:
            await house.sandbox.client.v1.refunds.create_async(
                {
                    "payment_intent": refund.intent_id,
                    "amount": 2500,
                    "metadata": {"operation": refund.id, "payment": payment.id},
                }
            )
        await without_timers(house)
        events = (await shop.told())[before:]
        assert [event["type"] for event in events] == ["refund.created", "charge.refunded"] * 2
        told = [events[index] for index in order]
        await tell(house, [*told, *reversed(told)])
        count += 1

    assert await outcome(shop) == [("refunded", True, [5000], 3)] * count
    await shop.assert_books_agree()


async def test_webhooks_confirmation_and_timers_at_once_hand_over_once(house: House, shop: Shop) -> None:
    client = await house.client(card=THREE_DS)
    booking = await shop.book(client)
    payment = await shop.pay(client, booking)
    await house.sandbox.answer_challenge(payment.intent_id or "", payment.client_secret, "complete")
    for event in await shop.told():
        await house.gateway_tells(event)

    await asyncio.gather(house.run_due(), *(shop.confirm(client, payment) for _ in range(4)))
    await shop.quiet()

    assert [one.state for one in await shop.payments(booking)] == [PaymentState.CAPTURED]
    updates = [one["state"] for one in house.published.heard_by(client, "payment_update")]
    assert updates == ["requires_action", "captured"]
    assert await house.stores.db["earnings"].count_documents({}) == 1
    await shop.assert_books_agree()


@pytest.mark.parametrize(
    "kind", ["payment_intent.succeeded", "checkout.session.completed", "refund.created", "charge.refunded"]
)
async def test_a_signed_lie_moves_no_money(house: House, shop: Shop, kind: str) -> None:
    client = await house.client(card=THREE_DS)
    booking = await shop.book(client)
    page = await shop.page(client, booking)
    by_card = await shop.pay(client, booking)
    assert page.page is not None
    about = {
        "payment_intent.succeeded": by_card.intent_id,
        "checkout.session.completed": page.page.session_id,
        "refund.created": "re_nothing",
        "charge.refunded": "ch_nothing",
    }[kind]

    await house.gateway_tells({"id": "evt_lie", "type": kind, "created": 1, "object": about})
    await house.run_due()

    assert {one.state for one in await shop.payments(booking)} <= {
        PaymentState.CREATED,
        PaymentState.REQUIRES_ACTION,
        PaymentState.CANCELLED,
    }
    stored = await house.stores.db["webhook_events"].find_one({"_id": "evt_lie"})
    assert (await shop.booking(booking.id)).state == "pending_payment"
    assert stored is not None
    assert stored["outcome"] in ("requires_action", "open", "gone", "ignored")


async def test_a_page_or_refund_of_another_program_is_not_ours(house: House, shop: Shop) -> None:
    foreign = await house.sandbox.checkout(700, metadata={"operation": "order-1"})
    await house.sandbox.pay_page(foreign.url)
    charged = await house.sandbox.pay(900, capture_method="automatic")
    await house.sandbox.client.v1.refunds.create_async({"payment_intent": charged.id})

    for event in await shop.told():
        await house.gateway_tells(event)
    await house.run_due()

    outcomes = await house.stores.db["webhook_events"].distinct("outcome")
    assert outcomes == ["not ours"]
