"""What a generator process holds: a *crew*, some clients and what they do in a window of time.

A crew is made in its own process from a *share*: a dataclass of plain values that says which clients it has.
:class:`~loadtests.load.fleet.Fleet` opens it, runs it for as many windows as wanted (each with its own rate), closes it.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from loadtests.load.pace import SECOND, Pacer, Schedule, TimerAlarm
from loadtests.load.tally import Recorder
from loadtests.load.wire import Client, Failed, Lost, Refused

#: Seconds without anything new after which what is still missing is given up.
QUIET = 5.0


@dataclass(frozen=True, slots=True)
class Window:
    """What to do, and for how long. Each process is given the same one, but for its ``part``."""

    seconds: float
    #: messages a second of all processes together (open loop)
    rate: float = 0.0
    #: messages on their way per pair (closed loop), when there is no rate
    in_flight: int = 0
    #: ask for an acknowledgement of every message
    acks: bool = False
    #: deliveries that each client waits for; ends the window when all have come
    expect: int = 0
    #: nanoseconds of the monotonic clock, the same for all processes of a machine
    start: int = 0
    part: int = 0
    parts: int = 1

    @property
    def end(self) -> int:
        """Nanoseconds of the monotonic clock."""
        return self.start + int(self.seconds * SECOND)


class Crew(ABC):
    """The clients of one process. Subclasses say what a share of theirs is."""

    #: the dataclass that :attr:`share` is made from
    Share: ClassVar[type[Any]]

    def __init__(self, share: Any) -> None:
        self.share = share
        #: of the present window
        self.record = Recorder()

    @abstractmethod
    async def open(self) -> None:
        """Connect everybody; what happens is recorded."""

    @abstractmethod
    async def run(self, window: Window) -> None:
        """Do it, from :attr:`Window.start` on, and wait for what is still on its way at the end."""

    @abstractmethod
    async def close(self) -> None:
        """Let everybody go."""

    def begin(self) -> None:
        """A new window: what is recorded from now on belongs to it. Subclasses that keep a series renew it."""
        self.record = Recorder()


async def until(at: int) -> None:
    """Sleep until an instant of the monotonic clock, in nanoseconds; never less."""
    # A loop's timers are rounded to its own grain.
    while (left := at - time.monotonic_ns()) > 0:  # noqa: ASYNC110 - nobody but the clock tells
        await asyncio.sleep(left / SECOND)


async def paced(crew: Crew, window: Window, send: Callable[[int, int], None]) -> None:
    """Call ``send(n, due)`` for every message that is this process's part of the window's rate."""
    lag = crew.record.series("lag")

    def noted(n: int, due: int) -> None:
        lag.now[(time.monotonic_ns() - due) // 1000] += 1
        send(n, due)

    alarm = TimerAlarm()
    try:
        plan = Schedule.lasting(window.start, window.rate, window.seconds, window.part, window.parts)
        pacer = Pacer(plan, noted, alarm)
        pacer.start()
        await pacer.done.wait()
    finally:
        alarm.close()


async def settled(missing: Callable[[], int], quiet: float = QUIET) -> None:
    """Return when nothing is missing any more, or nothing more has come for ``quiet`` seconds."""
    before, since = missing(), time.monotonic()
    while before and time.monotonic() - since < quiet:
        await asyncio.sleep(0.01)
        if (now := missing()) != before:
            before, since = now, time.monotonic()


async def all_in(crew: Crew, arrivals: Iterable[Callable[[], Awaitable[None]]], at_once: int) -> None:
    """Run every arrival, at most ``at_once`` at a time; ``ready`` is how long one took."""
    waiting = iter(list(arrivals))

    async def usher() -> None:
        for arrive in waiting:
            await attempt(crew, "ready", arrive, time.monotonic_ns())

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(usher())


async def attempt(crew: Crew, name: str, act: Callable[[], Awaitable[None]], due: int) -> bool:
    """Do something that a server may refuse; whether it did not. Counts and times it as ``name`` from the nanosecond at
    which it was due; else counts ``refused`` or ``broken`` (the connection, or no answer), and each by its reason."""
    counts = crew.record.counts
    try:
        await act()
    except (Refused, Failed) as error:
        counts["refused"] += 1
        counts[f"refused: {error.code or error}"] += 1
    except Lost as error:
        counts["broken"] += 1
        counts[f"broken: {error}"] += 1
    else:
        counts[name] += 1
        crew.record.series(name).now[(time.monotonic_ns() - due) // 1000] += 1
        return True
    return False


async def all_out(clients: Iterable[Client], at_once: int = 100) -> None:
    """Close politely, some at a time."""
    for n, client in enumerate(clients, 1):
        client.close()
        if n % at_once == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
