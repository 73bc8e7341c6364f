"""Pings and deadlines, by a clock that the test moves."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from realtime.engine.heartbeat import Heartbeat


class FakeLoop:
    """Loop time, and the one timer that the heartbeat has."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[FakeTimer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, action: Callable[[], None]) -> "FakeTimer":
        timer = FakeTimer(self, when, action)
        self.timers.append(timer)
        return timer

    def run_until(self, until: float) -> None:
        while self.timers and (first := min(self.timers, key=FakeTimer.when)).when() <= until:
            self.timers.remove(first)
            self.now = max(self.now, first.when())
            first.action()
        self.now = until


class FakeTimer:
    def __init__(self, loop: FakeLoop, when: float, action: Callable[[], None]) -> None:
        self.loop, self._when, self.action = loop, when, action

    def when(self) -> float:
        return self._when

    def cancel(self) -> None:
        if self in self.loop.timers:
            self.loop.timers.remove(self)


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> FakeLoop:
    fake = FakeLoop()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: fake)
    return fake


class Told:
    """What the heartbeat did, and when."""

    def __init__(self, loop: FakeLoop) -> None:
        self.pings: list[tuple[str, float]] = []
        self.silent: list[tuple[str, float]] = []
        self.beat: Heartbeat[str] = Heartbeat(
            20.0, 10.0, self._note(loop, self.pings), self._note(loop, self.silent)
        )

    def _note(self, loop: FakeLoop, into: list[tuple[str, float]]) -> Any:
        return lambda session: into.append((session, loop.now))


def test_whoever_answers_is_pinged_again_an_interval_later(loop: FakeLoop) -> None:
    told = Told(loop)
    told.beat.begin("a")
    loop.run_until(25)
    told.beat.answered("a")
    loop.run_until(50)

    assert told.pings == [("a", 20.0), ("a", 45.0)]
    assert told.silent == []


def test_whoever_is_silent_is_given_up_once_and_forgotten(loop: FakeLoop) -> None:
    told = Told(loop)
    told.beat.begin("a")
    loop.run_until(200)

    assert told.pings == [("a", 20.0)]
    assert told.silent == [("a", 30.0)]
    assert len(told.beat) == 0
    assert loop.timers == []


def test_a_pong_that_nobody_asked_for_moves_nothing(loop: FakeLoop) -> None:
    told = Told(loop)
    told.beat.begin("a")
    loop.run_until(15)
    told.beat.answered("a")
    told.beat.answered("nobody")
    loop.run_until(20)

    assert told.pings == [("a", 20.0)]
    assert len(told.beat) == 1


def test_nobody_is_more_than_a_step_late_and_there_is_one_timer_for_all(loop: FakeLoop) -> None:
    told = Told(loop)
    for number in range(200):
        loop.run_until(number * 0.1)
        told.beat.begin(str(number))
        assert len(loop.timers) == 1
    loop.run_until(29.9)

    late = [at - (20 + int(session) * 0.1) for session, at in told.pings]
    assert max(late) <= 10 / 20 + 1e-6
    assert min(late) >= -10 / 40 - 1e-6


def test_whoever_is_gone_hears_nothing(loop: FakeLoop) -> None:
    told = Told(loop)
    told.beat.begin("resting")
    told.beat.end("resting")
    told.beat.begin("asked")
    loop.run_until(21)
    told.beat.end("asked")
    told.beat.end("asked")
    loop.run_until(100)

    assert told.pings == [("asked", 20.0)]
    assert told.silent == []


def test_one_that_fails_ends_the_turns_of_nobody_else(loop: FakeLoop) -> None:
    pinged: list[str] = []

    def ping(session: str) -> None:
        pinged.append(session)
        if session == "bad":
            raise RuntimeError("broken")

    beat: Heartbeat[str] = Heartbeat(20.0, 10.0, ping, pinged.append)
    for session in ("bad", "good"):
        beat.begin(session)
    with pytest.raises(RuntimeError):
        loop.run_until(21)
    loop.run_until(22)

    assert pinged == ["bad", "good"]


def test_after_the_stop_nothing_happens(loop: FakeLoop) -> None:
    told = Told(loop)
    told.beat.begin("a")
    told.beat.stop()
    loop.run_until(100)

    assert told.pings == []
    assert loop.timers == []
