"""Proof of media: inbound RTP grew within the last two seconds.

The state of a connection is no proof: ICE consent (RFC 7675) notices a silent loss after half a minute. Packets are counted
where they arrive, by the W3C statistics of the receivers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiortc import RTCPeerConnection

from bootstrap.call.errors import Refused

#: Real seconds.
WINDOW = 2.0
LOOK_EVERY = 0.1

Report = Callable[[int, str], Awaitable[None]]
#: What the server answers to a report that came too late; whoever restarted, or ended, has told us or is about to.
TOO_LATE = ("STALE_EPOCH", "GONE", "NOT_JOINED")


@dataclass(slots=True)
class Growth:
    """Whether a counter grows. Pure: the caller brings the time (seconds, monotonic)."""

    window: float = WINDOW
    count: int = 0
    grew_at: float | None = None
    ever: bool = False

    def note(self, count: int, now: float) -> None:
        """The counter stands at ``count``."""
        if count > self.count:
            self.grew_at, self.ever = now, True
        self.count = count

    def recount(self) -> None:
        """Another connection, another counter; when it last grew stays true."""
        self.count = 0

    def restart(self) -> None:
        """Another generation: nothing of the last one proves anything."""
        self.count, self.grew_at, self.ever = 0, None, False

    def state(self, now: float) -> str:
        """``connected``, ``disconnected`` after it was connected, else ``connecting``."""
        if self.grew_at is not None and now - self.grew_at < self.window:
            return "connected"
        return "disconnected" if self.ever else "connecting"


@dataclass(slots=True)
class Inbound:
    """RTP packets received by one connection."""

    packets: int = 0
    lost: int = 0


async def inbound(connection: RTCPeerConnection | None) -> Inbound:
    """Sum the receivers' statistics; nothing without a connection."""
    total = Inbound()
    for receiver in connection.getReceivers() if connection is not None else ():
        for entry in (await receiver.getStats()).values():
            if entry.type == "inbound-rtp":
                total.packets += entry.packetsReceived
                total.lost += entry.packetsLost
    return total


class Prover:
    """Watches a connection and reports: every change at once, ``connected`` again every ``interval`` seconds."""

    def __init__(
        self, connection: Callable[[], tuple[int, RTCPeerConnection | None]], report: Report, interval: float
    ) -> None:
        self._connection = connection
        self._report = report
        self._interval = interval
        self._growth = Growth()
        self._epoch: int | None = None
        self._watched: RTCPeerConnection | None = None
        self._told: tuple[int, str] | None = None
        self._told_at = 0.0
        self._before = 0

    @property
    def packets(self) -> int:
        """RTP packets that arrived over all connections of this call."""
        return self._before + self._growth.count

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look(time.monotonic())
            await asyncio.sleep(LOOK_EVERY)

    async def look(self, now: float) -> None:
        """Look once, and report what there is to report."""
        epoch, connection = self._connection()
        if connection is not self._watched:
            self._before += self._growth.count
            self._growth.recount()
            self._watched = connection
        if epoch != self._epoch:
            self._growth.restart()
            self._epoch = epoch
        self._growth.note((await inbound(connection)).packets, now)
        state = self._growth.state(now)
        repeat = state == "connected" and now - self._told_at >= self._interval
        if self._told != (epoch, state) or repeat:
            await self._tell(epoch, state, now)

    async def _tell(self, epoch: int, state: str, now: float) -> None:
        try:
            await self._report(epoch, state)
        except Refused as refused:
            if refused.code not in TOO_LATE:
                raise
        self._told, self._told_at = (epoch, state), now
