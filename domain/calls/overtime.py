"""What a live session that is overtime asks of the scheduled session it belongs to, in the transaction in which it changes."""

from typing import Protocol

from domain.calls.holds import Hold
from domain.calls.session import LiveSession, Proofs
from domain.events import Event
from domain.ports import Tx


class OvertimeRoom(Protocol):
    """The room around overtime. Nobody here saves the call: whoever changes it does."""

    async def authorized(self, tx: Tx, call: LiveSession, hold: Hold, proofs: Proofs) -> None:
        """The card holds the price of a segment. Begins it if the booked time is over already."""
        ...

    async def action_required(self, tx: Tx, call: LiveSession, hold: Hold) -> None:
        """The bank wants to see the client."""
        ...

    async def refused(self, tx: Tx, call: LiveSession, hold: Hold, reason: str) -> None:
        """The card does not pay for a segment; ``reason`` is what its owner may read."""
        ...

    def told(self, tx: Tx, call: LiveSession, event: Event) -> None:
        """What would be told in a call's room, to be told in the session's, in its words."""
        ...

    async def over(self, tx: Tx, call: LiveSession) -> None:
        """The overtime is over, and if it had begun, so is the session."""
        ...

    async def settled(self, tx: Tx, call: LiveSession) -> None:
        """What was used of it is paid."""
        ...
