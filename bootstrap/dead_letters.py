"""``rapport dead-letters``: what failed for good, and running it again."""

from collections.abc import Callable

from adapters.mongo.client import database_of
from adapters.mongo.processes import clock_origin
from adapters.mongo.timers import MongoTimers
from bootstrap.operator import operators_client
from bootstrap.settings import Settings
from domain.clock import SystemClock
from domain.operations.dead_letters import DeadLetter


async def dead_letters(settings: Settings, replay: str | None, say: Callable[[str], None]) -> None:
    """List them, or replay ``kind:key``, or ``all``.

    Raises:
        ValueError: no MONGODB_URI, or nothing dead by that name.
    """
    async with operators_client(settings) as client:
        db = database_of(client)
        timers = MongoTimers(db, SystemClock(await clock_origin(db, None)))
        letters = await _all(timers)
        if replay is None:
            _list(letters, say)
        else:
            await _replay(timers, letters, replay, say)


async def _all(timers: MongoTimers) -> list[DeadLetter]:
    letters, cursor = await timers.dead_letters()
    while cursor is not None:
        more, cursor = await timers.dead_letters(cursor=cursor)
        letters += more
    return letters


def _list(letters: list[DeadLetter], say: Callable[[str], None]) -> None:
    for letter in letters:
        since = f"{letter.dead_at:%Y-%m-%d %H:%M:%S}Z"
        say(f"{letter.kind}:{letter.key}  since {since}  {letter.attempts} attempts  {letter.error}")
    if not letters:
        say("No dead letters.")


async def _replay(
    timers: MongoTimers, letters: list[DeadLetter], wanted: str, say: Callable[[str], None]
) -> None:
    if wanted == "all":
        chosen = [(letter.kind, letter.key) for letter in letters]
    else:
        kind, _, key = wanted.partition(":")
        if not kind or not key:
            raise ValueError(f"{wanted!r} names no dead letter: give kind:key as listed, or all.")
        chosen = [(kind, key)]
    for name, key in chosen:
        if not await timers.replay(name, key):
            raise ValueError(f"{name}:{key} is not dead")
        say(f"{name}:{key} runs again")
