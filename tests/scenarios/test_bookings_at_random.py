"""Whatever people do with their bookings, in whatever order: no hour is given away twice, no time and no money is lost."""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from domain.booking.booking import Booking
from domain.booking.spans import Span
from domain.booking.states import OVER
from domain.errors import Code, DomainError
from domain.ids import BookingId
from tests.support.booking import HOUR, Practice, open_practice
from tests.support.house import House, Party

STEPS = 50
QUARTER = timedelta(minutes=15)
#: What may go wrong when people do not look before they leap. Anything else is a fault of ours.
EXPECTED = {
    Code.SLOT_TAKEN,
    Code.ILLEGAL_STATE,
    Code.FORBIDDEN,
    Code.TOO_LATE,
    Code.NOT_FOUND,
    Code.TOO_MANY_UNPAID_BOOKINGS,
}


class Crowd:
    """Three clients and a coach, who do something at random; the coach offers two stretches of one day."""

    def __init__(self, practice: Practice, clients: list[Party], dice: random.Random) -> None:
        self.practice = practice
        self.clients = clients
        self.dice = dice
        self.day = practice.at(days=20).replace(hour=0)
        self.offered = [
            Span(self.day + 8 * HOUR, self.day + 13 * HOUR),
            Span(self.day + 14 * HOUR, self.day + 17 * HOUR),
        ]
        self.made: list[tuple[Party, BookingId]] = []
        self.done = 0

    async def step(self) -> None:
        """Do one thing, and accept no for an answer."""
        acts: list[Callable[[], Awaitable[object]]] = [self.book, self.book, self.wait]
        if self.made:
            acts += [self.pay, self.move, self.cancel, self.answer, self.suggest, self.choose]
        try:
            await self.dice.choice(acts)()
            self.done += 1
        except DomainError as refused:
            if refused.code not in EXPECTED:
                raise

    def start(self) -> datetime:
        return self.day + 8 * HOUR + self.dice.randrange(36) * QUARTER

    async def book(self) -> None:
        client = self.dice.choice(self.clients)
        booking = await self.practice.ask(client, self.start())
        self.made.append((client, booking.id))

    async def wait(self) -> None:
        await self.practice.house.pass_time(self.dice.choice((60, 600, 3600, 12 * 3600)))

    async def pay(self) -> None:
        client, booking_id = self.dice.choice(self.made[-4:])
        await self.practice.pay(client, await self.practice.booking(booking_id))

    async def move(self) -> None:
        client, booking_id = self.dice.choice(self.made[-4:])
        await self.practice.house.booking.cases.reschedules.reschedule(client.who, booking_id, self.start())

    async def cancel(self) -> None:
        client, booking_id = self.dice.choice(self.made[-4:])
        by_coach = self.dice.random() < 0.3
        who = self.practice.coach.who if by_coach else client.who
        await self.practice.house.booking.cases.changes.cancel(who, booking_id, reopen=by_coach)

    async def answer(self) -> None:
        _, booking_id = self.dice.choice(self.made[-4:])
        requests = self.practice.house.booking.cases.requests
        act = self.dice.choice((requests.accept, requests.decline))
        await act(self.practice.coach.who, booking_id)

    async def suggest(self) -> None:
        _, booking_id = self.dice.choice(self.made[-4:])
        times = [Span(start, start + HOUR) for start in (self.start(), self.start())]
        await self.practice.house.booking.cases.requests.suggest(self.practice.coach.who, booking_id, times)

    async def choose(self) -> None:
        client, booking_id = self.dice.choice(self.made[-4:])
        booking = await self.practice.booking(booking_id)
        start = self.dice.choice(booking.suggestions).start if booking.suggestions else self.start()
        await self.practice.house.booking.cases.requests.choose(client.who, booking_id, start)

    async def bookings(self) -> list[Booking]:
        return [await self.practice.booking(booking_id) for _, booking_id in self.made]


def held(bookings: list[Booking]) -> list[Span]:
    """Every time that is kept, wishes too: one that overlaps its own booking's counts as one with it."""
    spans = []
    for one in bookings:
        wish = one.rescheduling
        own = [one.span] if one.occupies else []
        wished = Span(wish.start, wish.end) if wish else None
        if wished is not None and own and wished.overlaps(own[0]):
            own = [Span(min(wished.start, one.start), max(wished.end, one.end))]
        elif wished is not None:
            own.append(wished)
        spans += own
    return sorted(spans)


def quarters(spans: list[Span]) -> set[datetime]:
    return {
        span.start + QUARTER * step for span in spans for step in range((span.end - span.start) // QUARTER)
    }


async def check(crowd: Crowd) -> None:
    """No two bookings share an instant, and what is free and what was taken of the slots is all that was offered."""
    bookings = await crowd.bookings()
    spans = held(bookings)
    for one, following in pairwise(spans):
        assert not one.overlaps(following), (one, following)
    pieces = [Span(piece.start, piece.end) for one in bookings for piece in one.pieces]
    wished = [
        Span(piece.start, piece.end)
        for one in bookings
        if one.rescheduling is not None
        for piece in one.rescheduling.pieces
    ]
    free = await crowd.practice.slots()
    assert not quarters(free) & quarters(pieces + wished)
    assert quarters(free) | quarters(pieces + wished) == quarters(crowd.offered)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("asked", [False, True], ids=["firm", "asked"])
async def test_after_any_history_everything_is_where_it_belongs(house: House, seed: int, asked: bool) -> None:
    practice = await open_practice(house, asked=asked, notice_minutes=0)
    clients = [await house.client(f"Client {number}") for number in range(3)]
    crowd = Crowd(practice, clients, random.Random(seed))
    for number, span in enumerate(crowd.offered):
        await practice.slot(span.start, span.end, instant=number == 0 or not asked)

    for _ in range(STEPS):
        await crowd.step()
        await check(crowd)
    for one in await crowd.bookings():
        if one.state not in OVER:
            client = next(client for client, known in crowd.made if known == one.id)
            await house.booking.cases.changes.cancel(client.who, one.id)
    await practice.quiet()

    assert crowd.done > STEPS // 5
    assert await practice.slots() == crowd.offered
    await practice.assert_books_agree()
    moved = await practice.moved()
    assert moved["charge"] + moved["refund"] == 0
