"""Token buckets, in this process: what one socket, and one person over all their sockets, may send."""

import math
from collections.abc import Callable, Sequence
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
    """One token bucket, kept as the instant at which it will be full: each token taken makes that later. Instants are seconds
    of a monotonic clock."""

    __slots__ = ("ahead", "each", "full_at")

    def __init__(self, rate: Rate, now: float) -> None:
        #: seconds in which one token comes back
        self.each = 1 / rate.per_second
        #: as far ahead may ``full_at`` be for one token to be there; a millionth of one is for rounding
        self.ahead = (rate.burst - 1 + 1e-6) * self.each
        self.full_at = now


def take_all(buckets: Sequence[Bucket], now: float) -> int:
    """Take one token from every bucket, or from none: then the milliseconds until all have one.

    Two loops without calls: this runs for every event.
    """
    for bucket in buckets:
        if bucket.full_at - now > bucket.ahead:
            return _missing(buckets, now)
    for bucket in buckets:
        full_at = bucket.full_at
        bucket.full_at = (full_at if full_at > now else now) + bucket.each
    return 0


def _missing(buckets: Sequence[Bucket], now: float) -> int:
    return max(math.ceil((bucket.full_at - now - bucket.ahead) * 1000) for bucket in buckets)


class Buckets:
    """The buckets of one socket, or of one person, by what they count."""

    __slots__ = ("_by_key", "chains")

    def __init__(self) -> None:
        self._by_key: dict[str, Bucket] = {}
        #: all that an event of this socket takes from, by its name
        self.chains: dict[str | None, tuple[Bucket, ...]] = {}

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
        """Take one from every bucket concerned, or from none: then the milliseconds to wait.

        ``event``: a name with this one ``rate``, None for whatever has no name of ours.
        """
        now, chain = self._monotonic(), socket.chains.get(event)
        if chain is None:
            chain = socket.chains[event] = self._chain(user_id, socket, event, rate, now)
        return take_all(chain, now)

    def _chain(
        self, user_id: UserId, socket: Buckets, event: str | None, rate: Rate | None, now: float
    ) -> tuple[Bucket, ...]:
        user = self._users.setdefault(user_id, Buckets())
        of_all = (socket.get("*", ALL_OF_A_SOCKET, now), user.get("*", ALL_OF_A_USER, now))
        if event is None or rate is None:
            return of_all
        return (*of_all, (user if rate.per == "user" else socket).get(event, rate, now))

    def take_connect(self, user_id: UserId) -> int:
        """Take one CONNECT of a person, or none: then the milliseconds to wait."""
        now = self._monotonic()
        if self._gone.pop(user_id, None) is not None:
            self._gone[user_id] = now  # here again, whether it is let in or not
        user = self._users.setdefault(user_id, Buckets())
        return take_all([user.get("CONNECT", CONNECTS_OF_A_USER, now)], now)

    def take_refusal(self, connection: Buckets) -> bool:
        """Take one refusal of a connection; False when it has had too many."""
        now = self._monotonic()
        return take_all([connection.get("refused", REFUSALS_OF_A_CONNECTION, now)], now) == 0

    def returned(self, user_id: UserId) -> None:
        """The user has a socket."""
        self._gone.pop(user_id, None)

    def left(self, user_id: UserId) -> None:
        """The user's last socket is gone. Buckets stay until they are full again: reconnecting refills none."""
        now = self._monotonic()
        self._gone.pop(user_id, None)
        self._gone[user_id] = now
        while (first := next(iter(self._gone))) and now - self._gone[first] >= KEPT_AFTER:
            del self._gone[first]
            self._users.pop(first, None)
