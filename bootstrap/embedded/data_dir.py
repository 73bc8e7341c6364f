"""The data directory: private, locked by one process, with short paths for its Unix sockets."""

import fcntl
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from bootstrap.embedded.errors import DataDirInUse, DataDirUnusable

# sockaddr_un.sun_path is 108 bytes with its closing NUL (unix(7)).
SOCKET_PATH_BYTES: Final = 107
LONGEST_SOCKET_NAME: Final = "mongod.sock"
PRIVATE: Final = 0o700


class DataDir:
    """Everything embedded services keep, under one directory of mode 0700.

    ``mongo/`` and ``valkey/`` hold the data, ``logs/`` what the children print, ``run/`` sockets and process ids.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock: int | None = None

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def run(self) -> Path:
        return self.path / "run"

    def acquire(self) -> None:
        """Create the directory and hold its lock until :meth:`release` or the end of this process, however it ends.

        Raises :class:`DataDirInUse` when another process holds it and :class:`DataDirUnusable` when it cannot be private.
        """
        self._refuse_foreign()
        for folder in (self.path, self.logs, self.run):
            _make_private(folder)
        lock = self._locked()
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        self._lock = lock

    def refuse_if_held(self) -> None:
        """Raise :class:`DataDirInUse` when another process holds the lock now; nothing is created or kept."""
        if (self.path / "lock").exists():
            os.close(self._locked())

    def _locked(self) -> int:
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(lock, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(lock)
            raise DataDirInUse(
                f"{self.path} is in use by another rapport (process {holder}). "
                "Stop it, or give this one its own directory with RAPPORT_DATA_DIR."
            ) from error
        return lock

    def _refuse_foreign(self) -> None:
        """Never take the mode of somebody's home or of /tmp away because a setting named it."""
        if not self.path.is_dir() or (self.path / "lock").exists():
            return
        if stat.S_IMODE(self.path.stat().st_mode) != PRIVATE and any(self.path.iterdir()):
            raise DataDirUnusable(f"{self.path} holds other files; name an empty or new directory.")

    def release(self) -> None:
        """Let another process have the directory. The lock file stays: removing it would race with the next holder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def folder(self, name: str) -> Path:
        """A private folder in the data directory."""
        folder = self.path / name
        _make_private(folder)
        return folder

    def socket(self, name: str) -> Path:
        """Where the socket ``name`` goes: ``run/``, or a short private folder when that path does not do for a socket.

        It does not when it is too long, or has capitals: the driver takes a socket's path for a host name and lower-cases it.
        The short folder is the same at each start, and ``run/sockets`` names it.
        """
        if _fits(self.run):
            return self.run / name
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        short = Path(tempfile.gettempdir()) / f"rapport-{os.getuid()}-{digest}"
        if not _fits(short):
            short = Path("/tmp") / short.name
        _make_private(short)
        (self.run / "sockets").write_text(f"{short}\n")
        return short / name


def _fits(folder: Path) -> bool:
    path = str(folder / LONGEST_SOCKET_NAME)
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES and path == path.lower()


def _make_private(folder: Path) -> None:
    """Make ``folder`` ours alone. It may lie in a directory where others write, so nothing found there is trusted."""
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise DataDirUnusable(f"{folder} belongs to somebody else, or is no directory.")
        if stat.S_IMODE(found.st_mode) != PRIVATE:
            folder.chmod(PRIVATE)
    except OSError as error:
        raise DataDirUnusable(f"{folder} cannot be used: {error.strerror}.") from error
