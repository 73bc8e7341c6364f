"""Refunds, transfers, reversals, balances, taxes: money only moves, it is never made."""

import time
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.config import ClockMapping
from tests.support.sandbox import RunningSandbox, receiving, running_sandbox


async def captured(sandbox: RunningSandbox, amount: int) -> tuple[str, str]:
    intent: Any = await sandbox.pay(amount, capture_method="automatic")
    return intent.id, intent.latest_charge.id


async def onboarded(sandbox: RunningSandbox) -> str:
    account = await sandbox.client.v1.accounts.create_async({"country": "US", "email": "coach@demo.test"})
    await sandbox.control(f"accounts/{account.id}/onboard")
    return account.id


async def available(sandbox: RunningSandbox, account: str | None = None) -> int:
    options: Any = {"stripe_account": account} if account else {}
    balance = await sandbox.client.v1.balance.retrieve_async({}, options)
    return sum(part.amount for part in balance.available if part.currency == "usd")


async def test_partial_refunds_add_up_to_what_was_captured_and_no_more(sandbox: RunningSandbox) -> None:
    intent, _ = await captured(sandbox, 1000)
    for amount in (333, 333):
        await sandbox.client.v1.refunds.create_async({"payment_intent": intent, "amount": amount})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        await sandbox.client.v1.refunds.create_async({"payment_intent": intent, "amount": 335})
    rest = await sandbox.client.v1.refunds.create_async({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as again:
        await sandbox.client.v1.refunds.create_async({"payment_intent": intent})

    assert rest.amount == 334
    assert again.value.code == "charge_already_refunded"
    assert (await sandbox.view("summary"))["refunded"] == {"usd": 1000}


async def test_a_partial_capture_refunds_only_what_it_took(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)
    await sandbox.client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 2000})

    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.client.v1.refunds.create_async({"payment_intent": held.id, "amount": 2001})


async def test_a_hold_cannot_be_refunded(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)

    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.client.v1.refunds.create_async({"payment_intent": held.id})


async def test_two_equal_partial_refunds_with_their_own_keys_are_two(sandbox: RunningSandbox) -> None:
    intent, _ = await captured(sandbox, 1000)

    for key in ("refund:a:1", "refund:b:1"):
        await sandbox.client.v1.refunds.create_async(
            {"payment_intent": intent, "amount": 400}, {"idempotency_key": key}
        )

    page = await sandbox.client.v1.refunds.list_async({"payment_intent": intent})
    assert [refund.amount for refund in page.data] == [400, 400]


async def test_transfers_out_of_a_charge_end_at_its_amount(sandbox: RunningSandbox) -> None:
    _, charge = await captured(sandbox, 1000)
    account = await onboarded(sandbox)
    params: Any = {"currency": "usd", "destination": account, "source_transaction": charge}
    await sandbox.client.v1.transfers.create_async(params | {"amount": 850})

    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.client.v1.transfers.create_async(params | {"amount": 151})

    assert await available(sandbox, account) == 850
    assert await available(sandbox) == 1000 - 59 - 850


async def test_a_transfer_needs_the_balance_the_currency_and_an_onboarded_account(
    sandbox: RunningSandbox,
) -> None:
    _, charge = await captured(sandbox, 1000)
    account = await onboarded(sandbox)
    fresh = await sandbox.client.v1.accounts.create_async({"country": "DE"})
    wrong: list[tuple[dict[str, Any], str | None]] = [
        ({"amount": 942, "currency": "usd", "destination": account}, "balance_insufficient"),
        ({"amount": 100, "currency": "eur", "destination": account, "source_transaction": charge}, None),
        (
            {"amount": 100, "currency": "usd", "destination": fresh.id},
            "insufficient_capabilities_for_transfer",
        ),
        ({"amount": 100, "currency": "usd", "destination": "acct_nobody"}, "resource_missing"),
    ]

    codes = []
    for params, _ in wrong:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await sandbox.client.v1.transfers.create_async(params)  # type: ignore[arg-type]
        codes.append(refused.value.code)

    assert codes == [code for _, code in wrong]
    assert await available(sandbox) == 941


async def test_a_reversal_takes_back_no_more_than_was_sent_and_is_still_there(
    sandbox: RunningSandbox,
) -> None:
    await captured(sandbox, 5000)
    account = await onboarded(sandbox)
    transfer = await sandbox.client.v1.transfers.create_async(
        {"amount": 1000, "currency": "usd", "destination": account}
    )

    await sandbox.client.v1.transfers.reversals.create_async(transfer.id, {"amount": 400})
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.client.v1.transfers.reversals.create_async(transfer.id, {"amount": 601})
    await sandbox.client.v1.transfers.reversals.create_async(transfer.id)

    now: Any = await sandbox.client.v1.transfers.retrieve_async(transfer.id, {"expand": ["reversals"]})
    assert (now.amount_reversed, now.reversed) == (1000, True)
    assert [item.amount for item in now.reversals.data] == [600, 400]
    assert await available(sandbox, account) == 0


