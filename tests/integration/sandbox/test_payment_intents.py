"""Authorizing, capturing and releasing, with every rule that the sandbox enforces."""

import time
from typing import Any

import pytest
import stripe

from tests.support.sandbox import NO_REDIRECTS, RunningSandbox

FOUR_DAYS_18_HOURS = 4 * 86400 + 18 * 3600
SEVEN_DAYS = 7 * 86400


def life_of_hold(intent: stripe.PaymentIntent) -> float:
    charge: Any = intent.latest_charge
    return float(charge.payment_method_details.card.capture_before - time.time())


async def test_a_confirmed_manual_intent_holds_the_whole_amount(sandbox: RunningSandbox) -> None:
    intent = await sandbox.pay(5000)

    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 5000, 0)


async def test_an_automatic_intent_takes_the_money_at_once(sandbox: RunningSandbox) -> None:
    intent = await sandbox.pay(5000, capture_method="automatic")

    assert (intent.status, intent.amount_received) == ("succeeded", 5000)


async def test_a_partial_capture_releases_the_rest_and_costs_the_fee_of_what_was_taken(
    sandbox: RunningSandbox,
) -> None:
    held = await sandbox.pay(5000)

    taken: Any = await sandbox.client.v1.payment_intents.capture_async(
        held.id, {"amount_to_capture": 3760, "expand": ["latest_charge.balance_transaction"]}
    )

    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 3760, 0)
    assert taken.latest_charge.balance_transaction.fee == 109 + 30
    assert taken.latest_charge.balance_transaction.net == 3760 - 139


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        (0, "parameter_invalid_integer"),
        (1, "amount_too_small"),
        (49, "amount_too_small"),
        (5001, "amount_too_large"),
    ],
)
async def test_a_capture_outside_its_bounds_is_refused(
    sandbox: RunningSandbox, amount: int, code: str
) -> None:
    held = await sandbox.pay(5000)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": amount})

    assert refused.value.code == code
    assert (await sandbox.view("summary"))["open_holds"] == 1


