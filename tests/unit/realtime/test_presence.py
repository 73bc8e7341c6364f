"""What a process reports of its coaches: the truth, however long the database was away."""

import asyncio

import pytest

from domain.ids import UserId, new_id
from realtime import presence as presence_module
from realtime.presence import PresenceReporter


class Book:
    """Presence as it is written; fails for as long as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.here: set[UserId] = set()
        self.calls = 0
        self.changed = asyncio.Event()

    async def arrived(self, user_id: UserId) -> None:
        self._fail()
        self.here.add(user_id)
        self.changed.set()

    async def left(self, user_id: UserId) -> None:
        self._fail()
        self.here.discard(user_id)
        self.changed.set()

    def _fail(self) -> None:
        self.calls += 1
        if self.calls <= self.failures:
            raise ConnectionError("the database is away")


async def test_a_report_is_repeated_until_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence_module, "_PAUSES", (0.0,))
    book, coach = Book(failures=200), UserId(new_id())
    reporter = PresenceReporter(book)  # type: ignore[arg-type]

    reporter.arrived(coach)
    async with asyncio.timeout(10):
        await book.changed.wait()
    await reporter.stop()

    assert (book.here, book.calls) == ({coach}, 201)


async def test_stopping_waits_for_no_database_that_is_away() -> None:
    book, coach = Book(failures=10**9), UserId(new_id())
    reporter = PresenceReporter(book)  # type: ignore[arg-type]
    reporter.arrived(coach)

    async with asyncio.timeout(10):
        await reporter.stop()

    assert book.here == set()
    assert book.calls <= 2
