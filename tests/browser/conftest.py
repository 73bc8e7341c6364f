"""A running program, a browser, and people with windows of their own. Everything is started once for this folder."""

import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.stage import Stage
from tests.support.program import Program, running_program
from tools.browser.chromium import REQUIRED, NoChromium, chromium, find_chromium

REPORTS = Path(__file__).parents[2] / "reports" / "browser"
#: A minute of talk takes three seconds. Waits are those of the product, made so long that a person has time to click.
FAST = {
    "RAPPORT_CLOCK_SPEED": "20",
    "RAPPORT_CALL_RING": "400",
    "RAPPORT_CALL_JOIN": "400",
    "RAPPORT_CALL_GRACE": "600",
    "RAPPORT_CALL_PAUSE_LIMIT": "2000",
    "RAPPORT_CALL_ACTION": "1200",
    # The next block is asked for after half a minute, so that low balance can be seen without waiting for it.
    "RAPPORT_CALL_REAUTHORIZE_BELOW": "870",
    "RAPPORT_CALL_PROOF_INTERVAL": "1",
    "RAPPORT_CALL_PROOF_TIMEOUT": "4",
    "RAPPORT_CALL_PROOF_FRESH_FOR": "6",
}


@pytest.fixture(scope="package")
def chromium_path() -> str:
    """Where Chromium is; without one the folder is skipped, or fails where one is required."""
    try:
        return find_chromium()
    except NoChromium as missing:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{missing} ({REQUIRED} is set.)")
        pytest.skip(str(missing))


@pytest.fixture(scope="package")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with chromium(chromium_path) as started:
        yield started


@pytest.fixture(scope="package")
async def fast_program(chromium_path: str) -> AsyncIterator[Program]:
    """Two servers, a worker, the sandbox and stores, on a fast clock."""
    if os.environ.get("MONGODB_URI") or os.environ.get("REDIS_URL"):
        pytest.skip("starts stores of its own; MONGODB_URI or REDIS_URL names others")
    # Short, since a socket path has 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="rapport-web-"))
    try:
        async with running_program(folder, **FAST) as program:
            yield program
    finally:
        shutil.rmtree(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    """Keep what came of each phase where fixtures find it."""
    report = yield
    item.stash.setdefault(PHASES, {})[report.when] = report.failed
    return report


PHASES = pytest.StashKey[dict[str, bool]]()


@pytest.fixture
async def stage(
    fast_program: Program, browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    """People with windows. A page that complains fails the test; what a failed test saw is kept in ``reports/browser``."""
    stage = Stage(fast_program, browser)
    try:
        yield stage
        complaints = stage.complaints()
        if complaints or request.node.stash[PHASES].get("call", True):
            await stage.keep(_folder_of(request.node.name))
        assert complaints == []
    finally:
        await stage.close()


def _folder_of(test: str) -> Path:
    folder = REPORTS / re.sub(r"[^\w.-]+", "-", test)[:100]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
