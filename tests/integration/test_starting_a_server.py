"""A server that cannot start says why, and leaves nothing behind."""

import asyncio
import socket
from pathlib import Path

import pytest

from adapters.mongo.client import MongoDatabase
from bootstrap.embedded import DataDir, DataDirInUse, StoreUris
from bootstrap.ports import PortInUse
from bootstrap.serve import serve
from bootstrap.settings import Settings
from bootstrap.up import running


async def test_a_taken_port_is_a_sentence_and_a_clean_stop(
    monkeypatch: pytest.MonkeyPatch, store_uris: StoreUris, mongo: MongoDatabase
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("MONGODB_URI", store_uris.mongodb_uri)
        monkeypatch.setenv("REDIS_URL", store_uris.redis_url)
        monkeypatch.setenv("RAPPORT_SECRET_KEY", "k" * 32)
        monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_x")
        monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_x")
        before = asyncio.all_tasks()

        with pytest.raises(PortInUse, match=f"port {port} of 127.0.0.1 .*RAPPORT_PORT"):
            await serve(Settings(port=port, password_cost=4), asyncio.Event())

    left = {task.get_name(): task.get_coro() for task in asyncio.all_tasks() - before}
    assert left == {}
    assert await mongo["processes"].count_documents({}) == 0


async def test_a_second_one_on_the_same_folder_is_told_of_the_first_not_of_its_port(tmp_path: Path) -> None:
    folder = DataDir(tmp_path / "data")
    folder.acquire()
    try:
        with socket.create_server(("127.0.0.1", 0)) as first, pytest.raises(DataDirInUse, match="process"):
            async with running(Settings(port=first.getsockname()[1], data_dir=folder.path)):
                pass
    finally:
        folder.release()
