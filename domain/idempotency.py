"""A request that is sent twice with the same ``Idempotency-Key`` has its effect once (draft-ietf-httpapi-idempotency-key).

The first reply is kept for a day and given again. Wall time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A response that is given again."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to run the request of a key. ``token`` names the holder."""

    key: str
    token: str


class IdempotencyStore(Protocol):
    """Replies by idempotency key, kept for a day."""

    async def reserve(
        self, key: str, fingerprint: str, now: datetime, lease: timedelta
    ) -> Reservation | StoredReply:
        """The right to run, or the reply of the first run. Wall time.

        Raises:
            Conflict: the key is running, or was used for another request.
        """
        ...

    async def complete(self, reservation: Reservation, reply: StoredReply) -> None:
        """Keep the reply."""
        ...

    async def release(self, reservation: Reservation) -> None:
        """Nothing happened: let the key be used again."""
        ...
