"""What a child prints: to its log file, and line by line to whoever listens."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROTATE_BYTES: Final = 16 * 1024 * 1024
TAIL_BYTES: Final = 2_000
READ_BYTES: Final = 64 * 1024
DRAIN_SECONDS: Final = 2.0


class ChildLog:
    """One log file. Without a listener the child writes to it directly, so nothing of ours is in between."""

    def __init__(self, file: Path, echo: Callable[[str], None] | None) -> None:
        self._file = file
        self._echo = echo
        self._pump: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def destination(self) -> Iterator[int]:
        """What to give the child as its standard output. A file grown large is kept once, as ``….1``."""
        if self._file.exists() and self._file.stat().st_size > ROTATE_BYTES:
            self._file.replace(self._file.with_name(self._file.name + ".1"))
        if self._echo is not None:
            yield asyncio.subprocess.PIPE
            return
        with self._file.open("ab") as log:
            yield log.fileno()

    def follow(self, stream: asyncio.StreamReader | None) -> None:
        """Pass on what the child prints, when it prints to a pipe."""
        if stream is not None and self._echo is not None:
            self._pump = asyncio.create_task(self._copy(stream, self._echo))

    async def drain(self) -> None:
        """Wait until all that an ended child printed is written."""
        pump, self._pump = self._pump, None
        if pump is not None:
            # A grandchild that outlives its parent keeps the pipe open; nobody waits for that.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(pump, DRAIN_SECONDS)

    def tail(self) -> str:
        """The end of the log, for an error message: a new line and the text, or nothing."""
        try:
            with self._file.open("rb") as log:
                log.seek(max(0, self._file.stat().st_size - TAIL_BYTES))
                text = log.read().decode(errors="replace").strip()
        except FileNotFoundError:
            return ""
        return f" The end of {self._file}:\n{text}" if text else ""

    async def _copy(self, stream: asyncio.StreamReader, echo: Callable[[str], None]) -> None:
        rest = b""
        with self._file.open("ab", buffering=0) as log:
            # Read in blocks: StreamReader.readline raises on a line longer than its limit.
            while block := await stream.read(READ_BYTES):
                log.write(block)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    echo(line.decode(errors="replace"))
        if rest:
            echo(rest.decode(errors="replace"))
