"""What may come in at all, judged before stock parses it (https://socket.io/docs/v4/engine-io-protocol/).

Stock raises out of its handler at a packet that it cannot parse: a stack trace in the log for every frame of somebody who
plays, and a connection that nobody closes. It also tries to read any text as JSON, to any depth.
"""

import base64
import binascii
import re
from typing import Any

from aiohttp import web
from engineio.async_drivers import aiohttp as driver
from engineio.payload import Payload

from domain.errors import Code
from realtime.engine.application import Refusal

#: close, ping, pong, upgrade, noop; or a message, which for Socket.IO begins with the digit of its own packet type
_PACKET = re.compile(r"4[0-9]|[1235](?:probe)?\Z|6\Z")
_SEPARATOR = "\x1e"


def is_packet(text: str) -> bool:
    """Whether a client of Socket.IO may send this as one packet."""
    return _PACKET.match(text) is not None


def is_payload(body: bytes) -> bool:
    """Whether a client may POST this: some packets, binary ones in base64."""
    try:
        packets = body.decode().split(_SEPARATOR)
    except UnicodeDecodeError:
        return False
    return len(packets) <= Payload.max_decode_packets and all(
        is_packet(packet) or _is_binary(packet) for packet in packets
    )


async def judge_body(request: web.Request, limit: int) -> Refusal | None:
    """Why the body of a POST is not taken, or None."""
    if (request.content_length or 0) > limit:
        return Refusal(413, Code.PAYLOAD_TOO_LARGE, f"At most {limit} bytes at once.")
    if not is_payload(await request.read()):
        return Refusal(400, Code.INVALID_PAYLOAD, "This is not Engine.IO.")
    return None


def _is_binary(packet: str) -> bool:
    try:
        return packet.startswith("b") and bool(base64.b64decode(packet[1:], validate=True))
    except (binascii.Error, ValueError):
        return False


class WebSocket(driver.WebSocket):  # type: ignore[misc]  # the base class has no types
    """Ends at the first frame that is no packet, as if the transport had failed: stock then closes the connection."""

    async def wait(self) -> str | bytes:
        """The next frame.

        Raises:
            OSError: closed, or no packet.
        """
        frame: str | bytes = await super().wait()
        if isinstance(frame, str) and not is_packet(frame):
            raise OSError("not an Engine.IO packet")
        return frame


class _Body:
    """The body of a request that was read before, where stock expects a stream."""

    def __init__(self, request: web.Request) -> None:
        self._request = request

    async def read(self, length: int) -> bytes:
        return (await self._request.read())[:length]


def _translate(request: web.Request) -> dict[str, Any]:
    environ: dict[str, Any] = driver.translate_request(request)
    return {**environ, "wsgi.input": _Body(request)}


#: Stock's table of what depends on the web framework.
DRIVER = {**driver._async, "websocket": WebSocket, "translate_request": _translate}
