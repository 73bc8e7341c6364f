"""Committed events on their way to the processes that hold the sockets; used by server and worker alike."""

import logging
from collections.abc import Sequence

import orjson

from domain.bus import Bus, channels_of, published
from domain.clock import Clock
from domain.errors import Unavailable
from domain.events import Address, Event, to_wire
from domain.ids import new_id
from domain.outbox import OutboxRow

log = logging.getLogger(__name__)


class BusPublisher:
    """Implements ``domain.outbox.RowPublisher`` and ``domain.ports.Publisher``."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock

    async def publish_rows(self, rows: Sequence[OutboxRow]) -> None:
        """Hand the rows over in their order, all in one go.

        Raises:
            Unavailable: the bus is down.
        """
        frames: list[tuple[str, bytes]] = []
        for row in rows:
            frame = orjson.dumps(published(row).fields())
            frames.extend((channel, frame) for channel in channels_of(row))
        await self._bus.publish(frames)

    async def publish(self, events: Sequence[tuple[Address, Event]]) -> None:
        """Deliver once, best effort: what must arrive goes through the outbox."""
        now = self._clock.now()
        rows = [
            OutboxRow(
                id=new_id(),
                to=to,
                name=event.name,
                namespace=event.namespace,
                data=to_wire(event),
                droppable=event.droppable,
                created_at=now,
            )
            for to, event in events
        ]
        try:
            await self.publish_rows(rows)
        except Unavailable:
            log.warning("bus down; %d events were not delivered", len(rows))
