"""Keeping a process's list of revoked tokens whole, whatever the bus loses.

The bus brings a revocation within milliseconds. A process that was deaf for a while reads the store every two seconds, so it
never believes a revoked token for longer than that. Wall time.
"""

import asyncio
import logging
from datetime import timedelta

from pymongo.errors import PyMongoError

from domain.accounts.ports import RevocationStore
from domain.accounts.revocations import ACCESS_LIFETIME, CLOCK_SKEW, RevokedTokens
from domain.clock import Clock
from domain.errors import Unavailable

REREAD_SECONDS = 2.0
#: A revocation takes its instant at the beginning of its transaction and shows at the commit: a reader looks back.
LOOK_BACK = timedelta(seconds=30) + CLOCK_SKEW

log = logging.getLogger(__name__)


class RevocationWatch:
    """Loads at start, then rereads. Start it before the first token is read."""

    def __init__(
        self, store: RevocationStore, revoked: RevokedTokens, clock: Clock, period: float = REREAD_SECONDS
    ) -> None:
        self._store = store
        self._revoked = revoked
        self._clock = clock
        self._period = period
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load what still matters, then keep up."""
        await self._read(ACCESS_LIFETIME + CLOCK_SKEW)
        self._task = asyncio.create_task(self._keep_up())

    async def stop(self) -> None:
        """Stop keeping up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(self._period)
            try:
                await self._read(LOOK_BACK)
            except (PyMongoError, Unavailable) as error:
                log.warning("revocations could not be read: %s", type(error).__name__)

    async def _read(self, back: timedelta) -> None:
        now = self._clock.wall()
        self._revoked.load(await self._store.since(now - back), now)
