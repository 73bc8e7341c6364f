"""Calls go on while every server process is replaced: what each call lost of its talk, and what must not have happened."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

from loadtests.bench.arithmetic import percentile
from loadtests.drain.people import Couple

#: Seconds: the meter's rounding, and the way of an event to whoever measures it.
SLACK = 2.0
#: How long everybody talks at least before and after the servers are replaced.
TALK = 3.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds. ``gap`` is from the last proof on one connection to the first on the next, ``unbilled`` what the meter left out
    of a call's talk; the worst of all calls and the median."""

    calls: int
    moves: int
    events: int
    gap_median: float
    gap_worst: float
    unbilled_median: float
    unbilled_worst: float
    #: talk left out beyond the gap of the same call
    beyond_gap: float
    #: billed beyond the talk: something counted twice
    overbilled: float
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """No call ended, no event was lost, nothing was billed twice, and no more was left unbilled than the gap."""
        return not self.faults and self.beyond_gap <= SLACK and self.overbilled <= SLACK

    def to_wire(self) -> dict[str, object]:
        """For a report."""
        return {**asdict(self), "sound": self.sound}


async def through(
    couples: Sequence[Couple],
    replace_servers: Callable[[], Awaitable[None]],
    say: Say,
    *,
    speed: float = 1.0,
    at_once: int = 8,
    talk: float = TALK,
) -> Found:
    """Begin all calls, replace the servers, end all calls. ``speed``: domain seconds per real second."""
    try:
        await _all(at_once, [couple.begin for couple in couples])
        say(f"{len(couples)} calls are live")
        await asyncio.sleep(talk)
        await replace_servers()
        say("every server was replaced")
        missing = await _returned(couples)
        await asyncio.sleep(talk)
        early = [couple.session_id for couple in couples if any(seat.ended for seat in couple.seats)]
        gone = {*early, *missing}
        await _all(at_once, [couple.end for couple in couples if couple.session_id not in gone])
        faults = [f"{one} ended" for one in early] + [f"{one}: somebody never came back" for one in missing]
        return _found(couples, faults, speed)
    finally:
        await _all(at_once, [couple.leave for couple in couples])


async def _returned(couples: Sequence[Couple]) -> list[str]:
    """Wait until everybody is connected again; the calls of those who are not in time."""
    missing = []
    for couple in couples:
        for socket in (*couple.tabs, *couple.seats):
            try:
                await socket.until(lambda socket=socket: socket.client is not None)  # type: ignore[misc]
            except TimeoutError:
                missing.append(couple.session_id)
                break
    return missing


def _found(couples: Sequence[Couple], faults: list[str], speed: float) -> Found:
    whole = [couple for couple in couples if couple.hung_up and all(seat.ended for seat in couple.seats)]
    gaps, unbilled, beyond = [], [], []
    for couple in whole:
        billed = max((seat.ended or {})["billableSeconds"] for seat in couple.seats) / speed
        gaps.append(couple.gap)
        unbilled.append(couple.talked - billed)
        beyond.append(couple.talked - billed - couple.gap)
    faults += [fault for couple in couples for fault in couple.faults()]
    sockets = [socket for couple in couples for socket in (*couple.tabs, *couple.seats)]
    return Found(
        calls=len(couples),
        moves=sum(socket.moves for socket in sockets),
        events=sum(tab.events for couple in couples for tab in couple.tabs),
        gap_median=percentile(sorted(gaps), 0.5),
        gap_worst=max(gaps),
        unbilled_median=percentile(sorted(unbilled), 0.5),
        unbilled_worst=max(unbilled),
        beyond_gap=max(beyond),
        overbilled=max(0.0, -min(unbilled)),
        faults=tuple(faults),
    )


async def _all(at_once: int, acts: Sequence[Callable[[], Awaitable[None]]]) -> None:
    waiting = iter(acts)

    async def one_after_the_other() -> None:
        for act in waiting:
            await act()

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_the_other())
