"""Events of one socket: in order, bounded, and never stuck."""

import asyncio
import logging

import pytest

from realtime.engine.eager import Eager
from realtime.engine.inbox import Inbox


class Jobs:
    """Jobs that note when they begin and end; some wait for their gate."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.gate = asyncio.Event()

    async def quick(self, name: str) -> None:
        self.notes.append(name)

    async def slow(self, name: str) -> None:
        self.notes.append(f"{name}(")
        await self.gate.wait()
        self.notes.append(f"{name})")

    async def bad(self) -> None:
        raise LookupError("bad")

    async def bad_later(self) -> None:
        await self.gate.wait()
        raise LookupError("bad later")


async def settle(inbox: Inbox) -> None:
    """Return once everything offered so far was done."""
    done = asyncio.Event()

    async def mark() -> None:
        done.set()

    assert inbox.offer(mark)
    await asyncio.wait_for(done.wait(), 20)


async def test_what_waits_for_nothing_is_done_at_once(eager: Eager) -> None:
    jobs, inbox = Jobs(), Inbox(eager, 4)
    assert inbox.offer(jobs.quick, "a")
    assert jobs.notes == ["a"]
    assert not inbox.busy


async def test_everything_else_waits_its_turn(eager: Eager) -> None:
    jobs, inbox = Jobs(), Inbox(eager, None)
    for job, name in [
        (jobs.quick, "a"),
        (jobs.slow, "b"),
        (jobs.quick, "c"),
        (jobs.slow, "d"),
        (jobs.quick, "e"),
    ]:
        assert inbox.offer(job, name)
    assert jobs.notes == ["a", "b("]
    jobs.gate.set()
    await settle(inbox)

    assert jobs.notes == ["a", "b(", "b)", "c", "d(", "d)", "e"]


async def test_no_more_than_the_limit_waits(eager: Eager) -> None:
    jobs, inbox, done = Jobs(), Inbox(eager, 2), asyncio.Event()

    async def third() -> None:
        done.set()

    assert inbox.offer(jobs.slow, "a")
    assert inbox.offer(jobs.quick, "b")
    assert inbox.offer(third)
    assert not inbox.offer(jobs.quick, "too many")
    jobs.gate.set()
    await asyncio.wait_for(done.wait(), 20)

    assert jobs.notes == ["a(", "a)", "b"]
    assert inbox.offer(jobs.quick, "room again")
    assert jobs.notes == ["a(", "a)", "b", "room again"]


async def test_the_last_job_comes_after_all_and_is_always_taken(eager: Eager) -> None:
    jobs, inbox = Jobs(), Inbox(eager, 1)
    inbox.offer(jobs.slow, "a")
    inbox.offer(jobs.quick, "b")
    done = asyncio.Event()

    async def last() -> None:
        jobs.notes.append("last")
        done.set()

    inbox.finish(last)
    inbox.finish(last)
    assert not inbox.offer(jobs.quick, "late")
    jobs.gate.set()
    await asyncio.wait_for(done.wait(), 20)

    assert jobs.notes == ["a(", "a)", "b", "last"]
    assert inbox.busy
    assert not inbox.offer(jobs.quick, "later")


async def test_a_job_that_fails_stops_nobody_behind_it(
    eager: Eager, caplog: pytest.LogCaptureFixture
) -> None:
    jobs, inbox = Jobs(), Inbox(eager, 8)
    inbox.offer(jobs.bad)
    inbox.offer(jobs.bad_later)
    inbox.offer(jobs.bad)
    inbox.offer(jobs.quick, "a")
    jobs.gate.set()
    with caplog.at_level(logging.ERROR):
        await settle(inbox)

    assert jobs.notes == ["a"]
    assert [record.message for record in caplog.records if record.name == "realtime.engine.inbox"] == [
        "a job failed"
    ] * 3


async def test_a_cancelled_job_stops_nobody_behind_it(eager: Eager) -> None:
    jobs, inbox = Jobs(), Inbox(eager, 8)
    mine: list[asyncio.Task[object] | None] = []

    async def cancelled() -> None:
        mine.append(asyncio.current_task())
        await asyncio.Event().wait()

    inbox.offer(cancelled)
    inbox.offer(jobs.quick, "a")
    assert mine[0] is not None
    mine[0].cancel()
    await settle(inbox)

    assert jobs.notes == ["a"]