async def test_the_minimum_itself_may_be_captured(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)

    taken = await sandbox.client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 50})

    assert taken.amount_received == 50


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (7050, "isk", "parameter_invalid_integer"),
        (165, "kwd", "parameter_invalid_integer"),
        (100_000_000, "usd", "amount_too_large"),
        (5000, "xxx", "parameter_invalid"),
    ],
)
async def test_an_amount_the_currency_does_not_allow_is_refused(
    sandbox: RunningSandbox, amount: int, currency: str, code: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.pay(amount, currency=currency)

    assert refused.value.code == code


async def test_a_cancelled_intent_cannot_be_captured(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)
    cancelled = await sandbox.client.v1.payment_intents.cancel_async(
        held.id, {"cancellation_reason": "abandoned"}
    )

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.client.v1.payment_intents.capture_async(held.id)

    assert (cancelled.status, cancelled.amount_capturable) == ("canceled", 0)
    assert refused.value.code == "payment_intent_unexpected_state"


async def test_a_captured_intent_can_be_neither_captured_again_nor_cancelled(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)
    await sandbox.client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1000})

    with pytest.raises(stripe.InvalidRequestError) as again:
        await sandbox.client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1000})
    with pytest.raises(stripe.InvalidRequestError) as cancel:
        await sandbox.client.v1.payment_intents.cancel_async(held.id)

    assert again.value.code == cancel.value.code == "payment_intent_unexpected_state"
    assert (await sandbox.view("summary"))["captured"] == {"usd": 1000}


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
async def test_a_refused_card_answers_402_with_the_intent_asking_for_another(
    sandbox: RunningSandbox, token: str, code: str, decline_code: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        await sandbox.pay(5000, token)

    error: Any = refused.value.error
    assert (refused.value.code, error.decline_code) == (code, decline_code)
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.last_payment_error.decline_code == decline_code
    assert (await sandbox.view("summary"))["open_holds"] == 0


async def test_a_refused_intent_is_paid_with_another_card(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.CardError) as refused:
        await sandbox.pay(5000, "pm_card_visa_chargeDeclined")
    error: Any = refused.value.error

    paid = await sandbox.client.v1.payment_intents.confirm_async(
        error.payment_intent.id, {"payment_method": "pm_card_mastercard"}
    )

    assert paid.status == "requires_capture"
    assert paid.last_payment_error is None


async def test_a_declined_card_cannot_be_attached_but_the_failing_customer_card_can(
    sandbox: RunningSandbox,
) -> None:
    with pytest.raises(stripe.CardError):
        await sandbox.customer("pm_card_visa_chargeDeclined")
    customer, card = await sandbox.customer("pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError):
        await sandbox.pay(5000, card, customer=customer)


async def test_on_session_authentication_is_completed_by_the_customer(sandbox: RunningSandbox) -> None:
    waiting: Any = await sandbox.pay(
        5000, "pm_card_authenticationRequired", return_url="https://app.test/back"
    )
    assert waiting.status == "requires_action"
    assert waiting.next_action.redirect_to_url.url.startswith(sandbox.url)

    status = await sandbox.answer_challenge(waiting.id, waiting.client_secret, "complete")

    now = await sandbox.client.v1.payment_intents.retrieve_async(waiting.id)
    assert (status, now.status, now.amount_capturable) == (200, "requires_capture", 5000)


async def test_a_failed_authentication_asks_for_another_card(sandbox: RunningSandbox) -> None:
    waiting = await sandbox.pay(5000, "pm_card_authenticationRequired")

    await sandbox.answer_challenge(waiting.id, waiting.client_secret, "fail")

    now: Any = await sandbox.client.v1.payment_intents.retrieve_async(waiting.id)
    assert now.status == "requires_payment_method"
    assert now.last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_challenge_is_not_answered_without_its_secret(sandbox: RunningSandbox) -> None:
    waiting = await sandbox.pay(5000, "pm_card_authenticationRequired")

    status = await sandbox.answer_challenge(waiting.id, "guess", "complete")

    now = await sandbox.client.v1.payment_intents.retrieve_async(waiting.id)
    assert (status, now.status) == (403, "requires_action")


async def test_a_browser_sees_the_challenge_and_is_sent_back(sandbox: RunningSandbox) -> None:
    waiting: Any = await sandbox.pay(
        5000, "pm_card_authenticationRequired", return_url="https://app.test/back?a=1"
    )
    page_url = waiting.next_action.redirect_to_url.url
    form = {"client_secret": waiting.client_secret, "outcome": "complete"}

    async with sandbox.session.get(page_url, params={"client_secret": waiting.client_secret}) as page:
        text = await page.text()
    async with sandbox.session.post(
        page_url, data=form, headers={"Accept": "text/html"}, allow_redirects=False
    ) as back:
        target = back.headers["Location"]

    assert "50.00 USD" in text
    assert target.startswith(
        f"https://app.test/back?a=1&payment_intent={waiting.id}&payment_intent_client_secret="
    )


async def test_a_deleted_customer_is_listed_no_more_and_cannot_pay(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    await sandbox.client.v1.customers.delete_async(customer)

    page = await sandbox.client.v1.customers.list_async()
    now: Any = await sandbox.client.v1.customers.retrieve_async(customer)
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.pay(5000, card, customer=customer)

    assert page.data == []
    assert now.deleted is True


async def test_a_card_that_fails_after_authentication_is_refused(sandbox: RunningSandbox) -> None:
    token = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    waiting = await sandbox.pay(5000, token)

    status = await sandbox.answer_challenge(waiting.id, waiting.client_secret, "complete")

    now: Any = await sandbox.client.v1.payment_intents.retrieve_async(waiting.id)
    assert (status, now.status) == (402, "requires_payment_method")
    assert now.last_payment_error.decline_code == "insufficient_funds"


async def test_off_session_authentication_is_a_refusal(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer("pm_card_authenticationRequired")

    with pytest.raises(stripe.CardError) as refused:
        await sandbox.pay(5000, card, customer=customer, off_session=True)

    assert refused.value.code == "authentication_required"


async def test_a_card_set_up_once_pays_off_session(sandbox: RunningSandbox) -> None:
    customer, _ = await sandbox.customer(None)
    setup: Any = await sandbox.client.v1.setup_intents.create_async(
        {"customer": customer, "payment_method": "pm_card_authenticationRequiredOnSetup", "confirm": True}
    )
    await sandbox.answer_challenge(setup.id, setup.client_secret, "complete")

    paid = await sandbox.pay(5000, setup.payment_method, customer=customer, off_session=True)

    assert paid.status == "requires_capture"


async def test_a_hold_lives_as_long_as_the_network_says(sandbox: RunningSandbox) -> None:
    customer, visa = await sandbox.customer("pm_card_visa")
    _, mastercard = (
        customer,
        await sandbox.client.v1.payment_methods.attach_async("pm_card_mastercard", {"customer": customer}),
    )

    present = await sandbox.pay(5000, visa, customer=customer)
    absent = await sandbox.pay(5000, visa, customer=customer, off_session=True)
    other = await sandbox.pay(5000, mastercard.id, customer=customer, off_session=True)

    assert life_of_hold(present) == pytest.approx(SEVEN_DAYS, abs=5)
    assert life_of_hold(absent) == pytest.approx(FOUR_DAYS_18_HOURS, abs=5)
    assert life_of_hold(other) == pytest.approx(SEVEN_DAYS, abs=5)


async def test_a_card_of_another_customer_cannot_pay(sandbox: RunningSandbox) -> None:
    _, card = await sandbox.customer()
    stranger, _ = await sandbox.customer(None)

    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.pay(5000, card, customer=stranger)


async def test_a_detached_card_can_never_pay_again(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    await sandbox.client.v1.payment_methods.detach_async(card)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.pay(5000, card, customer=customer)

    page = await sandbox.client.v1.payment_methods.list_async({"customer": customer})
    assert refused.value.code == "payment_method_unexpected_state"
    assert page.data == []


async def test_confirming_with_redirects_allowed_needs_a_return_url(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        await sandbox.pay(5000, automatic_payment_methods={"enabled": True})


@pytest.mark.parametrize(
    "extra", [{"colour": "red"}, {"automatic_payment_methods": {**NO_REDIRECTS, "a": "b"}}]
)
async def test_an_unknown_parameter_is_refused_by_name(
    sandbox: RunningSandbox, extra: dict[str, Any]
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.pay(5000, **extra)

    assert refused.value.code == "parameter_unknown"
    assert (await sandbox.view("payment_intents"))["data"] == []


async def test_intents_are_listed_by_customer_newest_first_in_pages(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    other, other_card = await sandbox.customer()
    made = [
        (await sandbox.pay(1000 + n, card, customer=customer, metadata={"n": str(n)})).id for n in range(5)
    ]
    await sandbox.pay(9000, other_card, customer=other)

    page = await sandbox.client.v1.payment_intents.list_async(
        {
            "customer": customer,
            "limit": 2,
            "created": {"gte": int(time.time()) - 60},
            "expand": ["data.latest_charge"],
        }
    )
    found: list[Any] = [intent async for intent in page.auto_paging_iter()]
    later = await sandbox.client.v1.payment_intents.list_async({"created": {"gt": int(time.time()) + 60}})

    assert [intent.id for intent in found] == made[::-1]
    assert found[0].latest_charge.amount == 1004
    assert later.data == []


async def test_a_missing_object_is_404(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sandbox.client.v1.payment_intents.retrieve_async("pi_nothing")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


async def test_the_inspection_shows_every_intent_without_its_client_secret(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    held = await sandbox.pay(5000, card, customer=customer, metadata={"sessionId": "s1"})

    (shown,) = (await sandbox.view("payment_intents"))["data"]

    assert shown["id"] == held.id
    assert (shown["amount"], shown["amount_capturable"], shown["amount_received"]) == (5000, 5000, 0)
    assert (shown["status"], shown["customer"], shown["metadata"]) == (
        "requires_capture",
        customer,
        {"sessionId": "s1"},
    )
    assert "client_secret" not in shown
