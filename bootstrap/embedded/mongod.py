"""A private mongod as a replica set of one: transactions without installing or configuring anything."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pymongo.errors import OperationFailure, PyMongoError

from adapters.mongo.client import DEFAULT_DATABASE, MongoClient, open_client
from bootstrap.embedded.binaries import find_mongod
from bootstrap.embedded.child import ChildSpec
from bootstrap.embedded.data_dir import DataDir

log = logging.getLogger(__name__)

REPLICA_SET: Final = "rapport"
SOCKET: Final = "mongod.sock"
NOT_YET_INITIALIZED: Final = 94
# A server killed in a transaction leaves its documents locked until this is over (default 60 s); ours take milliseconds.
TRANSACTION_LIFETIME_SECONDS: Final = 10
OPLOG_MB: Final = 128


def mongod_spec(
    data_dir: DataDir, *, cache_gb: float, parameters: Sequence[str] = ()
) -> tuple[ChildSpec, str]:
    """How to run mongod in ``data_dir``, and the URI of its replica set. Raises :class:`ServerNotFound`."""
    program = find_mongod(data_dir)
    socket = data_dir.socket(SOCKET)
    command = (
        str(program.path),
        *("--dbpath", str(data_dir.folder("mongo"))),
        *("--replSet", REPLICA_SET),
        # A path as the address to bind makes it listen there and on no TCP port; --nounixsocket drops only the
        # second socket it would open under /tmp.
        *("--bind_ip", str(socket)),
        "--nounixsocket",
        *("--wiredTigerCacheSizeGB", f"{cache_gb:g}"),
        *("--oplogSize", str(OPLOG_MB)),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_SECONDS}"),
        # Nobody reads the past. By default what a document was before is kept for five minutes, which costs a third more.
        *("--setParameter", "minSnapshotHistoryWindowInSeconds=0"),
        *(part for parameter in parameters for part in ("--setParameter", parameter)),
    )
    spec = ChildSpec(
        name="mongod",
        command=command,
        log_file=data_dir.logs / "mongod.log",
        pid_file=data_dir.run / "mongod.pid",
        environment=program.environment,
        ready=lambda: is_primary(socket),
        stop_seconds=20.0,
    )
    return spec, f"mongodb://{quote(str(socket), safe='')}/{DEFAULT_DATABASE}?replicaSet={REPLICA_SET}"


async def is_primary(socket: Path) -> bool:
    """Whether the server behind ``socket`` takes writes; initiates its replica set when it has none yet.

    Each look is a client of its own: one that initiated the set failed when used on (error 50736).
    """
    if not await _listening(socket):
        return False
    client = open_client(f"mongodb://{quote(str(socket), safe='')}/", direct=True)
    try:
        hello = await client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        await _form_replica_set(client, str(socket))
    except PyMongoError as error:
        log.debug("mongod is not ready: %s", error)
    finally:
        client.close()
    return False


async def _form_replica_set(client: MongoClient, host: str) -> None:
    """Initiate the set, or put the member where its socket now is: a moved data directory moves the socket.

    The member's host is the plain path; the server does not recognise itself in a percent-encoded one.
    """
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        config = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": host}]}
        await client.admin.command("replSetInitiate", config)
        return
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


async def _listening(socket: Path) -> bool:
    """A socket file may be left from a killed server; only a connection tells."""
    try:
        _, writer = await asyncio.open_unix_connection(str(socket))
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
