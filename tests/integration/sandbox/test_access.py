"""Who may ask: the key for the API and for changes, this machine's names only, no other origin."""

import base64
from typing import Any

import pytest
import stripe

from tests.support.sandbox import SECRET_KEY, RunningSandbox, sdk_client


async def test_a_wrong_key_is_refused(sandbox: RunningSandbox) -> None:
    _, http = sdk_client(sandbox.url)
    stranger = stripe.StripeClient("sk_test_wrong", base_addresses={"api": sandbox.url}, http_client=http)

    with pytest.raises(stripe.AuthenticationError):
        await stranger.v1.customers.create_async({"email": "client@demo.test"})
    await http.close_async()  # type: ignore[no-untyped-call]


async def test_the_key_is_also_taken_as_the_name_of_basic_authentication(sandbox: RunningSandbox) -> None:
    token = base64.b64encode(f"{SECRET_KEY}:".encode()).decode()

    async with sandbox.session.get(
        f"{sandbox.url}/v1/balance", headers={"Authorization": f"Basic {token}"}
    ) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "v1/payment_intents"),
        ("POST", "v1/customers"),
        ("POST", "_sandbox/faults"),
        ("DELETE", "_sandbox/faults"),
        ("POST", "_sandbox/holds/expire"),
        ("POST", "_sandbox/idempotency_keys/forget"),
        ("POST", "_sandbox/events/evt_x/resend"),
        ("POST", "_sandbox/accounts/acct_x/onboard"),
        ("GET", "v1/no_such_thing"),
    ],
)
@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer sk_other", "Basic %%%", "Digest sk_test_sandbox"]
)
async def test_nothing_but_looking_is_possible_without_the_key(
    sandbox: RunningSandbox, method: str, path: str, authorization: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}

    async with sandbox.session.request(method, f"{sandbox.url}/{path}", headers=headers) as answer:
        body: Any = await answer.json()

    assert answer.status == 401
    assert body["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 403),
        ("evil.example:80", 403),
        ("127.0.0.1.evil.example", 403),
        ("[::2]:80", 403),
        ("localhost:80", 200),
        ("LOCALHOST", 200),
        ("[::1]:80", 200),
        ("127.0.0.1", 200),
    ],
)
async def test_only_names_of_this_machine_are_answered(
    sandbox: RunningSandbox, host: str, status: int
) -> None:
    async with sandbox.session.get(f"{sandbox.url}/_sandbox/summary", headers={"Host": host}) as answer:
        assert answer.status == status


async def test_no_other_origin_is_let_in(sandbox: RunningSandbox) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    async with sandbox.session.options(f"{sandbox.url}/v1/customers", headers=headers) as answer:
        assert not any(name.lower().startswith("access-control") for name in answer.headers)
        assert answer.status >= 400


@pytest.mark.parametrize(
    "body",
    [
        b"a[b=1",
        b"amount=1&amount=2",
        b"metadata=x",
        b"a[b][c][d][e][f][g]=1",
        b"\xff\xfe=1",
        b"a=1&a[b]=2",
        b"[x]=1",
    ],
)
async def test_a_malformed_body_is_a_400_in_stripes_words(sandbox: RunningSandbox, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/x-www-form-urlencoded"}

    async with sandbox.session.post(f"{sandbox.url}/v1/customers", data=body, headers=headers) as answer:
        shown: Any = await answer.json()

    assert answer.status == 400
    assert shown["error"]["type"] == "invalid_request_error"
