"""What a load says of itself before it begins."""

import asyncio
import io
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from loadtests.load.run import load
from loadtests.load.scenarios import SCENARIOS
from loadtests.load.scenarios.base import Wish
from loadtests.load.target import Target
from loadtests.load.view import RichView

TARGET = Target("http://127.0.0.1:8080", "1", 1.0, 0.0, True)


@pytest.mark.parametrize(
    ("name", "rate", "told"),
    [
        ("idle", 50, "idle at http://127.0.0.1:8080: 10 connections\n"),
        ("storm", 0, "storm at http://127.0.0.1:8080: 10 connections\n"),
        ("calls", 0.5, "10 connections, four for each call at a time, 0.5 calls begun a second\n"),
    ],
)
def test_a_rate_is_told_where_there_is_one(name: str, rate: float, told: str) -> None:
    out = io.StringIO()

    with RichView(Console(file=out, width=200), SCENARIOS[name], Wish(TARGET, 10, rate, 1.0)):
        pass

    assert out.getvalue().endswith(told)


def test_a_load_that_is_ended_by_hand_says_how_far_it_was() -> None:
    out = io.StringIO()

    with (
        suppress(asyncio.CancelledError),
        RichView(Console(file=out, width=200), SCENARIOS["signal"], Wish(TARGET, 10, 50, 60.0)) as view,
    ):
        view.phase("connecting 10")
        view.phase("signal", 60.0)
        view.counted(Counter({"sent": 1200, "lost": 0, "refused: X": 1}), {"delivery": 3.25, "lag": 0.1})
        raise asyncio.CancelledError

    assert out.getvalue().endswith(
        "  Ended before its time, while at: signal. So far: sent 1,200. "
        "99th percentile of the last second: delivery 3.2 ms. There is no report.\n"
    )


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize(
    "wish", [Wish(TARGET, 20, float("inf"), 1.0), Wish(TARGET, 20, 1.0, 1.0, talk=float("inf"))]
)
async def test_what_has_no_end_is_refused_with_a_sentence(name: str, wish: Wish, tmp_path: Path) -> None:
    async def verify(email: str) -> None:
        raise AssertionError(email)

    with pytest.raises(ValueError, match="finite"):
        await load(SCENARIOS[name], wish, tmp_path, verify)
