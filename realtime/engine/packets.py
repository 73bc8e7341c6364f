"""Socket.IO packets (https://socket.io/docs/v4/socket-io-protocol/), from bytes and to frames.

The hot path knows orjson only. Whatever orjson cannot encode (bytes, which become attachments; integers beyond 64 bits;
types of its own refusal) takes python-socketio's own encoder, so that every value a stock server can send can be sent.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson
from socketio import packet as stock

from realtime.engine.frames import Frame

CONNECT: Final = 0
DISCONNECT: Final = 1
EVENT: Final = 2
ACK: Final = 3
CONNECT_ERROR: Final = 4
BINARY_EVENT: Final = 5
BINARY_ACK: Final = 6

#: Names that Socket.IO gives a meaning of its own; no client may send them.
RESERVED = frozenset(
    {"connect", "disconnect", "connect_error", "error", "disconnecting", "newListener", "removeListener"}
)

#: Far beyond what anybody sends, and short enough that a number is not an attack.
_ID_DIGITS = 16
#: python-socketio's own decoder allows ten digits; more attachments than this are somebody playing.
MAX_ATTACHMENTS = 1024


class Malformed(ValueError):
    """This is not Socket.IO: its sender is closed, as in the reference implementation."""


@dataclass(slots=True)
class Packet:
    """One packet as it came."""

    kind: int
    namespace: str
    id: int | None
    data: Any
    #: how many are still to come
    attachments: int = 0


def parse(text: bytes) -> Packet:
    """Read a packet that follows Engine.IO's message type ``4``.

    Raises:
        Malformed: it is none.
    """
    kind = text[1] - 48 if len(text) > 1 else -1
    if not CONNECT <= kind <= BINARY_ACK:
        raise Malformed("packet type")
    at, attachments = 2, 0
    if kind >= BINARY_EVENT:
        at, attachments = _attachments(text)
    namespace = "/"
    if text[at : at + 1] == b"/":
        namespace, at = _namespace(text, at)
    start = at
    while at - start <= _ID_DIGITS and text[at : at + 1].isdigit():
        at += 1
    if at - start > _ID_DIGITS:
        raise Malformed("acknowledgement id")
    ack_id = int(text[start:at]) if at > start else None
    try:
        data = orjson.loads(text[at:]) if at < len(text) else None
    except ValueError as error:
        raise Malformed("JSON") from error
    _check(kind, ack_id, data)
    return Packet(kind, namespace, ack_id, data, attachments)


def split_event(text: bytes) -> tuple[str, int | None, bytes]:
    """Take ``42/namespace,id[…]`` apart: the packet that comes a thousand times as often as all others.

    Returns the namespace, the id, and the arguments as they came, for :func:`event_args` or another reader of JSON.

    Raises:
        Malformed: it is none.
    """
    namespace, at = "/", 2
    if text[2:3] == b"/":
        comma = text.find(b",", 2)
        if comma < 0:
            raise Malformed("namespace")
        namespace, at = _name(text[2:comma]), comma + 1
    body = text.find(b"[", at)
    if body < 0:
        raise Malformed("payload")
    ack_id = None
    if body > at:
        digits = text[at:body]
        if len(digits) > _ID_DIGITS or not digits.isdigit():
            raise Malformed("acknowledgement id")
        ack_id = int(digits)
    return namespace, ack_id, text[body:]


def event_args(raw: bytes) -> list[Any]:
    """The arguments of an event, its name first.

    Raises:
        Malformed: this is no such JSON.
    """
    try:
        data = orjson.loads(raw)
    except ValueError as error:
        raise Malformed("JSON") from error
    if not data or not isinstance(data, list):
        raise Malformed("event without a name")
    return data


def _check(kind: int, ack_id: int | None, data: Any) -> None:
    """The shapes of the protocol document, by type."""
    if kind in (EVENT, BINARY_EVENT):
        sound = isinstance(data, list) and bool(data)
    elif kind in (ACK, BINARY_ACK):
        sound = isinstance(data, list) and ack_id is not None
    elif kind == CONNECT:
        sound = True  # what an ``auth`` should look like is the program's to say, and so is how it is refused
    else:  # a CONNECT_ERROR is for servers to send
        sound = kind == DISCONNECT and data is None
    if not sound:
        raise Malformed("payload")


def _attachments(text: bytes) -> tuple[int, int]:
    dash = text.find(b"-", 2, 8)
    count = text[2:dash]
    if dash < 0 or not count.isdigit() or int(count) > MAX_ATTACHMENTS:
        raise Malformed("attachments")
    return dash + 1, int(count)


def _namespace(text: bytes, at: int) -> tuple[str, int]:
    comma = text.find(b",", at)
    if comma < 0:
        return _name(text[at:]), len(text)
    return _name(text[at:comma]), comma + 1


@lru_cache(maxsize=32)  # as with head()
def _name(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError as error:
        raise Malformed("namespace") from error
    return name.partition("?")[0] if "?" in name else name


def insert(data: Any, attachments: list[bytes]) -> Any:
    """Put attachments where their placeholders are.

    Raises:
        Malformed: a placeholder for an attachment that is not there, or nested deeper than we can follow.
    """
    try:
        return stock.Packet.reconstruct_binary(data, attachments)
    except (IndexError, TypeError, RecursionError) as error:
        raise Malformed("placeholder") from error


# --- out ----------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)  # some of these names come from clients, and may be long
def head(kind: int, namespace: str) -> bytes:
    """What stands before an id and the JSON, with Engine.IO's message type in front."""
    return f"4{kind}{'' if namespace == '/' else namespace + ','}".encode()


