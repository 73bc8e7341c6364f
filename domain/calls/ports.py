"""Where calls and what belongs to them are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.calls.session import LiveSession, Side
from domain.ids import SessionId, UserId
from domain.ports import Tx


class CallStore(Protocol):
    """Live sessions."""

    async def insert(self, tx: Tx, call: LiveSession) -> None:
        """Write a new call.

        Raises:
            Conflict: CALL_OPEN, the client has an open call already.
        """
        ...

    async def get(self, tx: Tx, session_id: SessionId) -> LiveSession:
        """The call, read in the transaction.

        Raises:
            NotFound: no such call.
        """
        ...

    async def save(self, tx: Tx, call: LiveSession) -> None:
        """Write the call and increment its version."""
        ...

    async def by_request(self, tx: Tx, client: UserId, client_request_id: str) -> LiveSession | None:
        """The call that this client's request made before, if any."""
        ...

    async def find(self, session_ids: Sequence[SessionId]) -> list[LiveSession]:
        """Those of ``session_ids`` that exist, outside any transaction."""
        ...

    async def open_among(self, session_ids: Sequence[SessionId]) -> list[LiveSession]:
        """Those of ``session_ids`` that are not over yet, outside any transaction."""
        ...

    async def open_of(self, user_id: UserId) -> list[LiveSession]:
        """The open calls in which this person takes part, at either end."""
        ...

    async def history(self, user_id: UserId, before: SessionId | None, limit: int) -> list[LiveSession]:
        """The person's calls at either end, newest first, those older than ``before``; without their timelines.

        A coach does not find calls that never rang.
        """
        ...

    async def seated_at(self, process: str) -> list[SessionId]:
        """Open calls with a seat whose socket was held by ``process``."""
        ...

    async def counting(self, session_ids: Sequence[SessionId]) -> set[tuple[SessionId, Side, str]]:
        """Which sides of these calls count, and the socket that holds each of them."""
        ...

    async def tick(self, minutes: Mapping[SessionId, tuple[int, int]]) -> set[SessionId]:
        """Note full minutes of many calls at once: session → (minute, version it was computed from).

        Returns those that were noted; the others moved meanwhile and want another look.
        """
        ...


class ProofStore(Protocol):
    """The last proof of media of each side, written by the process that holds the socket, every two seconds."""

    async def read(self, session_ids: Sequence[SessionId]) -> dict[SessionId, dict[Side, datetime]]:
        """The last proofs of these calls."""
        ...

    async def write(self, proofs: Mapping[tuple[SessionId, Side], datetime]) -> None:
        """Advance the last proofs; never moves one back."""
        ...
