"""When a peer may begin the next ICE generation: the same rule for a call and for a scheduled session."""

from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Code, Conflict, RateLimited

#: Real seconds. A restart takes longer than this to come to anything.
BETWEEN_RESTARTS = 1.0


class Negotiated(Protocol):
    """What two peers negotiate in."""

    epoch: int
    restarted_at: datetime | None


def begin_generation(of: Negotiated, epoch: int, *, now: datetime, rest: timedelta) -> None:
    """Make ``epoch`` the present generation. ``rest``: :data:`BETWEEN_RESTARTS` in domain time.

    Raises:
        Conflict: STALE_EPOCH, somebody else began it first.
        RateLimited: the present one has hardly begun; each is kept in the timeline.
    """
    if epoch != of.epoch + 1:
        raise Conflict(
            "The other side restarted the connection first.",
            code=Code.STALE_EPOCH,
            details={"epoch": of.epoch},
        )
    if of.restarted_at is not None and now - of.restarted_at < rest:
        raise RateLimited("The connection was restarted a moment ago.", retry_after_ms=1000)
    of.epoch, of.restarted_at = epoch, now
