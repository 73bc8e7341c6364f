"""The bus on Redis or Valkey: one connection that publishes (:mod:`adapters.redis.gather`) and one that hears
(:mod:`adapters.redis.subscriber`)."""

from collections.abc import Collection, Sequence

from redis.asyncio import Redis

from adapters.redis.gather import Gatherer
from adapters.redis.subscriber import BusTimes, Subscriber
from domain.bus import BusListener

__all__ = ["BusTimes", "RedisBus"]


class RedisBus:
    """Implements :class:`domain.bus.Bus`."""

    def __init__(self, client: "Redis", times: BusTimes | None = None) -> None:
        """``client`` must speak RESP2 (:func:`adapters.redis.client.connect`); it stays the caller's to close."""
        times = times or BusTimes()
        self._subscriber = Subscriber(client, times)
        self._gatherer = Gatherer(client, times.publish_within)

    @property
    def connected(self) -> bool:
        """Whether anything is heard at this moment."""
        return self._subscriber.connected

    @property
    def gaps(self) -> int:
        """Times that something may have been missed."""
        return self._subscriber.gaps

    @property
    def lost(self) -> int:
        """Frames handed over that the server did not take."""
        return self._gatherer.lost

    def listen(self, listener: BusListener) -> None:
        self._subscriber.listener = listener
        self._gatherer.on_lost = listener.lost

    async def subscribe(self, channels: Collection[str]) -> None:
        await self._subscriber.subscribe(channels)

    def unsubscribe(self, channels: Collection[str]) -> None:
        self._subscriber.unsubscribe(channels)

    async def publish(self, frames: Sequence[tuple[str, bytes]]) -> None:
        if frames:
            await self._gatherer.publish(frames)

    def send(self, channel: str, frame: bytes) -> None:
        self._gatherer.send(channel, frame)

    async def start(self) -> None:
        """Begin to listen; subscriptions may be asked for before and after. A bus that is down is no reason not to start."""
        await self._subscriber.start()

    async def stop(self) -> None:
        """Publish what was handed over, then hear nothing any more."""
        await self._gatherer.stop()
        await self._subscriber.stop()
