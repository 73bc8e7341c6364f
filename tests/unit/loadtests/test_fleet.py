"""Generator processes: several work as one, and a broken one is told, not waited for."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from loadtests.load.crew import Crew, Window, paced
from loadtests.load.fleet import Fleet, GeneratorFailed


@dataclass(frozen=True, slots=True)
class CountingShare:
    """``folder`` is where each leaves a note when it is closed."""

    name: str
    folder: str
    breaks: str = ""


class Counting(Crew):
    """Counts what it was to send. Named in the processes that these tests start."""

    Share = CountingShare
    share: CountingShare

    async def open(self) -> None:
        self.record.counts["ready"] += 1
        if self.share.breaks == "open":
            raise RuntimeError("no room")

    async def run(self, window: Window) -> None:
        if self.share.breaks == "run":
            os._exit(7)
        await paced(self, window, self._send)

    def _send(self, n: int, due: int) -> None:
        self.record.counts["sent"] += 1

    async def close(self) -> None:
        _note(Path(self.share.folder, self.share.name))


def _note(file: Path) -> None:
    file.touch()


def fleet(folder: Path, *breaks: str) -> Fleet:
    return Fleet(Counting, [CountingShare(f"p{n}", str(folder), one) for n, one in enumerate(breaks)])


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def test_two_processes_send_one_schedule_and_are_closed(tmp_path: Path) -> None:
    told: list[Counter[str]] = []

    def progress(counts: Counter[str], late: Mapping[str, float]) -> None:
        told.append(counts)

    load = fleet(tmp_path, "", "")
    load._progress = progress
    async with load:
        opened = await load.open()
        first = await load.run(Window(0.6, rate=101))
        second = await load.run(Window(0.1, rate=1_000))
        pids = load.pids

    assert opened.count("ready") == 2
    assert first.count("sent") == 60
    assert second.count("sent") == 100, "a window counts its own"
    assert len(first.latency("lag")) == 60
    assert len(first.strains) == 2
    assert told, "progress is told while a window lasts"
    assert sorted(os.listdir(tmp_path)) == ["p0", "p1"]
    assert not any(alive(pid) for pid in pids)


async def test_a_crew_that_fails_ends_the_load_with_its_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    load = fleet(tmp_path, "", "open")
    with pytest.raises(GeneratorFailed, match="RuntimeError: no room"):
        async with load:
            await load.open()

    assert not any(alive(pid) for pid in load.pids)
    assert (tmp_path / "p0").exists(), "the other one still let its clients go"


async def test_a_process_that_dies_ends_the_load(tmp_path: Path) -> None:
    load = fleet(tmp_path, "", "run")
    with pytest.raises(GeneratorFailed, match="ended by itself"):
        async with load:
            await load.run(Window(5.0, rate=10))

    assert not any(alive(pid) for pid in load.pids)
