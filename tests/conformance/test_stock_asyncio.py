"""What a handler may expect of asyncio, wherever it runs.

Our engine starts a handler in the call that brought its event, and gives it a task only when it waits. A handler must not be
able to tell.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from tests.conformance.client import Client, Stage, Waiting
from tests.conformance.ways import WAYS

NAME: ContextVar[str] = ContextVar("NAME", default="unset")


async def answered(stage: Stage, handler: Any, *args: Any, count: int = 1) -> list[Any]:
    """What so many events at once, each with its number and these arguments, are answered by this handler."""
    stage.sio.on("work", handler)
    client = await stage.client()
    answers: list[Any] = []
    for number in range(count):
        answers.append(await client.ask("work", number, *args))
    return answers


async def test_the_current_task_is_one_and_the_same_before_and_after_waiting(stage: Stage) -> None:
    stage.server()
    tasks: list[tuple[Any, ...]] = []

    async def handler(sid: str, number: int) -> None:
        before = asyncio.current_task()
        await asyncio.sleep(0)
        after = asyncio.current_task()
        await asyncio.sleep(0.001)
        tasks.append((before, after, asyncio.current_task()))

    await answered(stage, handler, count=3)
    assert all(first is second is third is not None for first, second, third in tasks)


async def test_events_that_wait_at_once_have_tasks_of_their_own(stage: Stage) -> None:
    stage.server()
    client, waiting, gate = await stage.client(), Waiting(), asyncio.Event()

    async def handler(sid: str) -> None:
        waiting.tell(asyncio.current_task())
        await gate.wait()

    stage.sio.on("work", handler)
    for _ in range(5):
        await client.emit("work")
    tasks = {await waiting.next() for _ in range(5)}
    assert len(tasks) == 5
    assert asyncio.current_task() not in tasks
    assert all(task in asyncio.all_tasks() and not task.done() for task in tasks)
    gate.set()
    await asyncio.wait(tasks, timeout=5)
    assert all(task.done() for task in tasks)


async def test_a_timeout_that_begins_before_the_first_wait_ends_only_its_handler(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> list[Any]:
        try:
            async with asyncio.timeout(0.005):
                await asyncio.sleep(5)
        except TimeoutError:
            pass
        else:
            return ["not timed out"]
        await asyncio.sleep(0)  # not cancelled any more
        task = asyncio.current_task()
        return [task is not None and task.cancelling()]

    assert await answered(stage, handler, count=2) == [[[0]], [[0]]]


async def test_a_timeout_around_no_wait_at_all_leaves_no_trace(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> int:
        async with asyncio.timeout(0.001):
            await no_wait()
        return number

    assert await answered(stage, handler, count=20) == [[number] for number in range(20)]
    await asyncio.sleep(0.005)  # long enough for a timer that was left behind
    assert await answered(stage, handler) == [[0]]


async def test_a_task_group_from_the_first_step_on(stage: Stage) -> None:
    stage.server()

    async def square(number: int) -> int:
        await asyncio.sleep(0)
        return number * number

    async def handler(sid: str, number: int) -> list[int]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(square(one)) for one in (number, number + 1)]
        return [task.result() for task in tasks]

    assert await answered(stage, handler, count=3) == [[[0, 1]], [[1, 4]], [[4, 9]]]


async def test_a_task_group_that_fails_raises_in_its_handler(stage: Stage) -> None:
    stage.server()

    async def fail() -> None:
        raise LookupError("inner")

    async def handler(sid: str, number: int) -> list[str]:
        raised: list[str] = []
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                await asyncio.sleep(5)
        except* LookupError as errors:
            raised += [type(error).__name__ for error in errors.exceptions]
        return raised

    assert await answered(stage, handler, count=2) == [[["LookupError"]], [["LookupError"]]]


async def test_created_tasks_outlive_their_handler(stage: Stage) -> None:
    stage.server()
    waiting, kept = Waiting(), set()

    async def later(number: int) -> None:
        await asyncio.sleep(0)
        waiting.tell(number)

    async def handler(sid: str, number: int) -> None:
        kept.add(asyncio.create_task(later(number)))

    await answered(stage, handler, count=3)
    assert [await waiting.next() for _ in range(3)] == [0, 1, 2]


async def test_gathering_and_waiting_for_futures(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> Any:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        loop.call_soon(future.set_result, number)
        ready = loop.create_future()
        ready.set_result("ready")
        return [
            *await asyncio.gather(future, ready),
            await asyncio.wait_for(asyncio.to_thread(abs, -number), 20),
        ]

    assert await answered(stage, handler, count=2) == [[[0, "ready", 0]], [[1, "ready", 1]]]


async def test_locks_pass_from_one_handler_to_the_next(stage: Stage) -> None:
    stage.server()
    lock, inside = asyncio.Lock(), Waiting()

    async def handler(sid: str, number: int) -> None:
        async with lock:
            inside.tell(("in", number))
            await asyncio.sleep(0)
            inside.tell(("out", number))

    stage.sio.on("work", handler)
    client = await stage.client()
    for number in range(3):
        await client.emit("work", number)
    assert [await inside.next() for _ in range(6)] == [
        (what, number) for number in range(3) for what in ("in", "out")
    ]


async def test_context_variables_stay_in_their_event(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int, waits: bool) -> list[str]:
        before = NAME.get()
        NAME.set(f"event {number}")
        if waits:
            await asyncio.sleep(0)
        return [before, NAME.get()]

    for waits in (False, True):
        answers = await answered(stage, handler, waits, count=3)
        assert answers == [[["unset", f"event {number}"]] for number in range(3)]
    assert NAME.get() == "unset"


async def test_context_variables_reach_tasks_of_the_event_and_its_callbacks(stage: Stage) -> None:
    stage.server()

    async def read() -> str:
        await asyncio.sleep(0)
        return NAME.get()

    async def handler(sid: str, number: int) -> list[str]:
        token = NAME.set(f"event {number}")
        early = asyncio.create_task(read())
        await asyncio.sleep(0)
        names = [await early, await asyncio.create_task(read())]
        NAME.reset(token)  # raises unless the context is still the same
        return [*names, NAME.get()]

    assert await answered(stage, handler, count=2) == [
        [[f"event {number}", f"event {number}", "unset"]] for number in range(2)
    ]


async def test_context_variables_of_connect_do_not_leak_into_events(stage: Stage) -> None:
    sio = stage.server()

    @sio.event
    async def connect(sid: str, environ: Any) -> None:
        NAME.set("connecting")

    async def handler(sid: str, number: int) -> str:
        return NAME.get()

    await answered(stage, handler)
    other = await stage.client()
    await other.ask("sync")
    assert NAME.get() == "unset"


async def test_coming_and_going_is_handled_in_a_task_too(stage: Stage) -> None:
    sio = stage.server()
    waiting = Waiting()

    async def same_task() -> bool:
        task = asyncio.current_task()
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            group.create_task(no_wait())
            await asyncio.sleep(0)
        return task is not None and task is asyncio.current_task() and not task.cancelling()

    @sio.event
    async def connect(sid: str, environ: Any) -> bool:
        waiting.tell(("connect", await same_task()))
        return True

    @sio.event
    async def disconnect(sid: str, reason: str) -> None:
        waiting.tell(("disconnect", await same_task()))

    for _ in range(2):
        client = await stage.client()
        await client.leave()
        assert [await waiting.next() for _ in range(2)] == [("connect", True), ("disconnect", True)]


@pytest.mark.parametrize("waits", [False, True], ids=["at-once", "after-a-wait"])
async def test_a_handler_that_raises_harms_nobody(stage: Stage, waits: bool) -> None:
    stage.server()

    async def broken(sid: str) -> None:
        if waits:
            await asyncio.sleep(0)
        raise LookupError("broken on purpose")

    stage.sio.on("broken", broken)
    client, other = await stage.client(), await stage.client()
    await client.emit("broken")
    await client.emit("broken")
    assert await client.ask("sync") == []
    assert await other.ask("sync") == []


@pytest.mark.parametrize("waits", [False, True], ids=["at-once", "after-a-wait"])
async def test_a_handler_that_is_cancelled_harms_nobody(stage: Stage, waits: bool) -> None:
    stage.server()

    async def cancelled(sid: str) -> None:
        task = asyncio.current_task()
        assert task is not None
        if waits:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(5)

    stage.sio.on("cancelled", cancelled)
    client, other = await stage.client(), await stage.client()
    await client.emit("cancelled")
    await client.emit("cancelled")
    assert await client.ask("sync") == []
    assert await works(client)
    assert await works(other)


async def test_a_cancellation_may_be_caught(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            task.uncancel()
        await asyncio.sleep(0)
        return "went on"

    assert await answered(stage, handler, count=3) == [["went on"]] * 3


async def test_a_cancellation_that_is_taken_back_before_any_wait_reaches_nobody_else(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> int:
        task = asyncio.current_task()
        assert task is not None
        if number % 2 == 0:
            task.cancel()
            task.uncancel()
        else:
            await asyncio.sleep(0)
        return number

    stage.sio.on("work", handler)
    client = await stage.client()
    answers = await client.ask_all(*(["work", number] for number in range(6)))
    assert answers == [[number] for number in range(6)]


async def test_a_handler_that_raises_cancelled_error_itself_harms_nobody(stage: Stage) -> None:
    stage.server()

    async def raises(sid: str) -> None:
        raise asyncio.CancelledError

    stage.sio.on("raises", raises)
    client = await stage.client()
    await client.emit("raises")
    assert await client.ask("sync") == []
    assert await works(client)


async def test_handlers_start_in_the_order_of_their_events(stage: Stage) -> None:
    stage.server()
    started: list[int] = []

    async def handler(sid: str, number: int) -> None:
        started.append(number)
        if number % 2:
            await asyncio.sleep(0)

    stage.sio.on("work", handler)
    client = await stage.client()
    for number in range(20):
        await client.emit("work", number)
    await client.ask("sync")
    assert started == list(range(20))


async def test_handlers_of_every_kind_at_once_keep_to_themselves(stage: Stage) -> None:
    stage.server()

    async def handler(sid: str, number: int) -> list[Any]:
        task, name = asyncio.current_task(), f"event {number}"
        NAME.set(name)
        result = await WAYS[number % len(WAYS)](number)
        assert task is not None
        same = task is asyncio.current_task() and not task.cancelling()
        return [result, same, NAME.get() == name]

    stage.sio.on("work", handler)
    clients = [await stage.client() for _ in range(4)]
    numbers = range(100)
    answers = await asyncio.gather(
        *(client.ask_all(*(["work", number] for number in numbers)) for client in clients)
    )
    assert answers == [[[[number, True, True]] for number in numbers]] * 4
    assert NAME.get() == "unset"


async def no_wait() -> None: ...


async def works(client: Client) -> bool:
    """Whether handlers still run, with and without a wait."""
    return await client.ask("sync") == []
