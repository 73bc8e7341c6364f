"""One echo server for each module of the protocol suites: ours, or the one whose address ``CONFORMANCE_URL`` names.

``CONFORMANCE_URL=http://127.0.0.1:3000 pytest tests/conformance/test_engineio_v4.py`` puts another implementation's echo
servers to the same questions: those that both protocol documents print at their end, at ``/engine.io/`` and ``/socket.io/``.
"""

import asyncio
import os
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.conformance.client import Stage, staged
from tests.conformance.echo import echoes
from tests.conformance.engine_cases import HEARTBEATS, Heartbeats
from tests.conformance.wire import Endpoint

VARIABLE = "CONFORMANCE_URL"


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(scope="module")
async def echo_url() -> AsyncIterator[str]:
    """Where the echo servers are."""
    if named := os.environ.get(VARIABLE):
        yield named.rstrip("/")
        return
    async with echoes("ours") as address:
        yield address


@pytest.fixture(scope="module")
async def engine_io(http: aiohttp.ClientSession, echo_url: str) -> Endpoint:
    return Endpoint(http, f"{echo_url}/engine.io/")


@pytest.fixture(scope="module")
async def socket_io(http: aiohttp.ClientSession, echo_url: str) -> Endpoint:
    return Endpoint(http, f"{echo_url}/socket.io/")


@pytest.fixture(scope="module")
async def heartbeats(endpoint: Endpoint) -> AsyncIterator[Heartbeats]:
    """The cases that take most of the time, all begun now: what is left of a second when they are asked for."""
    tasks = {case.__name__: asyncio.create_task(case(endpoint)) for case in HEARTBEATS}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.fixture(params=["stock", "ours"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """What runs on stock, for reference, runs on ours."""
    async with staged(request.param) as stage:
        yield stage


@pytest.fixture
async def ours() -> AsyncIterator[Stage]:
    """Where we deviate."""
    async with staged("ours") as stage:
        yield stage
