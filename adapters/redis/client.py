"""Opening clients of Redis or Valkey: the one place that knows how."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff


def connect(url: str) -> "Redis":
    """A client for the bus; ``redis://``, ``rediss://`` or ``unix://``. Nothing is opened before its first use.

    RESP2, because its pub/sub answers are plain replies on the connection; no retries, because who publishes decides that, and
    a subscriber must see a lost connection.
    """
    client: Redis = Redis.from_url(
        url,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=4,
        socket_timeout=None,
        health_check_interval=0,
    )
    return client
