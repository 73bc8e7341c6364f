"""The one connection of a process that hears what others publish, with every possible loss noticed.

redis-py's ``PubSub`` reconnects and subscribes again without a word (seen: deaf for 2 s, no exception). So this one reads a
connection of its own, on which nothing reconnects by itself, and

* a lost connection is made again, and every channel reported as a gap once it is heard again,
* a subscribe reply that nobody waits for is a gap too: somebody reconnected underneath,
* an own PING every ``ping_every`` seconds finds a connection that is silently dead: none back in ``pong_within`` seconds
  means reconnect.
"""

import asyncio
import contextlib
import logging
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis.link import Answer, Link, packed
from domain.bus import BusListener
from domain.errors import Unavailable

log = logging.getLogger(__name__)

PING_EVERY = 2.0
PONG_WITHIN = 4.0
_FIRST_BACKOFF = 0.05
_LONGEST_BACKOFF = 1.0
#: Subscriptions made within this window are one command.
WINDOW = 0.005


@dataclass(frozen=True, slots=True)
class BusTimes:
    """Real seconds."""

    ping_every: float = PING_EVERY
    pong_within: float = PONG_WITHIN
    window: float = WINDOW
    publish_within: float = 4.0


class Subscriber:
    """What is wanted, what is heard, and whoever waits for the second to follow the first."""

    def __init__(self, client: "Redis", times: BusTimes) -> None:
        self._client = client
        self._times = times
        self._wanted: set[str] = set()
        self._heard: set[str] = set()
        #: subscribe replies we wait for
        self._expected: Counter[str] = Counter()
        self._waiting: defaultdict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self._added: set[str] = set()
        self._dropped: set[str] = set()
        #: refused for being late, but still wanted
        self._late: set[str] = set()
        #: after a new connection: what may have been missed, told once nothing is left to be confirmed
        self._missed: set[str] = set()
        self._unconfirmed: set[str] = set()
        self._flush_at: asyncio.TimerHandle | None = None
        self._link: Link | None = None
        self._hung_up = asyncio.Event()
        self._pinged_at = self._ponged_at = 0.0
        self._running: asyncio.Task[None] | None = None
        self._once_connected = asyncio.Event()
        self.listener: BusListener | None = None
        self.gaps = 0

    @property
    def connected(self) -> bool:
        """Whether anything is heard at this moment."""
        return self._link is not None

    async def subscribe(self, channels: Collection[str]) -> None:
        """See :meth:`domain.bus.Bus.subscribe`."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[None]] = []
        for channel in channels:
            self._wanted.add(channel)
            self._dropped.discard(channel)
            if channel in self._heard:
                continue
            self._added.add(channel)
            future: asyncio.Future[None] = loop.create_future()
            self._waiting[channel].append(future)
            futures.append(future)
        if not futures:
            return
        self._flush_soon()
        _, late = await asyncio.wait(futures, timeout=self._times.pong_within)
        if late:
            for future in late:
                future.cancel()
            # Whoever asked has been refused, so confirming it later is news.
            self._late.update(channel for channel in channels if channel not in self._heard)
            self._added.difference_update(self._late)
            raise Unavailable("The message bus does not answer.")

    def unsubscribe(self, channels: Collection[str]) -> None:
        """See :meth:`domain.bus.Bus.unsubscribe`."""
        for channel in channels:
            self._wanted.discard(channel)
            self._heard.discard(channel)
            self._added.discard(channel)
            self._late.discard(channel)
            self._dropped.add(channel)
            self._confirmed(channel)
        self._flush_soon()

    async def start(self) -> None:
        """Begin to listen; waits a moment for the first connection, but a bus that is down is no reason not to start."""
        self._running = asyncio.create_task(self._run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.pong_within):
                await self._once_connected.wait()

    async def stop(self) -> None:
        """Hear nothing any more."""
        if self._flush_at is not None:
            self._flush_at.cancel()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        self._hang_up()

    # --- the connection ---------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        backoff = _FIRST_BACKOFF
        while True:
            try:
                await self._connect()
                backoff = _FIRST_BACKOFF
                await self._ping()
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("subscriber could not connect: %s", type(error).__name__)
            self._hang_up()
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LONGEST_BACKOFF)

    async def _connect(self) -> None:
        self._hung_up.clear()
        link = await Link.open(self._client, self._take, self._hung_up.set, self._times.pong_within)
        self._link = link
        self._once_connected.set()
        self._expected.clear()
        self._heard.clear()
        self._pinged_at = self._ponged_at = asyncio.get_running_loop().time()
        self._missed = self._wanted - self._added
        self._unconfirmed = set(self._wanted)
        self._added.clear()
        self._dropped.clear()
        if self._missed:
            self._late.clear()
        if self._wanted:
            self._subscribe(sorted(self._wanted))

    async def _ping(self) -> None:
        """Until the connection is lost, or silent for too long."""
        loop, link = asyncio.get_running_loop(), self._link
        while link is not None and not self._hung_up.is_set():
            if self._pinged_at > self._ponged_at and loop.time() - self._pinged_at > self._times.pong_within:
                log.warning("subscriber heard no pong in %.1f s", self._times.pong_within)
                return
            if self._ponged_at >= self._pinged_at:
                self._pinged_at = loop.time()
                link.write(packed(b"PING"))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._times.ping_every / 2):
                    await self._hung_up.wait()
        log.warning("subscriber lost its connection")

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    # --- what comes in ----------------------------------------------------------------------------------------------

    def _take(self, answer: Answer) -> None:
        if isinstance(answer, Exception):
            log.warning("the bus refuses: %s", answer)
            self._hung_up.set()
            return
        # Without a subscription PING is answered like any other command.
        answer = answer if isinstance(answer, list) else [b"pong"]
        kind = answer[0]
        if kind == b"message":
            self._deliver(answer[1].decode(), answer[2])
        elif kind == b"subscribe":
            self._subscribed(answer[1].decode())
        elif kind == b"pong":
            self._ponged_at = asyncio.get_running_loop().time()

    def _deliver(self, channel: str, payload: bytes) -> None:
        listener = self.listener
        if listener is None or channel not in self._wanted:
            return
        for frame in payload.split(b"\n"):
            try:
                listener.frame(channel, frame)
            except Exception:
                log.exception("the bus listener failed")

    def _subscribed(self, channel: str) -> None:
        unexpected = self._expected[channel] == 0 or channel in self._late
        self._late.discard(channel)
        self._expected[channel] = max(0, self._expected[channel] - 1)
        if channel in self._wanted:
            self._heard.add(channel)
        for future in self._waiting.pop(channel, ()):
            if not future.done():
                future.set_result(None)
        if unexpected:
            self._gap([channel], "unexpected subscribe reply")
        self._confirmed(channel)

    def _confirmed(self, channel: str) -> None:
        """One channel less to wait for: only once everything is heard again is nothing missed any more."""
        self._unconfirmed.discard(channel)
        if self._missed and not self._unconfirmed:
            missed, self._missed = self._missed & self._wanted, set()
            if missed:
                self._gap(sorted(missed), "connection made again")

    def _gap(self, channels: Collection[str], why: str) -> None:
        self.gaps += 1
        log.warning("bus gap on %d channels: %s", len(channels), why)
        if self.listener is not None:
            self.listener.gap(channels)

    # --- what goes out ----------------------------------------------------------------------------------------------

    def _flush_soon(self) -> None:
        if self._flush_at is None:
            self._flush_at = asyncio.get_running_loop().call_later(self._times.window, self._flush)

    def _flush(self) -> None:
        self._flush_at = None
        if self._link is None:
            return  # the next connection subscribes to all that is wanted
        added, dropped = sorted(self._added & self._wanted), sorted(self._dropped - self._wanted)
        self._added.clear()
        self._dropped.clear()
        if dropped:
            self._link.write(packed(b"UNSUBSCRIBE", *(channel.encode() for channel in dropped)))
        if added:
            self._subscribe(added)

    def _subscribe(self, channels: list[str]) -> None:
        if self._link is not None:
            self._expected.update(channels)
            self._link.write(packed(b"SUBSCRIBE", *(channel.encode() for channel in channels)))
