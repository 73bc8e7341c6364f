"""Token buckets, in this process: what one socket, and one person over all their sockets, may send."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from domain.ids import UserId


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` events at once, then ``per_second`` on average; counted per socket or over all sockets of a user."""

    per_second: float
    burst: int
    per: Literal["socket", "user"] = "socket"


def per_second(count: int) -> Rate:
    """So many a second for one socket, and as many at once."""
    return Rate(float(count), count)


def per_minute(count: int, *, per: Literal["socket", "user"] = "socket") -> Rate:
    """So many a minute, and as many at once."""
    return Rate(count / 60, count, per)


#: A call in full negotiation sends about 30 events in its first second.
ALL_OF_A_SOCKET = Rate(50, 100)
#: Twenty sockets do not make a person twenty times as fast.
ALL_OF_A_USER = Rate(100, 300, "user")
#: Each CONNECT reads a feed: twenty tabs with two namespaces each come back at once, and nobody needs more.
CONNECTS_OF_A_USER = Rate(1.0, 60, "user")
#: Refused events of one connection. A client with a bug repeats itself at the pace of its user or of its screen, not 30 times a
#: second for long, and a page that retries in a loop is noticed before 300. Beyond that our answers cost more than any
#: honest client needs.
REFUSALS_OF_A_CONNECTION = Rate(30, 300)
#: Seconds in which every bucket there is fills up: the slowest are those per minute.
KEPT_AFTER = 60.0


class Bucket:
    """One token bucket. Instants are seconds of a monotonic clock."""

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: Rate, now: float) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._at = now

    def missing_ms(self, now: float) -> int:
        """Milliseconds until one more is welcome; 0: now."""
        self._fill(now)
        if self._tokens >= 1.0:
            return 0
        return max(1, round((1.0 - self._tokens) / self._rate.per_second * 1000))

    def take(self) -> None:
        """Take one, after :meth:`missing_ms` said 0."""
        self._tokens -= 1.0

    def _fill(self, now: float) -> None:
        elapsed = max(0.0, now - self._at)
        self._at = now
        self._tokens = min(float(self._rate.burst), self._tokens + elapsed * self._rate.per_second)


class Buckets:
    """The buckets of one socket, or of one person, by what they count."""

    __slots__ = ("_by_key",)

    def __init__(self) -> None:
        self._by_key: dict[str, Bucket] = {}

    def get(self, key: str, rate: Rate, now: float) -> Bucket:
        """The bucket of ``key``, full when new."""
        bucket = self._by_key.get(key)
        if bucket is None:
            bucket = self._by_key[key] = Bucket(rate, now)
        return bucket


class Limits:
    """Buckets of users live as long as one of their sockets does on this process, and :data:`KEPT_AFTER` longer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._users: dict[UserId, Buckets] = {}
        #: without a socket, since when; those who left first come first
        self._gone: dict[UserId, float] = {}

    def __len__(self) -> int:
        return len(self._users)

    def take(self, user_id: UserId, socket: Buckets, event: str | None, rate: Rate | None) -> int:
        """Take one from every bucket concerned, or from none: then the milliseconds to wait."""
        now = self._monotonic()
        self._gone.pop(user_id, None)
        user = self._users.setdefault(user_id, Buckets())
        buckets = [socket.get("*", ALL_OF_A_SOCKET, now), user.get("*", ALL_OF_A_USER, now)]
        if event is not None and rate is not None:
            buckets.append((user if rate.per == "user" else socket).get(event, rate, now))
        return _take_all(buckets, now)

    def take_connect(self, user_id: UserId) -> int:
        """Take one CONNECT of a person, or none: then the milliseconds to wait."""
        now = self._monotonic()
        user = self._users.setdefault(user_id, Buckets())
        return _take_all([user.get("CONNECT", CONNECTS_OF_A_USER, now)], now)

    def take_refusal(self, connection: Buckets) -> bool:
        """Take one refusal of a connection; False when it has had too many."""
        now = self._monotonic()
        return _take_all([connection.get("refused", REFUSALS_OF_A_CONNECTION, now)], now) == 0

    def left(self, user_id: UserId) -> None:
        """The user's last socket is gone. Buckets stay until they are full again: reconnecting refills none."""
        now = self._monotonic()
        self._gone.pop(user_id, None)
        self._gone[user_id] = now
        while (first := next(iter(self._gone))) and now - self._gone[first] >= KEPT_AFTER:
            del self._gone[first]
            self._users.pop(first, None)


def _take_all(buckets: Iterable[Bucket], now: float) -> int:
    wanted = list(buckets)
    missing = max(bucket.missing_ms(now) for bucket in wanted)
    if missing == 0:
        for bucket in wanted:
            bucket.take()
    return missing
