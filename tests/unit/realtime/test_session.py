"""What a session sends, in which order, and what it keeps while its WebSocket takes nothing."""

import asyncio
from typing import Any

from realtime.engine.frames import NOOP, Frame
from realtime.engine.outgoing import BufferLimits
from realtime.engine.session import _MAX_BATCH, Session, State


class FakeSocket:
    """A WebSocket that keeps what is written, and says it is full when told."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.paused = False
        self.open = True
        self.hung_up = False
        self.writable: Any = None

    def write(self, wire: bytes) -> None:
        self.written.append(wire)

    push = write

    def hang_up(self) -> None:
        self.hung_up = True

    @property
    def wire(self) -> bytes:
        return b"".join(self.written)

    def resume(self) -> None:
        self.paused = False
        self.writable()


class FakeOwner:
    """Flushes when the test says so."""

    def __init__(self, limits: BufferLimits) -> None:
        self.buffer_limits = limits
        self.dirty: list[Session] = []
        self.overflows: list[Session] = []
        self.ends: list[str] = []
        self.count_shed = self.turns = 0
        self.messages: list[bytes] = []

    def message(self, _: Session, data: bytes) -> None:
        self.messages.append(data)

    def flush_soon(self) -> None:
        self.turns += 1

    def flush(self) -> None:
        dirty, self.dirty = self.dirty, []
        for session in dirty:
            session.flush()

    def ponged(self, session: Session) -> None: ...

    def binary(self, session: Session, data: bytes) -> None: ...

    def overflowed(self, session: Session) -> None:
        self.overflows.append(session)

    def shed(self, count: int) -> None:
        self.count_shed += count

    def ended(self, session: Session, reason: str) -> None:
        self.ends.append(reason)


def opened(limits: BufferLimits | None = None) -> tuple[FakeOwner, Session, FakeSocket]:
    owner, socket = FakeOwner(limits or BufferLimits()), FakeSocket()
    session = Session(owner, "sid")
    session.carry(socket)  # type: ignore[arg-type]
    return owner, session, socket


def numbered(count: int, start: int = 0) -> list[Frame]:
    return [Frame(b"4%d" % number) for number in range(start, start + count)]


def wires(frames: list[Frame]) -> bytes:
    return b"".join(frame.wire for frame in frames)


def test_frames_of_one_turn_are_one_write() -> None:
    owner, session, socket = opened()
    frames = numbered(3)
    for frame in frames:
        session.send(frame)

    assert socket.written == []
    assert owner.turns == 1
    owner.flush()
    assert socket.written == [wires(frames)]


def test_what_is_sent_now_never_overtakes_what_waits_for_the_end_of_the_turn() -> None:
    owner, session, socket = opened()
    first, second = numbered(2)
    session.send(first)
    Session.send_to_all([session], second)
    owner.flush()

    assert socket.wire == wires([first, second])


def test_what_is_sent_now_is_written_at_once_if_nothing_waits() -> None:
    owner, session, socket = opened()
    (frame,) = numbered(1)
    Session.send_to_all([session], frame)

    assert socket.written == [frame.wire]
    assert owner.dirty == []


def test_no_frame_is_lost_when_the_socket_fills_up_within_a_turn() -> None:
    owner, session, socket = opened()
    frames = numbered(3 * _MAX_BATCH)
    for number, frame in enumerate(frames):
        socket.paused = number >= 5
        session.send(frame)
    owner.flush()
    assert len(socket.wire) < len(wires(frames))

    socket.resume()

    assert socket.wire == wires(frames)


def test_after_a_pause_it_goes_on_in_batches() -> None:
    owner, session, socket = opened()
    frames = numbered(4)
    session.send(frames[0])
    socket.paused = True
    owner.flush()
    session.send(frames[1])
    socket.resume()
    session.send(frames[2])
    session.send(frames[3])
    owner.flush()

    assert socket.wire == wires(frames)
    assert socket.written[-1] == wires(frames[2:])


def test_what_is_droppable_is_shed_while_the_socket_is_full() -> None:
    owner, session, socket = opened(BufferLimits(events=4))
    socket.paused = True
    for _ in range(8):
        session.send(Frame(b"4d", droppable=True))
        owner.flush()

    assert owner.count_shed == 6
    assert owner.overflows == []


async def test_too_much_is_reported_once() -> None:
    owner, session, socket = opened(BufferLimits(events=4))
    socket.paused = True
    for frame in numbered(10):
        session.send(frame)
        owner.flush()
    await asyncio.sleep(0)

    assert owner.overflows == [session]


def test_what_was_sent_before_the_end_is_written_before_the_end() -> None:
    owner, session, socket = opened()
    (frame,) = numbered(1)
    session.send(frame)
    session.end("server disconnect")
    session.send(frame)
    owner.flush()

    assert socket.wire == frame.wire + Frame(b"1").wire
    assert socket.hung_up
    assert owner.ends == ["server disconnect"]
    session.end("again")
    session.lost("again")
    assert owner.ends == ["server disconnect"]


def test_nothing_is_heard_after_the_end() -> None:
    owner, session, _ = opened()
    session.receive_text(b"4before")
    session.end("server disconnect")
    session.receive_text(b"4after")

    assert owner.messages == [b"4before"]


async def test_a_poll_gets_what_waits_and_then_waits_itself() -> None:
    session = Session(FakeOwner(BufferLimits()), "sid")
    for frame in numbered(2):
        session.send(frame)
    assert await session.poll() == b"40\x1e41"

    poll = asyncio.create_task(session.poll())
    await asyncio.sleep(0)
    assert session.polling
    session.send(Frame(b"4more"))

    assert await poll == b"4more"
    assert not session.polling


async def test_an_upgrade_hands_over_what_no_poll_took() -> None:
    session, socket = Session(FakeOwner(BufferLimits()), "sid"), FakeSocket()
    frames = numbered(2)
    for frame in frames:
        session.send(frame)
    session.carry(socket)  # type: ignore[arg-type]

    assert socket.wire == wires(frames)


async def test_a_candidate_keeps_no_poll_from_hearing_the_end() -> None:
    session, socket = Session(FakeOwner(BufferLimits()), "sid"), FakeSocket()
    session.probe(socket)  # type: ignore[arg-type]
    assert await session.poll() == NOOP.text
    session.send(Frame(b"4farewell"))
    session.end("server disconnect")

    assert await session.poll() == b"4farewell\x1e1"
    assert session.state is State.CLOSING
