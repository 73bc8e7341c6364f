"""The official JavaScript client against our engine, in Node.js and in a browser: the scenarios of ``official_client.mjs``."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.echo import listening, servers
from tests.conformance.official_server import official_server, page
from tools.browser.chromium import REQUIRED, NoChromium, chromium, find_chromium

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
#: Real seconds for all scenarios.
TIMEOUT = 60.0
TRANSPORTS = ("polling", "upgrade", "websocket")
SCENARIOS = re.findall(r"^  async (\w+)\(", (HERE / "official_client.mjs").read_text(), re.MULTILINE)
CASES = [f"{scenario}-{transport}" for scenario in SCENARIOS for transport in TRANSPORTS]


@pytest.fixture(scope="module")
async def url() -> AsyncIterator[str]:
    server_class = servers("ours")[1]
    async with listening((official_server(server_class), "socket.io"), app=page()) as address:
        yield address


@pytest.fixture(scope="module")
async def in_node(url: str) -> dict[str, str]:
    if shutil.which("node") is None and not (Path(sys.prefix) / "bin" / "node").exists():
        pytest.skip("no Node.js, neither on PATH nor in .venv: run `make install`")
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "tools" / "with-node"), "node", str(HERE / "official_client_in_node.mjs"), url,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    results: dict[str, str] = json.loads(output)
    return results


@pytest.fixture(scope="module")
async def in_browser(url: str) -> dict[str, str]:
    try:
        path = find_chromium()
    except NoChromium as missing:
        if os.environ.get(REQUIRED):
            pytest.fail(f"{missing} ({REQUIRED} is set.)")
        pytest.skip(str(missing))
    async with asyncio.timeout(TIMEOUT), chromium(path) as browser:
        tab = await browser.new_page()
        exceptions: list[object] = []
        tab.on("pageerror", lambda error: exceptions.append(error))
        await tab.goto(url)
        results: dict[str, str] = await tab.evaluate(
            """async (url) => {
              const [{Manager}, {play}] = await Promise.all([import("/client.js"), import("/official_client.mjs")]);
              return play(Manager, url, {together: false});
            }""",
            url,
        )
    assert exceptions == []
    return results


def test_every_scenario_was_played_in_node(in_node: dict[str, str]) -> None:
    assert sorted(in_node) == sorted(CASES)


@pytest.mark.parametrize("case", CASES)
def test_in_node(in_node: dict[str, str], case: str) -> None:
    assert in_node[case] == "ok"


def test_every_scenario_was_played_in_the_browser(in_browser: dict[str, str]) -> None:
    assert sorted(in_browser) == sorted(CASES)


@pytest.mark.parametrize("case", CASES)
def test_in_the_browser(in_browser: dict[str, str], case: str) -> None:
    assert in_browser[case] == "ok"
