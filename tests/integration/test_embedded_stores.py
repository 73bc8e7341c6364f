"""The embedded mongod and Valkey: private, durable over ``kill -9``, gone with their parent."""

import asyncio
import os
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.mongo.client import database_of, open_client
from bootstrap.embedded import DataDirInUse, DataDirUnusable, EmbeddedStores, StoreUris

DEADLINE = 30.0
CACHE_GB = 0.25

# A parent of its own, to be killed: prints the stores' process ids once they run, then waits forever.
PARENT = """
import asyncio, sys
from pathlib import Path
from bootstrap.embedded import EmbeddedStores

async def main():
    stores = EmbeddedStores(Path(sys.argv[1]), cache_gb=0.25)
    await stores.start()
    print(stores.mongod.pid, stores.valkey.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: pytest's own are too long for a socket."""
    path = Path(tempfile.mkdtemp(prefix="rapport-test-"))
    yield path / "data"
    shutil.rmtree(path)


@pytest.fixture
async def own(folder: Path) -> AsyncIterator[EmbeddedStores]:
    """Stores of this test alone, to be stopped and moved."""
    stores = EmbeddedStores(folder, cache_gb=CACHE_GB)
    yield stores
    await stores.stop()


async def write(uris: StoreUris, value: str) -> None:
    client, redis = open_client(uris.mongodb_uri), Redis.from_url(uris.redis_url)
    async with await client.start_session() as session, session.start_transaction():
        await database_of(client)["kept"].insert_one({"_id": value}, session=session)
    await redis.set("kept", value)
    client.close()
    await redis.aclose()


async def read(uris: StoreUris) -> tuple[list[str], bytes | str | None]:
    client, redis = open_client(uris.mongodb_uri), Redis.from_url(uris.redis_url)
    documents = [found["_id"] async for found in database_of(client)["kept"].find()]
    value = await redis.get("kept")
    client.close()
    await redis.aclose()
    return documents, value


def is_gone(pid: int) -> bool:
    """Ended, or a zombie that only waits to be collected by whoever adopted it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


async def until_gone(*pids: int) -> None:
    async with asyncio.timeout(DEADLINE):
        while not all(map(is_gone, pids)):  # noqa: ASYNC110  (no children of ours: nobody tells)
            await asyncio.sleep(0.01)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def sockets_of(pid: int) -> set[str]:
    """The inode numbers of a process's open sockets."""
    links = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def tcp_inodes() -> set[str]:
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    lines = [line for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return {line.split()[9] for line in lines}


async def test_data_survive_a_clean_stop_and_a_moved_directory(own: EmbeddedStores, folder: Path) -> None:
    await write(await own.start(), "first")
    await own.stop()
    moved = folder.with_name("elsewhere")
    shutil.move(folder, moved)

    async with EmbeddedStores(moved, cache_gb=CACHE_GB) as stores:
        assert await read(stores.uris) == (["first"], b"first")


async def test_data_survive_kill_9_of_each_store_and_the_supervisor_says_so(
    stores: EmbeddedStores,
    embedded_only: None,
    store_uris: StoreUris,
    mongo: object,
    valkey: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await write(store_uris, "kept")
    before = stores.mongod.pid, stores.valkey.pid

    await asyncio.gather(stores.restart("mongod"), stores.restart("valkey"))

    assert await read(store_uris) == (["kept"], b"kept")
    assert stores.mongod.pid != before[0]
    assert stores.valkey.pid != before[1]
    died = {record.message.split(" ")[0] for record in caplog.records if "died (-9)" in record.message}
    assert died == {"mongod", "valkey"}


async def test_children_end_with_a_parent_that_is_killed_and_its_data_come_back(
    own: EmbeddedStores, folder: Path
) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(folder)), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    async with asyncio.timeout(DEADLINE):
        mongod, valkey = map(int, (await parent.stdout.readline()).split())
    with pytest.raises(DataDirInUse, match=f"process {parent.pid}"):
        await own.start()

    parent.send_signal(signal.SIGKILL)
    await parent.communicate()
    await until_gone(mongod, valkey)

    # Lock, process ids and sockets of the dead are still on disk; none of them is in the way.
    await write(await own.start(), "after")
    assert await read(own.uris) == (["after"], b"after")


async def test_directory_is_private_and_no_tcp_port_is_open(
    stores: EmbeddedStores, embedded_only: None
) -> None:
    folder = stores.data_dir.path

    assert mode_of(folder) == 0o700
    for child in (stores.mongod, stores.valkey):
        assert sockets_of(child.pid), "the look at its sockets saw none at all"
        assert not sockets_of(child.pid) & tcp_inodes()


@pytest.mark.parametrize("name", ["x" * 100, "Capitals"], ids=["too long", "capitals"])
async def test_path_that_does_not_do_for_a_socket_gets_a_short_private_folder(
    folder: Path, name: str
) -> None:
    async with EmbeddedStores(folder / name, cache_gb=CACHE_GB) as stores:
        recorded = Path((stores.data_dir.run / "sockets").read_text().strip())
        await write(stores.uris, "kept")
        assert await read(stores.uris) == (["kept"], b"kept")

    assert mode_of(recorded) == 0o700
    assert len(os.fsencode(recorded / "mongod.sock")) <= 107
    shutil.rmtree(recorded)


async def test_directory_of_somebody_else_s_files_is_left_alone(folder: Path) -> None:
    os.mkdir(folder, 0o755)
    (folder / "diary.txt").touch()

    with pytest.raises(DataDirUnusable, match="other files"):
        await EmbeddedStores(folder).start()
    assert mode_of(folder) == 0o755


async def test_given_uris_start_nothing(folder: Path) -> None:
    async with EmbeddedStores(folder, mongodb_uri="mongodb://db/x", redis_url="redis://cache") as stores:
        assert stores.uris == StoreUris("mongodb://db/x", "redis://cache")
        assert os.listdir(folder / "run") == []
