"""HTTP long polling: packets in the bodies of POSTs, and frames in those of GETs."""

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING

from aiohttp import web

from realtime.engine.frames import SEPARATOR
from realtime.engine.session import Session, State

if TYPE_CHECKING:
    from realtime.engine.transport import EngineIO

#: Seconds that the body of a POST may take; what comes slower would hold its connection long after the session is gone.
POST_TIMEOUT = 60.0

#: The reference implementation's table (engine.io, ``Server.errors``).
TRANSPORT_UNKNOWN = (0, "Transport unknown")
SID_UNKNOWN = (1, "Session ID unknown")
BAD_METHOD = (2, "Bad handshake method")
BAD_REQUEST = (3, "Bad request")
BAD_VERSION = (5, "Unsupported protocol version")


class Polling:
    """Answers the GETs and POSTs of sessions that are there."""

    def __init__(self, engine: "EngineIO") -> None:
        self._engine = engine

    async def answer(self, session: Session, request: web.Request) -> web.StreamResponse:
        """One request of a session without a WebSocket."""
        if request.method == "GET":
            return await self._poll(session)
        if request.method == "POST":
            return await self._post(session, request)
        return refusal(BAD_METHOD)

    async def _poll(self, session: Session) -> web.StreamResponse:
        engine = self._engine
        if session.polling:
            session.end(engine.reason.TRANSPORT_ERROR)
            engine.discard(session)
            return refusal(BAD_REQUEST)
        body = await session.poll()
        if session.state is not State.OPEN:
            engine.discard(session)  # that was the last it had to say
        return self.response(body)

    async def _post(self, session: Session, request: web.Request) -> web.StreamResponse:
        engine = self._engine
        if session.state is not State.OPEN:
            return refusal(BAD_REQUEST)
        if session.posting:
            engine.malformed(session)
            return refusal(BAD_REQUEST)
        session.posting = True
        try:
            async with asyncio.timeout(POST_TIMEOUT):
                body = await _read(request, engine.max_http_buffer_size)
        except TimeoutError:
            engine.malformed(session)
            return refusal(BAD_REQUEST)
        finally:
            session.posting = False
        if body is None:
            engine.malformed(session)
            return refusal((3, "Payload too large"), status=413)
        for packet in body.split(SEPARATOR):
            if session.state is not State.OPEN:
                break
            if not _received(session, packet):
                engine.malformed(session)
                return refusal(BAD_REQUEST)
        return web.Response(text="ok", content_type="text/html")

    def response(self, body: bytes) -> web.Response:
        """Frames as a client gets them."""
        response = web.Response(body=body, content_type="text/plain", charset="utf-8")
        if self._engine.http_compression and len(body) >= self._engine.compression_threshold:
            response.enable_compression()
        return response


def refusal(error: tuple[int, str], status: int = 400) -> web.Response:
    """Why there is no other answer."""
    code, message = error
    return web.json_response({"code": code, "message": message}, status=status)


def _received(session: Session, packet: bytes) -> bool:
    if not packet.startswith(b"b"):
        # A text frame of a WebSocket is known to be UTF-8 where its JSON is read; a body is checked here.
        return (packet.isascii() or _is_utf8(packet)) and session.receive_text(packet)
    try:
        session.receive_binary(base64.b64decode(packet[1:], validate=True))
    except binascii.Error:
        return False
    return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _read(request: web.Request, limit: int) -> bytes | None:
    """The body, or None when it is larger than allowed, whatever its headers say."""
    body = bytearray()
    if (request.content_length or 0) > limit:
        return None
    while chunk := await request.content.read(limit + 1):
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
