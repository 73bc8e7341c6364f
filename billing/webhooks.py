"""The webhook inbox: checked, stored once, answered at once, processed by a task that reads the object again."""

import re
from typing import Protocol

from billing.authorizations import Authorizations, StillUnknown
from domain.clock import Clock
from domain.ids import ID_PATTERN, OperationId
from domain.payments.gateway import GatewayUnknown, PaymentGateway, WebhookEvent
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

#: Metadata is anybody's who has the account; only what looks like an id of ours is looked for.
_OPERATION = re.compile(ID_PATTERN)


class WebhookStore(Protocol):
    """Webhook events by the gateway's own id."""

    async def insert(self, tx: Tx, event: WebhookEvent) -> bool:
        """Store an event; False if it is here already."""
        ...

    async def attempt(self, event_id: str) -> WebhookEvent | None:
        """A stored event, with one more attempt at processing it counted."""
        ...

    async def processed(self, event_id: str, outcome: str) -> None:
        """Note what came of it."""
        ...


class WebhookInbox:
    """Duplicates and any order converge, because only the gateway's present state is believed."""

    def __init__(
        self,
        *,
        transact: Transactions,
        clock: Clock,
        gateway: PaymentGateway,
        store: WebhookStore,
        authorizations: Authorizations,
    ) -> None:
        self._transact = transact
        self._clock = clock
        self._gateway = gateway
        self._store = store
        self._authorizations = authorizations

    async def receive(self, body: bytes, signature: str) -> bool:
        """Check the signature over the raw body and store the event; False if it is here already.

        Raises:
            BadSignature: not from the gateway, or too old.
        """
        event = self._gateway.parse_webhook(body, signature)

        async def work(tx: Tx) -> bool:
            fresh = await self._store.insert(tx, event)
            if fresh:
                tx.arm(TimerKind.WEBHOOK, event.id, self._clock.now())
            return fresh

        return await self._transact(work)

    async def process(self, event_id: str) -> None:
        """Read the object that a stored event is about, and act on what it is now.

        Raises:
            StillUnknown: the gateway did not answer; run again later.
        """
        event = await self._store.attempt(event_id)
        if event is None:
            return
        if not event.type.startswith("payment_intent."):
            await self._store.processed(event_id, "ignored")
            return
        try:
            intent = await self._gateway.retrieve(event.object_id)
        except GatewayUnknown as unknown:
            raise StillUnknown(str(unknown)) from unknown
        operation = intent.metadata.get("operation")
        if operation is None or _OPERATION.fullmatch(operation) is None:
            await self._store.processed(event_id, "not ours")
            return
        await self._authorizations.hear(OperationId(operation), intent)
        await self._store.processed(event_id, intent.state.value)
