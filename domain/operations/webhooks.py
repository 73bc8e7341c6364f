"""What the gateway told us, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Identity
from domain.operations.admin import require_admin


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One event of the gateway. ``outcome`` is None while it waits; instants are wall time."""

    id: str
    type: str
    object_id: str
    created_at: datetime
    received_at: datetime
    outcome: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class WebhookCounts:
    """How the inbox stands."""

    waiting: int
    oldest_waiting_seconds: float
    #: what came of those that were received since an instant
    by_outcome: Mapping[str, int]


class WebhookInboxReader(Protocol):
    """The inbox, read."""

    async def latest(self, limit: int, cursor: str | None) -> tuple[Sequence[ReceivedWebhook], str | None]:
        """The newest first, and the cursor of the next page.

        Raises:
            Invalid: a cursor that this list did not give.
        """
        ...

    async def webhook_counts(self, since: datetime) -> WebhookCounts:
        """How many wait, and what came of those received at or after ``since`` (wall)."""
        ...


class WebhookLog:
    """The inbox as an admin reads it."""

    def __init__(self, store: WebhookInboxReader) -> None:
        self._store = store

    async def page(
        self, who: Identity, limit: int, cursor: str | None
    ) -> tuple[Sequence[ReceivedWebhook], str | None]:
        """The newest first, and the cursor of the next page.

        Raises:
            Forbidden: the asker is no admin.
            Invalid: a cursor that this list did not give.
        """
        require_admin(who)
        return await self._store.latest(limit, cursor)
