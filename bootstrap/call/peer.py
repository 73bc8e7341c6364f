"""A person at a device: REST, a ``/notifications`` socket, and a dedicated ``/live`` one for a call."""

import asyncio
import secrets
from types import TracebackType
from typing import Any, Self

import aiohttp

from bootstrap.call.errors import CallError
from bootstrap.call.rest import Rest
from bootstrap.call.socket import Socket
from bootstrap.call.wire import CoachStatus, CoachStatuses, Joined, Requested, Tokens, User

NOTIFICATIONS, LIVE = "/notifications", "/live"


class Peer:
    """Logged in from ``__aenter__`` to ``__aexit__``; listening after :meth:`arrive`."""

    def __init__(self, http: aiohttp.ClientSession, url: str, email: str, password: str, whose: str) -> None:
        self.rest = Rest(http, url)
        self.whose = whose
        self.device_id = f"rapport-call-{whose}-{secrets.token_hex(4)}"
        self.notifications = Socket(NOTIFICATIONS, whose)
        self._http = http
        self._email, self._password = email, password
        self._tokens: Tokens | None = None
        self._live: Socket | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._keep(await self.rest.log_in(self._email, self._password))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)
        await self.rise()
        await self.notifications.close()
        try:
            await self.rest.log_out(self._logged_in.refresh_token)
        except CallError:
            if error is None:
                raise

    async def arrive(self) -> None:
        """Open the ``/notifications`` socket."""
        self.notifications.listen(self._on_event)
        await self._open(self.notifications)

    @property
    def user(self) -> User:
        """Who this is."""
        return self._logged_in.user

    # --- /notifications -----------------------------------------------------------------------------------------------

    async def set_status(self, status: str) -> CoachStatus:
        """Coach only: wish to be ``online`` or ``offline``."""
        return CoachStatus.read(await self.notifications.ask("coach_status_set", {"status": status}))

    async def watch(self, coach_id: str) -> CoachStatus | None:
        """What watchers see of a coach now; changes follow as ``coach_status``."""
        found = await self.notifications.ask("coach_status_watch", {"coachIds": [coach_id]})
        return next(iter(CoachStatuses.read(found).statuses), None)

    async def request(self, coach_id: str, card_id: str | None = None) -> Requested:
        """Call a coach."""
        ask: dict[str, object] = {"coachId": coach_id, "clientRequestId": secrets.token_hex(12)}
        if card_id is not None:
            ask["paymentMethodId"] = card_id
        return Requested.read(await self.notifications.ask("live_session_request", ask))

    async def accept(self, session_id: str) -> None:
        """Take a ringing call on this device."""
        await self.notifications.ask("live_session_accept", {"sessionId": session_id})

    async def decline(self, session_id: str, reason: str) -> None:
        """Refuse a ringing call."""
        await self.notifications.ask("live_session_decline", {"sessionId": session_id, "reason": reason})

    async def cancel(self, session_id: str) -> None:
        """Take back a request before there is talk."""
        await self.notifications.ask("live_session_cancel", {"sessionId": session_id})

    # --- /live --------------------------------------------------------------------------------------------------------

    async def approach(self) -> Socket:
        """Open the dedicated socket of a call; it holds no seat yet."""
        if self._live is None:
            self._live = Socket(LIVE, self.whose)
            self._live.listen(self._on_event)
            await self._open(self._live)
        return self._live

    async def join(self, session_id: str, *, resume: bool = False) -> Joined:
        """Take the seat: the full snapshot of the call."""
        live = await self.approach()
        ask = {"sessionId": session_id, "deviceId": self.device_id, "resume": resume}
        return Joined.read(await live.ask("join-live-session-handshake", ask))

    async def rise(self) -> None:
        """Close the dedicated socket."""
        live, self._live = self._live, None
        if live is not None:
            await live.close()

    # --- tokens -------------------------------------------------------------------------------------------------------

    async def renew(self) -> None:
        """The next pair of tokens, for REST and for the open sockets."""
        self._keep(await self.rest.refresh(self._logged_in.refresh_token))
        for socket in (self.notifications, self._live):
            if socket is not None:
                await socket.ask("token_refresh", {"token": self._logged_in.access_token})

    @property
    def _logged_in(self) -> Tokens:
        if self._tokens is None:
            raise CallError(f"{self.whose} is not logged in.")
        return self._tokens

    def _keep(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.rest.bear(tokens.access_token)

    async def _open(self, socket: Socket) -> None:
        await socket.open(self._http, self.rest.url, self._logged_in.access_token, self.device_id)

    def _on_event(self, name: str, _: Any) -> None:
        busy = self._renewal is not None and not self._renewal.done()
        if name == "session_expiring" and not busy:
            self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        try:
            await self.renew()
        except CallError as error:
            self.notifications.fail(error)
