"""The server under load: which one may be, what it says of itself, what its processes use."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp


class NoTarget(Exception):
    """This server cannot, or must not, be loaded; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running server. Durations in real seconds."""

    url: str
    version: str
    clock_speed: float
    cooldown: float
    #: payments are pretended
    sandbox: bool


def require_loopback(url: str) -> str:
    """The address, without a path.

    Raises:
        NoTarget: it is not on this machine. Load is thrown at nobody else, whatever they have agreed to.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = parts.hostname or ""
    try:
        here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise NoTarget(
            f"{url} is not on this machine. A load test goes to a loopback address only, such as http://127.0.0.1:8080."
        )
    try:
        port = parts.port
    except ValueError:  # beyond 65535
        port = None
    if parts.scheme != "http" or port is None:
        raise NoTarget(f"{url}: an address like http://127.0.0.1:8080 is wanted, with http and a port.")
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def look_at(url: str) -> Target:
    """Ask a server what it is.

    Raises:
        NoTarget: nobody answers, it is not ours, or it is a production server.
    """
    url = require_loopback(url)
    try:
        timeout = aiohttp.ClientTimeout(total=10)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(f"{url}/api/about") as answer:
            about: dict[str, Any] = await answer.json()
        found = Target(
            url=url,
            version=str(about["version"]),
            clock_speed=float(about["clockSpeed"]),
            cooldown=float(about["calls"]["cooldownSeconds"]) / float(about["clockSpeed"]),
            sandbox=about["payments"]["gateway"] == "sandbox",
        )
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NoTarget(f"Nobody answers at {url} ({type(error).__name__}). Is the server running?") from error
    except (KeyError, TypeError, ValueError) as error:
        raise NoTarget(f"What answers at {url} is not Rapport.") from error
    if about.get("environment") == "production":
        raise NoTarget(f"{url} is a production server: accounts of a load test have no place there.")
    return found


@dataclass(frozen=True, slots=True)
class Usage:
    """Of all processes that listen at the target's port."""

    cpu_seconds: float
    rss_bytes: int
    processes: int


class Processes:
    """The processes behind a port of this machine (proc(5), Linux); none where that cannot be told."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.pids = listening(port)

    def usage(self) -> Usage | None:
        """Now; None when there is nothing to look at."""
        found = [one for pid in self.pids if (one := _usage_of(pid)) is not None]
        if not found:
            return None
        return Usage(sum(cpu for cpu, _ in found), sum(rss for _, rss in found), len(found))


def listening(port: int) -> list[int]:
    """The processes that listen at a TCP port; those of others are not seen."""
    inodes = {inode for table in ("tcp", "tcp6") for inode in _listeners(Path(f"/proc/net/{table}"), port)}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if inodes & set(_sockets(folder / "fd")):
            found.append(int(folder.name))
    return sorted(found)


def _sockets(descriptors: Path) -> Iterator[str]:
    """The inodes of a process's sockets; none of a process that is gone, or not ours."""
    try:
        entries = os.listdir(descriptors)
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):  # closed meanwhile
            yield os.readlink(descriptors / entry).removeprefix("socket:[").removesuffix("]")


_LISTEN = "0A"


def _listeners(table: Path, port: int) -> list[str]:
    try:
        rows = [line.split() for line in table.read_text().splitlines()[1:]]
    except OSError:
        return []
    return [row[9] for row in rows if row[3] == _LISTEN and int(row[1].rsplit(":", 1)[1], 16) == port]


def _usage_of(pid: int) -> tuple[float, int] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE")
