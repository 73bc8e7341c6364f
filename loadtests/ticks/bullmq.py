"""BullMQ of npm: one no-op job for each call, in one worker process, on the Valkey that we use too."""

import asyncio
import subprocess
from pathlib import Path
from urllib.parse import unquote

import orjson

from loadtests.ticks.result import Jobs

_ROOT = Path(__file__).resolve().parents[2]
_PEER = _ROOT / "loadtests" / "peers" / "bullmq"
_WITH_NODE = str(_ROOT / "tools" / "with-node")
#: Jobs that run at the same time. Tried: 1, 10, 50, 100, 300; from 100 on it is as fast as it gets.
CONCURRENCY = 100
PATIENCE = 120.0


def missing() -> str | None:
    """Why there is no BullMQ, or None; it is installed when it is first needed."""
    if subprocess.run([_WITH_NODE, "node", "--version"], capture_output=True).returncode:
        return "Node.js 18 with npm 9 is not on PATH"
    lock, stamp = _PEER / "package-lock.json", _PEER / "node_modules" / ".package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return None
    install = [_WITH_NODE, "npm", "ci", "--prefix", str(_PEER), "--no-progress", "--loglevel=error"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        return f"npm could not install bullmq: {done.stderr.strip()[-300:]}"
    stamp.touch()
    return None


async def run_jobs(redis_url: str, count: int) -> Jobs:
    """One round.

    Raises:
        SystemExit: it did not finish, with what it said.
    """
    socket = unquote(redis_url.removeprefix("unix://").split("?")[0])
    command = [_WITH_NODE, "node", str(_PEER / "bench.mjs"), socket, str(count), str(CONCURRENCY)]
    node = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, complained = await node.communicate()
    except TimeoutError:
        node.kill()
        await node.wait()
        raise SystemExit(f"BullMQ did not finish {count} jobs in {PATIENCE:g} s.") from None
    if node.returncode:
        raise SystemExit(f"BullMQ failed: {complained.decode()[-500:]}")
    told = orjson.loads(said)
    return Jobs(count, told["addSeconds"], told["runSeconds"])
