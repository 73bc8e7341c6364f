"""Charges, hosted pages and refunds of the ``PaymentGateway`` port on Stripe's SDK, against the sandbox."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.money import Money
from domain.payments.gateway import (
    Charge,
    Checkout,
    CheckoutState,
    GatewayRefundState,
    GatewayRefused,
    GatewayUnknown,
    IntentState,
    PaymentGateway,
)
from tests.contract.test_stripe_gateway import gateway_to
from tests.support.sandbox import RunningSandbox, running_sandbox

PRICE = Money(5000, "USD")


@dataclass(slots=True)
class Counter:
    """A gateway, the sandbox behind it, and a client with a good card."""

    gateway: PaymentGateway
    sandbox: RunningSandbox
    wanted: Charge
    checkout: Checkout

    async def charged(self, number: int = 1) -> str:
        """The intent of a charge that went well."""
        intent = await self.gateway.charge(key=f"charge:o{number}:1", charge=self.wanted)
        return intent.id


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counter]:
    async with running_sandbox(tmp_path) as sandbox, gateway_to(sandbox.url) as gateway:
        customer, card = await sandbox.customer("pm_card_de")
        metadata = {"operation": "o1", "payment": "p1"}
        charge = Charge(PRICE, customer, card, "A session", metadata)
        checkout = Checkout(
            PRICE, customer, "A session", "https://shop.test/done", "https://shop.test/back", metadata
        )
        yield Counter(gateway, sandbox, charge, checkout)


async def test_a_charge_takes_everything_at_once_and_knows_its_fee(counter: Counter) -> None:
    intent = await counter.gateway.charge(key="charge:o1:1", charge=counter.wanted)

    assert (intent.state, intent.amount, intent.captured, intent.capturable) == (
        IntentState.SUCCEEDED,
        PRICE,
        5000,
        0,
    )
    assert (intent.fee, intent.card_country) == (175, "DE")
    assert intent.metadata == {"operation": "o1", "payment": "p1"}


async def test_a_key_charges_once(counter: Counter) -> None:
    first = await counter.gateway.charge(key="charge:o1:1", charge=counter.wanted)
    again = await counter.gateway.charge(key="charge:o1:1", charge=counter.wanted)

    assert first.id == again.id
    assert (await counter.sandbox.view("summary"))["captured"] == {"usd": 5000}


async def test_a_charge_asks_for_three_d_secure_and_is_found_by_its_metadata(counter: Counter) -> None:
    secure = await counter.gateway.attach_card(
        key="attach:c2:1",
        customer=counter.wanted.customer,
        payment_method="pm_card_authenticationRequired",
    )
    since = datetime.now(UTC) - timedelta(minutes=1)

    asked = await counter.gateway.charge(
        key="charge:o1:1", charge=replace(counter.wanted, payment_method=secure.id)
    )
    found = await counter.gateway.find(
        customer=counter.wanted.customer, since=since, metadata={"operation": "o1"}
    )

    assert asked.state is IntentState.REQUIRES_ACTION
    assert (asked.client_secret or "").startswith(asked.id)
    assert found is not None
    assert found.id == asked.id


async def test_a_refused_card_is_a_refusal_with_the_gateways_word(counter: Counter) -> None:
    await counter.sandbox.fault("decline", code="insufficient_funds")

    with pytest.raises(GatewayRefused) as refused:
        await counter.gateway.charge(key="charge:o1:1", charge=counter.wanted)

    assert refused.value.code == "insufficient_funds"


async def test_a_page_is_open_until_it_is_paid_and_its_intent_says_the_same(counter: Counter) -> None:
    opened = await counter.gateway.create_checkout(key="checkout:o1:1", checkout=counter.checkout)
    again = await counter.gateway.create_checkout(key="checkout:o1:1", checkout=counter.checkout)
    back = await counter.sandbox.pay_page(opened.url)
    paid = await counter.gateway.retrieve_checkout(opened.id)
    intent = await counter.gateway.retrieve(paid.intent or "")

    assert again == opened
    assert (opened.state, opened.intent, opened.metadata) == (
        CheckoutState.OPEN,
        None,
        {"operation": "o1", "payment": "p1"},
    )
    assert timedelta(hours=23) < opened.expires_at - datetime.now(UTC) <= timedelta(hours=24)
    assert back == "https://shop.test/done"
    assert (paid.state, paid.url) == (CheckoutState.COMPLETE, None)
    assert (intent.state, intent.captured, intent.fee) == (IntentState.SUCCEEDED, 5000, 175)
    assert intent.metadata == opened.metadata


async def test_a_page_is_closed_once_and_again_and_never_after_it_was_paid(counter: Counter) -> None:
    closed = await counter.gateway.create_checkout(key="checkout:o1:1", checkout=counter.checkout)
    paid = await counter.gateway.create_checkout(key="checkout:o2:1", checkout=counter.checkout)
    await counter.sandbox.pay_page(paid.url)

    first = await counter.gateway.expire_checkout(key="expire:o1:1", session=closed.id)
    again = await counter.gateway.expire_checkout(key="expire:o1:2", session=closed.id)
    too_late = await counter.gateway.expire_checkout(key="expire:o2:1", session=paid.id)

    assert [first.state, again.state, too_late.state] == [
        CheckoutState.EXPIRED,
        CheckoutState.EXPIRED,
        CheckoutState.COMPLETE,
    ]


async def test_a_page_is_found_by_customer_time_and_all_of_the_metadata(counter: Counter) -> None:
    since = datetime.now(UTC) - timedelta(minutes=1)
    opened = await counter.gateway.create_checkout(key="checkout:o1:1", checkout=counter.checkout)
    other = replace(counter.checkout, metadata={"operation": "o2", "payment": "p1"})
    await counter.gateway.create_checkout(key="checkout:o2:1", checkout=other)
    customer = counter.checkout.customer

    found = await counter.gateway.find_checkout(customer=customer, since=since, metadata={"operation": "o1"})
    nothing = [
        await counter.gateway.find_checkout(
            customer=customer, since=since, metadata={"operation": "o1", "payment": "p2"}
        ),
        await counter.gateway.find_checkout(
            customer=customer, since=since + timedelta(hours=1), metadata={"operation": "o1"}
        ),
    ]

    assert found == opened
    assert nothing == [None, None]


async def test_a_page_for_nobody_is_refused(counter: Counter) -> None:
    with pytest.raises(GatewayRefused):
        await counter.gateway.create_checkout(
            key="checkout:o1:1", checkout=replace(counter.checkout, customer="cus_nobody")
        )


async def test_an_answer_that_never_came_is_unknown(counter: Counter) -> None:
    await counter.sandbox.fault("drop_after_success", operation="checkout.sessions.create")

    with pytest.raises(GatewayUnknown):
        await counter.gateway.create_checkout(key="checkout:o1:1", checkout=counter.checkout)


async def test_refunds_are_listed_by_intent_and_by_charge_newest_first(counter: Counter) -> None:
    intent = await counter.charged()
    first, second = [
        await counter.gateway.refund(
            key=f"refund:r{number}:1",
            intent=intent,
            amount=Money(1000, "USD"),
            metadata={"operation": f"r{number}"},
        )
        for number in (1, 2)
    ]
    charge = await counter.sandbox.client.v1.payment_intents.retrieve_async(intent)

    by_intent = await counter.gateway.refunds(intent=intent)
    by_charge = await counter.gateway.refunds(charge=str(charge.latest_charge))

    assert first.id != second.id
    assert list(by_intent) == list(by_charge) == [second, first]
    assert (first.intent, first.state, first.metadata) == (
        intent,
        GatewayRefundState.SUCCEEDED,
        {"operation": "r1"},
    )
    assert await counter.gateway.retrieve_refund(first.id) == first


async def test_what_is_not_there_is_refused_as_missing(counter: Counter) -> None:
    asked = [
        counter.gateway.retrieve_refund("re_nothing"),
        counter.gateway.retrieve_checkout("cs_nothing"),
        counter.gateway.retrieve("pi_nothing"),
    ]

    for question in asked:
        with pytest.raises(GatewayRefused) as refused:
            await question
        assert refused.value.code == "resource_missing"
