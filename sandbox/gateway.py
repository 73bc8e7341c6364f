"""The sandbox as one thing: state, faults, keys, webhooks; and how a request goes through them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from sandbox.call import Call, Reply
from sandbox.checkout import expire_sessions, next_session_expiry
from sandbox.config import SandboxConfig
from sandbox.delivery import Deliverer
from sandbox.entities import CheckoutSession, PaymentIntent, WebhookEndpoint, new_id
from sandbox.errors import ApiError, InvalidParameter, JsonObject, server_error
from sandbox.event_log import EventLog
from sandbox.expand import expand, read_expand
from sandbox.faults import FaultBook, Strike
from sandbox.forms import Form, decode
from sandbox.holds import expire_due, next_expiry
from sandbox.idempotency import MAX_KEY_LENGTH, IdempotencyKeys, Kept, fingerprint
from sandbox.mailbox import Mailbox
from sandbox.operations import Operation
from sandbox.refund_ends import end_refunds, next_refund_end
from sandbox.store import Store

#: The endpoint given by the configuration, beside those made over the API.
CONFIGURED_ENDPOINT = "we_configured"


@dataclass(frozen=True, slots=True)
class Incoming:
    """An authenticated request, free of HTTP."""

    method: str
    path: str
    ids: Mapping[str, str]
    body: bytes
    query: str
    origin: str
    account: str
    key: str | None
    request: str = field(default_factory=lambda: new_id("req"))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer, and what is done to it before it leaves: held for ``hold`` seconds, or never sent (``drop``)."""

    status: int
    body: bytes
    replayed: bool = False
    hold: float = 0.0
    drop: bool = False


def _error_outcome(error: ApiError) -> Outcome:
    return Outcome(error.status, orjson.dumps(error.envelope()))


_REJECTIONS = {
    "rate_limit": ApiError("Too many requests hit the API too quickly.", status=429, code="rate_limit"),
    "lock_timeout": ApiError(
        "This object cannot be accessed right now because another API request or Stripe process is currently"
        " accessing it.",
        status=429,
        code="lock_timeout",
    ),
    "conflict": ApiError("The request conflicts with another request.", status=409),
}