def event(namespace: str, args: list[Any], ack_id: int | None = None, *, droppable: bool = False) -> Frame:
    """An EVENT, or a BINARY_EVENT when there are bytes in it; ``args`` begins with the name."""
    return _frame(EVENT, namespace, args, ack_id, droppable)


def encoded_event(namespace: str, args: bytes) -> Frame:
    """An EVENT whose arguments are JSON already: ``["name",…]``."""
    return Frame(head(EVENT, namespace) + args)


def ack(namespace: str, ack_id: int, args: list[Any]) -> Frame:
    """An ACK, or a BINARY_ACK."""
    return _frame(ACK, namespace, args, ack_id)


def connected(namespace: str, sid: str) -> Frame:
    """The reply to an accepted CONNECT."""
    return Frame(head(CONNECT, namespace) + orjson.dumps({"sid": sid}), control=True)


def connect_error(namespace: str, error: Any) -> Frame:
    """The reply to a refused CONNECT; ``error`` is ``{message, data?}``."""
    return Frame(head(CONNECT_ERROR, namespace) + _dumps(error), control=True)


def disconnect(namespace: str, reason: Any = None) -> Frame:
    """The server takes the namespace away; stock clients do not come back by themselves."""
    body = b"" if reason is None else _dumps(reason)
    return Frame(head(DISCONNECT, namespace) + body, control=True)


def _frame(kind: int, namespace: str, args: list[Any], ack_id: int | None, droppable: bool = False) -> Frame:
    try:
        body = orjson.dumps(args, None, orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return stock_frame(stock.Packet(kind, data=args, namespace=namespace, id=ack_id))
    if ack_id is None:
        return Frame(head(kind, namespace) + body, (), droppable)
    return Frame(b"%b%d%b" % (head(kind, namespace), ack_id, body))


def _dumps(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        text: str = stock.Packet.json.dumps(value, separators=(",", ":"))
        return text.encode()


def stock_frame(packet: Any) -> Frame:
    """A packet of python-socketio's own classes, encoded by them."""
    encoded = packet.encode()
    text, *attachments = encoded if isinstance(encoded, list) else [encoded]
    return Frame(b"4" + text.encode(), [bytes(one) for one in attachments])
