"""``ChildProcess``: ready, supervised, stopped with a deadline, heard."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bootstrap.embedded import ChildFailed, ChildProcess, ChildSpec

DEADLINE = 30.0
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
POLITE = "import time; print('up', flush=True); time.sleep(60)"
BROKEN = "import sys; sys.exit('no such configuration')"

Make = Callable[..., ChildProcess]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[Make]:
    """Children that are stopped when the test is over."""
    made: list[ChildProcess] = []

    def build(program: str, **options: object) -> ChildProcess:
        log = tmp_path / "child.log"

        async def printed() -> bool:
            return log.exists() and b"up" in log.read_bytes()

        spec = ChildSpec(
            name="child",
            command=(sys.executable, "-c", program),
            log_file=log,
            pid_file=tmp_path / "child.pid",
            **{"ready": printed, "ready_seconds": DEADLINE, **options},  # type: ignore[arg-type]
        )
        made.append(ChildProcess(spec))
        return made[-1]

    yield build
    for child in made:
        await child.stop()


async def test_child_that_ends_before_it_is_ready_fails_with_its_last_words(make: Make) -> None:
    child = make(BROKEN)

    with pytest.raises(ChildFailed, match=r"ended with 1\.[\s\S]*no such configuration"):
        await child.start()
    assert not child.running


async def test_child_that_is_never_ready_fails_in_time_and_is_ended(make: Make) -> None:
    async def never() -> bool:
        return False

    child = make(POLITE, ready=never, ready_seconds=0.3)

    with pytest.raises(ChildFailed, match=r"not ready within 0\.3 s"):
        await child.start()
    assert not child.running


async def test_killed_child_comes_back_as_another_process(make: Make) -> None:
    child = make(POLITE)
    await child.start()
    first = child.pid

    child.kill()
    await child.wait_ready()

    assert child.pid != first
    assert child.restarts == 1


async def test_child_without_restart_stays_dead(make: Make) -> None:
    child = make(POLITE, restart=False)
    await child.start()

    child.kill(signal.SIGTERM)

    assert await child.wait_ended() == -signal.SIGTERM
    with pytest.raises(ChildFailed, match="not running"):
        _ = child.pid


async def test_stubborn_child_is_killed_at_the_deadline(make: Make) -> None:
    child = make(STUBBORN, stop_seconds=0.2)
    await child.start()

    async with asyncio.timeout(DEADLINE):
        await child.stop()

    assert await child.wait_ended() == -signal.SIGKILL
    await child.stop()


async def test_program_that_does_not_exist_is_named(make: Make, tmp_path: Path) -> None:
    spec = ChildSpec(
        name="ghost",
        command=(str(tmp_path / "nothing"),),
        log_file=tmp_path / "ghost.log",
        pid_file=tmp_path / "ghost.pid",
        ready=lambda: asyncio.sleep(0, result=False),
        ready_seconds=DEADLINE,
    )

    with pytest.raises(ChildFailed, match=r"nothing: No such file"):
        await ChildProcess(spec).start()


async def test_each_line_is_echoed_and_logged_even_a_very_long_one(make: Make, tmp_path: Path) -> None:
    heard: list[str] = []
    done = asyncio.Event()

    def echo(line: str) -> None:
        heard.append(line)
        if line == "end":
            done.set()

    child = make(
        "print('up'); print('x' * 300_000); print('end', flush=True); input()", echo=echo, restart=False
    )
    await child.start()
    async with asyncio.timeout(DEADLINE):
        await done.wait()

    assert heard[:3] == ["up", "x" * 300_000, "end"]
    assert (tmp_path / "child.log").read_text().startswith("up\nxxx")


async def test_orphan_of_an_earlier_life_is_ended_before_a_new_start(make: Make, tmp_path: Path) -> None:
    orphan = await asyncio.create_subprocess_exec(sys.executable, "-c", POLITE)
    (tmp_path / "child.pid").write_text(f"{orphan.pid}\n")
    child = make(POLITE)

    await child.start()

    assert await orphan.wait() == -signal.SIGKILL


async def test_process_that_only_inherited_the_number_is_left_alone(make: Make, tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (tmp_path / "child.pid").write_text(f"{stranger.pid}\n")

    await make(POLITE).start()

    assert stranger.returncode is None
    stranger.terminate()
    await stranger.wait()
