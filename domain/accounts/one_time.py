"""Links in mails that prove who reads them: good once, for a while, for one purpose.

A token is derived from the server's secret and an identifier, so that a mail can be written again without the token having
been kept; stored is its digest. Instants are wall time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.errors import Code, Conflict
from domain.ids import UserId
from domain.ports import Tx


class Purpose(StrEnum):
    """What a link is for."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"


LIFETIME = {
    Purpose.VERIFY_EMAIL: timedelta(days=2),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
}


def link_invalid() -> Conflict:
    """One answer for everything that is wrong with a link: nobody learns which."""
    return Conflict("This link is not valid any more. Please ask for a new one.", code=Code.LINK_INVALID)


@dataclass(slots=True)
class OneTimeToken:
    """One link. ``id`` is that of the mail that carries it."""

    id: str
    purpose: Purpose
    user_id: UserId
    #: the address it was sent to: a link proves nothing of another one
    email: str
    digest: str
    expires_at: datetime
    used_at: datetime | None = None
    version: int = 0

    def require_good(self, purpose: Purpose, digest: str, now: datetime) -> None:
        """Raise unless it may be used now.

        Raises:
            Conflict: LINK_INVALID.
        """
        good = self.purpose is purpose and self.digest == digest
        if not good or self.used_at is not None or now >= self.expires_at:
            raise link_invalid()


class OneTimeTokens(Protocol):
    """Derives and checks tokens. Knows the secret; keeps nothing."""

    def token(self, token_id: str, purpose: Purpose) -> str:
        """The one token of this identifier and purpose.

        Raises:
            Unavailable: this process was not given the secret.
        """
        ...

    def digest(self, token: str) -> str:
        """What is kept of a token."""
        ...

    def id_of(self, token: str, purpose: Purpose) -> str | None:
        """The identifier in a token that this server made for this purpose; None for any other string."""
        ...


class OneTimeTokenStore(Protocol):
    """Tokens that were sent."""

    async def get(self, tx: Tx, token_id: str) -> OneTimeToken | None:
        """Read in the transaction."""
        ...

    async def insert(self, tx: Tx, token: OneTimeToken) -> None:
        """Write a new one."""
        ...

    async def save(self, tx: Tx, token: OneTimeToken) -> None:
        """Write it and increment its version, so that of two uses at once one wins."""
        ...

    async def use_up(self, tx: Tx, user_id: UserId, purpose: Purpose, now: datetime) -> None:
        """Every other link of this person for this purpose counts no longer."""
        ...
