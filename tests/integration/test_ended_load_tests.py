"""A benchmark that is told to end leaves nothing behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
async def test_sigterm(tmp_path: Path) -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "loadtests.ticks", "--calls", "20", "--without-bullmq",
        env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert command.stdout is not None
    async with asyncio.timeout(120):
        assert b"writing 20 live calls" in await command.stdout.readline()
        started = _below(command.pid)
        assert len(started) >= 4
        assert os.listdir(tmp_path)

        command.terminate()
        assert await command.wait() == 128 + signal.SIGTERM

    assert not _living() & started
    assert os.listdir(tmp_path) == []


def _below(pid: int) -> set[int]:
    """Children, and theirs."""
    children = {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return children.union(*map(_below, children))


def _living() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdecimal()}
