"""Webhooks on their way (https://docs.stripe.com/webhooks): signed, repeated until a 2xx, in no promised order."""

import asyncio
import hashlib
import hmac
import logging
from contextlib import suppress

import aiohttp
import orjson

from sandbox.config import SandboxConfig
from sandbox.entities import Event, WebhookEndpoint
from sandbox.render import render
from sandbox.store import Store

log = logging.getLogger("sandbox.webhooks")

_AT_ONCE = 16
_IDLE_SECONDS = 60.0


def signature_header(body: bytes, secret: str, timestamp: int) -> str:
    """``Stripe-Signature``: HMAC-SHA256 over ``timestamp.body`` (https://docs.stripe.com/webhooks/signature)."""
    mac = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"t={timestamp},v1={mac.hexdigest()}"


class Deliverer:
    """Sends what is due; what is not yet acknowledged is in the store, so a restart goes on where it stopped."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self._store = store
        self._config = config
        self._wake = asyncio.Event()
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._loop_task: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client and begin."""
        timeout = aiohttp.ClientTimeout(total=self._config.webhook_timeout_seconds)
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar())
        self._loop_task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Stop; deliveries cut off here are sent again at the next start."""
        tasks = [*self._sending.values(), *([self._loop_task] if self._loop_task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def wake(self) -> None:
        """There may be something new to send."""
        self._wake.set()

    async def _loop(self) -> None:
        while True:
            self._wake.clear()
            wait = self._begin_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), wait)

    def _begin_due(self) -> float:
        """Start what is due and fits; how long until the next is."""
        rows = self._store.connection.execute(
            "SELECT id, due FROM deliveries WHERE due IS NOT NULL ORDER BY due, id LIMIT ?",
            (len(self._sending) + 2 * _AT_ONCE,),
        ).fetchall()
        now = self._config.clock.real()
        for row in rows:
            if row["id"] in self._sending:
                continue
            if row["due"] > now:
                return min(_IDLE_SECONDS, float(row["due"] - now))
            if len(self._sending) >= _AT_ONCE:
                break
            self._sending[row["id"]] = asyncio.create_task(self._send(row["id"]))
        return _IDLE_SECONDS

    async def _send(self, delivery: int) -> None:
        try:
            row = self._store.connection.execute(
                "SELECT * FROM deliveries WHERE id=?", (delivery,)
            ).fetchone()
            event = self._store.get(Event, row["event"]) if row else None
            endpoint = self._store.get(WebhookEndpoint, row["endpoint"]) if row else None
            if event is None or endpoint is None or endpoint.status != "enabled":
                self._settle(delivery, None, done=False)
                return
            status = await self._post(endpoint, event)
            self._settle(delivery, status, done=status is not None and 200 <= status < 300, retry=True)
        finally:
            self._sending.pop(delivery, None)
            self._wake.set()

    async def _post(self, endpoint: WebhookEndpoint, event: Event) -> int | None:
        """The status of the answer; None when there was none."""
        assert self._session is not None
        body = orjson.dumps(render(event))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature_header(body, endpoint.secret, int(self._config.clock.real())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            async with self._session.post(
                endpoint.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.debug("webhook not delivered", extra={"event": event.id, "error": type(error).__name__})
            return None

    def _settle(self, delivery: int, status: int | None, *, done: bool, retry: bool = False) -> None:
        """Note the attempt; when it failed, set the next, further away each time, until there is none left."""
        row = self._store.connection.execute(
            "SELECT attempt FROM deliveries WHERE id=?", (delivery,)
        ).fetchone()
        if row is None:
            return
        delays = self._config.webhook_retry_seconds
        again = retry and not done and row["attempt"] < len(delays)
        due = self._config.clock.real() + delays[row["attempt"]] if again else None
        self._store.connection.execute(
            "UPDATE deliveries SET attempt=attempt+1, status=?, delivered=?, due=? WHERE id=?",
            (status, int(done), due, delivery),
        )
