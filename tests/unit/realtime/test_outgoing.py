"""What waits for a slow connection."""

import pytest

from realtime.engine.frames import Frame
from realtime.engine.outgoing import BufferLimits, Outgoing


def buffer(events: int = 8, size: int = 1_000) -> Outgoing:
    return Outgoing(BufferLimits(events, size))


def texts(outgoing: Outgoing) -> list[bytes]:
    return [outgoing.pop().text for _ in range(len(outgoing))]


def test_events_come_out_in_their_order() -> None:
    outgoing = buffer()
    for text in (b"a", b"b", b"c"):
        outgoing.put(Frame(text))

    assert texts(outgoing) == [b"a", b"b", b"c"]


def test_at_half_droppable_events_are_shed_those_that_wait_and_those_that_come() -> None:
    outgoing = buffer(events=8)
    for number in range(4):
        outgoing.put(Frame(b"d%d" % number, droppable=True))

    outgoing.put(Frame(b"late", droppable=True))
    outgoing.put(Frame(b"must"))

    assert texts(outgoing) == [b"must"]
    assert outgoing.take_shed() == 5
    assert outgoing.take_shed() == 0


def test_half_of_the_bytes_counts_as_half() -> None:
    outgoing = buffer(events=100, size=100)
    outgoing.put(Frame(b"x" * 50))

    outgoing.put(Frame(b"d", droppable=True))

    assert outgoing.shed == 1


@pytest.mark.parametrize(("events", "size"), [(8, 10_000), (1_000, 96)])
def test_a_full_buffer_says_so_once_and_takes_only_control_packets(events: int, size: int) -> None:
    outgoing = buffer(events=events, size=size)

    taken = [outgoing.put(Frame(b"x" * 10)) for _ in range(20)]
    outgoing.clear()
    outgoing.put(Frame(b"event"))
    outgoing.put(Frame(b"closing", control=True))

    assert taken.count(False) == 1
    assert taken.index(False) == 8
    assert texts(outgoing) == [b"closing"]


def test_what_was_taken_is_no_longer_counted() -> None:
    outgoing = buffer(events=4)

    for number in range(100):
        outgoing.put(Frame(b"%d" % number))
        outgoing.pop()

    assert (outgoing.full, outgoing.waiting_bytes) == (False, 0)


def test_packets_that_a_client_can_provoke_do_not_pile_up() -> None:
    outgoing = buffer(events=8)

    for _ in range(1_000):
        outgoing.put(Frame(b"6", control=True))

    assert len(outgoing) == 16
