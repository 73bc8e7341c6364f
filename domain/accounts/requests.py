"""How often mail may be asked for, counted by address whether an account has it or not.

Counting unknown addresses too keeps the answer the same for both; what is kept is a digest. Wall time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from domain.errors import RateLimited
from domain.ports import Tx

REQUESTS_ALLOWED = 5
#: Mails about notifications that one person gets within an hour; the page shows them all.
MAILS_TO_ONE = 60
WINDOW = timedelta(hours=1)


@dataclass(slots=True)
class MailRequests:
    """What one address asked for within the hour that began with its first request."""

    key: str
    count: int = 0
    expires_at: datetime | None = None

    def take(self, now: datetime, *, allowed: int = REQUESTS_ALLOWED) -> None:
        """Count one more.

        Raises:
            RateLimited: enough for now.
        """
        if self.expires_at is None or now >= self.expires_at:
            self.count, self.expires_at = 0, now + WINDOW
        if self.count >= allowed:
            left = self.expires_at - now
            raise RateLimited(
                "Enough mails were asked for. Please look into the mailbox, or try again later.",
                retry_after_ms=max(1, int(left / timedelta(milliseconds=1))),
            )
        self.count += 1


class MailRequestStore(Protocol):
    """Counts by digest of the address, or of whatever else mail is counted by."""

    async def bump(self, more: Mapping[str, int], now: datetime) -> Mapping[str, int]:
        """Count so many more of each, outside any transaction; how many it is within the hour that began with the first."""
        ...

    async def get(self, tx: Tx, key: str) -> MailRequests:
        """What is remembered, or a fresh count."""
        ...

    async def save(self, tx: Tx, requests: MailRequests) -> None:
        """Write the count; two at once take turns."""
        ...


def key_of(purpose: str, address: str) -> str:
    """Under what the requests of a normalised address are counted."""
    return sha256(f"{purpose}\n{address}".encode()).hexdigest()
