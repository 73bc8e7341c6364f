"""Who wants to change the same thing waits for whoever came before, and for nobody else."""

import asyncio

import pytest

from domain.errors import Contended
from domain.turns import Turns


async def test_those_of_one_key_go_one_by_one_in_the_order_in_which_they_came() -> None:
    turns, story = Turns[str](), list[str]()

    async def go(number: int) -> None:
        async with turns.of("coach"):
            story.append(f"{number} in")
            await asyncio.sleep(0)
            story.append(f"{number} out")

    await asyncio.gather(*(go(number) for number in range(5)))

    assert story == [f"{number} {what}" for number in range(5) for what in ("in", "out")]
    assert len(turns) == 0


async def test_nobody_waits_for_another_key() -> None:
    turns, both = Turns[str](), asyncio.Barrier(2)

    async def meet(key: str) -> None:
        async with turns.of(key):
            # Only comes to an end when both are in.
            await both.wait()

    async with asyncio.timeout(5):
        await asyncio.gather(meet("one"), meet("other"))


async def test_whoever_fails_or_gives_up_lets_the_next_one_in() -> None:
    turns = Turns[str]()
    inside = asyncio.Event()

    async def stay() -> None:
        async with turns.of("coach"):
            inside.set()
            await asyncio.Event().wait()

    async def fail() -> None:
        async with turns.of("coach"):
            raise ValueError("no")

    staying = asyncio.create_task(stay())
    await inside.wait()
    waiting = [asyncio.create_task(fail()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    staying.cancel()

    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(one) for one in results] == [asyncio.CancelledError, ValueError, ValueError]
    with pytest.raises(asyncio.CancelledError):
        await staying
    assert len(turns) == 0


async def test_nobody_waits_for_ever() -> None:
    turns = Turns[str](patience=0.01)

    async with turns.of("coach"):
        with pytest.raises(Contended):
            async with turns.of("coach"):
                raise AssertionError("let in while somebody else was")

    async with turns.of("coach"):
        assert len(turns) == 1
    assert len(turns) == 0


async def test_those_who_wait_hear_what_is_done_meanwhile_and_nobody_else() -> None:
    turns, heard = Turns[str](), dict[str, list[str]]()
    held, may_leave = asyncio.Event(), asyncio.Event()

    async def go(name: str, key: str = "coach") -> None:
        async with turns.of(key) as turn:
            held.set()
            await may_leave.wait()
            turn.tell(name)
        heard[name] = turn.news

    first = asyncio.create_task(go("first"))
    await held.wait()
    others = [asyncio.create_task(go("second")), asyncio.create_task(go("elsewhere", "another"))]
    await asyncio.sleep(0)
    may_leave.set()
    await asyncio.gather(first, *others)
    await go("late")

    assert heard == {"first": [], "second": ["first"], "elsewhere": [], "late": []}
