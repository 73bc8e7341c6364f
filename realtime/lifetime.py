"""How long a socket may stay: as long as its token does, and not a second longer than its revocation. Wall time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from domain.accounts.account import Identity
from domain.accounts.revocations import Revocation
from domain.clock import Clock
from domain.errors import Code, Forbidden, Unauthenticated
from domain.events import rfc3339
from realtime.closing import CloseCode, Closing
from realtime.ports import Revocations, TokenVerifier
from realtime.schedule import Schedule
from realtime.sockets import Socket, Sockets

#: Enough for a refresh that fails once and is tried again.
WARN_BEFORE = timedelta(seconds=60)

Emit = Callable[[Socket, str, object], None]
Close = Callable[[Socket, Closing], None]


class Lifetime:
    """Warns before a token expires, renews it on the open socket, closes what outlived it."""

    def __init__(
        self,
        *,
        clock: Clock,
        schedule: Schedule,
        verify: TokenVerifier,
        revoked: Revocations,
        sockets: Sockets,
        emit: Emit,
        close: Close,
    ) -> None:
        self._clock = clock
        self._schedule = schedule
        self._verify = verify
        self._revoked = revoked
        self._sockets = sockets
        self._emit = emit
        self._close = close
        revoked.listen(self._revoke)

    def verify(self, token: str) -> Identity:
        """Who a token says it is.

        Raises:
            Unauthenticated: forged, expired (TOKEN_EXPIRED), or revoked.
        """
        identity = self._verify(token)
        if identity.expires_at <= self._clock.wall():
            raise Unauthenticated("The access token has expired.", code=Code.TOKEN_EXPIRED)
        if self._revoked.covers(identity):
            raise Unauthenticated("The access token is no longer valid.")
        return identity

    def begin(self, socket: Socket) -> None:
        """Watch a new socket, or one with a renewed token."""
        self.end(socket)
        expires_at = socket.identity.expires_at
        socket.warning = self._schedule.at(
            max(expires_at - WARN_BEFORE, self._clock.wall()), lambda: self._warn(socket, expires_at)
        )
        socket.expiry = self._schedule.at(
            expires_at, lambda: self._close(socket, Closing(CloseCode.TOKEN_EXPIRED))
        )

    def end(self, socket: Socket) -> None:
        """Stop watching."""
        for appointment in (socket.warning, socket.expiry):
            if appointment is not None:
                appointment.cancel()

    def renew(self, socket: Socket, token: str) -> datetime:
        """Go on with a newer token of the same log-in; the new expiry.

        Raises:
            Unauthenticated: see :meth:`verify`.
            Forbidden: another person's, or of another log-in.
        """
        identity = self.verify(token)
        if identity.user_id != socket.user_id or identity.family != socket.identity.family:
            raise Forbidden("This token belongs to another log-in.")
        socket.renew(identity)
        self.begin(socket)
        return identity.expires_at

    def _warn(self, socket: Socket, expires_at: datetime) -> None:
        self._emit(socket, "session_expiring", {"expiresAt": rfc3339(expires_at)})

    def _revoke(self, revocation: Revocation) -> None:
        for socket in self._sockets.matching(revocation.covers):
            self._close(socket, Closing(CloseCode.REVOKED))
