"""An answer that is good for a while, asked for once however many want it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Asks ``ask`` at most once per ``seconds`` (monotonic, from the answer on), and never twice at a time."""

    def __init__(
        self, ask: Callable[[], Awaitable[T]], seconds: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._now = now
        self._lock = asyncio.Lock()
        self._last: tuple[float, T] | None = None

    async def __call__(self) -> T:
        """The answer. Raises what ``ask`` raises, which is not remembered."""
        async with self._lock:
            if self._last is None or self._now() - self._last[0] >= self._seconds:
                answer = await self._ask()
                self._last = self._now(), answer
            return self._last[1]
