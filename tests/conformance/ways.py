"""Ways for a handler to come by its answer; each waits in another manner for what it was given."""

import asyncio
from contextlib import suppress


async def at_once(number: int) -> int:
    return number


async def after_a_turn(number: int) -> int:
    await asyncio.sleep(0)
    return number


async def after_a_while(number: int) -> int:
    await asyncio.sleep(0.001 * (number % 3))
    return number


async def after_a_timeout(number: int) -> int:
    with suppress(TimeoutError):
        async with asyncio.timeout(0.001):
            await asyncio.sleep(5)
    return number


async def in_time(number: int) -> int:
    async with asyncio.timeout(20):
        await asyncio.sleep(0)
    return number


async def by_a_group(number: int) -> int:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(after_a_turn(number)) for _ in range(2)]
    return tasks[0].result()


async def by_another_task(number: int) -> int:
    return await asyncio.create_task(by_a_group(number))


async def after_a_cancelled_task(number: int) -> int:
    task = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return number


WAYS = (
    at_once, after_a_turn, after_a_while, after_a_timeout, in_time, by_a_group, by_another_task, after_a_cancelled_task,
)  # fmt: skip