class Gateway:
    """Owns the store; ``start`` and ``stop`` own the loops of webhooks and hold expiry."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.store = Store(config.data_dir / "sandbox.sqlite3")
        self.faults = FaultBook(self.store)
        self.keys = IdempotencyKeys(self.store, config.idempotency_key_seconds)
        self.mailbox = Mailbox(self.store)
        self.deliverer = Deliverer(self.store, config)
        #: set when the sandbox stops: answers that are held are let go
        self.stopping = asyncio.Event()
        self._holds_changed = asyncio.Event()
        self._expiry: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Register the configured webhook address, lapse what lapsed while nobody looked, start the loops."""
        with self.store.transaction():
            self._register_endpoint()
            self.keys.forget(self.config.clock.real() - self.config.idempotency_key_seconds)
        self.lapse()
        self.expire_sessions()
        self.end_refunds()
        await self.deliverer.start()
        self._expiry = asyncio.create_task(self._expire_holds())

    async def stop(self) -> None:
        """Stop the loops and close the file."""
        self.stopping.set()
        if self._expiry is not None:
            self._expiry.cancel()
            await asyncio.gather(self._expiry, return_exceptions=True)
        await self.deliverer.stop()
        self.store.close()

    def _register_endpoint(self) -> None:
        known = self.store.get(WebhookEndpoint, CONFIGURED_ENDPOINT)
        if self.config.webhook_url is None:
            if known is not None:
                self.store.delete(known)
            return
        created = int(self.config.clock.real()) if known is None else known.created
        self.store.put(
            WebhookEndpoint(
                id=CONFIGURED_ENDPOINT,
                created=created,
                url=self.config.webhook_url,
                secret=self.config.webhook_secret,
                enabled_events=["*"],
            )
        )

    def call(self, incoming: Incoming | None = None, form: Form | None = None) -> Call:
        """The surroundings of a handler; without a request, for what the sandbox does by itself."""
        now = self.config.clock.real()
        request, key = (None, None) if incoming is None else (incoming.request, incoming.key)
        return Call(
            store=self.store,
            config=self.config,
            events=EventLog(self.store, self.faults, now, request, key),
            faults=self.faults,
            form=form or Form({}),
            path={} if incoming is None else incoming.ids,
            now=int(now),
            origin="" if incoming is None else incoming.origin,
            account="" if incoming is None else incoming.account,
        )

    def committed(self) -> None:
        """Something was written: let the loops look."""
        self.deliverer.wake()
        self._holds_changed.set()

    async def serve(self, operation: Operation, incoming: Incoming) -> Outcome:
        """One API request from end to end: kept answer, fault, effect, fault."""
        if operation.method != "POST" or incoming.key is None:
            return await self._attempt(operation, incoming, None)
        if len(incoming.key) > MAX_KEY_LENGTH:
            return _error_outcome(InvalidParameter("Idempotency keys are up to 255 characters long."))
        now = self.config.clock.real()
        print_ = fingerprint(incoming.method, incoming.path, incoming.account, incoming.body)
        try:
            kept = self.keys.recall(incoming.key, print_, now)
        except ApiError as error:
            return _error_outcome(error)
        if kept is not None:
            return await self._replay(operation, incoming, kept)
        self.keys.begin(incoming.key)
        try:
            return await self._attempt(operation, incoming, print_)
        finally:
            self.keys.end(incoming.key)

    async def _replay(self, operation: Operation, incoming: Incoming, kept: Kept) -> Outcome:
        """A replay can be lost on the way as well as the first answer; it is never turned into another answer."""
        strike = self._strike(operation, incoming)
        if strike is not None and strike.kind in _REJECTIONS:
            return _error_outcome(_REJECTIONS[strike.kind])
        lost = strike is not None and strike.kind == "drop_after_success"
        held = strike.seconds if strike is not None and strike.kind == "timeout_after_success" else 0.0
        return Outcome(kept.status, kept.body, replayed=True, hold=held, drop=lost)

    async def _attempt(self, operation: Operation, incoming: Incoming, print_: str | None) -> Outcome:
        strike = self._strike(operation, incoming)
        if strike is not None and strike.kind in _REJECTIONS:
            return _error_outcome(_REJECTIONS[strike.kind])
        if strike is not None and strike.kind == "delay_before":
            await asyncio.sleep(strike.seconds)
        outcome = self._perform(operation, incoming, print_, strike)
        self.committed()
        return outcome

    def _strike(self, operation: Operation, incoming: Incoming) -> Strike | None:
        with self.store.transaction():
            customer = self._customer_of(operation, incoming)
            return self.faults.strike(operation.name, customer, write=operation.method != "GET")

    def _customer_of(self, operation: Operation, incoming: Incoming) -> str | None:
        if operation.name.startswith("payment_intents.") and "id" in incoming.ids:
            intent = self.store.get(PaymentIntent, incoming.ids["id"])
            return None if intent is None else intent.customer
        if operation.name.startswith("checkout.sessions.") and "id" in incoming.ids:
            session = self.store.get(CheckoutSession, incoming.ids["id"])
            return None if session is None else session.customer
        try:
            named = decode(incoming.body.decode() or incoming.query).get("customer")
        except (InvalidParameter, UnicodeDecodeError):
            return None
        return named if isinstance(named, str) else incoming.ids.get("id")

    def _perform(
        self, operation: Operation, incoming: Incoming, print_: str | None, strike: Strike | None
    ) -> Outcome:
        """Effect, events and kept answer in one transaction."""
        fault = None if strike is None else strike.kind
        try:
            with self.store.transaction():
                reply = self._run(operation, incoming, skip=fault == "error_500_before")
                if fault in ("error_500_before", "error_500_after"):
                    reply = Reply(server_error().envelope(), status=500)
                if fault == "fee_pending":
                    _hide_fee(reply.body)
                body = orjson.dumps(reply.body)
                if print_ is not None and incoming.key is not None:
                    kept = Kept(reply.status, body, incoming.request)
                    self.keys.keep(incoming.key, print_, kept, self.config.clock.real())
        except InvalidParameter as error:
            return _error_outcome(error)
        if strike is not None and fault == "timeout_after_success":
            return Outcome(reply.status, body, hold=strike.seconds)
        return Outcome(reply.status, body, drop=fault == "drop_after_success")

    def _run(self, operation: Operation, incoming: Incoming, *, skip: bool) -> Reply:
        try:
            text = (incoming.query if operation.method == "GET" else "") or incoming.body.decode()
        except UnicodeDecodeError as error:
            raise InvalidParameter("Invalid request body: not UTF-8") from error
        form = Form(decode(text))
        paths = read_expand(form)
        if skip:
            return Reply({})
        call = self.call(incoming, form)
        expire_due(call, self.config.clock.domain())
        expire_sessions(call, self.config.clock.domain())
        try:
            with self.store.transaction():
                reply = operation.handler(call)
        except InvalidParameter:
            raise
        except ApiError as error:
            return Reply(error.envelope(), status=error.status)
        if reply.status == 200:
            expand(self.store, reply.body, paths)
        return reply

    def lapse(self, until: float | None = None) -> int:
        """Let holds lapse that are due now, or at a domain instant; how many."""
        with self.store.transaction():
            count = expire_due(self.call(), self.config.clock.domain() if until is None else until)
        if count:
            self.deliverer.wake()
        return count

    def expire_sessions(self) -> int:
        """Let Checkout Sessions expire that are due now; how many."""
        with self.store.transaction():
            count = expire_sessions(self.call(), self.config.clock.domain())
        if count:
            self.deliverer.wake()
        return count

    def end_refunds(self, until: float | None = None) -> int:
        """End refunds whose end is due now, or by a domain instant; how many."""
        with self.store.transaction():
            count = end_refunds(self.call(), self.config.clock.domain() if until is None else until)
        if count:
            self.deliverer.wake()
        return count

    async def _expire_holds(self) -> None:
        """Lapse holds and sessions, and end refunds, as they fall due on the domain clock; a new one wakes it to look again."""
        while True:
            self._holds_changed.clear()
            call = self.call()
            dues = (next_expiry(call), next_session_expiry(call), next_refund_end(call))
            due = min((one for one in dues if one is not None), default=None)
            wait = 60.0 if due is None else min(60.0, self.config.clock.real_seconds_until(due))
            try:
                await asyncio.wait_for(self._holds_changed.wait(), max(wait, 0.01))
            except TimeoutError:
                self.lapse()
                self.expire_sessions()
                self.end_refunds()


def _hide_fee(shown: JsonObject) -> None:
    charge = shown.get("latest_charge")
    if isinstance(charge, dict):
        charge["balance_transaction"] = None
