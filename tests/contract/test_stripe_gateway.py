"""The ``PaymentGateway`` port on Stripe's SDK, against the sandbox: what each call promises, and what each failure means."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.payments.stripe import StripeGateway, StripeSettings
from domain.money import Money
from domain.payments.gateway import (
    Authorization,
    BadSignature,
    GatewayRefused,
    GatewayUnknown,
    IntentState,
    PaymentGateway,
)
from sandbox.delivery import signature_header
from tests.support.sandbox import SECRET_KEY, WEBHOOK_SECRET, RunningSandbox, receiving, running_sandbox

BLOCK = Money(5000, "USD")


@asynccontextmanager
async def gateway_to(
    url: str, *, timeout: float = 8.0, key: str = SECRET_KEY
) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(StripeSettings(key, WEBHOOK_SECRET, address=url, timeout=timeout))
    try:
        yield gateway
    finally:
        await gateway.close()


@dataclass(slots=True)
class Bench:
    """A gateway, the sandbox behind it, and a client with a good card."""

    gateway: PaymentGateway
    sandbox: RunningSandbox
    customer: str
    wanted: Authorization

    async def with_card(self, token: str, *, on_session: bool = True) -> Authorization:
        card = await self.gateway.attach_card(
            key=f"attach:{token}:1", customer=self.customer, payment_method=token
        )
        return replace(self.wanted, payment_method=card.id, on_session=on_session)

    async def intents(self) -> list[Any]:
        found: list[Any] = (await self.sandbox.view("payment_intents"))["data"]
        return found


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_sandbox(tmp_path) as sandbox, gateway_to(sandbox.url) as gateway:
        customer = await gateway.create_customer(
            key="customer:u1:1", email="client@demo.test", name="Client", user_id="u1"
        )
        card = await gateway.attach_card(key="attach:c1:1", customer=customer, payment_method="pm_card_de")
        wanted = Authorization(
            amount=BLOCK,
            customer=customer,
            payment_method=card.id,
            on_session=True,
            description="Live call",
            metadata={"sessionId": "s1", "block": "1"},
        )
        yield Bench(gateway, sandbox, customer, wanted)


async def test_an_authorization_holds_and_says_until_when(bench: Bench) -> None:
    intent = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    assert (intent.state, intent.amount, intent.capturable, intent.captured) == (
        IntentState.AUTHORIZED,
        BLOCK,
        5000,
        0,
    )
    assert intent.capture_before is not None
    assert intent.capture_before - datetime.now(UTC) > timedelta(days=4)
    assert (intent.card_country, intent.payment_method) == ("DE", bench.wanted.payment_method)
    assert intent.metadata == {"sessionId": "s1", "block": "1"}
    assert (intent.client_secret, intent.fee) == (None, None)


async def test_a_capture_takes_a_part_and_knows_its_fee(bench: Bench) -> None:
    held = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    taken = await bench.gateway.capture(
        key="capture:s1-1:1", intent=held.id, amount=Money(3760, "USD"), metadata={"paymentId": "p1"}
    )

    assert (taken.state, taken.captured, taken.capturable, taken.fee) == (IntentState.SUCCEEDED, 3760, 0, 139)
    assert taken.capture_before is None
    assert taken.metadata == {"sessionId": "s1", "block": "1", "paymentId": "p1"}
    assert await bench.gateway.retrieve(held.id) == taken


async def test_a_second_capture_counts_as_done_only_for_the_same_amount(bench: Bench) -> None:
    held = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    same, other = Money(3760, "USD"), Money(3000, "USD")
    first = await bench.gateway.capture(key="capture:s1-1:1", intent=held.id, amount=same, metadata={})

    again = await bench.gateway.capture(key="capture:s1-1:2", intent=held.id, amount=same, metadata={})
    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.capture(key="capture:s1-1:3", intent=held.id, amount=other, metadata={})

    assert again == first
    assert refused.value.code == "payment_intent_unexpected_state"


async def test_a_capture_below_the_minimum_is_refused_as_too_small(bench: Bench) -> None:
    held = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.capture(
            key="capture:s1-1:1", intent=held.id, amount=Money(49, "USD"), metadata={}
        )

    assert refused.value.code == "amount_too_small"


async def test_a_release_is_done_once_and_again_and_after_a_lapse(bench: Bench) -> None:
    one = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    two = await bench.gateway.authorize(key="authorize:s1-2:1", authorization=bench.wanted)
    await bench.sandbox.control("holds/expire", payment_intent=two.id)

    first = await bench.gateway.cancel(key="cancel:s1-1:1", intent=one.id)
    again = await bench.gateway.cancel(key="cancel:s1-1:2", intent=one.id)
    lapsed = await bench.gateway.cancel(key="cancel:s1-2:1", intent=two.id)

    assert [first.state, again.state, lapsed.state] == [IntentState.CANCELLED] * 3
    assert (await bench.sandbox.view("summary"))["open_holds"] == 0


async def test_captured_money_is_not_released(bench: Bench) -> None:
    held = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    await bench.gateway.capture(key="capture:s1-1:1", intent=held.id, amount=BLOCK, metadata={})

    with pytest.raises(GatewayRefused):
        await bench.gateway.cancel(key="cancel:s1-1:1", intent=held.id)


@pytest.mark.parametrize(
    ("decline", "code"),
    [
        ("generic_decline", "card_declined"),
        ("insufficient_funds", "insufficient_funds"),
        ("expired_card", "expired_card"),
        ("processing_error", "processing_error"),
    ],
)
async def test_a_declined_card_is_a_refusal_in_the_most_telling_word(
    bench: Bench, decline: str, code: str
) -> None:
    await bench.sandbox.fault("decline", code=decline)

    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    (intent,) = await bench.intents()
    assert refused.value.code == code
    assert (await bench.gateway.retrieve(intent["id"])).last_error == code


async def test_a_saved_card_that_fails_is_refused_when_it_is_charged(bench: Bench) -> None:
    wanted = await bench.with_card("pm_card_chargeCustomerFail")

    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=wanted)

    assert refused.value.code == "card_declined"


async def test_authentication_is_asked_of_a_customer_who_is_there(bench: Bench) -> None:
    wanted = await bench.with_card("pm_card_authenticationRequired")

    waiting = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=wanted)
    await bench.sandbox.answer_challenge(waiting.id, waiting.client_secret, "complete")
    now = await bench.gateway.retrieve(waiting.id)

    assert waiting.state is IntentState.REQUIRES_ACTION
    assert waiting.client_secret
    assert (now.state, now.client_secret) == (IntentState.AUTHORIZED, None)


async def test_authentication_without_the_customer_is_its_own_refusal(bench: Bench) -> None:
    wanted = await bench.with_card("pm_card_authenticationRequired", on_session=False)

    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=wanted)

    assert refused.value.code == "authentication_required"


@pytest.mark.parametrize("kind", ["rate_limit", "lock_timeout", "conflict", "drop_after_success"])
async def test_an_unknown_outcome_is_settled_by_the_same_key(bench: Bench, kind: str) -> None:
    await bench.sandbox.fault(kind, operation="payment_intents.create")

    with pytest.raises(GatewayUnknown) as unknown:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    intent = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    assert not unknown.value.replayed_error
    assert [found["id"] for found in await bench.intents()] == [intent.id]


async def test_a_timeout_is_unknown_and_the_same_key_finds_what_happened(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox, gateway_to(sandbox.url, timeout=0.3) as gateway:
        await sandbox.fault("timeout_after_success", operation="customers.create", seconds=20)
        person: Any = {"key": "customer:u1:1", "email": "client@demo.test", "name": "Client", "user_id": "u1"}

        with pytest.raises(GatewayUnknown):
            await gateway.create_customer(**person)
        customer = await gateway.create_customer(**person)

        page = await sandbox.client.v1.customers.list_async()
        assert [found.id for found in page.data] == [customer]


async def test_nobody_listening_is_unknown() -> None:
    async with gateway_to("http://127.0.0.1:9") as gateway:
        with pytest.raises(GatewayUnknown):
            await gateway.retrieve("pi_x")


@pytest.mark.parametrize(("kind", "held"), [("error_500_before", False), ("error_500_after", True)])
async def test_a_replayed_500_says_so_and_a_list_tells_what_happened(
    bench: Bench, kind: str, held: bool
) -> None:
    since = datetime.now(UTC)
    await bench.sandbox.fault(kind, operation="payment_intents.create")

    with pytest.raises(GatewayUnknown) as first:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    with pytest.raises(GatewayUnknown) as second:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    found = await bench.gateway.find(
        customer=bench.customer, since=since, metadata={"sessionId": "s1", "block": "1"}
    )

    assert (first.value.replayed_error, second.value.replayed_error) == (False, True)
    assert (found is not None) == held


async def test_a_key_used_for_something_else_is_refused(bench: Bench) -> None:
    await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    other = replace(bench.wanted, amount=Money(6000, "USD"))

    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.authorize(key="authorize:s1-1:1", authorization=other)

    assert refused.value.code == "idempotency_error"


async def test_a_wrong_key_of_ours_never_looks_like_a_refusal_of_the_customer(bench: Bench) -> None:
    async with gateway_to(bench.sandbox.url, key="sk_test_rotated") as stranger:
        with pytest.raises(GatewayUnknown) as unknown:
            await stranger.authorize(key="authorize:s1-1:1", authorization=bench.wanted)

    assert "sk_test_rotated" not in f"{unknown.value!r} {unknown.value.__cause__!r}"


async def test_find_looks_only_at_this_customer_this_time_and_all_of_the_metadata(bench: Bench) -> None:
    since = datetime.now(UTC)
    wanted = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    second = replace(bench.wanted, metadata={"sessionId": "s1", "block": "2"})
    await bench.gateway.authorize(key="authorize:s1-2:1", authorization=second)
    stranger = await bench.gateway.create_customer(
        key="customer:u2:1", email="b@demo.test", name="B", user_id="u2"
    )
    block_1 = {"sessionId": "s1", "block": "1"}

    found = await bench.gateway.find(customer=bench.customer, since=since, metadata=block_1)
    nothing = [
        await bench.gateway.find(customer=bench.customer, since=since, metadata={**block_1, "more": "x"}),
        await bench.gateway.find(customer=stranger, since=since, metadata=block_1),
        await bench.gateway.find(
            customer=bench.customer, since=since + timedelta(minutes=1), metadata=block_1
        ),
    ]

    assert found == wanted
    assert nothing == [None, None, None]


async def test_cards_are_listed_newest_first_and_forgotten_once_and_again(bench: Bench) -> None:
    newer = await bench.gateway.attach_card(
        key="attach:c2:1", customer=bench.customer, payment_method="pm_card_mastercard"
    )
    both = await bench.gateway.list_cards(bench.customer)

    await bench.gateway.detach_card(key="detach:c2:1", payment_method=newer.id)
    await bench.gateway.detach_card(key="detach:c2:2", payment_method=newer.id)

    assert [(card.brand, card.last4, card.country) for card in both] == [
        ("mastercard", "4444", "US"),
        ("visa", "0016", "DE"),
    ]
    assert [card.id for card in await bench.gateway.list_cards(bench.customer)] == [
        bench.wanted.payment_method
    ]


async def test_forgetting_a_card_that_never_was_is_refused(bench: Bench) -> None:
    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.detach_card(key="detach:c9:1", payment_method="pm_nothing")

    assert refused.value.code == "resource_missing"


async def test_a_refund_gives_back_part_and_never_more_than_was_taken(bench: Bench) -> None:
    held = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=bench.wanted)
    await bench.gateway.capture(key="capture:s1-1:1", intent=held.id, amount=Money(1000, "USD"), metadata={})

    refund = await bench.gateway.refund(
        key="refund:r1:1", intent=held.id, amount=Money(400, "USD"), metadata={"ticketId": "t1"}
    )
    with pytest.raises(GatewayRefused):
        await bench.gateway.refund(key="refund:r2:1", intent=held.id, amount=Money(601, "USD"), metadata={})

    assert (refund.amount, refund.state) == (Money(400, "USD"), "succeeded")


async def test_the_tax_inside_an_amount_is_that_of_the_country(bench: Bench) -> None:
    gross = Money(3760, "EUR")

    german = await bench.gateway.tax(
        key="tax:p1:1", gross=gross, country="DE", postal_code=None, reference="p1"
    )
    american = await bench.gateway.tax(
        key="tax:p2:1", gross=gross, country="US", postal_code="94103", reference="p2"
    )

    assert (german.gross, german.tax, german.country) == (gross, 600, "DE")
    assert german.calculation_id.startswith("taxcalc_")
    assert american.tax == 0


async def test_the_tax_of_the_united_states_is_refused_without_a_postal_code(bench: Bench) -> None:
    with pytest.raises(GatewayRefused) as refused:
        await bench.gateway.tax(
            key="tax:p1:1", gross=Money(3760, "USD"), country="US", postal_code=None, reference="p1"
        )

    assert refused.value.code == "customer_tax_location_invalid"


@pytest.mark.parametrize(
    ("token", "postal_code"),
    [("pm_card_visa", "94103"), ("pm_card_noPostalCode", None), ("pm_card_de", None)],
)
async def test_an_intent_tells_the_postal_code_of_the_card(
    bench: Bench, token: str, postal_code: str | None
) -> None:
    wanted = await bench.with_card(token)

    intent = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=wanted)

    assert intent.card_postal_code == postal_code


async def test_a_postal_code_of_another_country_than_the_cards_is_not_told(bench: Bench) -> None:
    wanted = await bench.with_card("pm_card_visa")
    await bench.sandbox.client.v1.payment_methods.update_async(
        wanted.payment_method, {"billing_details": {"address": {"country": "DE", "postal_code": "10115"}}}
    )

    intent = await bench.gateway.authorize(key="authorize:s1-1:1", authorization=wanted)

    assert (intent.card_country, intent.card_postal_code) == ("US", None)


async def test_a_delivered_webhook_is_read_and_a_forged_one_is_not(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        held = await sandbox.pay(5000)
        (got,) = await receiver.wait_for("payment_intent.amount_capturable_updated")
        async with gateway_to(sandbox.url) as gateway:
            event = gateway.parse_webhook(got.body, got.signature)

            with pytest.raises(BadSignature):
                gateway.parse_webhook(got.body + b" ", got.signature)
            with pytest.raises(BadSignature):
                gateway.parse_webhook(got.body, "")

    assert (event.type, event.object_id) == ("payment_intent.amount_capturable_updated", held.id)
    assert event.id == got.event["id"]


@pytest.mark.parametrize(
    ("body", "age"),
    [
        (b'{"id": "evt_1", "type": "x", "created": 1, "data": {"object": {"id": "pi_1"}}}', 301),
        (b"not json", 0),
        (b'{"id": "evt_1"}', 0),
        (b"[]", 0),
        (b"\xff\xfe", 0),
    ],
)
async def test_a_webhook_too_old_or_without_sense_is_not_read(body: bytes, age: int) -> None:
    signature = signature_header(body, WEBHOOK_SECRET, int(time.time()) - age)

    async with gateway_to("http://127.0.0.1:9") as gateway:
        with pytest.raises(BadSignature):
            gateway.parse_webhook(body, signature)


async def test_settings_do_not_show_their_secrets() -> None:
    settings = StripeSettings("sk_live_secret", "whsec_secret")

    assert "secret" not in repr(settings).replace("secret_key", "").replace("webhook_secret", "")
