"""Several generator processes, steered from one: opened together, started at the same instant, their tallies merged."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from types import TracebackType
from typing import Any, Self

import orjson

from loadtests.load.crew import Crew, Window, until
from loadtests.load.pace import SECOND
from loadtests.load.tally import Tally

#: Nanoseconds between the order and the start of a window: every process has it by then.
LEAD = SECOND // 5
#: Seconds for a process to let go of its clients.
FAREWELL = 15.0

#: Told twice a second: what has been counted so far by all processes, and the worst of their 99th percentiles of the last
#: second (milliseconds by name).
Progress = Callable[[Counter[str], Mapping[str, float]], None]


class GeneratorFailed(Exception):
    """A generator process broke down; the message says of what. Nothing it measured is left."""


class Fleet:
    """One process for each share. ``async with`` starts them and ends them."""

    def __init__(
        self,
        crew: type[Crew],
        shares: Sequence[Any],
        *,
        cores: Sequence[int] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """``cores`` pins process ``n`` to a core, in turn; shares are dataclasses of the crew's kind."""
        self._crew = crew
        self._shares = shares
        self._cores = cores
        self._progress = progress
        self._members: list[_Member] = []
        self._so_far: list[Counter[str]] = []
        self._late_of: list[dict[str, float]] = []

    async def __aenter__(self) -> Self:
        name = f"{self._crew.__module__}:{self._crew.__qualname__}"
        for n, share in enumerate(self._shares):
            core = self._cores[n % len(self._cores)] if self._cores else None
            self._members.append(await _Member.start({"crew": name, "share": asdict(share), "core": core}))
        self._so_far, self._late_of = [Counter() for _ in self._members], [{} for _ in self._members]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            await self._all([{"do": "close"} for _ in self._members])
        await asyncio.gather(*(member.end() for member in self._members))

    @property
    def pids(self) -> list[int]:
        """Of the processes."""
        return [member.pid for member in self._members]

    async def open(self) -> Tally:
        """Connect everybody.

        Raises:
            GeneratorFailed: a process broke down.
        """
        return await self._all([{"do": "open"} for _ in self._members])

    async def run(self, window: Window, meanwhile: Callable[[], Awaitable[object]] | None = None) -> Tally:
        """One window, from a common start, until everything that was on its way has come or is given up. ``meanwhile`` is
        called at the start, when all processes count already, and waited for.

        Raises:
            GeneratorFailed: a process broke down.
        """
        start = time.monotonic_ns() + LEAD
        parts = len(self._members)
        windows = [replace(window, start=start, part=part, parts=parts) for part in range(parts)]
        orders = [{"do": "run", "window": asdict(one)} for one in windows]
        if meanwhile is None:
            return await self._all(orders)
        tally, _ = await asyncio.gather(self._all(orders), _at(start, meanwhile))
        return tally

    async def _all(self, orders: list[dict[str, Any]]) -> Tally:
        self._so_far, self._late_of = [Counter() for _ in self._members], [{} for _ in self._members]
        asked = [
            asyncio.create_task(member.ask(order, self._hear(n)))
            for n, (member, order) in enumerate(zip(self._members, orders, strict=True))
        ]
        try:
            told = await asyncio.gather(*asked)
        finally:
            for one in asked:
                one.cancel()
        return Tally.merged(Tally.from_wire(one) for one in told if one is not None)

    def _hear(self, member: int) -> "_Heard":
        def heard(counts: dict[str, int], late: dict[str, float]) -> None:
            self._so_far[member] = Counter(counts)
            self._late_of[member] = late
            if self._progress is not None:
                worst: dict[str, float] = {}
                for one in self._late_of:
                    for name, value in one.items():
                        worst[name] = max(value, worst.get(name, 0.0))
                self._progress(sum(self._so_far, Counter()), worst)

        return heard


async def _at(start: int, act: Callable[[], Awaitable[object]]) -> None:
    await until(start)
    await act()


_Heard = Callable[[dict[str, int], dict[str, float]], None]


class _Member:
    """One process, and what is said to and by it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, first: dict[str, Any]) -> "_Member":
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "loadtests.load.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**28,
            # Ctrl-C is ours: it ends them through their stdin, so that they can hang up.
            start_new_session=True,
        )  # fmt: skip
        member = cls(process)
        await member._say(first)
        return member

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, order: dict[str, Any], progress: _Heard) -> Any:
        """Send an order, pass on progress, return the tally."""
        await self._say(order)
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = orjson.loads(line)
            if told["tell"] == "done":
                return told["tally"]
            if told["tell"] == "failed":
                raise GeneratorFailed(told["error"])
            progress(told["counts"], told["late"])
        raise GeneratorFailed(f"a generator process ended by itself ({await self._process.wait()})")

    async def end(self) -> None:
        """Wait until the process is gone; end it if it does not go by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(FAREWELL):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _say(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(orjson.dumps(line) + b"\n")
            await self._process.stdin.drain()
        except ConnectionError as error:
            raise GeneratorFailed("a generator process is gone") from error
