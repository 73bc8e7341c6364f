"""An open-loop schedule, with a clock that stands still unless it is moved."""

import itertools
from collections.abc import Callable

import pytest

from loadtests.load.pace import BURST, GRAIN, SECOND, Pacer, Schedule


class Clock:
    """Time, and an alarm that rings when time has come. ``late`` nanoseconds pass before anybody notices."""

    def __init__(self, now: int = 0) -> None:
        self.now = now
        self.late = 0
        self._alarm: tuple[int, Callable[[], None]] | None = None

    def __call__(self) -> int:
        return self.now

    def set(self, at: int, ring: Callable[[], None]) -> None:
        self._alarm = (at, ring)

    def close(self) -> None:
        self._alarm = None

    def run(self) -> None:
        """Until nobody wants to be woken any more."""
        while self._alarm is not None:
            at, ring = self._alarm
            self._alarm = None
            self.now = max(self.now, at) + self.late
            ring()


def sent(schedule: Schedule, clock: Clock) -> list[tuple[int, int, int]]:
    """(number, due, sent at) of every message."""
    messages: list[tuple[int, int, int]] = []
    pacer = Pacer(schedule, lambda n, due: messages.append((n, due, clock.now)), clock, clock)
    pacer.start()
    clock.run()
    assert pacer.done.is_set()
    return messages


def test_every_message_leaves_at_its_instant_when_nothing_is_late() -> None:
    messages = sent(Schedule(start=SECOND, rate=1_000.0, count=50), Clock())

    assert [n for n, _, _ in messages] == list(range(50))
    assert [due for _, due, _ in messages] == [SECOND + n * 1_000_000 for n in range(50)]
    assert all(at == due for _, due, at in messages)


def test_a_generator_that_slept_sends_what_is_due_and_keeps_the_instants_at_which_it_was() -> None:
    clock = Clock()
    clock.late = 10_000_000

    messages = sent(Schedule(start=0, rate=1_000.0, count=40), clock)

    assert [due for _, due, _ in messages] == [n * 1_000_000 for n in range(40)]
    assert messages[0][2] == 10_000_000, "the first is late, and that is seen"
    assert max(at - due for _, due, at in messages) <= 2 * clock.late
    assert len({at for _, _, at in messages}) < 8, "several leave at once after each sleep"


def test_a_flood_of_overdue_messages_lets_others_work_in_between() -> None:
    clock = Clock(now=SECOND)

    messages = sent(Schedule(start=0, rate=10_000.0, count=1_000), clock)

    instants = [at for _, _, at in messages]
    assert max(instants.count(at) for at in set(instants)) == BURST
    assert len(messages) == 1_000


def test_wake_ups_are_shared_at_high_rates() -> None:
    messages = sent(Schedule(start=0, rate=1_000_000.0, count=1_000), Clock())

    instants = sorted({at for _, _, at in messages})
    assert min(b - a for a, b in itertools.pairwise(instants)) >= GRAIN


@pytest.mark.parametrize("parts", [1, 2, 3, 7])
@pytest.mark.parametrize("rate", [1.0, 10.0, 333.0, 1_000.0])
def test_parts_of_processes_add_up_to_the_whole_schedule(rate: float, parts: int) -> None:
    whole = Schedule.lasting(SECOND, rate, 3.0)
    mine = [Schedule.lasting(SECOND, rate, 3.0, part, parts) for part in range(parts)]

    together = sorted(one.at(n) for one in mine for n in range(one.count))

    assert sum(one.count for one in mine) == whole.count == int(rate * 3)
    expected = [whole.at(n) for n in range(whole.count)]
    assert all(abs(a - b) <= parts + 1 for a, b in zip(together, expected, strict=True)), "to the nanosecond"


def test_nothing_is_due_before_the_start_nor_after_the_end() -> None:
    schedule = Schedule(start=SECOND, rate=10.0, count=5)

    assert schedule.due(SECOND - 1) == 0
    assert schedule.due(SECOND) == 1
    assert schedule.due(SECOND + 250_000_000) == 3
    assert schedule.due(100 * SECOND) == 5


def test_a_schedule_of_nothing_is_done_at_once() -> None:
    assert sent(Schedule.lasting(0, 0.5, 1.0, part=3, parts=4), Clock()) == []
