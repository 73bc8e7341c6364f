"""An event on its way out: written in the transaction that caused it, published after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.events import Address


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event for one address, in wire form.

    ``seq`` and ``epoch`` number the events of one user without a gap; they are None for calls and watchers, whose clients
    get a snapshot instead of a replay.
    """

    id: str
    to: Address
    name: str
    namespace: str
    data: object
    droppable: bool
    created_at: datetime
    seq: int | None = None
    epoch: str | None = None
    #: domain time after which a tab that was away is not told any more
    expires_at: datetime | None = None


class RowPublisher(Protocol):
    """Carries rows to the processes that hold the sockets."""

    async def publish_rows(self, rows: Sequence[OutboxRow]) -> None:
        """Hand over the rows in their order.

        Raises:
            Unavailable: the bus is down; the rows stay in the outbox and the sweep tries again.
        """
        ...
