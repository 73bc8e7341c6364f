"""Each bad day of a gateway, on request."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.support.sandbox import RunningSandbox, running_sandbox


async def count(sandbox: RunningSandbox) -> int:
    return len((await sandbox.view("payment_intents"))["data"])


async def test_the_nth_authorization_of_one_customer_is_declined(sandbox: RunningSandbox) -> None:
    customer, card = await sandbox.customer()
    other, other_card = await sandbox.customer()
    await sandbox.fault("decline", customer=customer, nth=2, code="insufficient_funds")

    await sandbox.pay(5000, other_card, customer=other)
    await sandbox.pay(5000, other_card, customer=other)
    await sandbox.pay(5000, card, customer=customer)
    with pytest.raises(stripe.CardError) as refused:
        await sandbox.pay(5000, card, customer=customer)
    third = await sandbox.pay(5000, card, customer=customer)

    error: Any = refused.value.error
    assert error.decline_code == "insufficient_funds"
    assert third.status == "requires_capture"


async def test_a_timeout_after_success_did_happen_and_is_found_under_its_key(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, client_timeout=0.3) as sandbox:
        await sandbox.fault("timeout_after_success", operation="payment_intents.create", seconds=20)

        with pytest.raises((stripe.APIConnectionError, TimeoutError)):
            await sandbox.pay(5000, key="authorize:a:1")
        again = await sandbox.pay(5000, key="authorize:a:1")

        assert again.status == "requires_capture"
        assert await count(sandbox) == 1


async def test_a_connection_cut_after_success_did_happen(sandbox: RunningSandbox) -> None:
    held = await sandbox.pay(5000)
    await sandbox.fault("drop_after_success", operation="payment_intents.capture")

    with pytest.raises(stripe.APIConnectionError):
        await sandbox.client.v1.payment_intents.capture_async(held.id)

    now = await sandbox.client.v1.payment_intents.retrieve_async(held.id)
    assert (now.status, now.amount_received) == ("succeeded", 5000)


@pytest.mark.parametrize(("kind", "performed"), [("error_500_before", 0), ("error_500_after", 1)])
async def test_a_500_is_replayed_whether_or_not_it_happened(
    sandbox: RunningSandbox, kind: str, performed: int
) -> None:
    await sandbox.fault(kind, operation="payment_intents.create")

    with pytest.raises(stripe.APIError) as first:
        await sandbox.pay(5000, key="authorize:a:1")
    with pytest.raises(stripe.APIError) as second:
        await sandbox.pay(5000, key="authorize:a:1")

    headers: Any = second.value.headers
    assert (first.value.http_status, second.value.http_status) == (500, 500)
    assert headers["Idempotent-Replayed"] == "true"
    assert await count(sandbox) == performed


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [
        ("rate_limit", 429, stripe.RateLimitError),
        ("lock_timeout", 429, stripe.RateLimitError),
        ("conflict", 409, stripe.APIError),
    ],
)
async def test_a_rejected_request_did_not_happen_and_may_be_repeated_with_its_key(
    sandbox: RunningSandbox, kind: str, status: int, error: type[stripe.StripeError]
) -> None:
    await sandbox.fault(kind)

    with pytest.raises(error) as rejected:
        await sandbox.pay(5000, key="authorize:a:1")
    paid = await sandbox.pay(5000, key="authorize:a:1")

    assert rejected.value.http_status == status
    assert paid.status == "requires_capture"
    assert await count(sandbox) == 1


async def outcomes(sandbox: RunningSandbox, seed: int) -> list[str]:
    await sandbox.fault("chaos", seed=seed, error500=0.4, rateLimit=0.2)
    seen = []
    for number in range(30):
        try:
            await sandbox.pay(5000, key=f"authorize:{seed}-{number}:1")
            seen.append("done")
        except stripe.StripeError as error:
            seen.append(f"{error.http_status}")
    await sandbox.control("faults", "DELETE")
    return seen


async def test_chaos_is_the_same_again_for_the_same_seed(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path / "a") as one, running_sandbox(tmp_path / "b") as two:
        first, same, other = await outcomes(one, 7), await outcomes(two, 7), await outcomes(two, 8)

    assert first == same
    assert first != other
    assert set(first) == {"done", "500", "429"}


async def test_faults_are_listed_with_their_counts_and_cleared(sandbox: RunningSandbox) -> None:
    await sandbox.fault("rate_limit", operation="refunds.create")
    await sandbox.fault("conflict", nth=2)
    await sandbox.pay(5000)

    listed = (await sandbox.view("faults"))["data"]
    cleared = await sandbox.control("faults", "DELETE")

    assert [(fault["kind"], fault["seen"], fault["hits"]) for fault in listed] == [
        ("rate_limit", 0, 0),
        ("conflict", 1, 0),
    ]
    assert cleared == {"cleared": 2}
    assert (await sandbox.view("faults"))["data"] == []


@pytest.mark.parametrize(
    "spec",
    [
        {"kind": "unknown"},
        {"kind": "chaos", "error500": 2},
        {"kind": "decline", "code": "no_such"},
        {"kind": "chaos", "x": 1},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(sandbox: RunningSandbox, spec: dict[str, Any]) -> None:
    headers = {"Authorization": "Bearer sk_test_sandbox"}

    async with sandbox.session.post(f"{sandbox.url}/_sandbox/faults", json=spec, headers=headers) as answer:
        assert answer.status == 400

    assert (await sandbox.view("faults"))["data"] == []
