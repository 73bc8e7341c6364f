"""A hold that nobody ends lapses by itself, when the domain clock says so."""

import asyncio
import time
from pathlib import Path

import pytest
import stripe

from sandbox.config import ClockMapping
from tests.support.sandbox import DEADLINE, RunningSandbox, receiving, running_sandbox

DAY = 86400


async def test_a_hold_lapses_on_the_domain_clock_and_tells_so(tmp_path: Path) -> None:
    fast = ClockMapping(origin_real=time.time(), origin_domain=2_000_000_000.0, speed=14 * DAY)
    async with (
        receiving() as receiver,
        running_sandbox(tmp_path, clock=fast, webhook_url=receiver.url) as sandbox,
    ):
        held = await sandbox.pay(5000)

        (told,) = await receiver.wait_for("payment_intent.canceled")

        now = await sandbox.client.v1.payment_intents.retrieve_async(held.id)
        assert told.event["data"]["object"]["id"] == held.id
        assert (now.status, now.cancellation_reason, now.amount_capturable) == ("canceled", "automatic", 0)
        assert now.created == pytest.approx(time.time(), abs=30)


async def test_a_lapsed_hold_cannot_be_captured_even_before_anyone_noticed(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, hold_seconds=3600) as sandbox:
        held = await sandbox.pay(5000)
        later = ClockMapping(origin_real=time.time(), origin_domain=time.time() + 7200, speed=1)
        object.__setattr__(sandbox.gateway.config, "clock", later)

        with pytest.raises(stripe.InvalidRequestError) as refused:
            await sandbox.client.v1.payment_intents.capture_async(held.id)

        assert refused.value.code == "payment_intent_unexpected_state"


async def test_holds_are_expired_on_request(sandbox: RunningSandbox) -> None:
    one, two, three = [await sandbox.pay(5000) for _ in range(3)]

    first = await sandbox.control("holds/expire", payment_intent=two.id)
    states = {item["id"]: item["status"] for item in (await sandbox.view("payment_intents"))["data"]}
    rest = await sandbox.control("holds/expire")

    assert states == {one.id: "requires_capture", two.id: "canceled", three.id: "requires_capture"}
    assert (first["expired"], rest["expired"]) == (1, 2)
    assert (await sandbox.view("summary"))["open_holds"] == 0


async def test_a_capture_and_a_cancel_at_once_end_the_hold_once(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)

    async with asyncio.timeout(DEADLINE):
        results = await asyncio.gather(
            sandbox.client.v1.payment_intents.capture_async(held.id),
            sandbox.client.v1.payment_intents.cancel_async(held.id),
            return_exceptions=True,
        )

    assert [isinstance(result, stripe.InvalidRequestError) for result in results].count(True) == 1
