"""The one place that opens the driver.

Motor is in maintenance and its successor is PyMongo's ``AsyncMongoClient``: the switch is this file.
"""

from datetime import UTC
from typing import Any

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

DEFAULT_DATABASE = "rapport"
SERVER_SELECTION_MS = 5_000
CONNECT_MS = 5_000
# Longer than any query of ours, shorter than a task's own timeout: a lost connection never hangs a worker.
SOCKET_MS = 15_000

MongoClient = AsyncIOMotorClient[dict[str, Any]]
MongoDatabase = AsyncIOMotorDatabase[dict[str, Any]]


def open_client(uri: str, *, direct: bool = False) -> MongoClient:
    """A client on the running event loop; it connects when first used. Whoever opens it closes it.

    Writes are acknowledged by a majority, and reads see only what a majority has in its journal: a ``kill -9``
    of mongod never takes back what was read. ``direct`` speaks to that one server whatever its replica set state.
    """
    directly: dict[str, Any] = {"directConnection": True} if direct else {}
    return AsyncIOMotorClient(
        uri,
        appname="rapport",
        w="majority",
        readConcernLevel="majority",
        tz_aware=True,
        tzinfo=UTC,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=SERVER_SELECTION_MS,
        connectTimeoutMS=CONNECT_MS,
        socketTimeoutMS=SOCKET_MS,
        waitQueueTimeoutMS=SERVER_SELECTION_MS,
        **directly,
    )


def database_of(client: MongoClient) -> MongoDatabase:
    """The database the URI names, or ``rapport`` when it names none."""
    codec: CodecOptions[dict[str, Any]] = client.codec_options
    return client.get_default_database(DEFAULT_DATABASE, codec_options=codec)
