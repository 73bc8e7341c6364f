"""The parent of several server processes, while they start."""

import asyncio
import gc
import logging

import pytest

from bootstrap.workers import StartFailed, Workers


class Slow(Workers):
    """Its processes take until they are told to go on."""

    def __init__(self, count: int) -> None:
        super().__init__(("true",), {}, count)
        self.begun = asyncio.Queue[int]()
        self.go_on = asyncio.Event()

    async def _start(self, slot: int) -> asyncio.subprocess.Process:
        self.begun.put_nowait(slot)
        await self.go_on.wait()
        raise StartFailed(f"{slot}")


async def test_who_is_stopped_while_the_first_starts_starts_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    workers = Slow(4)
    starting = asyncio.create_task(workers._start_all())
    assert await workers.begun.get() == 1

    workers._stopping.set()
    await starting

    assert workers.begun.empty()
    del starting
    gc.collect()  # asyncio tells of exceptions that nobody asked for when they are thrown away
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_first_that_does_not_start_is_told_and_the_others_spared() -> None:
    workers = Slow(4)
    starting = asyncio.create_task(workers._start_all())
    assert await workers.begun.get() == 1

    workers.go_on.set()
    with pytest.raises(StartFailed):
        await starting

    assert workers.begun.empty()
