"""Two times, never mixed.

*Domain time* runs at ``RAPPORT_CLOCK_SPEED``: rings, grace, ticks, cooldowns, hold expiry. *Wall time* is the real
one: tokens, webhook signatures, pings, proofs of media, leases, retries, rate limits.

Instants are aware UTC datetimes in whole milliseconds, which is what the database keeps: an instant read back equals the
one that was written.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where every instant comes from."""

    @property
    def speed(self) -> float:
        """Domain seconds per wall second."""
        ...

    def now(self) -> datetime:
        """The domain instant."""
        ...

    def wall(self) -> datetime:
        """The real instant."""
        ...


def to_milliseconds(instant: datetime) -> datetime:
    """``instant`` cut to whole milliseconds."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def real_seconds(clock: Clock, seconds: float) -> timedelta:
    """How much domain time passes in ``seconds`` of wall time.

    For a deadline that belongs to the real world (a proof, a backoff) but is kept among domain timers.
    """
    return timedelta(seconds=seconds * clock.speed)


@dataclass(frozen=True, slots=True)
class ClockOrigin:
    """The point where domain time and wall time were equal to these values; shared by every process."""

    wall: datetime
    domain: datetime
    speed: float

    def domain_at(self, wall: datetime) -> datetime:
        """The domain instant at a wall instant."""
        return to_milliseconds(self.domain + (wall - self.wall) * self.speed)

    def rebased(self, wall: datetime, speed: float) -> "ClockOrigin":
        """The same domain time, going on at another speed: domain time never jumps or runs back."""
        return ClockOrigin(wall=wall, domain=self.domain_at(wall), speed=speed)


class SystemClock:
    """The machine's clock, and domain time derived from a shared origin."""

    def __init__(self, origin: ClockOrigin) -> None:
        self._origin = origin

    @property
    def speed(self) -> float:
        return self._origin.speed

    @property
    def origin(self) -> ClockOrigin:
        return self._origin

    def now(self) -> datetime:
        return self._origin.domain_at(self.wall())

    def wall(self) -> datetime:
        return to_milliseconds(datetime.now(UTC))


class VirtualClock:
    """A clock that stands still until it is moved: for tests and simulations."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._wall = to_milliseconds(start or datetime(2026, 1, 1, tzinfo=UTC))
        self._origin = ClockOrigin(self._wall, self._wall, speed)

    @property
    def speed(self) -> float:
        return self._origin.speed

    def now(self) -> datetime:
        return self._origin.domain_at(self._wall)

    def wall(self) -> datetime:
        return self._wall

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` of domain time pass."""
        if seconds < 0:
            raise ValueError("time does not run back")
        self._wall = to_milliseconds(self._wall + timedelta(seconds=seconds / self.speed))
