"""Tells the presence use case about a coach's first and last tab on this process, one thing at a time and in order."""

import asyncio
import logging
from contextlib import suppress

from domain.ids import UserId
from realtime.ports import CoachPresence

log = logging.getLogger(__name__)

#: Real seconds between two attempts; the last value goes on until the process stops.
_PAUSES = (1.0, 2.0, 5.0, 10.0, 15.0)


class PresenceReporter:
    """Converges: whatever happens while a report is under way, the last one told is what is."""

    def __init__(self, presence: CoachPresence) -> None:
        self._presence = presence
        self._here: dict[UserId, int] = {}
        self._told: set[UserId] = set()
        self._telling: dict[UserId, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()

    def arrived(self, user_id: UserId) -> None:
        """One more tab."""
        self._here[user_id] = self._here.get(user_id, 0) + 1
        self._tell(user_id)

    def left(self, user_id: UserId) -> None:
        """One tab fewer."""
        self._here[user_id] -= 1
        if not self._here[user_id]:
            del self._here[user_id]
        self._tell(user_id)

    def here(self) -> set[UserId]:
        """Coaches with a tab on this process."""
        return set(self._here)

    async def stop(self) -> None:
        """Finish what is being told, once; presence of what is left is taken away by whoever misses our heartbeat."""
        self._stopping.set()
        await asyncio.gather(*self._telling.values(), return_exceptions=True)

    def _tell(self, user_id: UserId) -> None:
        if user_id not in self._telling:
            self._telling[user_id] = asyncio.create_task(self._converge(user_id))

    async def _converge(self, user_id: UserId) -> None:
        try:
            failures = 0
            while (user_id in self._here) != (user_id in self._told):
                if await self._report(user_id, user_id in self._here):
                    failures = 0
                    continue
                if self._stopping.is_set():
                    return
                await self._pause(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1
        finally:
            del self._telling[user_id]

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _report(self, user_id: UserId, here: bool) -> bool:
        try:
            if here:
                await self._presence.arrived(user_id)
                self._told.add(user_id)
            else:
                await self._presence.left(user_id)
                self._told.discard(user_id)
        except Exception as error:
            log.warning("presence could not be written: %s; again soon", type(error).__name__)
            return False
        return True
