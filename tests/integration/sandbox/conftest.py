from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.sandbox import RunningSandbox, running_sandbox


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(tmp_path) as running:
        yield running
        summary = await running.view("summary")
        assert set(summary["difference"].values()) <= {0}, "the sandbox invented or lost money"
