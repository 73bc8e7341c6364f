"""The WebSocket over a transport of our own: what a client that does not read can make us keep."""

import asyncio
import struct
from typing import Any

from realtime.engine import websocket
from realtime.engine.frames import close_frame, pong_frame
from realtime.engine.websocket import WebSocket


class FakeTransport:
    """Keeps what is written; ``stuck``: the client reads nothing of it."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.stuck = self.closing = False
        self.aborted = asyncio.Event()

    def write(self, wire: bytes) -> None:
        self.written.append(wire)

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return sum(map(len, self.written)) if self.stuck else 0

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True
        self.aborted.set()


def opened(limit: int = 1_000) -> tuple[WebSocket, FakeTransport, list[str]]:
    gone: list[str] = []
    carrier, transport = WebSocket(lambda: gone.append("gone"), limit), FakeTransport()
    fake: Any = transport
    carrier.transport = fake
    return carrier, transport, gone


def masked(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + struct.pack("!H", size)
    return bytes(((0x80 if final else 0) | opcode,)) + length + bytes(4) + payload


async def test_messages_arrive_in_the_call_that_brings_them() -> None:
    carrier, _, gone = opened()
    heard: list[bytes] = []
    carrier.text = lambda data: heard.append(data) is None
    carrier.binary = heard.append
    wire = masked(1, b"4a", final=False) + masked(9, b"") + masked(0, b"b") + masked(2, b"\xff")
    for at in range(len(wire)):
        carrier.data_received(wire[at : at + 1])

    assert heard == [b"4ab", b"\xff"]
    assert gone == []


async def test_pings_of_a_client_that_does_not_read_cost_one_pong() -> None:
    carrier, transport, _ = opened()
    carrier.data_received(masked(9, b"hello"))
    assert transport.written == [pong_frame(b"hello")]

    carrier.pause_writing()
    for number in range(1_000):
        carrier.data_received(masked(9, b"%d" % number))
    assert len(transport.written) == 1
    carrier.resume_writing()

    assert transport.written[1:] == [pong_frame(b"999")]


async def test_whoever_says_goodbye_but_does_not_read_is_cut_off(monkeypatch: Any) -> None:
    monkeypatch.setattr(websocket, "CLOSE_GRACE", 0)
    for last in (masked(8, b"\x03\xe8"), b"\x83\x00"):  # a close, and what is no WebSocket
        carrier, transport, gone = opened()
        transport.stuck = True
        carrier.data_received(last)
        assert gone == ["gone"]
        assert not transport.aborted.is_set()
        await asyncio.wait_for(transport.aborted.wait(), 20)
        carrier.connection_lost(None)
        assert gone == ["gone"]


async def test_a_close_is_answered_once_and_nothing_is_heard_after_it() -> None:
    carrier, transport, gone = opened()
    heard: list[bytes] = []
    carrier.text = lambda data: heard.append(data) is None
    carrier.data_received(masked(8, b"\x03\xe8") + masked(8, b"\x03\xe8") + masked(1, b"4late"))

    assert transport.written == [close_frame(1000)]
    assert transport.closing
    assert (heard, gone) == ([], ["gone"])


async def test_a_message_that_cannot_be_handled_ends_this_connection_alone() -> None:
    carrier, transport, gone = opened()

    def broken(_: bytes) -> bool:
        raise LookupError

    carrier.text = broken
    carrier.data_received(masked(1, b"4a"))

    assert transport.aborted.is_set()
    assert gone == ["gone"]


async def test_a_message_beyond_the_limit_closes() -> None:
    carrier, transport, gone = opened(limit=100)
    heard: list[int] = []
    carrier.text = lambda data: heard.append(len(data)) is None
    carrier.data_received(masked(1, b"4" * 100))
    assert heard == [100]
    carrier.data_received(masked(1, b"4" * 101))

    assert heard == [100]
    assert transport.written == [close_frame(1009)]
    assert gone == ["gone"]
