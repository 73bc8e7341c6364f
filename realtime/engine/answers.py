"""Questions to a client, which it answers with an acknowledgement or by going away."""

import asyncio
from typing import Any

import socketio


class ConnectionLost(socketio.exceptions.DisconnectedError, socketio.exceptions.TimeoutError):  # type: ignore[misc]
    """The client went away before it answered. Also a ``TimeoutError``, which is what stock raises in the end."""


class Answer:
    """The callback of a question."""

    __slots__ = ("_future",)

    def __init__(self, future: "asyncio.Future[tuple[Any, ...]]") -> None:
        self._future = future

    def __call__(self, *args: Any) -> None:
        if not self._future.done():
            self._future.set_result(args)

    def lost(self, sid: str) -> None:
        """There will be no answer."""
        if not self._future.done():
            self._future.set_exception(ConnectionLost(sid))
