"""Token buckets of the door, in the process: a limit against haste, not a quota to the last request.

Announced in ``RateLimit`` and ``RateLimit-Policy`` (draft-ietf-httpapi-ratelimit-headers-10).
"""

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import RateLimited

WINDOW = 60.0
#: Buckets that are kept at most; the one idle for longest goes first, and it is nearly always full again.
BUCKETS_MAX = 100_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left after a request. ``reset`` in seconds until the bucket is full."""

    policy: str
    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """For the response."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={int(WINDOW)}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={self.reset}',
        }


class Limiter:
    """Buckets by (policy, key). ``time`` is monotonic seconds."""

    def __init__(self, time: Callable[[], float], buckets_max: int = BUCKETS_MAX) -> None:
        self._time = time
        self._max = buckets_max
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, policy: str, key: str, limit: int) -> Allowance:
        """Take one of ``limit`` per minute.

        Raises:
            RateLimited: none left; ``retry_after_ms`` says when the next one is there.
        """
        now, per_second = self._time(), limit / WINDOW
        bucket = self._buckets.pop((policy, key), None) or _Bucket(float(limit), now)
        bucket.tokens = min(float(limit), bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        self._buckets[policy, key] = bucket
        if len(self._buckets) > self._max:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / per_second * 1000)
            raise RateLimited("Too many requests. Please slow down.", retry_after_ms=wait)
        bucket.tokens -= 1
        reset = math.ceil((limit - bucket.tokens) / per_second)
        return Allowance(policy, limit, int(bucket.tokens), reset)
