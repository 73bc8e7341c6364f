"""One key, one effect (https://docs.stripe.com/api/idempotent_requests)."""

import asyncio
from typing import Any

import pytest
import stripe

from tests.support.sandbox import RunningSandbox, eventually


async def intents(sandbox: RunningSandbox) -> list[Any]:
    found: list[Any] = (await sandbox.view("payment_intents"))["data"]
    return found


async def test_the_same_key_answers_the_same_and_says_that_it_is_a_replay(sandbox: RunningSandbox) -> None:
    first: Any = await sandbox.pay(5000, key="authorize:a:1")
    second: Any = await sandbox.pay(5000, key="authorize:a:1")

    assert first.id == second.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(await intents(sandbox)) == 1


async def test_a_replay_shows_the_first_answer_not_the_present_state(sandbox: RunningSandbox) -> None:
    first = await sandbox.pay(5000, key="authorize:a:1")
    await sandbox.client.v1.payment_intents.cancel_async(first.id)

    again = await sandbox.pay(5000, key="authorize:a:1")

    assert again.status == "requires_capture"


async def test_other_parameters_under_a_key_are_an_error(sandbox: RunningSandbox) -> None:
    await sandbox.pay(5000, key="authorize:a:1")

    with pytest.raises(stripe.IdempotencyError) as refused:
        await sandbox.pay(6000, key="authorize:a:1")

    assert refused.value.http_status == 400
    assert len(await intents(sandbox)) == 1


async def test_a_refusal_is_replayed_too(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    await sandbox.fault("decline", code="insufficient_funds")
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await sandbox.pay(5000, card, customer=customer, key="authorize:a:1")

    assert len(await intents(sandbox)) == 1


async def test_a_request_that_failed_validation_leaves_its_key_free(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.pay(5000, key="authorize:a:1", colour="red")

    paid = await sandbox.pay(5000, key="authorize:a:1")

    assert paid.status == "requires_capture"


async def test_a_key_in_use_is_a_conflict_until_its_request_ended(sandbox: RunningSandbox) -> None:
    await sandbox.fault("delay_before", operation="payment_intents.create", seconds=0.3)
    slow = asyncio.create_task(sandbox.pay(5000, key="authorize:a:1"))
    await eventually(lambda: sandbox.gateway.faults.every()[0].hits == 1)

    with pytest.raises(stripe.APIError) as conflict:
        await sandbox.pay(5000, key="authorize:a:1")
    first, again = await slow, await sandbox.pay(5000, key="authorize:a:1")

    assert conflict.value.http_status == 409
    assert first.id == again.id


async def test_forgotten_keys_act_again(sandbox: RunningSandbox) -> None:
    first = await sandbox.pay(5000, key="authorize:a:1")
    await sandbox.control("idempotency_keys/forget")

    second = await sandbox.pay(5000, key="authorize:a:1")

    assert first.id != second.id
    assert len(await intents(sandbox)) == 2
