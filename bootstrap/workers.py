"""``rapport serve --workers N``: N server processes on one port, and the small parent that keeps them.

Each process listens on the port by itself (SO_REUSEPORT), so the kernel spreads new connections and nobody passes anything on.
The parent serves nothing. It

* reserves the port, starts one process and then the others, and stops everything when a first start fails,
* starts a process that died again, after a pause that grows while it keeps dying,
* on SIGTERM or SIGINT has all of them drain, at the same time,
* on SIGHUP replaces one after the other: the new one listens before the old one drains, so no connection finds nobody.

A process tells that it listens by writing into a pipe; its end without a word is a failed start. It drains, too, when the
parent is killed.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bootstrap.embedded.child import LAUNCHER
from bootstrap.ports import PortInUse
from bootstrap.settings import Settings

log = logging.getLogger(__name__)

#: Indexes are made, and the bus is given a moment.
READY_SECONDS = 60.0
#: Longer than a server takes that drains, waits for its handlers, lets them unwind and says goodbye, some 30 s at worst;
#: then it is killed, and its seats are not given back. Longer, too, than a worker waits for its tasks.
STOP_SECONDS = 40.0
FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 30.0
#: A process that lived this long was healthy; its next death starts the backoff anew.
STEADY_SECONDS = 30.0
#: More processes than any machine's cores is a slip of the finger.
MOST = 256
READY = b"ready\n"


class StartFailed(ValueError):
    """A process ended, or said nothing, before it listened. What it printed says why."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Which of several processes one is, from 1, and where it says that it listens."""

    number: int
    ready_fd: int

    def tell_ready(self) -> None:
        """Say it, once."""
        with contextlib.suppress(OSError):  # the parent may be gone
            os.write(self.ready_fd, READY)
        os.close(self.ready_fd)


def count_of(workers: str) -> int:
    """How many processes ``--workers`` means: a number, or ``auto`` for the cores that this process may use.

    Raises:
        ValueError: neither.
    """
    if workers == "auto":
        return len(os.sched_getaffinity(0))
    if not workers.isdecimal() or not 1 <= int(workers) <= MOST:
        raise ValueError(f"a number from 1 to {MOST}, or auto")
    return int(workers)


