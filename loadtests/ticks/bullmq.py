"""BullMQ of npm: one no-op job for each call, in one worker process, on the Valkey that we use too."""

import asyncio
from urllib.parse import unquote

import orjson

from loadtests.peers import npm
from loadtests.ticks.result import Jobs

#: Jobs that run at the same time. Tried: 1, 10, 50, 100, 300; from 100 on it is as fast as it gets.
CONCURRENCY = 100
PATIENCE = 120.0


def missing() -> str | None:
    """Why there is no BullMQ, or None; it is installed when it is first needed."""
    return npm.missing("bullmq", "bullmq")


async def run_jobs(redis_url: str, count: int) -> Jobs:
    """One round.

    Raises:
        SystemExit: it did not finish, with what it said.
    """
    socket = unquote(redis_url.removeprefix("unix://").split("?")[0])
    command = [
        npm.WITH_NODE,
        "node",
        str(npm.folder_of("bullmq") / "bench.mjs"),
        socket,
        str(count),
        str(CONCURRENCY),
    ]
    node = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            said, complained = await node.communicate()
    except TimeoutError:
        raise SystemExit(f"BullMQ did not finish {count} jobs in {PATIENCE:g} s.") from None
    finally:
        if node.returncode is None:
            node.kill()
            await node.wait()
    if node.returncode:
        raise SystemExit(f"BullMQ failed: {complained.decode()[-500:]}")
    told = orjson.loads(said)
    return Jobs(count, told["addSeconds"], told["runSeconds"])
