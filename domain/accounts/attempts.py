"""Failed log-ins, counted per e-mail address whether an account stands behind it or not.

Counting unknown addresses too keeps the answer the same for both: nobody learns from a lock who has an account.
An attempt is counted *before* the password is checked, so that many at once get no more guesses than one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Code, Forbidden

FAILURES_ALLOWED = 10
LOCK = timedelta(minutes=15)


@dataclass(slots=True)
class LoginAttempts:
    """What is remembered of one address. Wall time."""

    #: digest of the address: the address of somebody without an account is not kept
    key: str
    failures: int = 0
    locked_until: datetime | None = None
    #: forgotten from here on
    expires_at: datetime | None = None

    def begin(self, now: datetime) -> None:
        """Count one more attempt; a success afterwards forgets them all.

        Raises:
            Forbidden: ACCOUNT_LOCKED, with ``retry_after_ms``.
        """
        if self.locked_until is not None and now < self.locked_until:
            left = self.locked_until - now
            raise Forbidden(
                "Too many failed attempts. Please try again later.",
                code=Code.ACCOUNT_LOCKED,
                retry_after_ms=max(1, int(left / timedelta(milliseconds=1))),
            )
        if self.expires_at is None or now >= self.expires_at:
            self.failures, self.locked_until = 0, None
        self.failures += 1
        self.expires_at = now + LOCK
        if self.failures >= FAILURES_ALLOWED:
            self.locked_until = now + LOCK
