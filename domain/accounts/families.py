"""Token families: one log-in on one device, and every refresh token that descends from it.

Refresh tokens rotate (RFC 9700, section 4.14.2). Each answers once with its successor, and for 30 s more, so that two
tabs refreshing at once, or one whose reply was lost, are not taken for thieves. Presenting it later
means that somebody holds an old copy: the whole family is revoked.

The successor is derived from the presented token, so the server can say it again without keeping it: only
digests are stored.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.ids import UserId

REFRESH_LIFETIME = timedelta(days=30)
REUSE_GRACE = timedelta(seconds=30)


class Verdict(StrEnum):
    """What presenting a refresh token means."""

    ROTATED = "rotated"  # it was the newest; its successor is now
    REPEATED = "repeated"  # it was rotated a moment ago: the newest is said again
    REUSED = "reused"  # an old copy: the family is revoked
    DEAD = "dead"  # the family was revoked or has lapsed


@dataclass(frozen=True, slots=True)
class Rotated:
    """A token that has a successor, and since when."""

    digest: str
    at: datetime


@dataclass(slots=True)
class TokenFamily:
    """One log-in. Wall time."""

    id: str
    user_id: UserId
    #: digest of the newest refresh token
    newest: str
    created_at: datetime
    expires_at: datetime
    #: those rotated within the grace, oldest first
    recent: list[Rotated] = field(default_factory=list)
    revoked_at: datetime | None = None
    version: int = 0

    def alive(self, now: datetime) -> bool:
        """Whether its newest refresh token still counts."""
        return self.revoked_at is None and now < self.expires_at

    def revoke(self, now: datetime) -> None:
        """End the family; a second time changes nothing."""
        self.revoked_at = self.revoked_at or now

    def present(self, digest: str, successor: str, now: datetime) -> Verdict:
        """Judge a genuine token of this family by its digest, and rotate if it is the newest.

        ``successor`` is the digest of the token that descends from the presented one.
        """
        if not self.alive(now):
            return Verdict.DEAD
        if digest == self.newest:
            self.recent = [*self._in_grace(now), Rotated(digest, now)]
            self.newest = successor
            self.expires_at = now + REFRESH_LIFETIME
            return Verdict.ROTATED
        if any(rotated.digest == digest for rotated in self._in_grace(now)):
            return Verdict.REPEATED
        self.revoke(now)
        return Verdict.REUSED

    def newest_after(
        self, token: str, derive: Callable[[str], str], digest: Callable[[str], str]
    ) -> str | None:
        """The newest token, found by following the descent of ``token``; None if it does not lead there.

        A tab that was overtaken twice within the grace gets the newest token, not one that would soon look stolen.
        """
        for _ in range(len(self.recent) + 1):
            if digest(token) == self.newest:
                return token
            token = derive(token)
        return None

    def _in_grace(self, now: datetime) -> list[Rotated]:
        return [rotated for rotated in self.recent if now - rotated.at <= REUSE_GRACE]
