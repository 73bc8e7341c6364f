"""Which database an operator's command means."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.mongo.client import MongoClient, open_client
from bootstrap.settings import Settings
from bootstrap.up import recorded_mongodb


@asynccontextmanager
async def operators_client(settings: Settings) -> AsyncIterator[MongoClient]:
    """A client of MONGODB_URI, or else of the stores that ``rapport up`` keeps in RAPPORT_DATA_DIR.

    Raises:
        ValueError: there is neither.
    """
    client = open_client(settings.mongodb_uri or _embedded(settings))
    try:
        yield client
    finally:
        client.close()


def _embedded(settings: Settings) -> str:
    try:
        return recorded_mongodb(settings.data_dir)
    except OSError:
        raise ValueError(
            f"MONGODB_URI is not set, and nothing was ever started in {settings.data_dir} (RAPPORT_DATA_DIR)."
        ) from None
