"""Events of one socket, handled one after the other, while the reader goes on reading."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from realtime.engine.eager import Eager

log = logging.getLogger(__name__)

Job = Callable[..., Coroutine[Any, Any, None]]
#: a job and its arguments
Entry = tuple[Job, tuple[Any, ...]]


class Inbox:
    """Bounded. A job that waits for nothing is done in the call that brought it.

    A job sees to its own exceptions. One that fails all the same is logged, and the next has its turn: otherwise its socket
    would be stuck, and its last job, which gives back what the socket held, would never run.
    """

    __slots__ = ("_eager", "_finished", "_limit", "_waiting", "busy")

    def __init__(self, eager: Eager, limit: int | None) -> None:
        self._eager = eager
        self._limit = limit
        self._waiting: deque[Entry] | None = None
        #: an event has to wait for its turn
        self.busy = False
        self._finished = False

    def offer(self, job: Job, *args: Any) -> bool:
        """Do ``job(*args)`` now or in its turn; False when too many wait."""
        if self._finished:
            return False
        if self.busy:
            waiting = self._queue()
            if self._limit is not None and len(waiting) >= self._limit:
                return False
            waiting.append((job, args))
            return True
        self.busy = True
        self._advance(job, args)
        return True

    def finish(self, job: Job, *args: Any) -> None:
        """Do this after everything that came before, then nothing more. Always taken."""
        if self._finished:
            return
        self._finished = True
        if self.busy:
            self._queue().append((job, args))
        else:
            self.busy = True
            self._advance(job, args)

    def _queue(self) -> "deque[Entry]":
        if self._waiting is None:
            self._waiting = deque()
        return self._waiting

    def _advance(self, job: Job, args: tuple[Any, ...]) -> None:
        while True:
            try:
                task = self._eager.start(job(*args))
            except Exception:
                log.exception("a job failed")
                task = None
            if task is not None:
                task.add_done_callback(self._resume)
                return
            if not self._waiting:
                self.busy = self._finished
                self._waiting = None
                return
            job, args = self._waiting.popleft()

    def _resume(self, done: "asyncio.Task[None]") -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("a job failed", exc_info=error)
        if self._waiting:
            self._advance(*self._waiting.popleft())
        else:
            self.busy = self._finished
            self._waiting = None
