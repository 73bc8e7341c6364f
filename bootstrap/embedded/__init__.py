"""Real stores without installing any: a private mongod and Valkey, started and supervised by this process."""

from bootstrap.embedded.child import ChildProcess, ChildSpec
from bootstrap.embedded.data_dir import DataDir
from bootstrap.embedded.errors import (
    ChildFailed,
    DataDirInUse,
    DataDirUnusable,
    EmbeddedError,
    ServerNotFound,
)
from bootstrap.embedded.stores import EmbeddedStores, StoreUris

__all__ = [
    "ChildFailed",
    "ChildProcess",
    "ChildSpec",
    "DataDir",
    "DataDirInUse",
    "DataDirUnusable",
    "EmbeddedError",
    "EmbeddedStores",
    "ServerNotFound",
    "StoreUris",
]