async def serve_workers(settings: Settings, count: int) -> None:
    """Run ``count`` processes until SIGTERM or SIGINT.

    Raises:
        PortInUse: somebody else listens where we should.
        StartFailed: a process could not start.
    """
    with _reserved(settings.host, settings.port) as port:
        environment = {**os.environ, "RAPPORT_PORT": str(port), "RAPPORT_WEBSOCKET_ONLY": "true"}
        command = (sys.executable, "-m", "bootstrap", "serve")
        await Workers(command, environment, count).run()


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """The port, bound and not listened on: with 0 a free one, and nobody else's while we run."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_STREAM) as probe,
        socket.socket(family, socket.SOCK_STREAM) as kept,
    ):
        try:
            # First without sharing: whoever shares already is another program's, or another of us.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            found = probe.getsockname()[1]
            probe.close()
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            kept.bind((host, found))
        except OSError as error:
            raise PortInUse(host, port, "RAPPORT_PORT", error) from error
        yield found


class Workers:
    """The processes by their slot."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], count: int) -> None:
        self._command = command
        self._environment = environment
        self._slots = range(1, count + 1)
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._keeping: dict[int, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._renew = asyncio.Event()

    async def run(self) -> None:
        """Until told to stop, and everything has drained.

        Raises:
            StartFailed: at the first start.
        """
        loop = asyncio.get_running_loop()
        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._renew.set)
        try:
            await self._start_all()
            log.info("serving with %d processes", len(self._slots))
            await self._watch()
        finally:
            for task in self._keeping.values():
                task.cancel()
            await asyncio.gather(*self._keeping.values(), return_exceptions=True)
            await asyncio.gather(*(self._end(process) for process in self._processes.values()))
            for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(one)

    async def _start_all(self) -> None:
        # One alone at first: what keeps it from starting keeps all of them, and is to be said once.
        for slots in (self._slots[:1], self._slots[1:]):
            await self._start_together(slots)
            if self._stopping.is_set():
                return
        for slot, process in list(self._processes.items()):
            self._keep(slot, process)

    async def _start_together(self, slots: Sequence[int]) -> None:
        starting = [asyncio.create_task(self._first(slot)) for slot in slots]
        stopping: asyncio.Future[Any] = asyncio.create_task(self._stopping.wait())
        everything: asyncio.Future[Any] = asyncio.gather(*starting)
        try:
            await asyncio.wait([everything, stopping], return_when=asyncio.FIRST_COMPLETED)
            if everything.done():
                everything.result()
        finally:
            for task in (*starting, everything, stopping):
                task.cancel()
            await asyncio.gather(*starting, everything, stopping, return_exceptions=True)

    async def _first(self, slot: int) -> None:
        self._processes[slot] = await self._start(slot)

    async def _watch(self) -> None:
        while not self._stopping.is_set():
            waits = {asyncio.create_task(event.wait()) for event in (self._stopping, self._renew)}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in waits:
                task.cancel()
            if self._renew.is_set() and not self._stopping.is_set():
                self._renew.clear()
                await self._roll()

    async def _roll(self) -> None:
        """Replace one after the other; where a new one does not come up, the old ones stay."""
        log.info("rolling restart of %d processes", len(self._slots))
        for slot in self._slots:
            if self._stopping.is_set():
                return
            try:
                fresh = await self._start(slot)
            except StartFailed as failure:
                log.error("rolling restart given up: %s", failure)
                return
            old = self._processes[slot]
            self._keep(slot, fresh)
            await self._end(old)
        log.info("rolling restart done")

    def _keep(self, slot: int, process: asyncio.subprocess.Process) -> None:
        keeping = self._keeping.get(slot)
        if keeping is not None:
            keeping.cancel()
        self._processes[slot] = process
        self._keeping[slot] = asyncio.create_task(self._kept(slot), name=f"keep worker {slot}")

    async def _kept(self, slot: int) -> None:
        """Start a process that died again, for ever."""
        loop, backoff = asyncio.get_running_loop(), FIRST_BACKOFF
        while True:
            born = loop.time()
            code = await self._processes[slot].wait()
            lived = loop.time() - born
            backoff = FIRST_BACKOFF if lived >= STEADY_SECONDS else backoff
            log.error("server process %d died (%s) after %.1f s; starting it again", slot, code, lived)
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, LONGEST_BACKOFF)
            with contextlib.suppress(StartFailed):
                self._processes[slot] = await self._start(slot)

    async def _start(self, slot: int) -> asyncio.subprocess.Process:
        """A process that listens.

        Raises:
            StartFailed: there is none; nothing is left running.
        """
        said, told = os.pipe()
        try:
            launcher = (sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(signal.SIGTERM)))
            process = await asyncio.create_subprocess_exec(
                *launcher,
                *self._command,
                *("--slot", str(slot), "--ready-fd", str(told)),
                stdin=asyncio.subprocess.DEVNULL,
                env=self._environment,
                pass_fds=(told,),
                # Ctrl-C in the terminal reaches the parent alone.
                start_new_session=True,
            )
        except BaseException:
            os.close(said)
            raise
        finally:
            os.close(told)
        try:
            if await _first_word(said) != READY:
                raise StartFailed(f"Server process {slot} did not start.")
        except BaseException:
            await asyncio.shield(self._end(process))
            raise
        log.info("server process %d listens", slot, extra={"pid": process.pid})
        return process

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            log.warning("process %d did not drain in %g s; killing it", process.pid, STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _first_word(fd: int) -> bytes:
    """What comes out of a pipe until its other end closes, or nothing in :data:`READY_SECONDS`."""
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(fd, "rb", buffering=0)
    )
    try:
        async with asyncio.timeout(READY_SECONDS):
            return await reader.readline()
    except TimeoutError:
        return b""
    finally:
        transport.close()
