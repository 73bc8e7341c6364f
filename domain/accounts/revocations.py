"""Access tokens that count no longer, although their signature is good and their time not over.

What is revoked is always a whole token family (one log-in); a suspension revokes all of a person's. Every process keeps the
list in memory, so that a check costs no call. An entry is dropped once every access token it could concern has expired.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.ids import UserId

ACCESS_LIFETIME = timedelta(minutes=15)
#: Clocks of two machines may differ by less than this.
CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Revocation:
    """These log-ins of a person ended at ``at`` (wall time)."""

    user_id: UserId
    families: tuple[str, ...]
    at: datetime

    @property
    def expires_at(self) -> datetime:
        """When the last token concerned is over anyway."""
        return self.at + ACCESS_LIFETIME + CLOCK_SKEW

    def covers(self, identity: Identity) -> bool:
        """Whether a token with this identity is meant."""
        return identity.family in self.families


class RevokedTokens:
    """All revocations that still matter, in this process."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._listeners: list[Callable[[Revocation], None]] = []

    def listen(self, listener: Callable[[Revocation], None]) -> None:
        """Call ``listener`` with every revocation that is new to this process. It must not block or raise."""
        self._listeners.append(listener)

    def add(self, revocation: Revocation) -> bool:
        """Take note; False if all of it was known already."""
        if all(family in self._until for family in revocation.families):
            return False
        self._until.update(dict.fromkeys(revocation.families, revocation.expires_at))
        for listener in self._listeners:
            listener(revocation)
        return True

    def load(self, revocations: Iterable[Revocation], now: datetime) -> None:
        """Take note of many, and forget those that are over."""
        for revocation in revocations:
            self.add(revocation)
        for family in [family for family, until in self._until.items() if until <= now]:
            del self._until[family]

    def covers(self, identity: Identity) -> bool:
        """Whether this identity's token was revoked."""
        return identity.family in self._until
