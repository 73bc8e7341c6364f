"""The parts of the browser client that need no browser, by Node.js's own test runner."""

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Real seconds for one file.
TIMEOUT = 120.0
FILES = sorted(Path(__file__).parent.glob("*.test.mjs"))


@pytest.fixture(scope="module")
def node() -> str:
    """Node.js: this machine's own, or the one of `make install`."""
    if shutil.which("node") is None and not (Path(sys.prefix) / "bin" / "node").exists():
        pytest.skip("no Node.js, neither on PATH nor in .venv: run `make install`")
    # Asked once: to find out whether it is new enough takes longer than most files.
    ask = [ROOT / "tools" / "with-node", "node", "--print", "process.execPath"]
    return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.mjs"))
async def test_module(node: str, file: Path) -> None:
    # Without `--test`, which would start a further process for the file.
    process = await asyncio.create_subprocess_exec(
        node,
        "--test-reporter=tap",
        str(file),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    told = output.decode()
    passed = re.search(r"^# pass (\d+)$", told, re.MULTILINE)
    assert process.returncode == 0, told
    # A file that runs nothing passes, too.
    assert passed is not None, told
    assert int(passed[1]) > 0, told
