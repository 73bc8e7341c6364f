"""What counts as proof of media, and when it is reported."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from bootstrap.call.errors import Refused
from bootstrap.call.proof import Growth, Prover


@dataclass
class Counter:
    """A connection whose one receiver counts packets."""

    packets: int = 0

    def getReceivers(self) -> list[Any]:
        return [self]

    async def getStats(self) -> dict[str, Any]:
        entry = SimpleNamespace(type="inbound-rtp", packetsReceived=self.packets, packetsLost=0)
        return {"in": entry, "other": SimpleNamespace(type="transport")}


@dataclass
class Line:
    """A prover with its connection, and what it reported."""

    connection: Any = None
    epoch: int = 0
    reports: list[tuple[int, str]] = field(default_factory=list)
    refusal: str | None = None

    def __post_init__(self) -> None:
        self.prover = Prover(lambda: (self.epoch, self.connection), self._report, interval=5.0)

    async def _report(self, epoch: int, state: str) -> None:
        if self.refusal is not None:
            raise Refused(self.refusal, "no")
        self.reports.append((epoch, state))


def test_a_counter_that_never_grew_is_connecting() -> None:
    growth = Growth()

    growth.note(0, now=1.0)

    assert growth.state(now=1.0) == "connecting"


def test_growth_proves_for_two_seconds_and_no_longer() -> None:
    growth = Growth()

    growth.note(5, now=10.0)

    assert [growth.state(now) for now in (10.0, 11.9, 12.0)] == ["connected", "connected", "disconnected"]


def test_a_counter_that_stands_still_does_not_renew_the_proof() -> None:
    growth = Growth()
    growth.note(5, now=10.0)

    growth.note(5, now=11.9)

    assert growth.state(now=12.1) == "disconnected"


def test_another_generation_has_to_prove_itself() -> None:
    growth = Growth()
    growth.note(5, now=10.0)

    growth.restart()

    assert growth.state(now=10.1) == "connecting"


async def test_changes_are_reported_at_once_and_proof_is_repeated() -> None:
    line = Line(Counter())

    await line.prover.look(0.0)
    for now in (0.1, 1.0, 3.0, 5.0, 5.1, 6.0):
        line.connection.packets += 1
        await line.prover.look(now)
    await line.prover.look(8.1)

    assert [state for _, state in line.reports] == ["connecting", "connected", "connected", "disconnected"]


async def test_a_connection_that_went_is_a_loss_after_two_seconds() -> None:
    line = Line(Counter(packets=3))
    await line.prover.look(0.0)
    line.connection = None

    await line.prover.look(1.9)
    await line.prover.look(2.1)

    assert [state for _, state in line.reports] == ["connected", "disconnected"]


async def test_packets_of_all_connections_add_up() -> None:
    line = Line(Counter(packets=3))
    await line.prover.look(0.0)
    line.epoch, line.connection = 1, Counter(packets=4)

    await line.prover.look(0.1)

    assert line.prover.packets == 7
    assert line.reports == [(0, "connected"), (1, "connected")]


async def test_a_report_that_came_too_late_is_no_failure() -> None:
    line = Line(Counter(packets=1), refusal="STALE_EPOCH")

    await line.prover.look(0.0)

    assert line.reports == []


async def test_any_other_refusal_is() -> None:
    line = Line(Counter(packets=1), refusal="FORBIDDEN")

    with pytest.raises(Refused):
        await line.prover.look(0.0)
