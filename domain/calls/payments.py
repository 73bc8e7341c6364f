"""How a call gets its blocks authorized: what ``signaling`` needs of ``billing``."""

from typing import Protocol

from domain.calls.session import LiveSession
from domain.ids import OperationId, SessionId
from domain.payments.cards import Card
from domain.ports import Tx


class CallPayments(Protocol):
    """Intent first, in the transaction of the call; then the gateway, outside any transaction."""

    async def prepare(self, tx: Tx, call: LiveSession, card: Card) -> OperationId:
        """Add a pending hold for the next block to the call, and write the gateway operation down. Saves nothing else."""
        ...

    async def carry_out(self, session_id: SessionId, operation_id: OperationId) -> None:
        """Ask the gateway and record its answer in the call, which rings, asks for 3-D Secure or gives up accordingly.

        An answer that does not come leaves the hold pending; a timer looks it up.
        """
        ...
