"""Time-limited TURN credentials, as coturn's ``use-auth-secret`` checks them.

https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00: the user name is the Unix second of expiry and an
opaque user part; the password is the base64 of HMAC-SHA1 over the user name with the shared secret.
"""

import base64
import hashlib
import hmac

from domain.calls.views import IceServer
from domain.clock import Clock
from domain.ids import UserId

MAX_TTL = 3600


class IceServers:
    """Hands out relays, only to somebody who joined an accepted call."""

    def __init__(self, clock: Clock, urls: tuple[str, ...], secret: str | None, ttl: int = MAX_TTL) -> None:
        if ttl > MAX_TTL:
            raise ValueError(f"TURN credentials live for at most {MAX_TTL} s")
        self._clock = clock
        self._urls = urls
        self._secret = secret
        self._ttl = ttl

    def for_call(self, user_id: UserId) -> tuple[tuple[IceServer, ...], str | None]:
        """The servers, and why there are none if there are none. Credentials expire in wall time."""
        if not self._urls or self._secret is None:
            return (), "No TURN server is configured: only direct connections are possible."
        expiry = int(self._clock.wall().timestamp()) + self._ttl
        username = f"{expiry}:{user_id}"
        digest = hmac.new(self._secret.encode(), username.encode(), hashlib.sha1).digest()
        return (IceServer(self._urls, username, base64.b64encode(digest).decode()),), None
