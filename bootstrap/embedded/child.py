"""A supervised child process: started, watched, restarted when it dies, stopped with a deadline."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bootstrap.embedded.child_output import ChildLog
from bootstrap.embedded.errors import ChildFailed
from bootstrap.embedded.orphans import forget_pid, kill_orphan, record_pid

log = logging.getLogger(__name__)

LAUNCHER: Final = Path(__file__).with_name("launch.py")
READY_POLL: Final = 0.02
FIRST_BACKOFF: Final = 0.1
LONGEST_BACKOFF: Final = 5.0
# A child that lived this long was healthy; its next death starts the backoff anew.
STEADY_SECONDS: Final = 30.0


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run and how to treat it.

    ``ready`` is polled until true (at most ``ready_seconds``). At :meth:`ChildProcess.stop` the child gets ``stop_signal``
    and, ``stop_seconds`` later, SIGKILL. With ``restart`` it is started again whenever it ends by itself.
    ``death_signal`` is what the kernel sends it when this process is gone, however it went. ``echo`` receives each line
    it prints, beside the log file.
    """

    name: str
    command: tuple[str, ...]
    log_file: Path
    pid_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], Awaitable[bool]] = _always
    ready_seconds: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    death_signal: signal.Signals = signal.SIGKILL
    restart: bool = True
    echo: Callable[[str], None] | None = None


class ChildProcess:
    """One child by its :class:`ChildSpec`. It cannot outlive this process, even one ended by ``kill -9``.

    Start it from the main thread: the kernel ties the child's life to the thread that started it.
    """

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.restarts = 0
        self._process: asyncio.subprocess.Process | None = None
        self._log = ChildLog(spec.log_file, spec.echo)
        self._watch: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id now. Raises :class:`ChildFailed` between a death and the restart."""
        if self._process is None or self._process.returncode is not None:
            raise ChildFailed(f"{self.spec.name} is not running.")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start and wait until ready. Raises :class:`ChildFailed` with the end of its log; nothing is left running then."""
        await kill_orphan(self.spec.pid_file, self.spec.command)
        try:
            await self._spawn()
            await self._until_ready()
        except BaseException:
            await self._end_process()
            raise
        self._watch = asyncio.create_task(self._supervise(), name=f"supervise {self.spec.name}")

    async def stop(self) -> None:
        """Stop for good: politely, then by force. May be called twice, and in any state."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self._end_process()

    def kill(self, with_signal: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal, as a crash would; with ``restart`` the supervisor starts the child again."""
        pid = self.pid
        if with_signal == signal.SIGKILL:
            self._ready.clear()
        os.kill(pid, with_signal)

    async def wait_ready(self, seconds: float | None = None) -> None:
        """Wait until the child is ready (again). Raises :class:`ChildFailed` when that takes longer than ``seconds``."""
        limit = self.spec.ready_seconds if seconds is None else seconds
        try:
            async with asyncio.timeout(limit):
                await self._ready.wait()
        except TimeoutError:
            raise ChildFailed(
                f"{self.spec.name} was not back within {limit:g} s.{self._log.tail()}"
            ) from None

    async def wait_ended(self) -> int:
        """Wait until the child of now ends; its return code, negative for a signal."""
        if self._process is None:
            raise ChildFailed(f"{self.spec.name} is not running.")
        return await self._process.wait()

    async def _spawn(self) -> None:
        launcher = (
            sys.executable,
            "-I",
            "-S",
            str(LAUNCHER),
            str(os.getpid()),
            str(int(self.spec.death_signal)),
        )
        with self._log.destination() as output:
            self._process = await asyncio.create_subprocess_exec(
                *launcher,
                *self.spec.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.spec.environment},
                # Ctrl-C in the terminal reaches the parent alone, which stops its children in the right order.
                start_new_session=True,
            )
        record_pid(self.spec.pid_file, self._process.pid)
        self._log.follow(self._process.stdout)

    async def _until_ready(self) -> None:
        process = self._process
        assert process is not None
        deadline = asyncio.get_running_loop().time() + self.spec.ready_seconds
        while not await self.spec.ready():
            if process.returncode is not None:
                raise ChildFailed(f"{self.spec.name} ended with {process.returncode}.{self._log.tail()}")
            if asyncio.get_running_loop().time() > deadline:
                raise ChildFailed(
                    f"{self.spec.name} was not ready within {self.spec.ready_seconds:g} s.{self._log.tail()}"
                )
            await asyncio.sleep(READY_POLL)
        self._ready.set()

    async def _supervise(self) -> None:
        backoff = FIRST_BACKOFF
        while True:
            born = asyncio.get_running_loop().time()
            code = await self.wait_ended()
            self._ready.clear()
            await self._log.drain()
            if not self.spec.restart:
                log.warning("%s (child process) ended with %s", self.spec.name, code)
                return
            lived = asyncio.get_running_loop().time() - born
            backoff = FIRST_BACKOFF if lived >= STEADY_SECONDS else backoff
            log.warning("%s died (%s) after %.1f s; restarting", self.spec.name, code, lived)
            await asyncio.sleep(backoff)
            backoff = min(LONGEST_BACKOFF, backoff * 2)
            await self._revive()

    async def _revive(self) -> None:
        spawning = asyncio.create_task(self._spawn())
        try:
            try:
                await asyncio.shield(spawning)
            except asyncio.CancelledError:
                # Being stopped just now: a child nobody knows of must not come out of it.
                await spawning
                raise
            self.restarts += 1
            await self._until_ready()
            log.info("%s is back as process %d", self.spec.name, self.pid)
        except (ChildFailed, OSError) as error:
            log.error("%s", error)
            await self._end_process()

    async def _end_process(self) -> None:
        self._ready.clear()
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.spec.stop_signal)
            try:
                async with asyncio.timeout(self.spec.stop_seconds):
                    await process.wait()
            except TimeoutError:
                log.warning("%s did not stop in %g s; killing it", self.spec.name, self.spec.stop_seconds)
                process.kill()
                await process.wait()
        await self._log.drain()
        forget_pid(self.spec.pid_file)
