"""Publishing by loop turns: what is handed over in one turn, or while an earlier batch is under way, goes out as one
PUBLISH a channel, all of them in one write."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.link import Answer, Link, packed
from domain.errors import Unavailable

log = logging.getLogger(__name__)

#: Frames waiting for a bus that does not answer; beyond it, frames nobody waits for are lost, and counted.
MAX_WAITING = 10_000
#: Batches written and not answered. One more than one, so that a slow answer does not stop the next turn's frames.
MAX_UNDER_WAY = 2
#: Seconds between two attempts to connect.
_FIRST_BACKOFF = 0.05
_LONGEST_BACKOFF = 1.0


@dataclass(slots=True)
class _Batch:
    """What one write carried, or will."""

    by_channel: dict[str, list[bytes]] = field(default_factory=dict)
    frames: int = 0
    waiters: list[asyncio.Future[None]] = field(default_factory=list)
    #: answers to come
    unanswered: int = 0
    written_at: float = 0.0
    refusal: Exception | None = None

    def add(self, channel: str, frame: bytes) -> None:
        self.frames += 1
        frames = self.by_channel.get(channel)
        if frames is None:
            self.by_channel[channel] = [frame]
        else:
            frames.append(frame)

    def commands(self) -> bytes:
        return b"".join(
            packed(b"PUBLISH", channel.encode(), b"\n".join(frames))
            for channel, frames in self.by_channel.items()
        )


class Gatherer:
    """Keeps the order of what it is handed."""

    def __init__(self, client: "Redis", within: float) -> None:
        """``within``: seconds a batch may take."""
        self._client = client
        self._within = within
        self._next = _Batch()
        self._under_way: deque[_Batch] = deque()
        self._link: Link | None = None
        self._opening: asyncio.Task[None] | None = None
        self._flushing = False
        self._deadline: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        #: frames handed over and not taken by the server
        self.lost = 0
        #: told the channels whose frames were lost
        self.on_lost: Callable[[Collection[str]], None] | None = None

    def send(self, channel: str, frame: bytes) -> None:
        """Publish soon; a loss is counted."""
        if self._next.frames >= MAX_WAITING:
            self.lost += 1
            return
        self._next.add(channel, frame)
        if not self._flushing:
            self._flush_soon()

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        """Publish and wait until the server took it.

        Raises:
            Unavailable: it did not, or not in time.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        for channel, frame in frames:
            self._next.add(channel, frame)
        self._next.waiters.append(future)
        self._flush_soon()
        await future

    async def stop(self) -> None:
        """Wait until nothing waits, then hang up."""
        await self._idle.wait()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        self._hang_up()

    # --- out ----------------------------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if not self._flushing:
            self._flushing = True
            self._idle.clear()
            # In the next turn of the loop, so that everything of this one is gathered.
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        link = self._link
        if link is None:
            self._open()
        elif self._next.frames and len(self._under_way) < MAX_UNDER_WAY and link.writable:
            batch, self._next = self._next, _Batch()
            batch.unanswered = len(batch.by_channel)
            batch.written_at = asyncio.get_running_loop().time()
            self._under_way.append(batch)
            link.write(batch.commands())
            if self._deadline is None:
                self._watch()

    def _go_on(self) -> None:
        """A batch is done with, one way or another."""
        if self._next.frames:
            self._flush_soon()
        elif not self._under_way:
            self._idle.set()

    def _open(self) -> None:
        if self._opening is None:
            self._opening = asyncio.create_task(self._connect())
            self._opening.add_done_callback(self._opened)

    async def _connect(self) -> None:
        backoff = _FIRST_BACKOFF
        while self._next.frames:
            try:
                self._link = await Link.open(self._client, self._answered, self._broken, self._within)
            except (RedisError, OSError, TimeoutError) as error:
                batch, self._next = self._next, _Batch()
                self._failed([batch], error)
                self._go_on()
                # What is handed over meanwhile waits for the next attempt.
                await asyncio.sleep(backoff)
                backoff = min(2 * backoff, _LONGEST_BACKOFF)
            else:
                self._link.on_resume(self._flush_soon)
                return

    def _opened(self, task: "asyncio.Task[None]") -> None:
        self._opening = None
        if task.cancelled():
            return
        if task.exception() is not None:
            log.error("the publishing connection failed", exc_info=task.exception())
        self._go_on()

    # --- back ---------------------------------------------------------------------------------------------------------

    def _answered(self, answer: Answer) -> None:
        if not self._under_way:
            return
        batch = self._under_way[0]
        batch.unanswered -= 1
        if isinstance(answer, Exception):
            batch.refusal = answer
        if batch.unanswered:
            return
        self._under_way.popleft()
        if batch.refusal is not None:
            self._failed([batch], batch.refusal)
        for waiter in batch.waiters:
            _resolve(waiter, None)
        self._go_on()

    def _broken(self) -> None:
        self._give_up(ConnectionError("the connection was lost"))

    def _watch(self) -> None:
        if not self._under_way:
            self._deadline = None
            return
        loop = asyncio.get_running_loop()
        left = self._under_way[0].written_at + self._within - loop.time()
        if left <= 0:
            self._deadline = None
            self._give_up(TimeoutError())
        else:
            self._deadline = loop.call_later(left, self._watch)

    def _give_up(self, error: Exception) -> None:
        batches = list(self._under_way)
        self._hang_up()
        self._failed(batches, error)
        self._go_on()

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        self._under_way.clear()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if link is not None:
            link.close()

    def _failed(self, batches: Sequence[_Batch], error: Exception) -> None:
        frames = sum(batch.frames for batch in batches)
        channels = {channel for batch in batches for channel in batch.by_channel}
        self.lost += frames
        if frames:
            log.warning("could not publish %d frames: %s", frames, type(error).__name__)
        for waiter in (waiter for batch in batches for waiter in batch.waiters):
            _resolve(waiter, error)
        if channels and self.on_lost is not None:
            self.on_lost(channels)


def _resolve(waiter: "asyncio.Future[None]", error: Exception | None) -> None:
    if waiter.done():
        return
    if error is None:
        waiter.set_result(None)
        return
    failure = Unavailable("The message bus does not answer.")
    failure.__cause__ = error
    waiter.set_exception(failure)
