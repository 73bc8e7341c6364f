"""Socket.IO packets as text (https://socket.io/docs/v4/socket-io-protocol/), encoded once and sent to many."""

import orjson
from socketio import packet as socketio_packet

from realtime.engine import json
from realtime.engine.outgoing import Outgoing

#: No event of ours carries a binary attachment; a few are read so that their sender gets a proper refusal.
MAX_ATTACHMENTS = 4


class Packet(socketio_packet.Packet):  # type: ignore[misc]  # the base class has no types
    """Stock packets, with orjson for this class alone: the stock setting is one for the whole process."""

    json = json


def event(
    namespace: str, name: str, data: object, *, droppable: bool = False, control: bool = False
) -> Outgoing:
    """An EVENT with one argument."""
    body = orjson.dumps([name, data]).decode()
    return Outgoing(f"2{namespace},{body}", droppable=droppable, control=control)


def event_with_ack(namespace: str, ack_id: int, name: str, data: object) -> Outgoing:
    """An EVENT that wants an answer."""
    return Outgoing(f"2{namespace},{ack_id}{orjson.dumps([name, data]).decode()}")


def ack(namespace: str, ack_id: int, data: object) -> Outgoing:
    """An ACK with one argument."""
    return Outgoing(f"3{namespace},{ack_id}{orjson.dumps([data]).decode()}")


def connected(namespace: str, sid: str) -> Outgoing:
    """The reply to an accepted CONNECT."""
    return Outgoing(f"0{namespace},{orjson.dumps({'sid': sid}).decode()}", control=True)


def connect_error(namespace: str, message: str, data: dict[str, object]) -> Outgoing:
    """The reply to a refused CONNECT."""
    body = orjson.dumps({"message": message, "data": data}).decode()
    return Outgoing(f"4{namespace},{body}", control=True)


def disconnect(namespace: str) -> Outgoing:
    """The server takes the namespace away; stock clients do not come back by themselves."""
    return Outgoing(f"1{namespace},", control=True)
