"""What several tests of the engine begin with."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from realtime.engine.eager import Eager
from realtime.engine.transport import EngineIO


@pytest.fixture
async def eager() -> AsyncIterator[Eager]:
    starter = Eager()
    yield starter
    starter.stop()
    await asyncio.sleep(0)


@pytest.fixture
async def client(engine: EngineIO) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """Of the ``engine`` that the test's own module sets up."""
    app = web.Application()
    engine.attach(app)
    async with TestClient(TestServer(app)) as client:
        yield client
