"""Events reach their receivers signed, again until they are taken, and disturbed when asked."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.support.sandbox import WEBHOOK_SECRET, receiving, running_sandbox

CAPTURABLE = "payment_intent.amount_capturable_updated"


async def test_a_webhook_carries_a_signature_the_sdk_accepts(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        held = await sandbox.pay(5000)
        (got,) = await receiver.wait_for(CAPTURABLE)

        event: Any = sandbox.client.construct_event(got.body, got.signature, WEBHOOK_SECRET)
        kept: Any = await sandbox.client.v1.events.retrieve_async(event.id)

    assert event.data.object.id == held.id
    assert event.data.object.status == "requires_capture"
    assert (kept.type, kept.data.object.id) == (CAPTURABLE, held.id)


async def test_a_changed_body_or_another_secret_is_not_accepted(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        await sandbox.pay(5000)
        (got,) = await receiver.wait_for(CAPTURABLE)

        with pytest.raises(stripe.SignatureVerificationError):
            sandbox.client.construct_event(got.body.replace(b"5000", b"5001"), got.signature, WEBHOOK_SECRET)
        with pytest.raises(stripe.SignatureVerificationError):
            sandbox.client.construct_event(got.body, got.signature, "whsec_other")


async def test_a_webhook_is_repeated_until_it_is_taken(tmp_path: Path) -> None:
    async with (
        receiving(failures=2) as receiver,
        running_sandbox(tmp_path, webhook_url=receiver.url, webhook_retry_seconds=(0.02, 0.05)) as sandbox,
    ):
        await sandbox.client.v1.customers.create_async({"email": "client@demo.test"})
        attempts = await receiver.wait_for("customer.created", 3)

    assert len({one.event["id"] for one in attempts}) == 1


async def test_a_webhook_given_up_is_sent_again_on_request(tmp_path: Path) -> None:
    async with (
        receiving(failures=1) as receiver,
        running_sandbox(tmp_path, webhook_url=receiver.url, webhook_retry_seconds=()) as sandbox,
    ):
        await sandbox.client.v1.customers.create_async({"email": "client@demo.test"})
        (lost,) = await receiver.wait_for("customer.created")

        await sandbox.control(f"events/{lost.event['id']}/resend")
        again = await receiver.wait_for("customer.created", 2)

    assert [one.event["id"] for one in again] == [lost.event["id"]] * 2


async def test_webhooks_are_doubled_on_request(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        await sandbox.fault("chaos", duplicateWebhooks=1)
        await sandbox.client.v1.customers.create_async({"email": "client@demo.test"})

        both = await receiver.wait_for("customer.created", 2)

    assert both[0].event["id"] == both[1].event["id"]


async def test_webhooks_are_reordered_on_request(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        await sandbox.fault("chaos", reorderWebhooks=1)
        first = await sandbox.client.v1.customers.create_async({"email": "first@demo.test"})
        await sandbox.control("faults", "DELETE")
        second = await sandbox.client.v1.customers.create_async({"email": "second@demo.test"})

        arrived = await receiver.wait_for("customer.created", 2)

    assert [one.event["data"]["object"]["id"] for one in arrived] == [second.id, first.id]


async def test_webhooks_are_delayed_on_request(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox:
        await sandbox.fault("chaos", delayWebhooksMs=[60_000, 60_000])
        await sandbox.client.v1.customers.create_async({"email": "client@demo.test"})

        waiting = (await sandbox.view("summary"))["webhooks_waiting"]

    assert waiting == 1
    assert receiver.received == []


async def test_an_endpoint_hears_only_what_it_asked_for_under_its_own_secret(tmp_path: Path) -> None:
    async with receiving() as receiver, running_sandbox(tmp_path) as sandbox:
        endpoint: Any = await sandbox.client.v1.webhook_endpoints.create_async(
            {"url": receiver.url, "enabled_events": ["customer.created"]}
        )
        await sandbox.pay(5000)
        await sandbox.client.v1.customers.create_async({"email": "client@demo.test"})
        (got,) = await receiver.wait_for("customer.created")
        shown: Any = await sandbox.client.v1.webhook_endpoints.retrieve_async(endpoint.id)

        sandbox.client.construct_event(got.body, got.signature, endpoint.secret)

    assert [one.event["type"] for one in receiver.received] == ["customer.created"]
    assert "secret" not in shown


async def test_events_are_listed_by_type(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        held = await sandbox.pay(5000)
        await sandbox.client.v1.payment_intents.cancel_async(held.id)

        page = await sandbox.client.v1.events.list_async({"type": "payment_intent.*"})

    assert [event.type for event in page.data] == [
        "payment_intent.canceled",
        CAPTURABLE,
        "payment_intent.created",
    ]
