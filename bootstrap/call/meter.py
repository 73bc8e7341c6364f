"""The meter as a console shows it: set by the server's events, run on by the local clock in between."""

import asyncio
import time
from collections.abc import Callable


class Meter:
    """Billable domain seconds, estimated between events. The server's count alone is charged."""

    def __init__(self, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._clock = clock
        self._base = 0.0
        self._since: float | None = None
        self._changed = asyncio.Event()
        self.over = False

    @property
    def seconds(self) -> float:
        """Billable by now."""
        running = self._clock() - self._since if self._since is not None else 0.0
        return self._base + running * self._speed

    def run(self, from_seconds: float = 0.0) -> None:
        """The meter runs, from what the server counted so far."""
        self._base, self._since = from_seconds, self._clock()
        self._changed.set()

    def stand(self, at_seconds: float) -> None:
        """Paused at what the server counted."""
        self._base, self._since = at_seconds, None
        self._changed.set()

    def stop(self, at_seconds: float) -> None:
        """The call is over."""
        self.over = True
        self.stand(at_seconds)

    async def reach(self, seconds: float) -> None:
        """Until so much is billable, or the call is over; a pause takes as long as it takes."""
        while not self.over and (left := seconds - self.seconds) > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(left / self._speed if self._since is not None else None):
                    await self._changed.wait()
            except TimeoutError:
                continue
