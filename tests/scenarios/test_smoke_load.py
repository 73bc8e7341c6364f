"""A small load on the running program, by the tool and its generator processes: nothing is lost, everything is answered.

How quick it was is asked nowhere: that is for ``rapport load`` and ``make bench``.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from domain.accounts.verification import Verification
from loadtests.load.report.document import document
from loadtests.load.run import Outcome, load
from loadtests.load.scenarios import SCENARIOS
from loadtests.load.scenarios.base import Wish
from loadtests.load.target import look_at
from tests.support.program import Program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the people of these loads are kept from one to the next."""
    return tmp_path_factory.mktemp("load")


async def smoke(
    program: Program, folder: Path, name: str, *, sockets: int, rate: float = 0.0, seconds: float = 1.0
) -> Outcome:
    s = program.inside.stores
    verification = Verification(s.transact, s.accounts, s.coaches)

    async def verify(email: str) -> None:
        await verification(email)

    target = await look_at(program.urls[0])
    wish = Wish(target, sockets, rate, seconds, processes=2, talk=0.5)
    outcome = await load(SCENARIOS[name], wish, folder, verify)
    assert outcome.faults == []
    return outcome


async def test_every_signal_of_calls_in_progress_arrives_and_is_acknowledged(
    program: Program, folder: Path
) -> None:
    outcome = await smoke(program, folder, "signal", sockets=8, rate=160)
    found = outcome.found

    assert outcome.opened.count("ready") == 4
    assert [found.count(name) for name in ("sent", "received", "acked")] == [160, 160, 160]
    assert [len(found.latency(name)) for name in ("delivery", "ack", "lag")] == [160, 160, 160]
    assert outcome.processes == 1
    assert outcome.samples


async def test_whole_calls_ring_start_signal_and_end(program: Program, folder: Path) -> None:
    found = (await smoke(program, folder, "calls", sockets=24, rate=2)).found

    assert [found.count(name) for name in ("calls", "ended", "unfinished", "waited")] == [2, 2, 0, 0]
    assert found.count("sent") == found.count("received") == found.count("acked") == 80
    for step in ("ring", "accept", "join", "start", "setup", "end"):
        assert len(found.latency(step)) == 2, step


async def test_every_reader_is_told_every_change_though_others_read_nothing(
    program: Program, folder: Path
) -> None:
    found = (await smoke(program, folder, "slow", sockets=20, rate=3)).found

    assert [found.count(name) for name in ("sent", "changed", "watching", "stalled")] == [3, 3, 18, 2]
    assert found.count("received") == 3 * 18
    assert len(found.latency("delivery")) + len(found.latency("delivery beside slow")) == 3 * 18


async def test_everybody_who_is_cut_off_comes_back(program: Program, folder: Path) -> None:
    outcome = await smoke(program, folder, "storm", sockets=30, seconds=0.2)

    assert outcome.opened.count("ready") == 30
    assert [outcome.found.count(name) for name in ("cut", "back", "stayed")] == [30, 30, 30]


async def test_every_search_of_a_busy_year_is_answered_and_of_four_who_want_a_start_one_gets_it(
    program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A year that is quick to fill.
    monkeypatch.setattr("loadtests.load.scenarios.booking.BOOKINGS", 12)

    found = (await smoke(program, folder, "starts", sockets=4, rate=12)).found
    booked = (await smoke(program, folder, "book", sockets=4, rate=12)).found

    assert [found.count(name) for name in ("asked", "found")] == [12, 12]
    assert found.count("starts") == 12 * 100
    assert [booked.count(name) for name in ("wanted", "asked", "booked", "taken")] == [4, 16, 4, 12]
    assert len(booked.latency("booked")) == 4


async def test_nine_search_while_one_books_and_each_is_judged_by_its_own_target(
    program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadtests.load.scenarios.booking.BOOKINGS", 12)

    outcome = await smoke(program, folder, "market", sockets=10, rate=40)
    found = outcome.found

    assert [found.count(name) for name in ("asked", "found", "wanted", "booked", "taken")] == [
        40,
        36,
        1,
        1,
        3,
    ]
    assert found.count("starts") > 36 * 7
    judged = {one["latency"]: (one["count"], one["limitMs"]) for one in document(outcome)["targets"]}
    assert judged == {"found": (36, 50.0), "booked": (1, 200.0), "taken": (3, 200.0)}


async def test_ctrl_c_ends_a_load_with_a_word(program: Program) -> None:
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bootstrap", "load", "idle",
        *("--target", program.urls[0], "--sockets", "4", "--duration", "300"),
        env={**os.environ, **program.running.environment},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert command.stdout is not None
    async with asyncio.timeout(60):
        while (await command.stdout.readline()).strip() != b"idle":
            assert not command.stdout.at_eof()
        command.send_signal(signal.SIGINT)
        told = await command.stdout.read()
        assert await command.wait() == 128 + signal.SIGINT
    assert told.startswith(b"  Ended before its time, while at: idle.")
