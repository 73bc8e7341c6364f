"""Coroutines that start in the caller's stack: asyncio must not notice."""

import asyncio
from contextvars import ContextVar

import pytest

from realtime.engine.eager import Eager
from realtime.engine.inbox import Inbox

_WHO: ContextVar[str] = ContextVar("who", default="nobody")


def current() -> "asyncio.Task[object]":
    task = asyncio.current_task()
    assert task is not None
    return task


async def test_what_waits_for_nothing_is_done_when_start_returns(eager: Eager) -> None:
    done: list[int] = []

    async def work() -> None:
        done.append(1)

    assert eager.start(work()) is None
    assert done == [1]


async def test_the_first_step_has_the_task_that_goes_on(eager: Eager) -> None:
    seen: list[object] = []

    async def work() -> None:
        seen.append(current())
        await asyncio.sleep(0)
        seen.append(current())

    outer = current()
    task = eager.start(work())
    assert current() is outer
    assert task is not None
    await task

    assert seen == [task, task]


async def test_a_deadline_set_in_the_first_step_holds_later(eager: Eager) -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            async with asyncio.timeout(0):
                await asyncio.Event().wait()
        except TimeoutError:
            ended.append("in time")

    task = eager.start(work())
    assert task is not None
    await task

    assert ended == ["in time"]


async def test_what_it_sets_in_its_context_is_its_own_and_stays(eager: Eager) -> None:
    seen: list[str] = []

    async def work(name: str) -> None:
        seen.append(_WHO.get())
        _WHO.set(name)
        await asyncio.sleep(0)
        seen.append(_WHO.get())

    _WHO.set("caller")
    tasks = [eager.start(work("one")), eager.start(work("two"))]
    assert _WHO.get() == "caller"
    for task in tasks:
        assert task is not None
        await task

    assert seen == ["caller", "caller", "one", "two"]
    assert _WHO.get() == "caller"


async def test_a_cancelled_task_hears_of_it_where_it_waits(eager: Eager) -> None:
    heard: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    for turns in (0, 1):  # before the host's own first step, and after it
        task = eager.start(work())
        assert task is not None
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert heard == ["cancelled", "cancelled"]


async def test_who_cancels_itself_in_the_first_step_is_cancelled_at_its_first_wait(eager: Eager) -> None:
    reached: list[str] = []

    async def work() -> None:
        current().cancel()
        reached.append("still going")
        await asyncio.sleep(0)
        reached.append("never")

    task = eager.start(work())
    assert task is not None
    with pytest.raises(asyncio.CancelledError):
        await task

    assert reached == ["still going"]


async def test_a_task_that_cancelled_itself_and_ended_carries_nobody_else(eager: Eager) -> None:
    async def suicidal() -> None:
        current().cancel()

    done: list[int] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append(1)

    assert eager.start(suicidal()) is None
    task = eager.start(work())
    assert task is not None
    await task

    assert done == [1]


async def test_one_may_start_another(eager: Eager) -> None:
    order: list[str] = []
    inner: list[object] = []

    async def second() -> None:
        order.append("second")
        inner.append(current())
        await asyncio.sleep(0)
        order.append("second again")

    async def first() -> None:
        mine = current()
        order.append("first")
        started = eager.start(second())
        assert started is not None
        assert current() is mine
        assert started is not mine
        await started
        order.append("first again")

    task = eager.start(first())
    assert task is not None
    await task

    assert order == ["first", "second", "second again", "first again"]
    assert inner[0] is not task


async def test_what_the_first_step_raises_is_raised_here_and_later_by_the_task(eager: Eager) -> None:
    async def work(wait: bool) -> None:
        if wait:
            await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        eager.start(work(False))
    task = eager.start(work(True))
    assert task is not None
    with pytest.raises(LookupError):
        await task


async def test_one_host_serves_all_that_do_not_wait(eager: Eager) -> None:
    seen: set[int] = set()

    async def work() -> None:
        seen.add(id(current()))

    for _ in range(100):
        eager.start(work())
    assert len(seen) == 1

    before = asyncio.all_tasks()
    eager.stop()
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == len(before) - 1


async def test_finishing_cancels_what_hangs_and_lets_what_waited_behind_it_have_its_turn() -> None:
    eager, notes = Eager(), list[str]()
    inbox = Inbox(eager, None)

    async def hangs(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            notes.append(f"{name} ended")

    async def gives_back() -> None:
        await asyncio.sleep(0)
        notes.append("gave back")

    inbox.offer(hangs, "first")
    inbox.finish(gives_back)
    await eager.finish(0.01, 20)

    assert notes == ["first ended", "gave back"]
    assert eager.running == set()


async def test_after_finishing_nothing_runs_whatever_was_still_waiting() -> None:
    eager, notes = Eager(), list[str]()
    inbox = Inbox(eager, None)

    async def hangs(name: str) -> None:
        notes.append(name)
        await asyncio.Event().wait()

    for name in ("first", "second", "third"):
        inbox.offer(hangs, name)
    await eager.finish(0.01, 0.01)

    assert notes == ["first", "second"]
    assert eager.running == set()
    assert eager.start(hangs("later")) is None
    assert notes == ["first", "second"]
    assert not inbox.busy


async def test_who_finishes_waits_for_all_but_itself() -> None:
    eager, notes = Eager(), list[str]()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            notes.append("ended")

    async def stops() -> None:
        await asyncio.sleep(0)  # so that it goes on in a task that was started here
        await eager.finish(0.01, 0.01)
        notes.append("stopped")

    eager.start(hangs())
    task = eager.start(stops())
    assert task is not None
    await task

    assert notes == ["ended", "stopped"]