async def test_movements_tell_every_change_of_a_balance(sandbox: RunningSandbox) -> None:
    intent, _ = await captured(sandbox, 1000)
    await sandbox.client.v1.refunds.create_async({"payment_intent": intent, "amount": 300})

    movements = (await sandbox.view("movements"))["data"]

    shown = [
        (item["type"], item["amount"], item["fee"], item["net"], item["payment_intent"]) for item in movements
    ]
    assert shown == [("charge", 1000, 59, 941, intent), ("refund", -300, 0, -300, intent)]
    assert await available(sandbox) == 641


async def test_onboarding_is_finished_on_its_own_page(sandbox: RunningSandbox) -> None:
    account = await sandbox.client.v1.accounts.create_async({"country": "DE"})
    link = await sandbox.client.v1.account_links.create_async(
        {
            "account": account.id,
            "refresh_url": "https://app.test/again",
            "return_url": "https://app.test/done",
            "type": "account_onboarding",
        }
    )
    async with sandbox.session.get(link.url) as page:
        text = await page.text()
    secret = link.url.partition("secret=")[2]
    async with sandbox.session.post(link.url, data={"secret": secret}, allow_redirects=False) as done:
        target = done.headers["Location"]

    now = await sandbox.client.v1.accounts.retrieve_async(account.id)
    assert "Submit everything" in text
    assert target == "https://app.test/done"
    assert (now.details_submitted, now.payouts_enabled) == (True, True)


@pytest.mark.parametrize(
    ("country", "behavior", "tax", "total"),
    [
        ("DE", "inclusive", 600, 3760),
        ("FR", "inclusive", 627, 3760),
        ("US", "inclusive", 0, 3760),
        ("DE", "exclusive", 714, 4474),
    ],
)
async def test_tax_is_inside_the_amount_or_on_top_of_it(
    sandbox: RunningSandbox, country: str, behavior: str, tax: int, total: int
) -> None:
    answer: Any = await sandbox.client.v1.tax.calculations.create_async(
        {
            "currency": "eur",
            "line_items": [{"amount": 3760, "reference": "call", "tax_behavior": behavior}],
            "customer_details": {
                "address": {"country": country, "postal_code": "94103"},
                "address_source": "billing",
            },
            "expand": ["line_items"],
        }
    )

    assert answer.tax_amount_inclusive + answer.tax_amount_exclusive == tax
    assert (answer.amount_total, answer.line_items.data[0].amount_tax) == (total, tax)


async def refunded(sandbox: RunningSandbox, token: str) -> stripe.Refund:
    intent = await sandbox.pay(5000, token, capture_method="automatic")
    return await sandbox.client.v1.refunds.create_async({"payment_intent": intent.id})


async def test_a_pending_refund_succeeds_later(sandbox: RunningSandbox) -> None:
    refund = await refunded(sandbox, "pm_card_pendingRefund")

    await sandbox.control("refunds/end")
    after = await sandbox.client.v1.refunds.retrieve_async(refund.id)

    assert (refund.status, after.status) == ("pending", "succeeded")
    assert [event["type"] for event in (await sandbox.view("events"))["data"]][-1] == "refund.updated"


async def test_a_refund_that_fails_later_gives_the_money_back_to_the_platform(
    sandbox: RunningSandbox,
) -> None:
    refund = await refunded(sandbox, "pm_card_refundFail")

    await sandbox.control("refunds/end")
    after = await sandbox.client.v1.refunds.retrieve_async(refund.id)
    (intent,) = (await sandbox.view("payment_intents"))["data"]
    again = await sandbox.client.v1.refunds.create_async({"payment_intent": intent["id"]})

    assert (refund.status, after.status, after.failure_reason) == (
        "succeeded",
        "failed",
        "expired_or_canceled_card",
    )
    assert intent["amount_refunded"] == 0
    assert again.amount == 5000
    assert "refund.failed" in [event["type"] for event in (await sandbox.view("events"))["data"]]


async def test_a_refund_ends_by_itself_on_the_domain_clock(tmp_path: Path) -> None:
    clock = ClockMapping(origin_real=time.time(), origin_domain=time.time(), speed=600.0)
    async with (
        receiving() as receiver,
        running_sandbox(tmp_path, webhook_url=receiver.url, clock=clock) as sandbox,
    ):
        refund = await refunded(sandbox, "pm_card_refundFail")
        (told,) = await receiver.wait_for("refund.failed")

    assert (told.event["data"]["object"]["id"], told.event["data"]["object"]["status"]) == (
        refund.id,
        "failed",
    )
