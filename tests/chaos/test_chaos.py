"""A short storm in every test run; ``make chaos`` is for longer ones."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.plan import Plan
from tests.chaos.run import run, summary


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, since a socket path has 107 bytes."""
    made = Path(tempfile.mkdtemp(prefix="rapport-chaos-"))
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(180)
async def test_money_and_calls_come_out_right_while_everything_is_killed(folder: Path) -> None:
    plan = Plan(seed=20, seconds=18, pairs=6, couples=2, buyers=1, kills=6, receipts=4)

    report = await run(plan, folder, print)

    assert report.verdict.faults == [], "\n".join(summary(report))
    assert report.killed.total() == plan.kills
    assert report.verdict.captured.total() > 0
