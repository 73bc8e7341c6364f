"""A server that cannot start says why, and leaves nothing behind."""

import asyncio
import socket

import pytest

from adapters.mongo.client import MongoDatabase
from bootstrap.embedded import StoreUris
from bootstrap.ports import PortInUse
from bootstrap.serve import serve
from bootstrap.settings import Settings


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
