"""``rapport serve --workers 2``: real processes on one port, kept alive, replaced, drained."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.cluster.workers import TWO, Cluster, two_workers
from tests.support.program import Program, eventually
from tests.support.wire import raw_socket


@pytest.fixture
async def cluster(program: Program) -> AsyncIterator[Cluster]:
    """Two processes on the stores of the running program."""
    async with two_workers(program) as made:
        yield made


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
    await eventually(lambda: cluster.renewed({victim}))

    # All are replaced, one after the other, and nobody who comes meanwhile finds the port closed.
    asking = asyncio.create_task(cluster.keep_asking())
    await cluster.roll()
    asking.cancel()
    assert cluster.refused == []

    # All drain, and the parent goes last.
    last = cluster.pids()
    cluster.parent.terminate()
    assert await asyncio.wait_for(cluster.parent.wait(), 60) == 0
    assert not [pid for pid in last if _lives(pid)]


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_setting_that_is_wrong_ends_the_start_once_for_all(program: Program) -> None:
    environment = {**os.environ, **program.running.environment, "RAPPORT_PORT": "0", "MONGODB_URI": ""}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bootstrap", "serve", "--workers", "2",
        env=environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await asyncio.wait_for(parent.communicate(), 60)
    assert parent.returncode == 1
    assert told.count(b"MONGODB_URI is not set") == 1


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
        _, told = await asyncio.wait_for(parent.communicate(), 60)
    assert parent.returncode == 1
    assert b"RAPPORT_PORT" in told
