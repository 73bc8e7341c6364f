"""One Socket.IO connection that notices at once when it is lost: whoever waits for an answer learns it then."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import socketio

from bootstrap.call.errors import Disconnected, NoAnswer, Refused, Unreachable

ACK_SECONDS = 6.0
CONNECT_SECONDS = 5.0

Hear = Callable[[str, Any], None]


class Link:
    """A connected socket at ``server``; ``hear`` gets every event in the order in which it was sent."""

    def __init__(self, namespace: str, server: str, hear: Hear) -> None:
        self.namespace = namespace
        self.server = server
        self.lost = asyncio.Event()
        self._hear = hear
        self._refusal: Any = None
        self._waiting: set[asyncio.Future[Any]] = set()
        self._client: socketio.AsyncClient | None = None

    async def open(self, http: aiohttp.ClientSession, url: str, auth: Mapping[str, object]) -> None:
        """Connect and authenticate.

        Raises:
            Refused: with the code of the CONNECT_ERROR.
            Unreachable: nobody there, or dying just now.
        """
        client = self._client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, http_session=http
        )
        client.on("*", self._on_event, namespace=self.namespace)
        client.on("connect_error", self._on_refused, namespace=self.namespace)
        client.on("disconnect", self._on_lost, namespace=self.namespace)
        try:
            async with asyncio.timeout(2 * CONNECT_SECONDS):
                await client.connect(
                    url,
                    namespaces=[self.namespace],
                    auth=dict(auth),
                    transports=["websocket"],
                    wait_timeout=CONNECT_SECONDS,
                )
        except (socketio.exceptions.ConnectionError, TimeoutError, OSError) as error:
            await self.close()
            if isinstance(self._refusal, dict) and isinstance(self._refusal.get("data"), dict):
                raise Refused(str(self._refusal["data"].get("code")), "refused") from error
            raise Unreachable(f"no socket to {url}") from error

    async def ask(self, event: str, payload: Mapping[str, object], seconds: float = ACK_SECONDS) -> Any:
        """The ``data`` of the acknowledgement.

        Raises:
            Refused: ``ok: false``.
            NoAnswer: nothing came in time.
            Disconnected: the socket is gone, or went while we waited.
        """
        if self.lost.is_set() or self._client is None:
            raise Disconnected("the socket is gone")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.add(answer)
        try:
            await self._client.emit(
                event, dict(payload), namespace=self.namespace, callback=_resolver(answer)
            )
            return _data_of(await asyncio.wait_for(answer, seconds))
        except TimeoutError:
            raise NoAnswer(f"{event} was not acknowledged") from None
        except socketio.exceptions.SocketIOError as error:
            raise Disconnected("the socket is gone") from error
        finally:
            self._waiting.discard(answer)

    async def close(self, *, abruptly: bool = False) -> None:
        """Leave: with a word, or as when the network is gone."""
        self._on_lost()
        client, self._client = self._client, None
        if client is not None:
            # A task of its own: the library waits for its reading task and takes our cancellation for that task's.
            leaving = asyncio.create_task(_leave(client, abruptly))
            await asyncio.wait({leaving}, timeout=CONNECT_SECONDS)
            leaving.cancel()

    def _on_event(self, name: str, data: Any = None, *_: Any) -> None:
        if not self.lost.is_set():
            self._hear(name, data)

    def _on_refused(self, data: Any = None, *_: Any) -> None:
        self._refusal = data

    def _on_lost(self, *_: Any) -> None:
        self.lost.set()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(Disconnected("the socket is gone"))


async def _leave(client: socketio.AsyncClient, abruptly: bool) -> None:
    with suppress(aiohttp.ClientError, OSError, socketio.exceptions.SocketIOError):
        await (client.eio.disconnect(abort=True) if abruptly else client.disconnect())


def _resolver(answer: asyncio.Future[Any]) -> Callable[..., None]:
    def resolve(*args: Any) -> None:
        if not answer.done():
            answer.set_result(args[0] if args else None)

    return resolve


def _data_of(envelope: Any) -> Any:
    if not isinstance(envelope, dict) or "ok" not in envelope:
        raise Refused("NO_ENVELOPE", f"acknowledged with {envelope!r}")
    if envelope["ok"]:
        return envelope.get("data") or {}
    error = envelope["error"]
    raise Refused(
        error["code"],
        error["message"],
        retryable=error["retryable"],
        details=error.get("details"),
        retry_after_ms=error.get("retryAfterMs"),
    )
