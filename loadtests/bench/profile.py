"""``python -m loadtests.bench profile COLUMN WHAT``: in which functions a server of Python spends its time under a load.

py-spy samples the process from outside and costs it next to nothing; what C does counts for the function that called it, unless
``--native`` tells them apart (which slows the server down). Without py-spy on PATH or in this environment it is cProfile, which
makes functions that call many others look dearer than they are.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from loadtests.bench import measures
from loadtests.bench.columns import Column
from loadtests.bench.machine import Cores
from loadtests.bench.measures import Bench
from loadtests.bench.people import People
from loadtests.bench.servers import Server, new_secret, running

LOADS = ("relay", "relay-acks", "fanout", "connect")
TOP = 45

Load = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class How:
    """``sampled``: by py-spy if it is there; ``native``: functions of C too."""

    seconds: float = 5.0
    sampled: bool = True
    native: bool = False


async def profile(column: Column, what: str, how: How, cores: Cores) -> str:
    """A table of functions by their own time, and the figure measured meanwhile."""
    secret = new_secret()
    sizes = replace(measures.Sizes(), relay=how.seconds, events=int(how.seconds * 20))
    async with running(column, secret, cores=cores.server(0)) as server:
        bench = Bench([server], People(secret), cores, sizes)
        async with _load(bench, what) as load:
            return await _watched(server, load, how)


async def _watched(server: Server, load: Load, how: How) -> str:
    spy = _spy() if how.sampled else None
    if spy is not None:
        return await _sampled(spy, how, server, load)
    await server.profile(True)
    figure = await load()
    return f"{await server.profile(False)}\n{figure} (cProfile makes it dearer)"


async def _sampled(spy: str, how: How, server: Server, load: Load) -> str:
    with tempfile.TemporaryDirectory() as folder:
        stacks = Path(folder) / "stacks"
        watch = await asyncio.create_subprocess_exec(
            spy, "record", "--pid", str(server.pid), "--format", "raw", *(["--native"] if how.native else []),
            "--function", "--rate", "200", "--output", str(stacks), "--duration", "unlimited",
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        await asyncio.sleep(1.0)
        figure = await load()
        if watch.returncode is None:
            watch.send_signal(2)
        _, complaints = await watch.communicate()
        if not stacks.exists():
            return f"py-spy: {complaints.decode(errors='replace')}\n{figure}"
        return f"{top(stacks.read_text())}\n{figure}"


def top(raw: str, count: int = TOP) -> str:
    """The functions of py-spy's raw stacks (``a;b;c 12``) by own samples; beside them those with everything they called."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, samples = line.rpartition(" ")
        frames = stack.split(";")
        own[frames[-1]] += int(samples)
        for frame in set(frames):
            within[frame] += int(samples)
    total = sum(own.values()) or 1
    lines = [f"{'own':>7}{'within':>9}  of {total} samples"]
    lines += [
        f"{found / total:7.1%}{within[name] / total:9.1%}  {name}" for name, found in own.most_common(count)
    ]
    return "\n".join(lines)


def _spy() -> str | None:
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.exists() else shutil.which("py-spy")


@asynccontextmanager
async def _load(bench: Bench, what: str) -> AsyncIterator[Load]:
    if what in ("relay", "relay-acks"):
        pairs = bench.people.pairs(bench.sizes.pairs, bench.urls)
        async with bench.pairs(pairs) as load:
            await measures.opened(load, 2 * len(pairs))
            yield lambda: _told(measures.relayed(bench, load, acks=what == "relay-acks"))
    elif what == "fanout":
        watchers = bench.people.watchers(bench.sizes.watchers, bench.urls)
        async with bench.tabs(watchers) as load:
            await measures.opened(load, len(watchers))
            yield lambda: _told(measures.fanned_out(bench, load))
    else:

        async def arrive() -> str:
            return f"{(await measures.arrived(bench)).cpu * 1e3:.2f} ms CPU each"

        yield arrive


async def _told(cost: Awaitable[measures.Cost]) -> str:
    found = await cost
    return (
        f"{found.each * 1e6:.1f} µs CPU each, server {found.busy:.0%} busy, {found.per_second:.0f} a second"
    )
