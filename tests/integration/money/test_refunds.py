"""Money goes back by one service: reserved first, asked once, split so that parts add up, told to both, and audited."""

import asyncio
from datetime import timedelta

import pytest
from bson import ObjectId

from domain.errors import Conflict
from domain.ids import OperationId
from domain.money import Money
from domain.operations.figures import RefundFigures
from domain.payments.gateway import GatewayRefundState, Refund
from domain.payments.payment import Payment, PaymentState
from domain.payments.purchases import RefundReason
from domain.payments.refunds import RefundState
from domain.ports import Tx
from tests.support.house import House, Party
from tests.support.selling import Shop, open_shop


@pytest.fixture
async def shop(house: House) -> Shop:
    return await open_shop(house)


async def bought(house: House, shop: Shop) -> tuple[Party, Payment]:
    """50.00 USD with 7.98 of German tax, 8.40 for the platform and 33.62 for the coach."""
    client = await house.client(card="pm_card_de")
    return client, await shop.pay(client, await shop.book(client))


async def test_a_part_goes_back_and_everybody_gives_up_theirs(house: House, shop: Shop) -> None:
    client, payment = await bought(house, shop)

    await shop.refund(payment, 2500)
    await shop.quiet()

    after = await shop.payment(payment.id)
    (refund,) = after.refunds
    assert (after.state, after.refunded, after.refundable) == (PaymentState.PARTIALLY_REFUNDED, 2500, 2500)
    assert refund.state is RefundState.SUCCEEDED
    assert refund.parts is not None
    assert (refund.parts.tax, refund.parts.platform_fee, refund.parts.coach_share) == (399, 420, 1681)
    assert await shop.moved() == {"charge": 5000, "refund": -2500}
    assert house.published.heard_by(client, "payment_update")[-1]["state"] == "partially_refunded"
    assert house.published.heard_by(shop.coach, "payment_update")[-1]["amount"]["amount"] == 3362 - 1681
    await shop.assert_books_agree()


async def test_parts_in_any_number_give_back_all_of_it(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)

    for amount in (1667, 1667, 1, 1665):
        await shop.refund(payment, amount)
    await shop.quiet()

    after = await shop.payment(payment.id)
    balances = await house.stores.ledger.balances()
    earned = await house.stores.payments.earned_since(payment.coach_id, house.clock.now() - timedelta(days=1))
    assert (after.state, after.refunded, after.kept_earning) == (PaymentState.REFUNDED, 5000, 0)
    assert {account: amount for (_, account), amount in balances.items() if amount} == {
        "gateway_fee": 175,
        "gateway_clearing": -175,
    }
    assert [one.net.amount for one in earned] == [0]
    await shop.assert_books_agree()


async def test_two_equal_refunds_are_two(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)

    await shop.refund(payment, 1000)
    await shop.refund(payment, 1000)
    await shop.quiet()

    assert (await shop.payment(payment.id)).refunded == 2000
    assert await shop.moved() == {"charge": 5000, "refund": -2000}


async def test_nothing_is_given_back_for_nothing(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)

    await shop.refund(payment, 0)
    await shop.quiet()

    assert (await shop.payment(payment.id)).refunds == []


async def test_more_than_is_left_is_refused_at_once_pending_refunds_count(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)
    await shop.refund(payment, 3000)

    with pytest.raises(Conflict) as refused:
        await shop.refund(payment, 2001)

    assert refused.value.details == {"refundable": 2000, "wanted": 2001}


async def test_many_refunds_at_once_through_two_processes_never_exceed_what_was_captured(
    house: House, neighbour: House, shop: Shop
) -> None:
    _, payment = await bought(house, shop)
    two = [shop, Shop(neighbour, shop.coach, shop.offer)]

    done = await asyncio.gather(
        *(two[number % 2].refund(payment, 900) for number in range(10)), return_exceptions=True
    )
    await shop.quiet()

    assert sum(one is None for one in done) == 5
    assert {type(one) for one in done if one is not None} == {Conflict}
    assert (await shop.payment(payment.id)).refunded == 4500
    assert await shop.moved() == {"charge": 5000, "refund": -4500}
    await shop.assert_books_agree()


