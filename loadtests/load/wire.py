"""One Socket.IO v5 client over WebSocket (Engine.IO v4), for one namespace, as cheap as Python allows.

A load generator must cost less than what it measures. So frames are handled as bytes: an event goes to :attr:`Client.heard`
unparsed, an acknowledgement to :attr:`Client.acked` with its number; JSON is read where it is rare.
https://socket.io/docs/v4/engine-io-protocol/ and https://socket.io/docs/v4/socket-io-protocol/.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import orjson
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

#: Seconds for each step of connecting.
PATIENCE = 30.0
_TEXT = WSMsgType.TEXT
_PING, _PONG = b"2", b"3"
_PATH = "/socket.io/?EIO=4&transport=websocket"


class Refused(Exception):
    """The server did not let this client in; the message is the server's, ``code`` its code if it gave one."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Lost(Exception):
    """The connection ended while something was waited for."""


class Failed(Exception):
    """An acknowledgement said ``ok: false``."""

    def __init__(self, event: str, error: dict[str, Any]) -> None:
        super().__init__(f"{event}: {error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))


def ignore(payload: bytes) -> None:
    """What nobody asked for."""


def _ignore_ack(number: int, payload: bytes) -> None:
    """An acknowledgement that nobody waits for."""


def _ignore_loss(client: "Client") -> None:
    """A connection that nobody misses."""


class Client(WSListener):
    """One connection. Numbers of acknowledgements below :data:`OWN` are for who counts its own."""

    #: :meth:`call` numbers from here; the hot path counts from 1.
    OWN = 1_000_000_000

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        #: gets every event frame as it came
        self.heard: Callable[[bytes], None] = ignore
        #: gets number and frame of every acknowledgement that :meth:`call` does not wait for
        self.acked: Callable[[int, bytes], None] = _ignore_ack
        self.lost: Callable[[Client], None] = _ignore_loss
        self.sid = ""
        self._transport: WSTransport | None = None
        self._event = f"42{namespace},".encode()
        self._ack = f"43{namespace},".encode()
        self._ack_at = len(self._ack)
        self._next = self.OWN
        self._calls: dict[int, asyncio.Future[bytes]] = {}
        self._step: asyncio.Future[bytes] | None = None

    async def connect(self, url: str, auth: dict[str, Any], *, source: str | None = None) -> None:
        """WebSocket, handshake, CONNECT.

        ``url`` is ``http://host:port``; ``source`` a local address to come from.

        Raises:
            Refused: by the server, at whatever step.
            Lost: the connection ended on the way, or took longer than :data:`PATIENCE` for a step.
        """
        address = url.replace("http", "ws", 1).rstrip("/") + _PATH
        local = (source, 0) if source else None
        self._step = asyncio.get_running_loop().create_future()
        try:
            await ws_connect(
                lambda: self,
                address,
                websocket_handshake_timeout=PATIENCE,
                read_buffer_init_size=4096,
                local_addr=local,
            )
        except WSError as error:
            raise Refused(_first_line(error)) from error
        except (OSError, TimeoutError) as error:
            raise Lost(str(error)) from error
        await self._expect(b"0")
        await self._open_namespace(auth)

    async def _open_namespace(self, auth: dict[str, Any]) -> None:
        self._step = asyncio.get_running_loop().create_future()
        self.send(f"40{self.namespace},".encode() + orjson.dumps(auth))
        answer = await self._expect(b"4")
        body = orjson.loads(answer[answer.index(b"{") :])
        if answer[1:2] == b"4":
            self.close()
            data = body.get("data") or {}
            raise Refused(str(body.get("message")), str(data.get("code", "")))
        self.sid = body["sid"]

    async def _expect(self, kind: bytes) -> bytes:
        assert self._step is not None
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._step
        except TimeoutError as error:
            self.abort()
            raise Lost("no answer while connecting") from error
        finally:
            self._step = None
        if not answer.startswith(kind):
            self.abort()
            raise Refused(f"unexpected frame {answer[:60]!r}")
        return answer

    @property
    def open(self) -> bool:
        """Whether the connection is there."""
        return self._transport is not None and not self._transport.is_disconnected

    def send(self, frame: bytes) -> None:
        """Send one Engine.IO text frame as it is; into the void when the connection is gone."""
        if self._transport is not None:
            self._transport.send(_TEXT, frame)

    def emit(self, event: str, data: Any) -> None:
        """Send an event without asking for an acknowledgement."""
        self.send(self._event + orjson.dumps([event, data]))

    async def call(self, event: str, data: Any, patience: float = PATIENCE) -> Any:
        """Send an event; the ``data`` of its acknowledgement.

        Raises:
            Failed: it said ``ok: false``.
            Lost: the connection ended before, or no answer came in time.
        """
        if not self.open:
            raise Lost(f"{event}: not connected")
        number, self._next = self._next, self._next + 1
        waiting = self._calls[number] = asyncio.get_running_loop().create_future()
        self.send(self._event + b"%d" % number + orjson.dumps([event, data]))
        try:
            async with asyncio.timeout(patience):
                payload = await waiting
        except TimeoutError as error:
            raise Lost(f"{event}: no answer in {patience:g} s") from error
        finally:
            self._calls.pop(number, None)
        body = orjson.loads(payload[payload.index(b"[") :])
        answer = cast(dict[str, Any], body[0]) if body else {}
        if not answer.get("ok"):
            raise Failed(event, cast(dict[str, Any], answer.get("error") or {}))
        return answer.get("data")

    def event_of(self, payload: bytes) -> tuple[str, Any]:
        """Name and data of an event frame."""
        body = orjson.loads(payload[payload.index(b"[") :])
        return body[0], body[1] if len(body) > 1 else None

    def pause_reading(self) -> None:
        """Read nothing more: what is sent to us piles up at the sender."""
        if self._transport is not None:
            self._transport.underlying_transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.underlying_transport.resume_reading()

    def close(self) -> None:
        """End the connection politely."""
        if self.open:
            self.send(f"41{self.namespace},".encode())
            assert self._transport is not None
            self._transport.send_close()
            self._transport.disconnect()

    def abort(self) -> None:
        """Cut the connection, as a machine that dies."""
        if self._transport is not None:
            self._transport.disconnect(graceful=False)

    # what picows calls

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The WebSocket is there."""
        self._transport = transport

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame; ordered by how often it comes."""
        if frame.msg_type is not _TEXT:
            if frame.msg_type is WSMsgType.CLOSE:
                transport.disconnect()
            return
        payload = frame.get_payload_as_bytes()
        if payload.startswith(self._event):
            self.heard(payload)
        elif payload.startswith(self._ack):
            self._acknowledged(payload)
        elif payload == _PING:
            transport.send(_TEXT, _PONG)
        elif self._step is not None and not self._step.done():
            self._step.set_result(payload)
        elif payload.startswith((b"1", b"41")):
            transport.disconnect()

    def _acknowledged(self, payload: bytes) -> None:
        number = int(payload[self._ack_at : payload.index(b"[", self._ack_at)])
        if number < self.OWN:
            self.acked(number, payload)
        elif (waiting := self._calls.get(number)) is not None and not waiting.done():
            waiting.set_result(payload)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Whoever waits learns it."""
        for waiting in (self._step, *self._calls.values()):
            if waiting is not None and not waiting.done():
                waiting.set_exception(Lost("the connection ended"))
        self.lost(self)

    def pause_writing(self) -> None:
        """The server reads slower than we send; what is late shows in the histogram."""

    def resume_writing(self) -> None:
        """It reads again."""


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]
