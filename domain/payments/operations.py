"""Gateway operations: written down before the gateway is asked, so that a crash leaves a question and never a mystery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import OperationId, PaymentMethodId, SessionId
from domain.money import Money
from domain.ports import Tx


class OperationState(StrEnum):
    """INTENDED covers both "not asked yet" and "no answer": the remedy is the same."""

    INTENDED = "intended"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


@dataclass(slots=True)
class GatewayOperation:
    """The authorization of one block. ``created_at`` is wall time: the gateway lists by it."""

    id: OperationId
    session_id: SessionId
    amount: Money
    customer: str
    card: PaymentMethodId
    gateway_card: str
    created_at: datetime
    attempt: int = 1
    state: OperationState = OperationState.INTENDED
    error: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key: operation, entity, attempt; never an amount."""
        return f"authorize:{self.id}:{self.attempt}"


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
