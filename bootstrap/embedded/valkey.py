"""A private Valkey (or Redis): wake-ups of the task queue, messages between processes, counters of limits."""

from typing import Final
from urllib.parse import quote

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bootstrap.embedded.binaries import find_valkey
from bootstrap.embedded.child import ChildSpec
from bootstrap.embedded.data_dir import DataDir

SOCKET: Final = "valkey.sock"


def valkey_spec(data_dir: DataDir) -> tuple[ChildSpec, str]:
    """How to run Valkey in ``data_dir``, and its URL. Raises :class:`ServerNotFound`."""
    program = find_valkey(data_dir)
    socket = data_dir.socket(SOCKET)
    url = f"unix://{quote(str(socket))}?db=0"
    command = (
        str(program.path),
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(data_dir.folder("valkey"))),
        *("--appendonly", "yes"),
        # Written at once, flushed each second: nothing is lost when the process dies, a second when the machine does.
        # That second holds wake-ups and messages; what they are about is in MongoDB, and its timers find it again.
        *("--appendfsync", "everysec"),
        *("--save", ""),
        *("--daemonize", "no"),
    )
    spec = ChildSpec(
        name="valkey",
        command=command,
        log_file=data_dir.logs / "valkey.log",
        pid_file=data_dir.run / "valkey.pid",
        ready=lambda: answers(url),
    )
    return spec, url


async def answers(url: str) -> bool:
    """Whether the server behind ``url`` answers PING; it does not while it reads its append-only file."""
    client = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(await client.ping())
    except (RedisError, OSError):
        return False
    finally:
        await client.aclose()
