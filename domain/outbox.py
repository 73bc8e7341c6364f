"""An event on its way out: written in the transaction that caused it, published after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from domain.events import Address, LiveSessionTick, ToCall, ToProcess
from domain.ids import SessionId


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


def apart(row: OutboxRow) -> list[tuple[Address, str, object]]:
    """What a row says, event by event: (whom, name, data). A row for a process holds those of many calls."""
    if not isinstance(row.to, ToProcess):
        return [(row.to, row.name, row.data)]
    here = frozenset({row.to.process})
    return [
        (ToCall(SessionId(tick["sessionId"]), here), LiveSessionTick.name, tick)
        for tick in cast(dict[str, Any], row.data)["ticks"]
    ]


class RowPublisher(Protocol):
    """Carries rows to the processes that hold the sockets."""

    async def publish_rows(self, rows: Sequence[OutboxRow]) -> None:
        """Hand over the rows in their order.

        Raises:
            Unavailable: the bus is down; the rows stay in the outbox and the sweep tries again.
        """
        ...
