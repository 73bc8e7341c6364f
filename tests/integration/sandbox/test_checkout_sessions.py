"""Checkout Sessions through the official SDK, and their hosted page through HTTP."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.config import ClockMapping
from tests.support.sandbox import RunningSandbox, receiving, running_sandbox

A_DAY = 24 * 3600


async def text_of(sandbox: RunningSandbox, url: str | None) -> tuple[int, str]:
    async with sandbox.session.get(url or "", allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def types(sandbox: RunningSandbox) -> list[str]:
    return [event["type"] for event in (await sandbox.view("events"))["data"]]


async def test_a_session_begins_open_and_without_an_intent(sandbox: RunningSandbox) -> None:
    customer, _ = await sandbox.customer(None)

    session = await sandbox.checkout(5000, customer=customer, metadata={"operation": "o1"})

    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.customer) == (5000, "usd", customer)
    assert session.id.startswith("cs_test_")
    assert session.metadata is not None
    assert session.metadata["operation"] == "o1"
    assert session.created <= session.expires_at - A_DAY + 2


async def test_paying_on_the_page_captures_and_leads_to_the_shop(sandbox: RunningSandbox) -> None:
    customer, _ = await sandbox.customer(None)
    data = {"metadata": {"operation": "o1"}, "description": "A session"}
    session = await sandbox.checkout(5000, customer=customer, payment_intent_data=data)

    led_to = await sandbox.pay_page(session.url)
    params: Any = {"expand": ["payment_intent", "payment_intent.latest_charge", "line_items"]}
    after = await sandbox.client.v1.checkout.sessions.retrieve_async(session.id, params)

    assert led_to == f"https://shop.test/done?session={session.id}"
    assert (after.status, after.payment_status, after.url) == ("complete", "paid", None)
    intent = after.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount_received, intent.customer) == ("succeeded", 5000, customer)
    assert intent.metadata["operation"] == "o1"
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.captured
    assert after.line_items is not None
    assert [line.amount_total for line in after.line_items.data] == [5000]


async def test_a_declined_card_is_told_on_the_page_and_another_one_pays_the_same_intent(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.checkout()

    led_to = await sandbox.pay_page(session.url, "pm_card_chargeDeclinedInsufficientFunds")
    _, page = await text_of(sandbox, session.url)
    first = await sandbox.client.v1.checkout.sessions.retrieve_async(session.id)
    await sandbox.pay_page(session.url)
    after = await sandbox.client.v1.checkout.sessions.retrieve_async(session.id)

    assert led_to.startswith("/_sandbox/checkout/")
    assert "insufficient funds" in page
    assert (first.status, after.status) == ("open", "complete")
    assert first.payment_intent == after.payment_intent


@pytest.mark.parametrize(
    ("outcome", "status", "paid"), [("complete", "complete", "paid"), ("fail", "open", "unpaid")]
)
async def test_the_bank_is_asked_on_its_own_page(
    sandbox: RunningSandbox, outcome: str, status: str, paid: str
) -> None:
    session = await sandbox.checkout()

    led_to = await sandbox.pay_page(session.url, "pm_card_threeDSecure2Required")
    match = re.fullmatch(r"/_sandbox/3ds/(pi_\w+)\?client_secret=(.+)", led_to)
    assert match is not None
    form = {"client_secret": match[2], "outcome": outcome}
    back = await sandbox.session.post(
        f"{sandbox.url}/_sandbox/3ds/{match[1]}",
        data=form,
        headers={"Accept": "text/html"},
        allow_redirects=False,
    )
    after = await sandbox.client.v1.checkout.sessions.retrieve_async(session.id)

    assert back.headers["Location"].startswith(session.url or "none")
    assert (after.status, after.payment_status) == (status, paid)


async def test_the_events_of_a_paid_session_come_in_order_once(sandbox: RunningSandbox) -> None:
    session = await sandbox.checkout()

    await sandbox.pay_page(session.url, "pm_card_chargeDeclined")
    await sandbox.pay_page(session.url)
    await sandbox.pay_page(session.url)

    assert [one for one in await types(sandbox) if not one.startswith("charge.")] == [
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


async def test_an_event_of_a_session_is_signed_and_shows_the_session(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        session = await sandbox.checkout(metadata={"operation": "o1"})
        await sandbox.pay_page(session.url)
        (told,) = await receiver.wait_for("checkout.session.completed")

    event = stripe.Webhook.construct_event(told.body, told.signature, "whsec_sandbox")  # type: ignore[no-untyped-call]
    shown = event.data.object
    assert (shown["id"], shown["payment_status"], shown["metadata"]["operation"]) == (
        session.id,
        "paid",
        "o1",
    )


async def test_an_expired_session_cannot_be_paid_and_its_intent_is_cancelled(sandbox: RunningSandbox) -> None:
    session = await sandbox.checkout()
    await sandbox.pay_page(session.url, "pm_card_threeDSecure2Required")

    expired = await sandbox.client.v1.checkout.sessions.expire_async(session.id)
    await sandbox.pay_page(session.url)
    status, page = await text_of(sandbox, session.url)
    (intent,) = (await sandbox.view("payment_intents"))["data"]

    assert (expired.status, expired.url) == ("expired", None)
    assert (status, "expired" in page) == (410, True)
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "expired")
    assert (await types(sandbox))[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


async def test_what_has_ended_cannot_expire(sandbox: RunningSandbox) -> None:
    session = await sandbox.checkout()
    await sandbox.pay_page(session.url)

    with pytest.raises(stripe.InvalidRequestError, match="status of complete"):
        await sandbox.client.v1.checkout.sessions.expire_async(session.id)


async def test_sessions_expire_by_the_domain_clock_while_nobody_asks(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        session = await sandbox.checkout()

    nearly = ClockMapping(origin_real=time.time(), origin_domain=session.expires_at - 0.2)
    async with (
        receiving() as receiver,
        running_sandbox(tmp_path, webhook_url=receiver.url, clock=nearly) as sandbox,
    ):
        (told,) = await receiver.wait_for("checkout.session.expired")

    assert told.event["data"]["object"]["id"] == session.id


async def test_a_session_that_was_to_expire_while_nobody_ran_has_expired_at_the_next_start(
    tmp_path: Path,
) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        session = await sandbox.checkout()
        paid = await sandbox.checkout()
        await sandbox.pay_page(paid.url)

    tomorrow = ClockMapping(origin_real=0.0, origin_domain=A_DAY + 60.0)
    async with running_sandbox(tmp_path, clock=tomorrow) as sandbox:
        shown = {one["id"]: one["status"] for one in (await sandbox.view("checkout_sessions"))["data"]}

    assert shown == {session.id: "expired", paid.id: "complete"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"mode": "subscription"}, "mode=payment"),
        ({"line_items": []}, "line_items"),
        ({"success_url": "shop"}, "explicit scheme"),
        ({"expires_at": 1}, "between 30 minutes and 24 hours"),
        ({"customer_email": "a@demo.test", "customer": "cus_none"}, "only specify one"),
        ({"customer": "cus_none"}, "No such customer"),
        ({"discounts": [{"coupon": "x"}]}, "unknown parameter"),
    ],
)
async def test_what_stripe_refuses_is_refused(
    sandbox: RunningSandbox, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message):
        await sandbox.checkout(**change)


async def test_an_amount_below_the_minimum_is_refused(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.checkout(49)

    assert refused.value.code == "amount_too_small"


async def test_the_intent_of_a_page_is_confirmed_and_cancelled_by_its_page_alone(
    sandbox: RunningSandbox,
) -> None:
    session = await sandbox.checkout()
    await sandbox.pay_page(session.url, "pm_card_chargeDeclined")
    (intent,) = (await sandbox.view("payment_intents"))["data"]

    with pytest.raises(stripe.InvalidRequestError, match="created by Checkout"):
        await sandbox.client.v1.payment_intents.cancel_async(intent["id"])
    with pytest.raises(stripe.InvalidRequestError, match="created by Checkout"):
        await sandbox.client.v1.payment_intents.confirm_async(
            intent["id"], {"payment_method": "pm_card_visa"}
        )


async def test_lists_by_customer_by_intent_and_by_state(sandbox: RunningSandbox) -> None:
    customer, _ = await sandbox.customer(None)
    mine, other = await sandbox.checkout(customer=customer), await sandbox.checkout()
    await sandbox.pay_page(other.url)
    (intent,) = (await sandbox.view("payment_intents"))["data"]
    listing = sandbox.client.v1.checkout.sessions.list_async

    by_customer = await listing({"customer": customer})
    by_intent = await listing({"payment_intent": intent["id"]})
    by_state = await listing({"status": "complete"})

    assert [one.id for one in by_customer.data] == [mine.id]
    assert [one.id for one in by_intent.data] == [other.id] == [one.id for one in by_state.data]


async def test_the_same_key_gives_the_same_session(sandbox: RunningSandbox) -> None:
    first = await sandbox.checkout(key="checkout:p1:1")
    again = await sandbox.checkout(key="checkout:p1:1")

    assert first.id == again.id
    with pytest.raises(stripe.IdempotencyError):
        await sandbox.checkout(6000, key="checkout:p1:1")


async def test_an_answer_lost_after_success_is_found_again(sandbox: RunningSandbox) -> None:
    await sandbox.fault("drop_after_success", operation="checkout.sessions.create")
    with pytest.raises(stripe.APIConnectionError):
        await sandbox.checkout(key="checkout:p1:1")
    session = await sandbox.checkout(key="checkout:p1:1")

    assert [one["id"] for one in (await sandbox.view("checkout_sessions"))["data"]] == [session.id]


async def test_the_page_escapes_what_a_shop_says_and_needs_its_secret(sandbox: RunningSandbox) -> None:
    line = {
        "quantity": 1,
        "price_data": {
            "currency": "usd",
            "unit_amount": 5000,
            "product_data": {"name": "<script>alert(1)</script>"},
        },
    }
    session = await sandbox.checkout(line_items=[line])

    _, page = await text_of(sandbox, session.url)
    without, _ = await text_of(sandbox, (session.url or "").partition("?")[0])

    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert without == 404
