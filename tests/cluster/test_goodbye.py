"""A server that stops takes its heartbeat away, unless something it held is still written as held."""

import asyncio

import pytest

from adapters.mongo.client import MongoDatabase
from bootstrap.embedded import StoreUris
from bootstrap.serve import serve
from bootstrap.settings import Settings
from domain.ids import new_id


@pytest.mark.parametrize("left", [0, 1])
async def test_a_heartbeat_stays_for_others_to_find_while_anything_is_held(
    monkeypatch: pytest.MonkeyPatch, store_uris: StoreUris, mongo: MongoDatabase, left: int
) -> None:
    for name, value in {
        "MONGODB_URI": store_uris.mongodb_uri,
        "REDIS_URL": store_uris.redis_url,
        "RAPPORT_SECRET_KEY": "k" * 32,
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
        "STRIPE_ADDRESS": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    stopping = asyncio.Event()
    serving = asyncio.create_task(serve(Settings(port=0, password_cost=4), stopping))
    beating = None
    while beating is None:
        await asyncio.sleep(0.01)
        assert not serving.done(), serving
        beating = await mongo["processes"].find_one({"kind": "server"})

    for _ in range(left):
        process, user_id = beating["_id"], new_id()
        await mongo["presence"].insert_one({"process": process, "user_id": user_id})
    stopping.set()
    await asyncio.wait_for(serving, 60)

    assert await mongo["processes"].count_documents({}) == left
