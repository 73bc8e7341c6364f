"""The WebSocket transport, on aiohttp's handshake, parser and transport, without a task that reads.

aiohttp parses frames into a queue, from which a task takes them one by one. Here the queue *is* the reader: a message is
handled in the call in which its last byte arrived (measured: see docs/decisions). This is the only module that touches
the inside of ``aiohttp.web_ws``.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.http import WebSocketError

from realtime.engine.frames import close_frame, pong_frame

log = logging.getLogger(__name__)

#: Seconds between asking a client to close and cutting it off.
CLOSE_GRACE = 2.0

_NORMAL, _PROTOCOL_ERROR = 1000, 1002
_TEXT, _BINARY = WSMsgType.TEXT, WSMsgType.BINARY


def _nothing(_: bytes) -> bool:
    """Nobody asked for messages yet."""
    return False


class WebSocket(web.WebSocketResponse):
    """One connection; ``gone`` hears once that it ended."""

    def __init__(self, gone: Callable[[], None], max_message: int) -> None:
        super().__init__(compress=False, max_msg_size=max_message + 1, decode_text=False)
        #: gets text messages; False: this is none of ours
        self.text: Callable[[bytes], bool] = _nothing
        self.binary: Callable[[bytes], object] = _nothing
        #: what to do then
        self.malformed: Callable[[], None] = self.hang_up
        self._gone: Callable[[], None] | None = gone
        self.protocol: Any = None
        self._said_goodbye = False
        self._cutoff: asyncio.TimerHandle | None = None
        self._finished: asyncio.Future[None] | None = None

    def _post_start(self, request: web.BaseRequest, protocol: str | None, writer: Any) -> None:
        """Instead of aiohttp's: our inlet where its queue would be."""
        self._ws_protocol, self._writer = protocol, writer
        self.protocol = request.protocol
        self._finished = asyncio.get_running_loop().create_future()
        self._inlet = _Inlet(self)
        self._parser = WebSocketReader(self._inlet, self._max_msg_size, False, False)
        request.protocol.keep_alive(False)

    def listen(self) -> None:
        """Take what comes, and what came with the handshake."""
        self.protocol.set_parser(self._parser)

    async def serve(self) -> None:
        """Return once the connection is over."""
        if self._finished is not None:
            await self._finished

    def push(self, wire: bytes) -> None:
        """Hand bytes to the transport."""
        transport = self.protocol.transport
        if transport is not None and not transport.is_closing():
            transport.write(wire)

    @property
    def direct(self) -> Callable[[bytes], None]:
        """The transport's own ``write``, for as long as :attr:`open`."""
        write: Callable[[bytes], None] = self.protocol.transport.write
        return write

    @property
    def open(self) -> bool:
        """Whether something can be written."""
        transport = self.protocol.transport
        return transport is not None and not transport.is_closing()

    def hang_up(self, code: int = _NORMAL) -> None:
        """Say goodbye; whoever does not answer is cut off."""
        if self._said_goodbye:
            return
        self._said_goodbye = True
        if not self.open:
            self.over()
            return
        self.push(close_frame(code))
        self._cutoff = asyncio.get_running_loop().call_later(CLOSE_GRACE, self.cut_off)

    def cut_off(self) -> None:
        """End the connection, whatever still waits to be sent."""
        transport = self.protocol.transport
        if transport is not None:
            transport.abort()
        self.over()

    def over(self) -> None:
        """Nothing comes any more."""
        if self._cutoff is not None:
            self._cutoff.cancel()
            self._cutoff = None
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()
        if self._finished is not None and not self._finished.done():
            self._finished.set_result(None)

    async def write_eof(self, data: bytes = b"") -> None:
        """aiohttp's end of a response; ours was said in :meth:`hang_up`."""
        self._eof_sent = True

    def _cancel(self, exc: BaseException) -> None:
        """aiohttp gives the request up: the connection was lost, or the server stops."""
        self.over()

    def control(self, message: Any) -> None:
        """A frame of the WebSocket's own."""
        if message.type is WSMsgType.PING:
            self.push(pong_frame(bytes(message.data)))
        elif message.type is WSMsgType.CLOSE:
            if not self._said_goodbye:
                self._said_goodbye = True
                self.push(close_frame(message.data if message.data >= _NORMAL else _NORMAL))
            if self.protocol.transport is not None:
                self.protocol.transport.close()
            self.over()


class _Inlet(WebSocketDataQueue):
    """Where aiohttp's parser puts messages. Its own ``__init__`` would make a queue that nobody reads."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    def feed_data(self, message: Any, size: int) -> None:
        # Called by compiled code that cannot pass an exception on.
        websocket, kind = self._websocket, message[0]
        try:
            if kind is _TEXT:
                if not websocket.text(message[1]):
                    websocket.malformed()
            elif kind is _BINARY:
                websocket.binary(message[1])
            else:
                websocket.control(message)
        except Exception:
            log.exception("a message could not be handled")
            websocket.cut_off()

    def feed_eof(self) -> None:
        self._websocket.over()

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        # The parser takes nothing any more, so there is no answer to wait for.
        self._websocket.hang_up(exc.code if isinstance(exc, WebSocketError) else _PROTOCOL_ERROR)
        self._websocket.over()
