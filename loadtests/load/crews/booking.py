"""People who look for a time, people who want the same one, and both at once: the REST door under load."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from loadtests.load.crew import Crew, Window, all_in, attempt, paced
from loadtests.load.crews.call import Who
from loadtests.load.crews.callers import Answer, Caller, refusal
from loadtests.load.crews.practice import Practice, booking, free_quarters, open_practice
from loadtests.load.wire import Failed, Lost

#: A search begins on one of so many days, and goes on to the end of the year.
DAYS = 330
YEAR = timedelta(days=365)
#: How much of the year a person looks at, one after the other.
LOOKED_AT = (timedelta(days=7), timedelta(days=31))
#: One in so many comes to book.
MIX = 10


@dataclass(frozen=True, slots=True)
class PracticeShare:
    """``clients`` of one ``coach``, who has ``bookings`` already. ``at_once``: how many want one time."""

    coach: Who
    clients: tuple[Who, ...]
    url: str
    bookings: int
    limit: int = 100
    at_once: int = 4


class OfCoach(Crew):
    """Clients of one busy coach."""

    Share = PracticeShare
    share: PracticeShare

    def __init__(self, share: PracticeShare) -> None:
        super().__init__(share)
        self.coach = Caller(share.coach, share.url)
        self.clients = [Caller(who, share.url) for who in share.clients]
        self.practice: Practice | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Everybody connects; the coach becomes busy."""
        await all_in(self, [caller.open for caller in (self.coach, *self.clients)], 8)
        await attempt(self, "practice", self.prepare, time.monotonic_ns())

    async def prepare(self) -> None:
        """Have all that a window needs."""
        self.practice = await open_practice(self.coach, self.clients, self.share.bookings)

    def soon(self, asking: Coroutine[Any, Any, None]) -> None:
        """Ask without waiting for what came of others."""
        task = asyncio.create_task(asking)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def answered(self) -> None:
        """Wait until everybody has an answer, or has given up."""
        await asyncio.gather(*self._asking)

    async def close(self) -> None:
        """Everybody leaves."""
        for caller in (self.coach, *self.clients):
            await caller.close()


class Searches(OfCoach):
    """Counts ``asked``, ``found`` (answers), ``starts`` (in them). Times ``found``."""

    async def run(self, window: Window) -> None:
        """Searches at :attr:`Window.rate` a second."""
        if self.practice is None:
            return
        await paced(self, window, self._search)
        await self.answered()

    def _search(self, n: int, due: int) -> None:
        self.record.counts["asked"] += 1
        self.soon(self._ask(n, due))

    async def _ask(self, n: int, due: int) -> None:
        await attempt(self, "found", partial(self._find, n), due)

    async def _find(self, n: int) -> None:
        practice = self.practice
        assert practice is not None
        start, end = self.looked_at(practice.now, n)
        client = self.clients[n % len(self.clients)]
        told = await client.done(
            "GET",
            f"/api/coaches/{practice.user_id}/starts?sessionTypeId={practice.hour}&minutes={(60, 30, 90)[n % 3]}"
            f"&from={start:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}&limit={self.share.limit}",
        )
        self.record.counts["starts"] += len(told["items"])

    def looked_at(self, now: datetime, n: int) -> tuple[datetime, datetime]:
        """From when to when search ``n`` looks: to the end of the year."""
        # Steps that have no factor in common with the year: all of it comes up, in no order that a cache would like.
        return now + timedelta(days=n * 37 % DAYS), now + YEAR


class Contenders(OfCoach):
    """Several want the same start at the same instant, again and again. Counts ``asked``, ``wanted`` (starts), ``booked``,
    ``taken`` (refused because somebody else was quicker). Times ``booked`` and ``taken``, from when it was due."""

    def __init__(self, share: PracticeShare) -> None:
        super().__init__(share)
        self._free: list[datetime] = []

    async def prepare(self) -> None:
        """And a list of what is free."""
        await super().prepare()
        assert self.practice is not None
        self._free = (await free_quarters(self.coach, self.practice))[::-1]

    async def run(self, window: Window) -> None:
        """Attempts at :attr:`Window.rate` a second, :attr:`PracticeShare.at_once` of them together."""
        if self.practice is None:
            return
        await paced(self, window, self._contend)
        await self.answered()

    def _contend(self, n: int, due: int) -> None:
        if n % self.share.at_once:
            return  # was sent with the first of its group
        if not self._free:
            self.record.counts["nothing free"] += 1
            return
        start = self._free.pop()
        self.record.counts["wanted"] += 1
        for place in range(self.share.at_once):
            self.record.counts["asked"] += 1
            self.soon(self._want(self.clients[(n + place) % len(self.clients)], start, due))

    async def _want(self, client: Caller, start: datetime, due: int) -> None:
        assert self.practice is not None
        ask = booking(self.practice, self.practice.quarter, start, 15)
        try:
            name = _outcome(await client.ask("POST", "/api/bookings", ask))
        except Failed as error:
            self.record.counts["refused"] += 1
            self.record.counts[f"refused: {error.code}"] += 1
        except Lost as error:
            self.record.counts["broken"] += 1
            self.record.counts[f"broken: {error}"] += 1
        else:
            self.record.counts[name] += 1
            self.record.series(name).now[(time.monotonic_ns() - due) // 1000] += 1


class Market(Searches, Contenders):
    """Nine search while one wants to book, of the same coach. Counts and times what both do."""

    async def run(self, window: Window) -> None:
        """Both together at :attr:`Window.rate` a second."""
        if self.practice is None:
            return
        together = self.share.at_once
        # The groups of several processes come in turn, as far from each other as can be.
        shift = MIX * window.part // window.parts * together

        def either(n: int, due: int) -> None:
            wants = (n + shift) % (MIX * together) < together
            (self._contend if wants else self._search)(n, due)

        await paced(self, window, either)
        await self.answered()

    def looked_at(self, now: datetime, n: int) -> tuple[datetime, datetime]:
        """A week or a month somewhere in the year."""
        start, _ = super().looked_at(now, n)
        return start, start + LOOKED_AT[n % len(LOOKED_AT)]


def _outcome(answer: Answer) -> str:
    """What a wish for a time came to, as it should.

    Raises:
        Failed: anything else.
    """
    if answer.status == 201:
        return "booked"
    problem = refusal("POST /api/bookings", answer)
    if problem.code == "SLOT_TAKEN":
        return "taken"
    raise problem
