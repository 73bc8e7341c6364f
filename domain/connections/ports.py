"""Where connections, and what coaches show of their calendars, are kept."""

from collections.abc import Sequence
from typing import Protocol

from domain.connections.connection import Connection, ConnectionState
from domain.connections.privacy import Privacy
from domain.ids import CoachId, ConnectionId, UserId
from domain.ports import Tx


class ConnectionStore(Protocol):
    """Connections, one of each pair."""

    async def get(self, tx: Tx, connection_id: ConnectionId) -> Connection:
        """Read in the transaction.

        Raises:
            NotFound: no such connection.
        """
        ...

    async def between(self, tx: Tx, one: UserId, other: UserId) -> Connection | None:
        """The one of these two people, in whatever state, read in the transaction."""
        ...

    async def insert(self, tx: Tx, connection: Connection) -> None:
        """Write a new one; should these two get one meanwhile, the transaction runs again and finds it."""
        ...

    async def save(self, tx: Tx, connection: Connection) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def delete(self, tx: Tx, connection: Connection) -> None:
        """Remove it.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...

    async def count_asked(self, tx: Tx, requester: UserId) -> int:
        """How many wait for an answer to this person."""
        ...

    async def page(
        self, user_id: UserId, *, state: ConnectionState | None, before: ConnectionId | None, limit: int
    ) -> Sequence[Connection]:
        """A person's, newest first, those older than ``before``."""
        ...


class PrivacyStore(Protocol):
    """What a coach shows of the calendar; it is part of the calendar's document."""

    async def get(self, tx: Tx, coach_id: CoachId) -> Privacy:
        """Read in the transaction; public as long as nothing else was said."""
        ...

    async def set(self, tx: Tx, coach_id: CoachId, privacy: Privacy) -> None:
        """Write it and increment the calendar's version, so that a booking of that moment is judged anew."""
        ...