async def test_nothing_captured_nothing_to_give_back(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_authenticationRequired")
    payment = await shop.pay(client, await shop.book(client))

    async def refundable(tx: Tx) -> int:
        return await house.calls.money.till.refundable(tx, payment.id)

    with pytest.raises(Conflict):
        await shop.refund(payment, 1)

    assert await house.stores.transact(refundable) == 0


@pytest.mark.parametrize("fault", ["drop_after_success", "error_500_before", "error_500_after", "conflict"])
async def test_whatever_the_gateway_does_a_refund_is_given_once(house: House, shop: Shop, fault: str) -> None:
    _, payment = await bought(house, shop)
    await house.sandbox.fault(fault, operation="refunds.create", seconds=3)

    await shop.refund(payment, 1234)
    await shop.quiet()

    assert await shop.moved() == {"charge": 5000, "refund": -1234}
    assert (await shop.payment(payment.id)).refunded == 1234
    await shop.assert_books_agree()


async def test_a_refund_that_the_gateway_refuses_waits_for_a_person_and_can_be_asked_again(
    house: House, shop: Shop
) -> None:
    """Somebody gave part of it back by hand, at the gateway: what we owe is more than what is left there."""
    _, payment = await bought(house, shop)
    by_hand = {"payment_intent": payment.captures[0].intent_id, "amount": 4000}
    await house.sandbox.client.v1.refunds.create_async(by_hand)
    await shop.refund(payment, 2000)

    for _ in range(14):
        await house.pass_time(61)

    pending = await shop.payment(payment.id)
    operation = await house.stores.db["gateway_operations"].find_one({"kind": "refund"})
    assert await house.dead_letters() == 1
    assert pending.refunds[0].state is RefundState.PENDING
    assert operation is not None
    assert (operation["state"], operation["attempt"]) == ("intended", 13)


async def test_however_often_a_failure_is_told_only_its_own_attempt_is_over(house: House, shop: Shop) -> None:
    """A new key while a request under the old one is in the air could give the same money back twice."""
    _, payment = await bought(house, shop)
    await shop.refund(payment, 2000)
    refund_id = OperationId((await shop.payment(payment.id)).refunds[0].id)
    operations, refunds = house.stores.operations, house.calls.money.refunds
    failed = Refund(
        "re_of_the_first_attempt",
        Money(2000, "USD"),
        GatewayRefundState.FAILED,
        payment.captures[0].intent_id,
        {"operation": refund_id, "payment": payment.id, "attempt": "1"},
    )

    for _ in range(3):
        operation = await operations.get(refund_id)
        assert operation is not None
        await refunds.hear(operation, failed)

    second = await operations.get(refund_id)
    assert second is not None
    assert second.attempt == 2
    await shop.quiet()
    given = await house.sandbox.client.v1.refunds.list_async(
        {"payment_intent": payment.captures[0].intent_id}
    )
    assert [(one.amount, one.metadata and one.metadata["attempt"]) for one in given.data] == [(2000, "2")]
    await shop.assert_books_agree()


async def test_a_refund_that_takes_its_time_is_booked_when_it_is_over(house: House, shop: Shop) -> None:
    client = await house.client(card="pm_card_pendingRefund")
    payment = await shop.pay(client, await shop.book(client))
    await shop.refund(payment, 2000)
    await house.pass_time(10)
    waiting, seen = await shop.payment(payment.id), await house.stores.payments.open_refunds()

    await house.sandbox.control("refunds/end")
    await shop.quiet()

    after = await shop.payment(payment.id)
    assert (waiting.refunds[0].state, waiting.refunded, waiting.state) == (
        RefundState.PENDING,
        0,
        PaymentState.CAPTURED,
    )
    assert (after.refunds[0].state, after.refunded) == (RefundState.SUCCEEDED, 2000)
    assert seen == RefundFigures(waiting=1, waiting_seconds=10.0)
    assert await house.stores.payments.open_refunds() == RefundFigures()
    assert await shop.moved() == {"charge": 5000, "refund": -2000}
    await shop.assert_books_agree()


async def test_a_refund_that_a_bank_sends_back_is_owed_still_and_waits_for_a_person(
    house: House, shop: Shop
) -> None:
    client = await house.client(card="pm_card_refundFail")
    payment = await shop.pay(client, await shop.book(client))
    await shop.refund(payment, 2000)
    await shop.quiet()
    given = await shop.payment(payment.id)
    earned = given.kept_earning

    await house.sandbox.control("refunds/end")
    events = [event for event in await shop.told() if event["type"].startswith(("refund.", "charge."))]
    for event in [*events, *reversed(events)]:
        await house.gateway_tells(event)
        await house.calls.webhooks.process(event["id"])

    after = await shop.payment(payment.id)
    balances = await house.stores.ledger.balances()
    assert (given.refunds[0].state, given.refunded) == (RefundState.SUCCEEDED, 2000)
    assert (after.refunds[0].state, after.refunded, after.refundable) == (RefundState.RETURNED, 0, 3000)
    assert (after.state, after.kept_earning) == (PaymentState.PARTIALLY_REFUNDED, earned)
    assert balances["USD", "refunds"] == -2000
    assert await house.stores.payments.open_refunds() == RefundFigures(returned=1)
    assert (await house.stores.payments.purchases_per_state())["partially_refunded"] == 1
    assert await shop.moved() == {"charge": 5000, "refund": -2000, "refund_failure": 2000}
    last = house.published.heard_by(client, "payment_update")[-1]
    assert last["receipt"]["refunds"][0]["state"] == "returned"
    await shop.assert_books_agree()
    for _ in range(14):
        await house.pass_time(61)
    assert await house.dead_letters() == 1


async def test_a_refund_says_why_and_reaches_the_booking(house: House, shop: Shop) -> None:
    client = await house.client()
    booking = await shop.book(client)
    payment = await shop.pay(client, booking)

    await shop.refund(payment, 500, RefundReason.CANCELLED_BY_COACH)
    await shop.quiet()

    after = await shop.booking(booking.id)
    assert after.timeline[-1].what == "refunded"
    assert (await shop.payment(payment.id)).refunds[0].reason is RefundReason.CANCELLED_BY_COACH
    kinds = [one["kind"] for one in house.published.heard_by(client, "notification")]
    assert kinds.count("payment_refunded") == 1


async def test_a_refund_of_a_call_takes_from_the_newest_hold_first(house: House, shop: Shop) -> None:
    """Calls have several captures; the service is the same."""
    coach, client = await house.coach(), await house.client()
    session = await house.live(client, coach)
    await house.talk(session, 31 * 60, step=60)
    await house.calls.endings.end(client.who, session, None)
    payment = await house.settle(session)
    older, newer = [one.amount for one in payment.captures][-2:]

    await shop.refund(payment, newer + 100)
    await shop.quiet()

    after = await shop.payment(payment.id)
    assert [(one.intent_id, one.amount) for one in after.refunds] == [
        (payment.captures[-1].intent_id, newer),
        (payment.captures[-2].intent_id, 100),
    ]
    assert older > 100
    assert after.state is PaymentState.PARTIALLY_REFUNDED
    earned = await house.stores.payments.earned_since(payment.coach_id, house.clock.now() - timedelta(days=1))
    assert (earned[0].calls, earned[0].billable_seconds) == (1, 31 * 60)
    await shop.assert_books_agree()


# --- the audit ------------------------------------------------------------------------------------------------------


async def test_the_audit_names_each_wrong_refund(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)
    await shop.refund(payment, 2000)
    await shop.quiet()
    db, key = house.stores.db, {"_id": ObjectId(payment.id)}
    movement = f"refund:{(await shop.payment(payment.id)).refunds[0].gateway_id}"
    journal = await db["ledger"].find_one({"movement": movement})
    assert journal is not None
    well = await house.stores.ledger.check()

    await db["payments"].update_one(key, {"$set": {"refunds.0.amount": 2001}})
    another_amount = await house.stores.ledger.check()
    await db["payments"].update_one(key, {"$set": {"refunds.0.amount": 5001}})
    too_much = await house.stores.ledger.check()
    await db["payments"].update_one(key, {"$set": {"refunds.0.amount": 2000}})
    await db["ledger"].delete_one({"movement": movement})
    unbooked = await house.stores.ledger.check()
    await db["ledger"].insert_one(journal)
    await db["payments"].update_one(key, {"$set": {"refunds": []}})
    stray = await house.stores.ledger.check()

    assert well.healthy
    assert (another_amount.unbooked_refunds, another_amount.torn_snapshots) == ([movement], [payment.id])
    assert too_much.overrefunded_payments == [payment.id]
    assert (unbooked.unbooked_refunds, unbooked.unequal_earnings) == ([movement], [payment.id])
    assert stray.unbooked_refunds == [movement]


async def test_the_audit_finds_a_purchase_that_took_more_than_its_price(house: House, shop: Shop) -> None:
    _, payment = await bought(house, shop)

    await house.stores.db["payments"].update_one(
        {"_id": ObjectId(payment.id)}, {"$set": {"purchase.price.amount": 4999}}
    )

    assert (await house.stores.ledger.check()).overcaptured_payments == [payment.id]
