"""Frames on the wire (RFC 6455, 5.2) and in the body of a poll."""

import base64
import struct

import pytest

from realtime.engine.frames import BinaryFrame, Frame, close_frame, pong_frame, websocket_frame


def head(opcode: int, size: int) -> bytes:
    if size < 126:
        return bytes((0x80 | opcode, size))
    if size < 2**16:
        return bytes((0x80 | opcode, 126)) + struct.pack("!H", size)
    return bytes((0x80 | opcode, 127)) + struct.pack("!Q", size)


@pytest.mark.parametrize("size", [1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_a_length_takes_as_few_bytes_as_it_can(size: int) -> None:
    payload = b"4" * size

    assert Frame(payload).wire == head(1, size) + payload
    assert BinaryFrame(payload).wire == head(2, size) + payload
    assert websocket_frame(0x8A, payload) == head(10, size) + payload


def test_attachments_follow_their_packet() -> None:
    frame = Frame(b"451-x", [b"one", b"two"])

    assert frame.wire == head(1, 5) + b"451-x" + head(2, 3) + b"one" + head(2, 3) + b"two"
    assert frame.polled() == b"451-x\x1eb" + base64.b64encode(b"one") + b"\x1eb" + base64.b64encode(b"two")


def test_polls_carry_text_as_it_is_and_binary_in_base64() -> None:
    assert Frame(b"4text").polled() == b"4text"
    assert BinaryFrame(b"\x00\x1e").polled() == b"b" + base64.b64encode(b"\x00\x1e")


def test_control_frames_of_the_websocket() -> None:
    assert close_frame(1000) == b"\x88\x02\x03\xe8"
    assert pong_frame(b"hi") == b"\x8a\x02hi"
