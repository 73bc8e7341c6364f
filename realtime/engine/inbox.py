"""Events of one socket, handled in order by one task, while the reader goes on reading."""

import asyncio
from collections import deque

from realtime.engine.application import Job


class Inbox:
    """Bounded. The first job opens the socket; the last one closes it and is always taken."""

    def __init__(self, opening: Job, limit: int) -> None:
        self._jobs: deque[Job] = deque([opening])
        self._limit = limit
        self._more = asyncio.Event()
        self._finished = False
        self.task = asyncio.create_task(self._run())

    def offer(self, job: Job) -> bool:
        """Append; False when it is full."""
        if self._finished or len(self._jobs) >= self._limit:
            return False
        self._jobs.append(job)
        self._more.set()
        return True

    def finish(self, closing: Job) -> None:
        """Run ``closing`` after everything that came before, then end."""
        if not self._finished:
            self._finished = True
            self._jobs.append(closing)
            self._more.set()

    async def _run(self) -> None:
        while self._jobs or not self._finished:
            if not self._jobs:
                self._more.clear()
                await self._more.wait()
                continue
            job = self._jobs.popleft()
            await job()
