"""Seats find each other, whatever each knew of the other when it joined."""

from typing import Any

import pytest

from adapters.redis.memory import MemoryBus, MemoryHub
from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.clock import VirtualClock
from domain.ids import SessionId, UserId
from realtime.cluster.peers import Peers
from realtime.metrics import Counts
from realtime.schedule import Schedule
from signaling.relay import Candidate
from signaling.seats import Seat, Seats

SESSION = SessionId("a" * 24)
SIGNAL = Candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host")
#: Where a participant sat before its process died, as the call's document still has it.
LONG_GONE = SocketRef("dead", "old")


class Process:
    """Seats and peers of one process; what its sockets were told."""

    def __init__(self) -> None:
        self.seats, self.told = Seats(), list[tuple[str, Any]]()
        schedule = Schedule(VirtualClock())
        self.peers = Peers(
            "p1", self.seats, MemoryBus(MemoryHub()), schedule, self._emit, self._relay, Counts()
        )
        self.schedule = schedule

    def _relay(self, sid: str, signal: bytes) -> None:
        raise AssertionError("nothing here came encoded")

    def _emit(self, sid: str, name: str, data: object, droppable: bool) -> None:
        self.told.append((sid, data))

    def take(self, side: Side) -> Seat:
        return self.seats.take(SESSION, side, UserId(side.value), side.value, epoch=0, resumed=True)

    def say(self, seat: Seat) -> None:
        numbered = seat.send(seat.judge(0, SIGNAL), SIGNAL)
        if numbered is not None:
            self.peers.pass_on(seat, numbered)


@pytest.mark.parametrize("known", [None, LONG_GONE, SocketRef("p1", "old")])
@pytest.mark.parametrize("inverted", [False, True])
async def test_two_who_join_one_process_at_once_hear_each_other(
    known: SocketRef | None, inverted: bool
) -> None:
    here = Process()

    # The caller's join was committed first: it knew nothing of the callee's new socket.
    def caller() -> None:
        here.peers.seated(here.take(Side.CALLER), known)

    def callee() -> None:
        here.peers.seated(here.take(Side.CALLEE), SocketRef("p1", "caller"))

    for join in (callee, caller) if inverted else (caller, callee):
        join()
    for seat in here.seats:
        here.say(seat)
    here.schedule.stop()

    assert sorted(sid for sid, _ in here.told) == ["callee", "caller"]


async def test_a_seat_that_is_awaited_and_never_taken_is_forgotten() -> None:
    here = Process()
    here.peers.seated(here.take(Side.CALLEE), SocketRef("p1", "caller"))

    here.schedule._clock.advance(11)
    here.schedule.run_due()
    here.schedule.stop()

    assert here.peers._awaited == {}


async def test_what_was_missed_within_a_process_is_passed_on_before_what_comes_next() -> None:
    here = Process()
    caller, callee = here.take(Side.CALLER), here.take(Side.CALLEE)
    here.peers.seated(caller, None)
    here.peers.seated(callee, SocketRef("p1", "caller"))
    first, second, third = (Candidate(f"candidate:{n} 1 udp 1 192.0.2.1 9 typ host") for n in range(3))

    caller.send(caller.judge(0, first), first)  # and nobody passes it on
    for signal in (second, third):
        numbered = caller.send(caller.judge(0, signal), signal)
        assert numbered is not None
        here.peers.pass_on(caller, numbered)
    here.schedule.stop()

    heard = [(sid, told["candidate"]["candidate"]) for sid, told in here.told]
    assert heard == [("callee", one.candidate) for one in (first, second, third)]
    assert caller.beside is callee
