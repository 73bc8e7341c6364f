"""Gateway operations: written down before the gateway is asked, so that a crash leaves a question and never a mystery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import OperationId, PaymentId, PaymentMethodId, SessionId
from domain.money import Money
from domain.ports import Tx


class OperationKind(StrEnum):
    """What the gateway is asked for."""

    AUTHORIZE = "authorize"  # a block of a call is held
    CHARGE = "charge"  # a purchase is paid by a saved card, at once
    CHECKOUT = "checkout"  # a purchase is paid on the gateway's own page
    REFUND = "refund"  # captured money goes back


class OperationState(StrEnum):
    """INTENDED covers both "not asked yet" and "no answer": the remedy is the same."""

    INTENDED = "intended"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


@dataclass(slots=True)
class GatewayOperation:
    """One thing asked of the gateway, about one subject: a call's block, or a payment.

    ``created_at`` is wall time: the gateway lists by it. The gateway keeps the id as ``operation`` in its metadata.
    """

    id: OperationId
    amount: Money
    #: the customer at the gateway; empty where it is not asked for one (refunds)
    customer: str
    created_at: datetime
    kind: OperationKind = OperationKind.AUTHORIZE
    #: the subject of an authorization
    session_id: SessionId | None = None
    #: the subject of everything else
    payment_id: PaymentId | None = None
    card: PaymentMethodId | None = None
    #: the gateway's id of the card; empty when the customer chooses one there, and for refunds
    gateway_card: str = ""
    attempt: int = 1
    state: OperationState = OperationState.INTENDED
    error: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key: operation, entity, attempt; never an amount."""
        return f"{self.kind.value}:{self.id}:{self.attempt}"

    @property
    def of_call(self) -> SessionId:
        """The call whose block this authorizes.

        Raises:
            ValueError: it authorizes none.
        """
        if self.session_id is None:
            raise ValueError(f"operation {self.id} ({self.kind.value}) is not about a call")
        return self.session_id

    @property
    def of_payment(self) -> PaymentId:
        """The payment that is asked for, or given back.

        Raises:
            ValueError: it is about a call.
        """
        if self.payment_id is None:
            raise ValueError(f"operation {self.id} ({self.kind.value}) is not about a payment")
        return self.payment_id


class OperationStore(Protocol):
    """Gateway operations."""

    async def insert(self, tx: Tx, operation: GatewayOperation) -> None:
        """Write the intent down."""
        ...

    async def get(self, operation_id: OperationId) -> GatewayOperation | None:
        """The operation, outside any transaction."""
        ...

    async def finish(
        self, tx: Tx, operation_id: OperationId, state: OperationState, error: str | None
    ) -> None:
        """Write the outcome down."""
        ...

    async def next_attempt(self, operation_id: OperationId, after: int) -> None:
        """Begin attempt ``after + 1``; nothing happens if somebody else began it."""
        ...
