"""Many who ask cost one question."""

import asyncio

from bootstrap.remembered import Remembered


class Source:
    """Counts how often it is asked; answers when let."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.let = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        await self.let.wait()
        return self.asked


async def test_many_at_once_ask_once() -> None:
    source = Source()
    remembered = Remembered(source.ask, 1.0, lambda: source.now)
    waiting = asyncio.gather(*(remembered() for _ in range(50)))

    source.let.set()

    assert await waiting == [1] * 50


async def test_an_answer_is_good_for_its_time_and_no_longer() -> None:
    source = Source()
    source.let.set()
    remembered = Remembered(source.ask, 1.0, lambda: source.now)

    first = await remembered()
    source.now = 0.9
    second = await remembered()
    source.now = 1.0
    third = await remembered()

    assert (first, second, third) == (1, 1, 2)
