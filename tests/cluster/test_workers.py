"""``rapport serve --workers 2``: real processes on one port, kept alive, replaced, drained."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.program import Program, eventually
from tests.support.wire import raw_socket

#: Number of a process in the log of its parent.
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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def cluster(program: Program) -> AsyncIterator[Cluster]:
    """Two processes on the stores of the running program."""
    port, metrics = free_port(), free_port()
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
        await eventually(lambda: _answers(made), seconds=30)
        yield made
    finally:
        if parent.returncode is None:
            parent.kill()
            await parent.wait()


async def _answers(cluster: Cluster) -> bool:
    try:
        return [await cluster.metric(number, "rapport_bus_connected") for number in TWO] == [1, 1]
    except aiohttp.ClientError:
        assert cluster.parent.returncode is None
        return False


async def test_two_processes_serve_one_port_survive_a_death_and_a_rolling_restart_and_drain(
    cluster: Cluster, program: Program
) -> None:
    first = cluster.pids()
    assert len(first) == 2

    # Both take connections, and count them by themselves.
    async with AsyncExitStack() as sockets:
        for _ in range(40):
            await sockets.enter_async_context(raw_socket(cluster.http, cluster.url))
        shares = [await cluster.metric(number, "rapport_connections") for number in TWO]
    assert sum(shares) == 40
    assert min(shares) > 0
    async with cluster.http.get(f"{cluster.url}/metrics") as answer:
        assert (answer.status, "RAPPORT_METRICS_PORT" in await answer.text()) == (404, True)
    async with cluster.http.get(f"{cluster.url}/socket.io/?EIO=4&transport=polling") as answer:
        assert (answer.status, "websocket" in await answer.text()) == (400, True)

    # One is killed: the other serves on, and there are two again.
    victim = min(first)
    os.kill(victim, signal.SIGKILL)
    await eventually(lambda: _two_others(cluster, {victim}))

    # All are replaced, one after the other, and nobody who comes meanwhile finds the port closed.
    before = cluster.pids()
    asking = asyncio.create_task(cluster.keep_asking())
    cluster.parent.send_signal(signal.SIGHUP)
    await eventually(lambda: _two_others(cluster, before), seconds=30)
    asking.cancel()
    assert cluster.refused == []

    # All drain, and the parent goes last.
    last = cluster.pids()
    cluster.parent.terminate()
    assert await asyncio.wait_for(cluster.parent.wait(), 20) == 0
    assert not [pid for pid in last if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _two_others(cluster: Cluster, gone: set[int]) -> bool:
    pids = cluster.pids()
    return len(pids) == 2 and not pids & gone and await _answers(cluster)


async def test_a_setting_that_is_wrong_ends_the_start_once_for_all(program: Program) -> None:
    environment = {**os.environ, **program.running.environment, "RAPPORT_PORT": "0", "MONGODB_URI": ""}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bootstrap", "serve", "--workers", "2",
        env=environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await asyncio.wait_for(parent.communicate(), 20)
    assert parent.returncode == 1
    assert b"MONGODB_URI is not set" in told


async def test_a_port_that_others_share_already_is_taken(program: Program) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        environment = {
            **os.environ,
            **program.running.environment,
            "RAPPORT_PORT": str(other.getsockname()[1]),
        }
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bootstrap", "serve", "--workers", "2",
            env=environment, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, told = await asyncio.wait_for(parent.communicate(), 20)
    assert parent.returncode == 1
    assert b"RAPPORT_PORT" in told
