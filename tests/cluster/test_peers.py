"""Seats find each other, whatever each knew of the other when it joined."""

import asyncio
import random
from collections.abc import Collection
from typing import Any

import orjson
import pytest

from adapters.redis.memory import MemoryBus, MemoryHub
from domain.bus import process_channel
from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.clock import VirtualClock
from domain.ids import SessionId, UserId
from realtime.cluster import frames
from realtime.cluster.peers import Peers
from realtime.metrics import Counts
from realtime.schedule import Schedule
from signaling.relay import MAX_BUFFERED, Candidate
from signaling.seats import Seat, Seats

SESSION = SessionId("a" * 24)
SIGNAL = Candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host")
#: Where a participant sat before its process died, as the call's document still has it.
LONG_GONE = SocketRef("dead", "old")


class Process:
    """Seats and peers of one process; what its sockets were told."""

    def __init__(self, name: str = "p1", hub: MemoryHub | None = None) -> None:
        self.seats, self.told = Seats(), list[tuple[str, Any]]()
        schedule = Schedule(VirtualClock())
        self.bus = MemoryBus(hub or MemoryHub())
        self.bus.listen(self)
        self.peers = Peers(name, self.seats, self.bus, schedule, self._emit, self._relay, Counts())
        self.schedule = schedule

    def frame(self, channel: str, frame: bytes) -> None:
        if frames.is_signal(frame):
            self.peers.hear_signal(frames.decode(frame))
        else:
            self.peers.hear(orjson.loads(frame))

    def gap(self, channels: Collection[str]) -> None:
        raise AssertionError("nothing is lost here")

    lost = gap

    def _relay(self, sid: str, signal: bytes) -> None:
        self.told.append((sid, orjson.loads(signal)[1]))

    def _emit(self, sid: str, name: str, data: object, droppable: bool) -> None:
        self.told.append((sid, data))

    def take(self, side: Side) -> Seat:
        return self.join(side, side.value)

    def join(self, side: Side, sid: str, epoch: int = 0) -> Seat:
        return self.seats.take(SESSION, side, UserId(side.value), sid, epoch=epoch, resumed=True)

    def say(self, seat: Seat) -> None:
        numbered = seat.send(seat.judge(0, SIGNAL), SIGNAL)
        if numbered is not None:
            self.peers.pass_on(seat, numbered)

    def send(self, seat: Seat, what: str, *, encoded: bool = True) -> None:
        """As the namespace does; ``encoded``: it came as clients encode it."""
        signal = Candidate(f"candidate:{what}")
        raw = orjson.dumps(["live-signal", {"candidate": {"candidate": signal.candidate}}])
        self.peers.send(seat, seat.judge(seat.epoch, signal), signal, raw if encoded else None)

    def lose(self, seat: Seat) -> None:
        """Its socket is gone; what it sent before may still be handled."""
        seat.gone = True
        self.peers.left(seat)

    def heard_by(self, *sids: str) -> list[str]:
        return [
            told["candidate"]["candidate"].removeprefix("candidate:")
            for sid, told in self.told
            if sid in sids
        ]


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


async def test_whoever_leaves_and_takes_over_the_side_hears_everything_once_and_in_order() -> None:
    for seed in range(500):
        here, dice = Process(), random.Random(seed)
        caller = here.join(Side.CALLER, "caller")
        here.peers.seated(caller, None)
        sids, sent, callee = list[str](), list[str](), None

        def sit(here: Process = here, sids: list[str] = sids) -> Seat:
            sids.append(f"callee-{len(sids)}")
            seat = here.join(Side.CALLEE, sids[-1])
            here.peers.seated(seat, SocketRef("p1", "caller"))
            return seat

        for _ in range(50):
            what = dice.choices(("say", "take over", "lose", "answer"), (6, 1, 1, 1))[0]
            if what == "say" and (caller.peer is not None or caller.waiting < MAX_BUFFERED):
                sent.append(str(len(sent)))
                here.send(caller, sent[-1], encoded=dice.random() < 0.8)
            elif what == "take over":
                callee = sit()
            elif what == "lose" and callee is not None:
                here.lose(callee)
                if dice.random() < 0.5:
                    here.seats.leave(callee.sid)
                    here.peers.left(callee)
                callee = None
            elif what == "answer" and callee is not None:
                here.send(callee, "back", encoded=dice.random() < 0.5)
        if callee is None:
            sit()
        here.schedule.stop()

        assert here.heard_by(*sids) == sent, seed


@pytest.mark.parametrize("encoded", [False, True])
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_a_replaced_socket_still_says_makes_its_successor_repeat_nothing(
    encoded: bool, elsewhere: bool
) -> None:
    hub = MemoryHub()
    here, there = Process("p1", hub), Process("p2", hub)
    for process, name in ((here, "p1"), (there, "p2")):
        await process.bus.subscribe([process_channel(name)])
    callee, old = here.join(Side.CALLEE, "callee"), here.join(Side.CALLER, "old")
    here.peers.seated(callee, None)
    here.peers.seated(old, SocketRef("p1", "callee"))
    here.send(old, "0", encoded=encoded)

    process = there if elsewhere else here
    new = process.join(Side.CALLER, "new")
    here.lose(old)
    process.peers.seated(new, SocketRef("p1", "callee"))
    await _arrived()
    process.send(new, "1", encoded=encoded)
    process.send(new, "2", encoded=encoded)
    await _arrived()
    here.send(old, "late", encoded=encoded)
    process.send(new, "3", encoded=encoded)
    await _arrived()
    for one in (here, there):
        one.schedule.stop()

    assert here.heard_by("callee") == ["0", "1", "2", "late", "3"]


async def test_who_takes_its_seat_anew_with_the_same_socket_is_heard_from_its_first_word() -> None:
    hub = MemoryHub()
    here, there = Process("p1", hub), Process("p2", hub)
    for process, name in ((here, "p1"), (there, "p2")):
        await process.bus.subscribe([process_channel(name)])
    here.peers.seated(here.join(Side.CALLEE, "callee"), None)
    for epoch in range(2):
        seat = there.join(Side.CALLER, "caller", epoch)
        there.peers.seated(seat, SocketRef("p1", "callee"))
        await _arrived()
        for n in range(3):
            there.send(seat, f"{epoch}.{n}")
        await _arrived()
    for one in (here, there):
        one.schedule.stop()

    assert here.heard_by("callee") == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"]


async def _arrived() -> None:
    """Whatever is under way, and what it sets off."""
    for _ in range(10):
        await asyncio.sleep(0)
