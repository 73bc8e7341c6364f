"""The serializer of a server: :mod:`realtime.engine.packets`, or a packet class or ``json`` that the program chose.

python-socketio lets a program bring its own (msgpack, say). Then its class encodes and decodes, and we only carry bytes.
"""

from typing import Any

from socketio import packet as stock

from realtime.engine import packets
from realtime.engine.frames import Frame
from realtime.engine.packets import Malformed, Packet
from realtime.engine.session import binary_frame


class Codec:
    """Packets of one server."""

    def __init__(self, packet_class: Any, *, own_json: bool) -> None:
        """``own_json``: the program brought a ``json`` of its own."""
        self._packet_class = packet_class
        #: whether it is the one of :mod:`realtime.engine.packets`
        self.ours = packet_class is stock.Packet and not own_json

    def encode(self, namespace: str, args: list[Any], ack_id: int | None, kind: int = packets.EVENT) -> Frame:
        """An EVENT or ACK."""
        if not self.ours:
            return self.framed(self._packet_class(kind, data=args, namespace=namespace, id=ack_id))
        if kind == packets.EVENT:
            return packets.event(namespace, args, ack_id)
        return packets.ack(namespace, ack_id or 0, args)

    def connected(self, namespace: str, sid: str) -> Frame:
        """The reply to an accepted CONNECT."""
        if self.ours:
            return packets.connected(namespace, sid)
        return self._about(namespace, packets.CONNECT, {"sid": sid})

    def connect_error(self, namespace: str, error: Any) -> Frame:
        """The reply to a refused CONNECT."""
        if self.ours:
            return packets.connect_error(namespace, error)
        return self._about(namespace, packets.CONNECT_ERROR, error)

    def disconnect(self, namespace: str, reason: Any = None) -> Frame:
        """The DISCONNECT of a namespace."""
        if self.ours:
            return packets.disconnect(namespace, reason)
        return self._about(namespace, packets.DISCONNECT, reason)

    def framed(self, packet: Any) -> Frame:
        """A packet of the program's class."""
        encoded = packet.encode()
        return binary_frame(encoded) if isinstance(encoded, bytes) else packets.stock_frame(packet)

    def decode_text(self, text: bytes) -> Packet:
        """Read a text message, with Engine.IO's type in front.

        Raises:
            Malformed: it is no packet.
        """
        if self.ours:
            return packets.parse(text)
        try:
            return self.decode(text[1:].decode())
        except UnicodeDecodeError as error:
            raise Malformed("text") from error

    def decode(self, encoded: str | bytes) -> Packet:
        """Read a packet of the program's class.

        Raises:
            Malformed: it is none.
        """
        try:
            found = self._packet_class(encoded_packet=encoded)
        except Exception as error:
            raise Malformed("packet") from error
        return Packet(found.packet_type, found.namespace or "/", found.id, found.data, found.attachment_count)

    def _about(self, namespace: str, kind: int, data: Any) -> Frame:
        return self.framed(self._packet_class(kind, data=data, namespace=namespace))
