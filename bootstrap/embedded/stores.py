"""Both stores of the program, embedded where no URI names another."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from bootstrap.embedded.child import ChildProcess
from bootstrap.embedded.data_dir import DataDir
from bootstrap.embedded.errors import ChildFailed
from bootstrap.embedded.mongod import mongod_spec
from bootstrap.embedded.valkey import valkey_spec

StoreName = Literal["mongod", "valkey"]
DEFAULT_CACHE_GB = 0.5


@dataclass(frozen=True, slots=True)
class StoreUris:
    """Where the stores are, in the form of ``MONGODB_URI`` and ``REDIS_URL``."""

    mongodb_uri: str
    redis_url: str


class EmbeddedStores:
    """A mongod and a Valkey in one data directory, listening on Unix sockets there and nowhere else.

    A URI given for one of them is passed through and that server is not started. The directory is locked while the
    stores run, and also when both URIs are given: it belongs to one ``rapport`` at a time.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        mongodb_uri: str | None = None,
        redis_url: str | None = None,
        cache_gb: float = DEFAULT_CACHE_GB,
        mongod_parameters: Sequence[str] = (),
    ) -> None:
        self._dir = DataDir(data_dir)
        self._given = (mongodb_uri, redis_url)
        self._cache_gb = cache_gb
        self._parameters = mongod_parameters
        self._children: dict[StoreName, ChildProcess] = {}
        self._uris: StoreUris | None = None

    async def start(self) -> StoreUris:
        """Start both and wait until mongod is primary and Valkey answers.

        Raises :class:`DataDirInUse`, :class:`DataDirUnusable`, :class:`ServerNotFound` or :class:`ChildFailed`, and
        leaves nothing running then.
        """
        self._dir.acquire()
        try:
            mongodb_uri, redis_url = self._given
            if not mongodb_uri:
                spec, mongodb_uri = mongod_spec(
                    self._dir, cache_gb=self._cache_gb, parameters=self._parameters
                )
                self._children["mongod"] = ChildProcess(spec)
            if not redis_url:
                spec, redis_url = valkey_spec(self._dir)
                self._children["valkey"] = ChildProcess(spec)
            await self._start_children()
        except BaseException:
            await self.stop()
            raise
        self._uris = StoreUris(mongodb_uri, redis_url)
        return self._uris

    async def stop(self) -> None:
        """Stop both cleanly and give the directory back. May be called twice."""
        await asyncio.gather(*(child.stop() for child in self._children.values()))
        self._children.clear()
        self._dir.release()

    @property
    def uris(self) -> StoreUris:
        """Where the stores are. Raises :class:`ChildFailed` before :meth:`start`."""
        if self._uris is None:
            raise ChildFailed("The stores are not started.")
        return self._uris

    @property
    def data_dir(self) -> DataDir:
        return self._dir

    @property
    def mongod(self) -> ChildProcess:
        return self._child("mongod")

    @property
    def valkey(self) -> ChildProcess:
        return self._child("valkey")

    def kill(self, name: StoreName) -> None:
        """``kill -9`` one store; its supervisor brings it back by itself."""
        self._child(name).kill()

    async def restart(self, name: StoreName) -> None:
        """``kill -9`` one store and wait until it is back."""
        self.kill(name)
        await self._child(name).wait_ready()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _start_children(self) -> None:
        outcomes = await asyncio.gather(
            *(child.start() for child in self._children.values()), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def _child(self, name: StoreName) -> ChildProcess:
        try:
            return self._children[name]
        except KeyError:
            raise ChildFailed(f"{name} is not embedded here, or not started.") from None
