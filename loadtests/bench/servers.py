"""Server processes: started on a core of their own, asked for their statistics, ended."""

import asyncio
import os
import secrets
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from loadtests.bench.columns import ROOT, Column

#: Seconds in which a server must listen, and in which it must end.
_START, _END = 30.0, 5.0
_ANSWER = aiohttp.ClientTimeout(total=120)


@dataclass(frozen=True, slots=True)
class Stats:
    """Of one server process: CPU seconds since its start, bytes of memory now, open connections; after garbage was collected,
    how many objects Python's collector knows of."""

    cpu: float
    rss: int
    sockets: int
    runtime: str
    objects: int | None


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    column: Column
    port: int
    pid: int
    _http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def stats(self) -> Stats:
        """As the server counts itself."""
        return _stats(orjson.loads(await self._ask("GET", "stats")))

    async def collect(self) -> Stats:
        """After it collected its garbage and gave memory back."""
        return _stats(orjson.loads(await self._ask("POST", "gc")))

    async def fan_out(self, count: int, per_second: float, size: int) -> None:
        """Let it send ``count`` events to all who watch; returns once they were handed over."""
        await self._ask("POST", "fanout", {"count": count, "perSecond": per_second, "bytes": size})

    async def profile(self, on: bool) -> str:
        """Begin or end a profile; its text."""
        return (await self._ask("POST", "profile", {"on": on})).decode()

    async def _ask(self, method: str, what: str, body: object = None) -> bytes:
        address = f"http://127.0.0.1:{self.port}/bench/{what}"
        async with self._http.request(method, address, data=orjson.dumps(body or {})) as answer:
            answer.raise_for_status()
            return await answer.read()


def _stats(told: dict[str, Any]) -> Stats:
    return Stats(told["cpuSeconds"], told["rssBytes"], told["sockets"], told["runtime"], told.get("objects"))


def new_secret() -> str:
    """What one run signs its tokens with."""
    return secrets.token_hex(32)


@asynccontextmanager
async def running(
    column: Column,
    secret: str,
    *,
    cores: set[int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Server]:
    """A server of a column, on these cores alone.

    Raises:
        RuntimeError: it did not start; with the end of what it wrote.
    """
    with tempfile.TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *column.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=ROOT,
            env={**os.environ, "BENCH_SECRET": secret, **(environment or {})},
            preexec_fn=None if cores is None else lambda: os.sched_setaffinity(0, cores),
        )
        try:
            told = await _told(process)
            if told is None:
                complaints.seek(0)
                text = complaints.read().decode(errors="replace")[-2000:]
                raise RuntimeError(f"the server of {column.title} did not start:\n{text}")
            async with aiohttp.ClientSession(timeout=_ANSWER) as http:
                yield Server(column, told["port"], told["pid"], http)
        finally:
            await _end(process)


async def _told(process: asyncio.subprocess.Process) -> dict[str, int] | None:
    if process.stdout is None:
        raise AssertionError("its output is a pipe")
    try:
        async with asyncio.timeout(_START):
            line = await process.stdout.readline()
    except TimeoutError:
        return None
    return orjson.loads(line) if line else None


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_END):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
