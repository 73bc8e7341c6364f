"""The bounded outgoing buffer."""

import asyncio

import pytest
from engineio import packet

from realtime.engine.outgoing import BufferLimits, Outgoing, OutgoingBuffer


class Buffer(OutgoingBuffer):
    """Counts what it sheds and how often it is full."""

    def __init__(self, events: int = 8, size: int = 1_000) -> None:
        self.shed = self.overflows = 0
        super().__init__(BufferLimits(events, size), self._count)
        self.on_full = self._full_now

    def _count(self, count: int) -> None:
        self.shed += count

    def _full_now(self) -> None:
        self.overflows += 1


async def texts(buffer: Buffer) -> list[str]:
    return [str((await buffer.get()).data) for _ in range(buffer.qsize())]


async def test_events_come_out_in_their_order() -> None:
    buffer = Buffer()
    for text in "abc":
        buffer.put_nowait(Outgoing(text))

    assert await texts(buffer) == ["a", "b", "c"]


async def test_at_half_droppable_events_are_shed_those_that_wait_and_those_that_come() -> None:
    buffer = Buffer(events=8)
    for number in range(4):
        buffer.put_nowait(Outgoing(f"d{number}", droppable=True))

    buffer.put_nowait(Outgoing("late", droppable=True))
    buffer.put_nowait(Outgoing("must"))

    assert await texts(buffer) == ["must"]
    assert buffer.shed == 5


async def test_half_of_the_bytes_counts_as_half() -> None:
    buffer = Buffer(events=100, size=100)
    buffer.put_nowait(Outgoing("x" * 50))

    buffer.put_nowait(Outgoing("d", droppable=True))

    assert buffer.shed == 1


@pytest.mark.parametrize(("events", "size"), [(8, 10_000), (1_000, 80)])
async def test_a_full_buffer_says_so_once_and_takes_only_control_packets(events: int, size: int) -> None:
    buffer = Buffer(events=events, size=size)

    for _ in range(20):
        buffer.put_nowait(Outgoing("x" * 10))
    buffer.clear()
    buffer.put_nowait(Outgoing("event"))
    buffer.put_nowait(Outgoing("closing", control=True))

    assert buffer.overflows == 1
    assert await texts(buffer) == ["closing"]


async def test_what_was_taken_is_no_longer_counted() -> None:
    buffer = Buffer(events=4)

    for number in range(100):
        buffer.put_nowait(Outgoing(str(number)))
        await buffer.get()

    assert (buffer.overflows, buffer.waiting_bytes) == (0, 0)


async def test_packets_that_a_client_can_provoke_do_not_pile_up() -> None:
    buffer = Buffer(events=8)

    for _ in range(1_000):
        buffer.put_nowait(packet.Packet(packet.NOOP))

    assert buffer.qsize() == 16


async def test_a_reader_waits_for_the_next_packet() -> None:
    buffer = Buffer()
    reader = asyncio.create_task(buffer.get())
    await asyncio.sleep(0)

    buffer.put_nowait(Outgoing("a"))

    assert (await reader).data == "a"


async def test_a_websocket_writer_gets_one_packet_at_a_time() -> None:
    buffer = Buffer()
    buffer.put_nowait(Outgoing("a"))
    buffer.one_by_one = lambda: True

    with pytest.raises(asyncio.QueueEmpty):
        buffer.get_nowait()
