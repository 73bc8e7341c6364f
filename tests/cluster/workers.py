"""``rapport serve --workers 2`` on the stores of the running program, looked at from outside."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from loadtests.ports import free_port
from tests.support.program import Program, eventually

#: Numbers of the processes.
TWO = (1, 2)


@dataclass
class Cluster:
    """The parent, and how to look at its processes from outside."""

    parent: asyncio.subprocess.Process
    url: str
    metrics_port: int
    http: aiohttp.ClientSession
    refused: list[str] = field(default_factory=list)

    def pids(self) -> set[int]:
        """The server processes that live now."""
        listed = Path(f"/proc/{self.parent.pid}/task/{self.parent.pid}/children").read_text()
        return {int(pid) for pid in listed.split()}

    async def metric(self, number: int, name: str) -> float:
        """One figure of one process, summed over its labels."""
        async with self.http.get(f"http://127.0.0.1:{self.metrics_port + number}/metrics") as answer:
            families = text_string_to_metric_families(await answer.text())
        return sum(sample.value for one in families for sample in one.samples if sample.name == name)

    async def answers(self) -> bool:
        """Whether both processes are there and hear the bus."""
        try:
            return [await self.metric(number, "rapport_bus_connected") for number in TWO] == [1, 1]
        except aiohttp.ClientError:
            assert self.parent.returncode is None
            return False

    async def renewed(self, gone: set[int]) -> bool:
        """Whether there are two processes, and none of those."""
        pids = self.pids()
        return len(pids) == 2 and not pids & gone and await self.answers()

    async def roll(self) -> None:
        """Replace both, as an operator would."""
        before = self.pids()
        self.parent.send_signal(signal.SIGHUP)
        await eventually(lambda: self.renewed(before), seconds=60)

    async def keep_asking(self) -> None:
        """Ask for the health of the port again and again, each time on a new connection; remember who found nobody."""
        while True:
            try:
                async with (
                    aiohttp.ClientSession() as http,
                    http.get(f"{self.url}/health") as answer,
                ):
                    if answer.status != 200:
                        self.refused.append(str(answer.status))
            except aiohttp.ClientError as error:
                self.refused.append(repr(error))
            await asyncio.sleep(0.01)


@asynccontextmanager
async def two_workers(program: Program) -> AsyncIterator[Cluster]:
    """Two processes on one free port."""
    # Each process has a port of its own for its metrics, after that of the parent.
    port, metrics = free_port(), free_port(1 + len(TWO))
    environment = {
        **os.environ,
        **program.running.environment,
        "RAPPORT_PORT": str(port),
        "RAPPORT_METRICS_PORT": str(metrics),
    }
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bootstrap", "serve", "--workers", "2", env=environment
    )
    made = Cluster(parent, f"http://127.0.0.1:{port}", metrics, program.http)
    try:
        await eventually(made.answers, seconds=60)
        yield made
    finally:
        if parent.returncode is None:
            parent.kill()
            await parent.wait()
