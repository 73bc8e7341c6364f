"""What was answered is kept: over a restart, and over ``kill -9`` of the process."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.store import AlreadyRunning, Store
from tests.support.sandbox import NO_REDIRECTS, SECRET_KEY, eventually, receiving, running_sandbox, sdk_client

ROOT = Path(__file__).parents[3]
HOLD: Any = {
    "amount": 5000,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "capture_method": "manual",
    "confirm": True,
    "automatic_payment_methods": NO_REDIRECTS,
}


async def test_state_keys_faults_and_undelivered_webhooks_survive_a_restart(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path, webhook_url="http://127.0.0.1:9/hook") as sandbox:
        held = await sandbox.pay(5000, key="authorize:a:1", metadata={"sessionId": "s1"})
        await sandbox.fault("decline", nth=3)
        before = await sandbox.view("payment_intents")

    async with (
        receiving() as receiver,
        running_sandbox(tmp_path, webhook_url=receiver.url) as sandbox,
    ):
        again = await sandbox.pay(5000, key="authorize:a:1", metadata={"sessionId": "s1"})
        told = await receiver.wait_for("payment_intent.created")
        after = await sandbox.view("payment_intents")
        faults = await sandbox.view("faults")

    assert again.id == held.id
    assert before == after
    assert told[0].event["data"]["object"]["id"] == held.id
    assert [fault["kind"] for fault in faults["data"]] == ["decline"]


async def test_the_file_is_for_its_owner_alone_and_for_one_process(tmp_path: Path) -> None:
    async with running_sandbox(tmp_path / "data") as sandbox:
        await sandbox.pay(5000)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}

        with pytest.raises(AlreadyRunning):
            Store(tmp_path / "data" / "sandbox.sqlite3")

    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@asynccontextmanager
async def process(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """``python -m sandbox`` on a free port; its address is read from what it prints."""
    for name, secret in (("key", SECRET_KEY), ("webhook", "whsec_x")):
        (folder / name).write_text(secret)
    command = ["-m", "sandbox", "--port", "0", "--data-dir", str(folder / "data")]
    command += ["--secret-key-file", str(folder / "key"), "--webhook-secret-file", str(folder / "webhook")]
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert child.stdout is not None
    try:
        async with asyncio.timeout(20):
            while b"http://" not in (line := await child.stdout.readline()):
                assert line, "the sandbox ended before it listened"
        yield child, "http://" + line.decode().partition("http://")[2].split()[0]
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.communicate()


async def test_everything_answered_before_kill_9_is_there_afterwards(tmp_path: Path) -> None:
    answered: dict[str, str] = {}

    async def hold(client: Any, number: int) -> None:
        options: Any = {"idempotency_key": f"authorize:{number}:1"}
        intent = await client.v1.payment_intents.create_async(HOLD, options)
        answered[f"authorize:{number}:1"] = intent.id

    async with process(tmp_path) as (child, url):
        client, http = sdk_client(url, timeout=3)
        holding = [asyncio.create_task(hold(client, number)) for number in range(60)]
        await eventually(lambda: len(answered) >= 15)
        child.kill()
        await asyncio.gather(*holding, return_exceptions=True)
        await http.close_async()  # type: ignore[no-untyped-call]

    async with process(tmp_path) as (_, url):
        client, http = sdk_client(url)
        kept = [
            item
            async for item in (await client.v1.payment_intents.list_async({"limit": 100})).auto_paging_iter()
        ]
        replayed: dict[str, str] = {}
        for number in range(60):
            options: Any = {"idempotency_key": f"authorize:{number}:1"}
            intent = await client.v1.payment_intents.create_async(HOLD, options)
            replayed[f"authorize:{number}:1"] = intent.id
        final = [
            item
            async for item in (await client.v1.payment_intents.list_async({"limit": 100})).auto_paging_iter()
        ]
        await http.close_async()  # type: ignore[no-untyped-call]

    assert set(answered.values()) <= {intent.id for intent in kept}
    assert answered.items() <= replayed.items()
    assert len(final) == 60
