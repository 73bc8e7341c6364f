"""Events of one socket, handled one after the other, while the reader goes on reading."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from realtime.engine.eager import Eager


class Inbox:
    """Bounded. A job that waits for nothing is done in the call that brought it."""

    __slots__ = ("_eager", "_finished", "_limit", "_waiting", "busy", "task")

    def __init__(self, eager: Eager, limit: int | None) -> None:
        self._eager = eager
        self._limit = limit
        self._waiting: deque[tuple[Any, ...]] | None = None
        #: an event has to wait for its turn
        self.busy = False
        self._finished = False
        #: the job that waits for something
        self.task: asyncio.Task[None] | None = None

    def offer(self, job: Callable[..., Any], *args: Any) -> bool:
        """Do ``job(*args)`` now or in its turn; False when too many wait."""
        if self._finished:
            return False
        if self.busy:
            waiting = self._queue()
            if self._limit is not None and len(waiting) >= self._limit:
                return False
            waiting.append((job, *args))
            return True
        self.busy = True
        self._advance(job, args)
        return True

    def finish(self, job: Callable[..., Any], *args: Any) -> None:
        """Do this after everything that came before, then nothing more. Always taken."""
        if self._finished:
            return
        self._finished = True
        if self.busy:
            self._queue().append((job, *args))
        else:
            self.busy = True
            self._advance(job, args)

    def _queue(self) -> "deque[tuple[Any, ...]]":
        if self._waiting is None:
            self._waiting = deque()
        return self._waiting

    def _advance(self, job: Callable[..., Any], args: tuple[Any, ...]) -> None:
        while True:
            task = self._eager.start(job(*args))
            if task is not None:
                self.task = task
                task.add_done_callback(self._resume)
                return
            if not self._waiting:
                self.busy = self._finished
                self._waiting = None
                return
            job, *rest = self._waiting.popleft()
            args = tuple(rest)

    def _resume(self, _: "asyncio.Task[None]") -> None:
        self.task = None
        if self._waiting:
            job, *rest = self._waiting.popleft()
            self._advance(job, tuple(rest))
        else:
            self.busy = self._finished
            self._waiting = None
