"""The webhook inbox: checked, stored once, answered at once, processed by a task that reads the object again."""

import re
from typing import Protocol

from billing.authorizations import Authorizations, StillUnknown
from billing.charges import Charges
from billing.refunds import Refunds
from domain.clock import Clock
from domain.ids import ID_PATTERN, OperationId
from domain.payments.gateway import (
    CheckoutSession,
    GatewayRefused,
    GatewayUnknown,
    Intent,
    PaymentGateway,
    Refund,
    WebhookEvent,
)
from domain.payments.operations import GatewayOperation, OperationKind, OperationStore
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
        operations: OperationStore,
        authorizations: Authorizations,
        charges: Charges,
        refunds: Refunds,
    ) -> None:
        self._transact = transact
        self._clock = clock
        self._gateway = gateway
        self._store = store
        self._operations = operations
        self._authorizations = authorizations
        self._charges = charges
        self._refunds = refunds

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
        try:
            outcome = await self._outcome(event)
        except GatewayUnknown as unknown:
            raise StillUnknown(str(unknown)) from unknown
        except GatewayRefused as refusal:
            if refusal.code != "resource_missing":
                raise
            outcome = "gone"  # deleted, or never there: nothing to act on
        await self._store.processed(event_id, outcome)

    async def _outcome(self, event: WebhookEvent) -> str:
        subject, _, what = event.type.rpartition(".")
        if subject == "payment_intent":
            return await self._intent(await self._gateway.retrieve(event.object_id))
        if subject == "checkout.session":
            return await self._page(await self._gateway.retrieve_checkout(event.object_id))
        if subject == "refund":
            return await self._refund(await self._gateway.retrieve_refund(event.object_id))
        if (subject, what) == ("charge", "refunded"):
            told = [await self._refund(one) for one in await self._gateway.refunds(charge=event.object_id)]
            return told[0] if told else "ignored"
        return "ignored"

    async def _intent(self, intent: Intent) -> str:
        operation = await self._ours(intent)
        if operation is None:
            return "not ours"
        if operation.kind is OperationKind.AUTHORIZE:
            await self._authorizations.hear(operation.id, intent)
        else:
            await self._charges.hear(operation, intent)
        return intent.state.value

    async def _page(self, session: CheckoutSession) -> str:
        operation = await self._ours(session)
        if operation is None or operation.kind is not OperationKind.CHECKOUT:
            return "not ours"
        await self._charges.hear_page(operation, session)
        return session.state.value

    async def _refund(self, refund: Refund) -> str:
        operation = await self._ours(refund)
        if operation is None or operation.kind is not OperationKind.REFUND:
            return "not ours"
        await self._refunds.hear(operation, refund)
        return refund.state.value

    async def _ours(self, read: Intent | CheckoutSession | Refund) -> GatewayOperation | None:
        operation = read.metadata.get("operation")
        if operation is None or _OPERATION.fullmatch(operation) is None:
            return None
        return await self._operations.get(OperationId(operation))
