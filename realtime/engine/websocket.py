"""The WebSocket transport: aiohttp's handshake and frame parser, and nothing else of it.

aiohttp keeps two tasks, a request, an HTTP parser and a queue for every WebSocket, and a task takes messages from that queue
one by one. Here a connection leaves aiohttp right after the handshake: its transport gets a protocol of ours, in which a
message is handled in the call that brought its last byte, and aiohttp forgets the request (docs/decisions/0025-engine.md).
This is the only module that touches the inside of aiohttp.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.http import WebSocketError

from realtime.engine.frames import close_frame, pong_frame

log = logging.getLogger(__name__)

#: Seconds between asking a client to close and cutting it off.
CLOSE_GRACE = 2.0

#: Bytes that the system may keep unsent for a client that does not read. Unbounded it is megabytes for each (`tcp_wmem`), every
#: write a copy into fresh memory of the system; here all of them wait for the same bytes, and are bounded and shed.
UNSENT = 64 * 1024

_NORMAL, _PROTOCOL_ERROR = 1000, 1002
_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY


def _nothing(_: bytes) -> bool:
    """Nobody asked for messages yet."""
    return False


class WebSocket(WebSocketDataQueue, asyncio.Protocol):
    """One connection; ``gone`` hears once that it ended.

    It is the queue into which aiohttp's parser puts messages, so these need not be taken from it. The queue's own ``__init__``
    is not called: there is nothing to keep.
    """

    def __init__(self, gone: Callable[[], None], max_message: int) -> None:
        #: gets text messages; False: this is none of ours
        self.text: Callable[[bytes], bool] = _nothing
        self.binary: Callable[[bytes], object] = _nothing
        #: what to do then
        self.malformed: Callable[[], None] = self.hang_up
        #: the transport takes more again
        self.writable: Callable[[], None] | None = None
        #: the transport cannot take more
        self.paused = False
        self.transport: asyncio.Transport | None = None
        self._parser = WebSocketReader(self, max_message + 1, False, False)
        self._gone: Callable[[], None] | None = gone
        self._said_goodbye = False
        self._cutoff: asyncio.TimerHandle | None = None
        #: what came with the handshake
        self._early = b""
        #: the answer to the last ping that came while the transport could not take it
        self._pong: bytes | None = None

    # --- the beginning ------------------------------------------------------------------------------------------------

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Answer the handshake and take the connection over. What came with it waits for :meth:`listen`.

        Raises:
            aiohttp.web.HTTPBadRequest: this is no handshake.
            ConnectionError: the client left meanwhile.
        """
        response = _Handshake(compress=False)
        await response.prepare(request)
        self._early = _take_over(request, self)
        return response

    def listen(self) -> None:
        """Handle what came with the handshake."""
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    # --- out ----------------------------------------------------------------------------------------------------------

    def push(self, wire: bytes) -> None:
        """Hand bytes to the transport."""
        if self.open:
            self.write(wire)

    @property
    def write(self) -> Callable[[bytes], None]:
        """The transport's own ``write``, for as long as :attr:`open`."""
        if self.transport is None:
            raise ConnectionResetError("the connection is gone")
        return self.transport.write

    @property
    def open(self) -> bool:
        """Whether something can be written."""
        return self.transport is not None and not self.transport.is_closing()

    # --- in -----------------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def feed_data(self, message: Any, size: int) -> None:
        """One message of the parser, which is compiled and cannot pass an exception on."""
        kind = message[0]
        try:
            if kind is _TEXT:
                if not self.text(message[1]):
                    self.malformed()
            elif kind is _BINARY:
                self.binary(message[1])
            else:
                self._control(message)
        except Exception:
            log.exception("a message could not be handled")
            self.cut_off()

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """The parser met what is no WebSocket, and takes nothing any more: there is no answer to wait for."""
        self.hang_up(exc.code if isinstance(exc, WebSocketError) else _PROTOCOL_ERROR)
        self._close()

    def _control(self, message: Any) -> None:
        if message.type is WSMsgType.PING:
            pong = pong_frame(bytes(message.data))
            if self.paused:
                self._pong = (
                    pong  # the last one is enough (RFC 6455, 5.5.3), and all of them would be without bound
                )
            else:
                self.push(pong)
        elif message.type is WSMsgType.CLOSE:
            if not self._said_goodbye:
                self._said_goodbye = True
                self.push(close_frame(message.data if message.data >= _NORMAL else _NORMAL))
            self._close()

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False
        pong, self._pong = self._pong, None
        if pong is not None:
            self.push(pong)
        if self.writable is not None:
            self.writable()

    # --- the end ------------------------------------------------------------------------------------------------------

    def hang_up(self, code: int = _NORMAL) -> None:
        """Say goodbye; whoever does not answer is cut off."""
        if self._said_goodbye:
            return
        self._said_goodbye = True
        if not self.open:
            self._over()
            return
        self.push(close_frame(code))
        self._cut_off_later()

    def cut_off(self) -> None:
        """End the connection, whatever still waits to be sent."""
        if self.transport is not None:
            self.transport.abort()
        self._over()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.transport = None
        if self._cutoff is not None:
            self._cutoff.cancel()
            self._cutoff = None
        self._over()

    def _close(self) -> None:
        """Both sides have said all: end the connection once what waits is sent."""
        if self.transport is not None:
            self.transport.close()
            if self.transport.get_write_buffer_size():
                self._cut_off_later()  # a client that does not read would keep the connection for ever
        self._over()

    def _cut_off_later(self) -> None:
        if self._cutoff is None:
            self._cutoff = asyncio.get_running_loop().call_later(CLOSE_GRACE, self.cut_off)

    def _over(self) -> None:
        """Nothing comes any more."""
        gone, self._gone = self._gone, None
        if gone is not None:
            # These close a circle of references that only the garbage collector could open.
            self.text, self.binary, self.malformed, self.writable = _nothing, _nothing, _ignored, None
            gone()


def _ignored() -> None:
    """What comes after the end is nobody's."""


class _Handshake(web.WebSocketResponse):
    """The 101 of a connection that aiohttp does not keep."""

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: Any) -> None:
        self._writer = writer

    async def write_eof(self, data: bytes = b"") -> None:
        self._eof_sent = True


def _take_over(request: web.Request, heir: WebSocket) -> bytes:
    """Give the connection of a request to ``heir``; what aiohttp had read of it already.

    For aiohttp the connection is lost: it ends its tasks and lets go of everything it kept.

    Raises:
        ConnectionResetError: it is lost indeed.
    """
    aiohttp_protocol, transport = request.protocol, request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client left during the handshake")
    early: bytes = aiohttp_protocol._message_tail
    transport.set_protocol(heir)
    heir.transport = transport
    _bound(transport)
    aiohttp_protocol.transport = None
    aiohttp_protocol.connection_lost(None)
    if not transport.is_reading():  # held back because of what came early
        transport.resume_reading()
    return early


def _bound(transport: asyncio.Transport) -> None:
    """Let the transport be full once the system has :data:`UNSENT` bytes that it could not send yet.

    TCP_NOTSENT_LOWAT: https://docs.kernel.org/networking/ip-sysctl.html (tcp_notsent_lowat).
    """
    with suppress(AttributeError, OSError):  # this system has no such option; this is no TCP socket
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
