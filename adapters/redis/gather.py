"""Publishing by loop turns: what is handed over in one turn, or while a pipeline is under way, goes out as one."""

import asyncio
import logging
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.errors import Unavailable

log = logging.getLogger(__name__)

#: Frames waiting for a bus that does not answer; beyond it, frames nobody waits for are lost, and counted.
MAX_WAITING = 10_000


class Gatherer:
    """Keeps the order of what it is handed; one pipeline at a time."""

    def __init__(self, client: "Redis", within: float) -> None:
        """``within``: seconds a pipeline may take."""
        self._client = client
        self._within = within
        self._frames: list[tuple[str, bytes]] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._task: asyncio.Task[None] | None = None
        self.lost = 0

    def send(self, channel: str, frame: bytes) -> None:
        """Publish soon; a loss is counted."""
        if len(self._frames) >= MAX_WAITING:
            self.lost += 1
            return
        self._frames.append((channel, frame))
        self._ensure()

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        """Publish and wait until the server took it.

        Raises:
            Unavailable: it did not, or not in time.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._frames.extend(frames)
        self._waiters.append(future)
        self._ensure()
        await future

    async def drain(self) -> None:
        """Wait until nothing waits."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def _ensure(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        # The task starts in the next turn of the loop, so that everything of this one is gathered.
        try:
            while self._frames:
                frames, waiters = self._frames, self._waiters
                self._frames, self._waiters = [], []
                await self._flush(frames, waiters)
        finally:
            self._task = None

    async def _flush(self, frames: list[tuple[str, bytes]], waiters: list[asyncio.Future[None]]) -> None:
        by_channel: dict[str, list[bytes]] = {}
        for channel, frame in frames:
            by_channel.setdefault(channel, []).append(frame)
        try:
            async with asyncio.timeout(self._within):
                pipeline = self._client.pipeline(transaction=False)
                for channel, gathered in by_channel.items():
                    pipeline.publish(channel, b"\n".join(gathered))
                await pipeline.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(frames, waiters, error)
            return
        except asyncio.CancelledError:
            for waiter in waiters:
                waiter.cancel()
            raise
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _failed(
        self, frames: list[tuple[str, bytes]], waiters: list[asyncio.Future[None]], error: Exception
    ) -> None:
        self.lost += len(frames)
        log.warning("could not publish %d frames: %s", len(frames), type(error).__name__)
        for waiter in waiters:
            if not waiter.done():
                failure = Unavailable("The message bus does not answer.")
                failure.__cause__ = error
                waiter.set_exception(failure)
