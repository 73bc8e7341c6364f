"""A running sandbox on a free loopback port, driven through the official SDK, and a receiver of its webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import stripe
import yarl
from aiohttp import web

from sandbox.app import GATEWAY, create_app
from sandbox.config import SandboxConfig
from sandbox.gateway import Gateway

SECRET_KEY = "sk_test_sandbox"
WEBHOOK_SECRET = "whsec_sandbox"
NO_REDIRECTS = {"enabled": True, "allow_redirects": "never"}
DEADLINE = 20.0
#: How long the gateway may think, where a test does not say; it answers in milliseconds, but the machine may be busy. Less than
#: the three seconds for which many tests hold an answer back.
GATEWAY_PATIENCE = 2.9


async def eventually(condition: Callable[[], bool]) -> None:
    """Until something that nobody announces has become true, or a deadline."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.002)


def sdk_client(url: str, *, timeout: float = 8.0) -> tuple[stripe.StripeClient, stripe.AIOHTTPClient]:
    """An SDK client for a sandbox; its HTTP client is closed by the caller."""
    stripe.enable_telemetry = False
    # With a connector of ours it reads no certificates, which takes longer than most of what it is here for.
    http = stripe.AIOHTTPClient(
        timeout=aiohttp.ClientTimeout(total=timeout), connector=aiohttp.TCPConnector()
    )
    client = stripe.StripeClient(SECRET_KEY, base_addresses={"api": url}, http_client=http)
    return client, http


@dataclass(slots=True)
class RunningSandbox:
    """The sandbox as a test sees it: its address, an SDK client, and the ``/_sandbox`` side."""

    url: str
    gateway: Gateway
    client: stripe.StripeClient
    session: aiohttp.ClientSession

    async def control(self, path: str, method: str = "POST", **body: Any) -> Any:
        """Call ``/_sandbox/…`` with the key."""
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        async with self.session.request(
            method, f"{self.url}/_sandbox/{path}", json=body, headers=headers
        ) as answer:
            shown = await answer.json()
            assert answer.status == 200, shown
            return shown

    async def fault(self, kind: str, **spec: Any) -> Any:
        """Put a fault in force."""
        return await self.control("faults", kind=kind, **spec)

    async def view(self, name: str) -> Any:
        """``GET /_sandbox/{name}``, without a key."""
        async with self.session.get(f"{self.url}/_sandbox/{name}") as answer:
            assert answer.status == 200
            return await answer.json()

    async def customer(self, token: str | None = "pm_card_visa") -> tuple[str, str]:
        """A customer and its attached card."""
        customer = await self.client.v1.customers.create_async({"email": "client@demo.test"})
        if token is None:
            return customer.id, ""
        method = await self.client.v1.payment_methods.attach_async(token, {"customer": customer.id})
        return customer.id, method.id

    async def pay(self, amount: int = 5000, token: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
        """A confirmed intent, manual capture unless said otherwise."""
        key = more.pop("key", None)
        params: Any = {
            "amount": amount,
            "currency": "usd",
            "payment_method": token,
            "capture_method": "manual",
            "confirm": True,
            "automatic_payment_methods": NO_REDIRECTS,
            "expand": ["latest_charge"],
        }
        options: Any = {"idempotency_key": key} if key else {}
        return await self.client.v1.payment_intents.create_async(params | more, options)

    async def checkout(self, amount: int = 5000, **more: Any) -> stripe.checkout.Session:
        """A Checkout Session of one line."""
        line = {
            "quantity": 1,
            "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": "A session"}},
        }
        params: Any = {
            "mode": "payment",
            "line_items": [line],
            "success_url": "https://shop.test/done?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "https://shop.test/back",
        }
        key = more.pop("key", None)
        options: Any = {"idempotency_key": key} if key else {}
        return await self.client.v1.checkout.sessions.create_async(params | more, options)

    async def pay_page(self, url: str | None, token: str = "pm_card_visa") -> str:
        """Pay on a hosted page as its visitor; where the page leads: itself, the bank's page, or the shop."""
        address = yarl.URL(url or "")
        form = {"secret": address.query["secret"], "card": token}
        async with self.session.post(address.with_query(None), data=form, allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            here = answer.headers["Location"]
        if not here.startswith("/_sandbox/checkout/"):
            return here
        async with self.session.get(self.url + here, allow_redirects=False) as answer:
            return answer.headers.get("Location", here)

    async def answer_challenge(self, intent: str, secret: str | None, outcome: str) -> int:
        """Complete or fail 3-D Secure as the customer; the HTTP status."""
        form = {"client_secret": secret or "", "outcome": outcome}
        async with self.session.post(f"{self.url}/_sandbox/3ds/{intent}", data=form) as answer:
            return answer.status


@asynccontextmanager
async def running_sandbox(
    data_dir: Path, *, client_timeout: float = 8.0, **config: Any
) -> AsyncIterator[RunningSandbox]:
    """Start a sandbox on ``data_dir`` and stop it at the end."""
    app = create_app(
        SandboxConfig(data_dir=data_dir, secret_key=SECRET_KEY, webhook_secret=WEBHOOK_SECRET, **config)
    )
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client, http = sdk_client(url, timeout=client_timeout)
    try:
        async with aiohttp.ClientSession() as session:
            yield RunningSandbox(url, app[GATEWAY], client, session)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]
        await runner.cleanup()


@dataclass(slots=True)
class Received:
    """One webhook request as it came."""

    body: bytes
    signature: str
    event: Any


@dataclass(slots=True)
class Receiver:
    """Takes webhooks; the first ``failures`` requests are answered 500."""

    failures: int = 0
    url: str = ""
    received: list[Received] = field(default_factory=list)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        async with self._changed:
            self.received.append(Received(body, request.headers["Stripe-Signature"], await request.json()))
            self._changed.notify_all()
        return web.Response(status=500 if len(self.received) <= self.failures else 200)

    def of_type(self, event_type: str) -> list[Received]:
        """What came of one type, in order of arrival."""
        return [one for one in self.received if one.event["type"] == event_type]

    async def wait_for(self, event_type: str, count: int = 1) -> list[Received]:
        """Until ``count`` of a type have come, or a deadline."""
        async with asyncio.timeout(DEADLINE), self._changed:
            await self._changed.wait_for(lambda: len(self.of_type(event_type)) >= count)
        return self.of_type(event_type)


@asynccontextmanager
async def receiving(failures: int = 0) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(failures=failures)
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
