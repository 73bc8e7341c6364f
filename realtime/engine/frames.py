"""What goes out, encoded once for every receiver and every transport.

A server's WebSocket frames carry no mask, and we negotiate no compression, so the bytes on the wire are the same for all
receivers: a broadcast builds them once and each delivery is one ``transport.write``.
"""

import base64
import struct
from collections.abc import Sequence

_TEXT, _BINARY, _CLOSE, _PONG = 0x81, 0x82, 0x88, 0x8A
_MEDIUM = struct.Struct("!BBH").pack
_LONG = struct.Struct("!BBQ").pack

#: Between two packets of one polling body (https://socket.io/docs/v4/engine-io-protocol/#http-long-polling-1).
SEPARATOR = b"\x1e"


def websocket_frame(first: int, payload: bytes) -> bytes:
    """One unfragmented, unmasked frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((first, size)) + payload
    if size < 65536:
        return _MEDIUM(first, 126, size) + payload
    return _LONG(first, 127, size) + payload


def close_frame(code: int) -> bytes:
    """The WebSocket's own goodbye."""
    return websocket_frame(_CLOSE, code.to_bytes(2, "big"))


def pong_frame(payload: bytes) -> bytes:
    """The answer to a WebSocket ping, which is not Engine.IO's."""
    return websocket_frame(_PONG, payload)


class Frame:
    """One Engine.IO packet, or one Socket.IO packet with its attachments: what must neither be split nor reordered.

    One instance may wait in many buffers at once.
    """

    __slots__ = ("attachments", "control", "droppable", "text", "wire")

    def __init__(
        self,
        text: bytes,
        attachments: Sequence[bytes] = (),
        droppable: bool = False,
        control: bool = False,
    ) -> None:
        """``text`` begins with Engine.IO's packet type; ``control``: taken even by a full buffer."""
        self.text = text
        self.attachments = attachments
        self.droppable = droppable
        self.control = control
        size = len(text)
        # The common case of websocket_frame(), without a call.
        self.wire = _MEDIUM(_TEXT, 126, size) + text if 125 < size < 65536 else websocket_frame(_TEXT, text)
        if attachments:
            self.wire += b"".join(websocket_frame(_BINARY, one) for one in attachments)

    def polled(self) -> bytes:
        """The same in the body of a poll: binary in base64."""
        if not self.attachments:
            return self.text
        return SEPARATOR.join([self.text, *map(encode_base64, self.attachments)])


class BinaryFrame(Frame):
    """One binary Engine.IO message."""

    __slots__ = ()

    def __init__(self, data: bytes) -> None:
        self.text, self.attachments = data, ()
        self.droppable = self.control = False
        self.wire = websocket_frame(_BINARY, data)

    def polled(self) -> bytes:
        return encode_base64(self.text)


def encode_base64(data: bytes) -> bytes:
    """A binary message where only text can go."""
    return b"b" + base64.b64encode(data)


#: Engine.IO's own packets (https://socket.io/docs/v4/engine-io-protocol/#protocol).
CLOSE = Frame(b"1", control=True)
PING = Frame(b"2", control=True)
PROBED = Frame(b"3probe", control=True)
NOOP = Frame(b"6", control=True)
