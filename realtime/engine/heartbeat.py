"""Pings and their deadlines, of all sessions, on one timer.

The interval is the same for everybody, so sessions stand in the order in which they are due: a turn looks at those at the front
and at nobody else. Stock keeps a task for each session instead.
"""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")


class Heartbeat(Generic[S]):
    """Asks each session every ``interval`` seconds, and gives up on those silent for ``timeout`` seconds more."""

    def __init__(
        self, interval: float, timeout: float, ping: Callable[[S], None], silent: Callable[[S], None]
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._ping = ping
        self._silent = silent
        #: session -> loop time at which it is pinged
        self._resting: dict[S, float] = {}
        #: session -> loop time at which it is given up
        self._asked: dict[S, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        #: Those due within one step are served together.
        self._step = min(interval, timeout) / 20

    def __len__(self) -> int:
        return len(self._resting) + len(self._asked)

    def begin(self, session: S) -> None:
        """The session is open: ask it in one interval."""
        self._rest(session)

    def answered(self, session: S) -> None:
        """A pong came. One that nobody asked for changes nothing."""
        if self._asked.pop(session, None) is not None:
            self._rest(session)

    def end(self, session: S) -> None:
        """Forget the session."""
        if self._resting.pop(session, None) is None:
            self._asked.pop(session, None)

    def stop(self) -> None:
        """Ask nobody any more."""
        self._resting.clear()
        self._asked.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _rest(self, session: S) -> None:
        loop = asyncio.get_running_loop()
        due = self._resting[session] = loop.time() + self._interval
        self._wake_at(loop, due)

    def _wake_at(self, loop: asyncio.AbstractEventLoop, when: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self._turn)

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._step / 2
        try:
            for session in _due(self._asked, until):
                self._asked.pop(session, None)
                self._silent(session)
            for session in _due(self._resting, until):
                if self._resting.pop(session, None) is not None:
                    self._asked[session] = loop.time() + self._timeout
                    self._ping(session)
        finally:  # one session that fails must not end the turns of all
            fronts = [next(iter(table.values())) for table in (self._asked, self._resting) if table]
            self._timer = None
            if fronts:
                self._wake_at(loop, max(min(fronts), loop.time() + self._step))


def _due(table: dict[S, float], until: float) -> list[S]:
    found = []
    for session, at in table.items():
        if at > until:
            break
        found.append(session)
    return found
