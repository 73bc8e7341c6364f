"""Process ids on disk, so that a child left over from an earlier life is ended before its data are opened again."""

import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path
from typing import Final

from bootstrap.embedded.errors import ChildFailed

log = logging.getLogger(__name__)

GONE_SECONDS: Final = 10.0
POLL: Final = 0.02


def record_pid(file: Path, pid: int) -> None:
    """Remember which process runs."""
    file.write_text(f"{pid}\n")


def forget_pid(file: Path) -> None:
    """The process ended and was waited for."""
    file.unlink(missing_ok=True)


async def kill_orphan(file: Path, command: tuple[str, ...]) -> None:
    """End the process that ``file`` names if it still runs ``command``, and wait until it is gone.

    A number alone proves nothing, since ids are reused: its command line must be the same. Raises :class:`ChildFailed`
    when it does not go away (a process stuck in the kernel).
    """
    pid = _read(file)
    if pid is None or not _runs(pid, command):
        forget_pid(file)
        return
    log.warning("process %d is left over from an earlier start; ending it", pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    try:
        async with asyncio.timeout(GONE_SECONDS):
            # The end of a process that is no child of ours is told to nobody.
            while _runs(pid, command):  # noqa: ASYNC110
                await asyncio.sleep(POLL)
    except TimeoutError:
        raise ChildFailed(f"Process {pid} of an earlier start does not end.") from None
    forget_pid(file)


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _runs(pid: int, command: tuple[str, ...]) -> bool:
    """Whether process ``pid`` runs ``command``; a zombie has no command line any more."""
    try:
        found = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return found.endswith(b"\0".join(map(os.fsencode, command)) + b"\0")
