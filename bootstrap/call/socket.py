"""One Socket.IO connection to one namespace: every question has an answer or an error, every event is kept until read."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import socketio

from bootstrap.call.errors import CallError, Disconnected, NoAnswer, Refused, Unreachable
from bootstrap.call.wire import Closing

#: Real seconds. A request waits for the gateway, which has 8 s.
ACK_TIMEOUT = 15.0
CONNECT_TIMEOUT = 10.0

Listener = Callable[[str, Any], None]
Where = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Heard:
    """One event."""

    name: str
    data: Any


class Socket:
    """A connected socket. Listeners are called in the order in which the server sent; they must not block."""

    def __init__(self, namespace: str, whose: str) -> None:
        self.namespace = namespace
        self.whose = whose
        self._client: socketio.AsyncClient | None = None
        self._listeners: list[Listener] = []
        self._heard: list[Heard] = []
        self._news = asyncio.Event()
        self._waiting: set[asyncio.Future[Any]] = set()
        self._trouble: CallError | None = None
        self._refusal: object = None
        self._closing: Closing | None = None

    async def open(self, http: aiohttp.ClientSession, url: str, token: str, device_id: str) -> None:
        """Connect and authenticate.

        Raises:
            Refused: with the code of the CONNECT_ERROR.
            Unreachable: no Socket.IO server there.
        """
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        self._client = client
        client.on("*", self._on_event, namespace=self.namespace)
        client.on("connect_error", self._on_refused, namespace=self.namespace)
        client.on("disconnect", self._on_disconnect, namespace=self.namespace)
        try:
            await client.connect(
                url,
                namespaces=[self.namespace],
                auth={"token": token, "deviceId": device_id},
                transports=["websocket"],
                wait_timeout=CONNECT_TIMEOUT,
            )
        except socketio.exceptions.ConnectionError as error:
            raise self._connect_error(url, error) from error

    def listen(self, listener: Listener) -> None:
        """Hear every event from now on."""
        self._listeners.append(listener)

    async def ask(
        self, event: str, payload: Mapping[str, object] | None = None, timeout: float = ACK_TIMEOUT
    ) -> Any:
        """Send an event; the ``data`` of its acknowledgement.

        Raises:
            Refused: ``ok: false``.
            NoAnswer: no acknowledgement in time.
            Disconnected: the socket is closed, or was while we waited.
        """
        if self._trouble is not None:
            raise self._trouble
        if self._client is None:
            raise Disconnected(f"The socket of {self.whose} was never opened.")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.add(answer)
        try:
            await self._client.emit(
                event, dict(payload or {}), namespace=self.namespace, callback=_resolve(answer)
            )
            return _data_of(event, await asyncio.wait_for(answer, timeout))
        except TimeoutError:
            raise NoAnswer(f"{event} was not acknowledged within {timeout:.0f} s.") from None
        except socketio.exceptions.SocketIOError as error:
            raise self._trouble or Disconnected(f"The socket of {self.whose} is closed.") from error
        finally:
            self._waiting.discard(answer)

    async def expect(self, *names: str, where: Where | None = None, timeout: float = ACK_TIMEOUT) -> Heard:
        """The first unread event of one of these names for which ``where`` is true; it counts as read then.

        Raises:
            NoAnswer: none came in time.
            CallError: the socket was closed, or :meth:`fail` was called.
        """
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            for event in self._heard:
                if event.name in names and (where is None or where(event.data)):
                    self._heard.remove(event)
                    return event
            if self._trouble is not None:
                raise self._trouble
            self._news.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._news.wait()
            except TimeoutError:
                wanted = " or ".join(names)
                raise NoAnswer(f"{self.whose} heard no {wanted} within {timeout:.0f} s.") from None

    def unread(self, name: str) -> list[Any]:
        """The data of all events of this name that nobody expected."""
        return [event.data for event in self._heard if event.name == name]

    def fail(self, error: CallError) -> None:
        """Whoever waits, or asks from now on, gets this error."""
        if self._trouble is None:
            self._trouble = error
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(self._trouble)
        self._news.set()

    async def close(self) -> None:
        """Disconnect; nothing happens when it is closed already."""
        if self._trouble is None:
            self._trouble = Disconnected(f"{self.whose} closed the socket.")
        if self._client is not None:
            await self._client.disconnect()

    # --- what the library calls -------------------------------------------------------------------------------------

    def _on_event(self, name: str, data: Any = None, *_: Any) -> None:
        if name == "closing":
            self._closing = Closing.read(data)
        self._heard.append(Heard(name, data))
        self._news.set()
        for listener in self._listeners:
            listener(name, data)

    def _on_refused(self, data: Any = None, *_: Any) -> None:
        self._refusal = data

    def _on_disconnect(self, *_: Any) -> None:
        reason = self._closing.code if self._closing else None
        because = f": {reason.replace('_', ' ')}" if reason else ""
        self.fail(Disconnected(f"The server closed {self.whose}'s {self.namespace} socket{because}.", reason))

    def _connect_error(self, url: str, error: Exception) -> CallError:
        refusal = self._refusal
        if isinstance(refusal, dict) and isinstance(refusal.get("data"), dict):
            return Refused(
                str(refusal["data"].get("code", "REFUSED")), str(refusal.get("message", "")),
                details=refusal["data"],
            )  # fmt: skip
        return Unreachable(f"No socket to {url}{self.namespace}: {error}.")


def _resolve(answer: asyncio.Future[Any]) -> Callable[..., None]:
    def resolve(*args: Any) -> None:
        if not answer.done():
            answer.set_result(args[0] if args else None)

    return resolve


def _data_of(event: str, envelope: Any) -> Any:
    if not isinstance(envelope, dict) or "ok" not in envelope:
        raise Unreachable(f"{event} was acknowledged without an envelope: this is not Rapport's contract.")
    if envelope["ok"]:
        return envelope.get("data") or {}
    error = envelope.get("error") or {}
    raise Refused(
        str(error.get("code", "REFUSED")),
        str(error.get("message", "")),
        retryable=bool(error.get("retryable")),
        details=error.get("details"),
        retry_after_ms=error.get("retryAfterMs"),
    )
