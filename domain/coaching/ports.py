"""Where coaches and their presence are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.coaching.coach import Coach
from domain.ids import CoachId, UserId
from domain.ports import Tx


class CoachStore(Protocol):
    """Coaches by either of their identifiers."""

    async def get(self, tx: Tx, coach_id: CoachId) -> Coach:
        """The coach, read in the transaction.

        Raises:
            NotFound: no such coach.
        """
        ...

    async def of_user(self, tx: Tx, user_id: UserId) -> Coach | None:
        """The coach that this person is, if any, read in the transaction."""
        ...

    async def save(self, tx: Tx, coach: Coach) -> None:
        """Write the coach and increment its version, which makes two transactions about one coach conflict."""
        ...

    async def find(self, coach_ids: Sequence[CoachId]) -> list[Coach]:
        """Those of ``coach_ids`` that exist, outside any transaction, in no particular order."""
        ...


class PresenceStore(Protocol):
    """Which processes hold a socket of somebody whose presence matters."""

    async def add(self, tx: Tx, process: str, user_id: UserId, now: datetime) -> None:
        """Note that ``process`` holds at least one socket of the user."""
        ...

    async def remove(self, tx: Tx, process: str, user_id: UserId) -> None:
        """Note that ``process`` holds none any more."""
        ...

    async def anywhere(self, tx: Tx, user_id: UserId) -> bool:
        """Whether any process holds a socket of the user."""
        ...
