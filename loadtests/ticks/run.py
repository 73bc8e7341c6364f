"""Starts everything, lets minutes be full, and counts."""

import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from adapters.mongo.client import database_of, open_client
from bootstrap.settings import Settings
from bootstrap.up import Running, running
from loadtests.load.report.document import machine as describe
from loadtests.ticks import bullmq
from loadtests.ticks.calls import LiveCalls
from loadtests.ticks.result import Jobs, Result, Round

CALLS = 8_000
ROUNDS = 5
#: Real seconds between arranging a minute and the instant at which it is full: everything is quiet by then.
LEAD = 1.5
PATIENCE = 120.0
#: Seconds between two looks from outside.
LOOK = 0.02

Say = Callable[[str], None]


async def run(
    *, calls: int = CALLS, rounds: int = ROUNDS, with_bullmq: bool = True, say: Say = lambda line: None
) -> Result:
    """Measure on this machine: about two minutes. ``say`` is told how far it is.

    Raises:
        SystemExit: a tick was lost or doubled, or something did not come up; there is no figure then.
    """
    no_bullmq = bullmq.missing() if with_bullmq else "not asked for"
    async with AsyncExitStack() as stack:
        bench = await stack.enter_async_context(_opened(calls, say))
        await bench.round()  # connections, code paths and caches, as they are after a while
        measured: list[Round] = []
        jobs: list[Jobs] = []
        for number in range(rounds):
            if no_bullmq is None:
                jobs.append(await bullmq.run_jobs(bench.redis_url, calls))
            measured.append(await bench.round())
            say(f"round {number + 1}: {calls / measured[-1].delivered:,.0f} calls/s")
    return Result(calls, 2 * calls, measured, jobs, no_bullmq, describe())


@dataclass(frozen=True, slots=True)
class _Bench:
    calls: LiveCalls
    count: int
    redis_url: str
    pids: Mapping[str, int]
    ask: Callable[[], Awaitable[dict[str, Any]]]

    async def round(self) -> Round:
        """Let one minute of every call be full, and wait until it is durable and everybody knows."""
        lead = timedelta(seconds=LEAD + 1 + 3 * self.calls.arranging)
        due = datetime.now(UTC).replace(microsecond=0) + lead
        await self.calls.due_at(due)
        if datetime.now(UTC) > due - timedelta(seconds=0.5):
            raise SystemExit("This machine arranges calls too slowly for the lead it gives itself.")
        await self.ask()
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
        before = self._cpu()
        async with asyncio.timeout(PATIENCE):
            while await self.calls.any_due(due):  # noqa: ASYNC110 - seen from outside
                await asyncio.sleep(LOOK)
            durable = time.time() - due.timestamp()
            heard, last = 0, 0.0
            while heard < 2 * self.count:
                told = await self.ask()
                heard, last = heard + int(told["ticks"]), told["last"] or last
                await asyncio.sleep(LOOK)
        cpu = {name: used - before[name] for name, used in self._cpu().items()}
        await self.calls.check()
        if (more := (await self.ask())["ticks"]) or heard != 2 * self.count:
            raise SystemExit(f"{heard + more} ticks arrived for {2 * self.count} clients.")
        return Round(self.count, durable, max(last - due.timestamp(), durable), cpu)

    def _cpu(self) -> dict[str, float]:
        return {name: _cpu_seconds(pid) for name, pid in self.pids.items()}


@asynccontextmanager
async def _opened(count: int, say: Say) -> AsyncIterator[_Bench]:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ticks-"))
        settings = Settings(data_dir=Path(folder) / "d", port=0, log_level="warning")
        program = await stack.enter_async_context(running(settings, demo=False))
        redis_url = program.environment["REDIS_URL"]
        environment = {**os.environ, "REDIS_URL": redis_url, "BENCH_SECRET": secrets.token_hex(32)}
        server = await stack.enter_async_context(_process(["loadtests.ticks.server"], environment))
        address = f"http://127.0.0.1:{(await _line(server))['port']}"
        client = open_client(program.environment["MONGODB_URI"])
        stack.callback(client.close)
        calls = LiveCalls(database_of(client), count)
        say(f"writing {count} live calls, seating {2 * count} sockets")
        await calls.insert(datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10))
        command = ["loadtests.ticks.ears", address, str(count)]
        ears = await stack.enter_async_context(_process(command, environment))
        async with asyncio.timeout(PATIENCE):
            await _line(ears)
        yield _Bench(calls, count, redis_url, _pids(program, server.pid, ears.pid), lambda: _asked(ears))


def _pids(program: Running, server: int, ears: int) -> dict[str, int]:
    stores = program.stores
    return {
        "worker": program.worker.pid,
        "mongod": stores.mongod.pid,
        "valkey": stores.valkey.pid,
        "server": server,
        "clients": ears,
    }


@asynccontextmanager
async def _process(
    module: list[str], environment: Mapping[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *module,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise SystemExit("A process of the benchmark ended; what it said is above.")
    told: dict[str, Any] = orjson.loads(line)
    return told


async def _asked(ears: asyncio.subprocess.Process) -> dict[str, Any]:
    assert ears.stdin is not None
    ears.stdin.write(b"\n")
    await ears.stdin.drain()
    return await _line(ears)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
