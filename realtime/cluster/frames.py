"""Signals on their way from one process to another, as bytes.

A frame is a JSON list, a tab, and the arguments of the ``live-signal`` event as the receiving socket will be told them: as the
client encoded them, or encoded once by the sending process. The receiver reads the list and passes the rest on as it came.
A frame has no line break, and JSON has none inside a text, so only a client that breaks lines between tokens is encoded anew.
A frame of a scheduled session begins with :data:`OF_A_SESSION`; all else about it is the same.
"""

from typing import NamedTuple

import orjson

from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.ids import SessionId
from signaling.relay import Candidate, Description, DescriptionType, Signal
from signaling.seats import Numbered

#: How the receiver's bookkeeping sees a signal: it follows what kind it is, the text goes by untouched.
_KINDS: dict[str, Signal] = {
    "candidate": Candidate(""),
    **{kind.value: Description(kind, "") for kind in DescriptionType},
}
_SIDES = {side.value: side for side in Side}
#: Before the frame of a signal that belongs to ``/video``.
OF_A_SESSION = b"v"


class SignalFrame(NamedTuple):
    """One numbered signal: of which call, for which side and socket, by whom."""

    session_id: SessionId
    to: Side
    by: SocketRef
    sid: str
    numbered: Numbered
    #: the event's arguments, encoded
    args: bytes


def is_signal(frame: bytes) -> bool:
    """Whether a frame of an inbox is one of these, of a call; all others but those of sessions are JSON objects."""
    return frame[:1] == b"["


def is_of_a_session(frame: bytes) -> bool:
    """Whether it is one of these, of a session."""
    return frame[:1] == OF_A_SESSION


def encode(
    session_id: SessionId,
    to: Side,
    by: SocketRef,
    sid: str,
    numbered: Numbered,
    args: bytes,
    mark: bytes = b"",
) -> bytes:
    """The frame of a signal; ``args`` is what the socket ``sid`` will be told, without a line break.

    ``mark`` is :data:`OF_A_SESSION`, or nothing for a call.
    """
    signal = numbered.signal
    kind = "candidate" if isinstance(signal, Candidate) else signal.type.value
    head = [
        session_id, to.value, by.process, by.sid, sid, numbered.n, numbered.before, numbered.epoch, kind,
    ]  # fmt: skip
    return b"%b%b\t%b" % (mark, orjson.dumps(head), args)


def decode(frame: bytes) -> SignalFrame:
    """The frame of :func:`encode`, with or without its mark.

    Raises:
        ValueError, KeyError, TypeError: it is none. What is in ``args`` is only looked at as far as it must be for nothing
            worse than a wrong event to reach a browser.
    """
    head, _, args = frame.removeprefix(OF_A_SESSION).partition(b"\t")
    session_id, to, process, by, sid, n, before, epoch, kind = orjson.loads(head)
    if not (isinstance(n, int) and isinstance(before, int) and isinstance(epoch, int)):
        raise TypeError("numbers are integers")
    if args[:1] != b"[" or args[-1:] != b"]":
        raise ValueError("no arguments of an event")
    args.decode()
    numbered = Numbered(n, epoch, _KINDS[kind], before)
    return SignalFrame(session_id, _SIDES[to], SocketRef(process, by), sid, numbered, args)
