"""Couples that call each other: all the time (:class:`Signals`), or one whole call after the other (:class:`Calls`)."""

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from loadtests.load.crew import Crew, Window, all_in, attempt, paced, until
from loadtests.load.crews.call import PROOF, Couple, Line
from loadtests.load.crews.relay import Relaying
from loadtests.load.pace import SECOND
from loadtests.load.wire import Failed, Lost

#: Seconds for calls that have begun to end, beyond their talk.
GRACE = 60.0


@dataclass(frozen=True, slots=True)
class CouplesShare:
    """``talk`` and ``rest`` (the coach's cooldown) in real seconds; ``signals`` of each side in a whole call."""

    couples: tuple[Couple, ...]
    at_once: int = 4
    talk: float = 5.0
    rest: float = 0.0
    signals: int = 20


class Signals(Relaying):
    """Every couple is in a call, proven and metered, and both send candidates."""

    Share = CouplesShare
    share: CouplesShare

    def __init__(self, share: CouplesShare) -> None:
        super().__init__(share)
        self._lines = [Line(couple, f"load{n}") for n, couple in enumerate(share.couples)]
        self._begun: list[Line] = []
        self._proving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Ring, accept, join, start: everybody."""
        self._proving = asyncio.create_task(prove_on(self._lines))
        await all_in(self, [partial(self._begin, line) for line in self._lines], self.share.at_once)
        self.seated(line.ends for line in self._begun if line.ends is not None)

    async def _begin(self, line: Line) -> None:
        await line.arrive()
        await line.begin(partial(_time, self), time.monotonic_ns())
        self._begun.append(line)

    async def close(self) -> None:
        """Hang up and leave."""
        turn = asyncio.Semaphore(self.share.at_once)
        await asyncio.gather(*(_hang_up(line, turn) for line in self._lines))
        if self._proving is not None:
            self._proving.cancel()


class Calls(Crew):
    """Whole calls, begun at a rate. Counts ``calls`` due, ``ended`` (well), ``unfinished``, ``ticks``, signals ``sent``
    and ``received``, ``waited`` (calls for which no couple was free when they were due: the load had too few). Times ``ring``,
    ``accept``, ``join``, ``start``, ``setup`` (all four, from when it was due), ``delivery``, ``end``, ``ended`` (all)."""

    Share = CouplesShare
    share: CouplesShare

    def __init__(self, share: CouplesShare) -> None:
        super().__init__(share)
        self._lines = [Line(couple, f"load{n}") for n, couple in enumerate(share.couples)]
        self._due: asyncio.Queue[int] = asyncio.Queue()
        self._free = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Tabs are open, coaches online; from now on every couple takes what is due."""
        await all_in(self, [line.arrive for line in self._lines], self.share.at_once)
        there = [line for line in self._lines if line.coach.open]
        self._free = len(there)
        self._tasks = [asyncio.create_task(self._take_calls(line)) for line in there]
        self._tasks.append(asyncio.create_task(prove_on(self._lines)))

    async def run(self, window: Window) -> None:
        """Calls at :attr:`Window.rate` a second; all that began are ended."""
        await paced(self, window, self._ring)
        patience = time.monotonic() + self.share.talk + self.share.rest + GRACE
        while self._due.qsize() + self._busy > 0 and time.monotonic() < patience:  # noqa: ASYNC110 - many make it so
            await asyncio.sleep(0.05)
        self.record.counts["unfinished"] = self._due.qsize() + self._busy

    @property
    def _busy(self) -> int:
        return len(self._tasks) - 1 - self._free

    def _ring(self, n: int, due: int) -> None:
        self.record.counts["calls"] += 1
        if self._due.qsize() >= self._free:
            self.record.counts["waited"] += 1
        self._due.put_nowait(due)

    async def _take_calls(self, line: Line) -> None:
        while True:
            due = await self._due.get()
            self._free -= 1
            if not await attempt(self, "ended", partial(self._call, line, due), due):
                # Else the two are busy with it, in this load and the next.
                await _end(line)
            line.rise()
            await asyncio.sleep(self.share.rest)
            self._free += 1

    async def _call(self, line: Line, due: int) -> None:
        counts, talked = self.record.counts, time.monotonic_ns() + int(self.share.talk * SECOND)
        await line.begin(partial(_time, self), due)
        assert line.ends is not None
        for end in line.ends:
            end.begin(self.record, Window(self.share.talk, rate=1, acks=True))
        for n in range(self.share.signals):
            for end in line.ends:
                end.send(time.monotonic_ns())
            if n % 10 == 9:
                await asyncio.sleep(0.25)
        await until(talked)
        began = time.monotonic_ns()
        await line.end()
        _time(self, "end", began)
        counts["ticks"] += line.ticks

    async def close(self) -> None:
        """Hang up what goes on, and leave."""
        for task in self._tasks:
            task.cancel()
        turn = asyncio.Semaphore(self.share.at_once)
        await asyncio.gather(*(_hang_up(line, turn) for line in self._lines))


async def _hang_up(line: Line, turn: asyncio.Semaphore) -> None:
    async with turn:
        await _end(line)
        line.leave()


async def _end(line: Line) -> None:
    with contextlib.suppress(Failed, Lost):
        await line.end()


async def prove_on(lines: Iterable[Line]) -> None:
    """Media flows, as far as the server can tell."""
    while True:
        await asyncio.sleep(PROOF)
        for line in lines:
            line.prove()


def _time(crew: Crew, name: str, began: int) -> None:
    crew.record.series(name).now[(time.monotonic_ns() - began) // 1000] += 1
