"""How the benchmarks run: whoever ends one, by Ctrl-C or SIGTERM, is left neither processes nor folders of it."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """What ``main`` returns. Told to end, it is cancelled, and all that it opened closes; told twice, it goes on closing.

    Raises:
        SystemExit: it was told to end; 128 and the signal's number.
    """
    told: list[signal.Signals] = []

    async def endable() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def end(by: signal.Signals) -> None:
            if not told:
                told.append(by)
                task.cancel()

        for one in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(one, end, one)
        return await main

    try:
        return uvloop.run(endable())
    except asyncio.CancelledError:
        if not told:
            raise
        raise SystemExit(128 + told[0]) from None
