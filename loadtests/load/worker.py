"""``python -m loadtests.load.worker``: one generator process. JSON lines on stdin say what to do, on stdout what came of it.

It ends when its stdin does, so it never outlives who started it. The conversation is :mod:`loadtests.load.fleet`'s.
"""

import asyncio
import contextlib
import gc
import os
import resource
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import cattrs
import orjson
import uvloop

from loadtests.load.crew import Crew, Window, until
from loadtests.load.histogram import Latencies
from loadtests.load.pace import SECOND
from loadtests.load.tally import Strain

#: Seconds between two lines of progress.
PROGRESS = 0.5
#: Seconds in which everybody is let go when nobody tells us any more what to do.
FAREWELL = 10.0


@dataclass(slots=True)
class Worker:
    """Does what the lines say, one after the other."""

    crew: Crew
    closed: bool = False

    async def open(self) -> dict[str, Any]:
        """Connect everybody."""
        self.crew.begin()
        watching = asyncio.create_task(self._tell(time.monotonic_ns()))
        before, began = time.process_time(), time.monotonic()
        try:
            await self.crew.open()
        finally:
            watching.cancel()
        used = (time.process_time() - before) / max(time.monotonic() - began, 1e-9)
        # What is here now stays: the collector need not walk it again while messages are timed.
        gc.collect()
        gc.freeze()
        return self.crew.record.tally(Strain(used)).to_wire()

    async def run(self, window: Window) -> dict[str, Any]:
        """One window."""
        self.crew.begin()
        watching = asyncio.create_task(self._tell(window.start))
        strain = asyncio.create_task(self._strain(window))
        try:
            await self.crew.run(window)
        finally:
            watching.cancel()
        return self.crew.record.tally(await strain).to_wire()

    async def _strain(self, window: Window) -> Strain:
        """Measured while messages are due, not while the last ones are waited for."""
        await until(window.start)
        began, before = time.monotonic(), time.process_time()
        await until(window.end)
        used = (time.process_time() - before) / max(time.monotonic() - began, 1e-9)
        return Strain(used, self._lag())

    def _lag(self) -> float:
        series = self.crew.record.series("lag")
        parts = [Latencies(counts).histogram() for counts in (*series.past, series.now) if counts]
        return max((part.percentile(99) for part in parts), default=0.0)

    async def _tell(self, start: int) -> None:
        """Roll the seconds, and say how it goes."""
        await until(start)
        halves = 0
        while True:
            halves += 1
            await until(start + int(halves * PROGRESS * SECOND))
            if halves % 2 == 0:
                self.crew.record.roll()
            tell({"tell": "progress", "counts": self.crew.record.counts, "late": self.crew.record.late()})


def tell(line: dict[str, Any]) -> None:
    """One line to who started us."""
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


def _crew_of(name: str, share: dict[str, Any]) -> Crew:
    module, _, kind = name.partition(":")
    crew: type[Crew] = getattr(import_module(module), kind)
    return crew(cattrs.structure(share, crew.Share))


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**28)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


async def _obey() -> None:
    lines = await _lines()
    first = orjson.loads(await lines.readline())
    if first["core"] is not None:
        os.sched_setaffinity(0, {first["core"]})
    worker = Worker(_crew_of(first["crew"], first["share"]))
    orders: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    doing = asyncio.create_task(_do(worker, orders))
    while line := await lines.readline():
        orders.put_nowait(orjson.loads(line))
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    if not worker.closed:
        # Interrupted: calls that nobody ends would keep people busy for a while.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(FAREWELL):
                await worker.crew.close()


async def _do(worker: Worker, orders: "asyncio.Queue[dict[str, Any]]") -> None:
    while True:
        order = await orders.get()
        try:
            if order["do"] == "open":
                tell({"tell": "done", "tally": await worker.open()})
            elif order["do"] == "run":
                window = cattrs.structure(order["window"], Window)
                tell({"tell": "done", "tally": await worker.run(window)})
            else:
                worker.closed = True
                await worker.crew.close()
                tell({"tell": "done", "tally": None})
        except Exception as error:
            tell({"tell": "failed", "error": f"{type(error).__name__}: {error}"})
            raise


def main() -> None:
    """Entry point."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.set_threshold(50_000, 20, 50)
    uvloop.run(_obey())


if __name__ == "__main__":
    main()
