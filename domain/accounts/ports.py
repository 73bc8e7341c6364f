"""Where accounts, log-ins and revocations are kept, and what hashes and signs for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.accounts.account import Account, Identity
from domain.accounts.attempts import LoginAttempts
from domain.accounts.families import TokenFamily
from domain.accounts.revocations import Revocation
from domain.ids import CoachId, UserId
from domain.ports import Tx


class AccountStore(Protocol):
    """Accounts, read and written in a transaction."""

    async def get(self, tx: Tx, user_id: UserId) -> Account:
        """The account.

        Raises:
            NotFound: no such account.
        """
        ...

    async def save(self, tx: Tx, account: Account) -> None:
        """Write the account and increment its version."""
        ...

    async def insert(self, tx: Tx, account: Account) -> None:
        """Write a new account.

        Raises:
            Conflict: EMAIL_TAKEN.
        """
        ...

    async def by_email(self, tx: Tx, email: str) -> Account | None:
        """The account with this normalised address, read in the transaction."""
        ...

    async def find(self, user_ids: Sequence[UserId]) -> Sequence[Account]:
        """Those that exist, outside any transaction, in no particular order."""
        ...

    async def with_addresses(self, emails: Sequence[str]) -> Sequence[Account]:
        """Those that exist, outside any transaction, in no particular order."""
        ...


class BlockStore(Protocol):
    """Who wants nothing to do with whom."""

    async def between(self, tx: Tx, one: UserId, other: UserId) -> bool:
        """Whether either of the two blocked the other."""
        ...

    async def apart(self, user_id: UserId, others: Sequence[UserId]) -> set[UserId]:
        """Those of ``others`` who blocked this person, or whom this person blocked; one query for all."""
        ...

    async def count(self, tx: Tx, blocker: UserId, but: UserId) -> int:
        """How many people ``blocker`` blocked, not counting ``but``."""
        ...

    async def add(self, tx: Tx, blocker: UserId, blocked: UserId, at: datetime) -> None:
        """Note that ``blocker`` blocked ``blocked``; again changes nothing."""
        ...

    async def remove(self, tx: Tx, blocker: UserId, blocked: UserId) -> None:
        """Take it back; nothing happens if there was none."""
        ...


class AttemptStore(Protocol):
    """Counted log-in attempts by digest of the address."""

    async def get(self, tx: Tx, key: str) -> LoginAttempts:
        """What is remembered, or a fresh count."""
        ...

    async def save(self, tx: Tx, attempts: LoginAttempts) -> None:
        """Write the count."""
        ...

    async def forget(self, tx: Tx, key: str) -> None:
        """Start anew."""
        ...


class FamilyStore(Protocol):
    """Token families."""

    async def get(self, tx: Tx, family_id: str) -> TokenFamily | None:
        """The family, read in the transaction."""
        ...

    async def insert(self, tx: Tx, family: TokenFamily) -> None:
        """Write a new family."""
        ...

    async def save(self, tx: Tx, family: TokenFamily) -> None:
        """Write the family and increment its version, so that two tabs refreshing at once take turns."""
        ...

    async def revoke_all(self, tx: Tx, user_id: UserId, now: datetime) -> Sequence[str]:
        """End every living family of the user; which they were."""
        ...


class RevocationStore(Protocol):
    """Revocations, kept until every token concerned has expired."""

    async def add(self, tx: Tx, revocation: Revocation) -> None:
        """Write it in the transaction that causes it."""
        ...

    async def since(self, instant: datetime) -> Sequence[Revocation]:
        """Those with ``at`` at or after ``instant`` (wall time)."""
        ...


class RevocationFeed(Protocol):
    """Tells every process, this one first."""

    async def announce(self, revocation: Revocation) -> None:
        """Spread a committed revocation. Never fails: a process that misses it reads the store within seconds."""
        ...


class PasswordHasher(Protocol):
    """Slow, salted hashes of passwords, computed off the event loop."""

    async def hash(self, password: str) -> str:
        """A hash to keep."""
        ...

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Whether the password belongs to the hash. None takes as long as any hash and is never matched."""
        ...

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with another cost than today's."""
        ...


class AccessTokens(Protocol):
    """Signed tokens that say who is asking."""

    def issue(self, account: Account, coach_id: CoachId | None, family: str, now: datetime) -> str:
        """A token that is good for :data:`~domain.accounts.revocations.ACCESS_LIFETIME`."""
        ...

    def read(self, token: str, now: datetime) -> Identity:
        """The identity in a genuine token whose time is not over and that was not revoked.

        Raises:
            Unauthenticated: UNAUTHENTICATED for a forged, damaged or revoked one, TOKEN_EXPIRED for an old one.
        """
        ...


class RefreshTokens(Protocol):
    """Makes, checks and derives refresh tokens. Knows the secret; keeps nothing."""

    def first(self, family: str) -> str:
        """The random first token of a family."""
        ...

    def successor(self, token: str) -> str:
        """The one token that descends from ``token``."""
        ...

    def digest(self, token: str) -> str:
        """What is kept of a token."""
        ...

    def family_of(self, token: str) -> str | None:
        """The family of a token that this server made; None for any other string."""
        ...
