"""``python -m loadtests.drain``: start everything, let people talk, replace both servers, print what it cost them.

Stores, sandbox, worker and two server processes (``rapport serve --workers 2``) are its own, in a folder that is gone
afterwards.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import orjson

from adapters.passwords import BcryptHasher
from adapters.tokens import JwtAccessTokens
from bootstrap.settings import Settings
from bootstrap.up import Running, running
from bootstrap.wiring.common import Common, open_common
from domain.accounts.account import Identity, Role
from domain.accounts.registration import Application, Registration, Trust
from domain.accounts.revocations import RevokedTokens
from domain.ids import new_id
from domain.money import Money
from loadtests import ending
from loadtests.drain.people import Couple, Who
from loadtests.drain.roll import TALK, Found, through
from loadtests.ports import free_port

#: Seconds for both processes to be replaced while all their sockets move.
ROLL = 180.0
CARD = "pm_card_visa"
ENVIRONMENT = {
    "RAPPORT_PASSWORD_COST": "4",
    "RAPPORT_CONNECTIONS_PER_ADDRESS": "100000",
    "RAPPORT_LOG_LEVEL": "WARNING",
}


def main() -> int:
    """0 if nothing was lost and nothing billed twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument(
        "--speed", type=float, default=1.0, help="domain seconds per real second; a grace is 45 of them"
    )
    parser.add_argument("--talk", type=float, default=TALK, help="seconds of talk before and after")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rapport-drain-"))  # short: a socket's path has 107 bytes
    try:
        found = ending.run(run(folder, asked.calls, asked.speed, asked.talk))
    finally:
        shutil.rmtree(folder)
    _show(found)
    if asked.json:
        asked.json.write_bytes(orjson.dumps(found.to_wire(), option=orjson.OPT_INDENT_2))
    return 0 if found.sound else 1


async def run(folder: Path, calls: int, speed: float, talk: float) -> Found:
    """In an empty ``folder``; everything it starts ends with it."""
    os.environ.update(ENVIRONMENT | {"RAPPORT_CLOCK_SPEED": str(speed)})
    async with AsyncExitStack() as stack:
        settings = Settings(data_dir=folder, port=0)
        now = await stack.enter_async_context(running(settings, demo=False))
        os.environ.update(now.environment)
        common = await stack.enter_async_context(open_common(Settings(), "load"))
        parent, url = await stack.enter_async_context(_two_servers(now))
        people = _People(common)
        couples = [Couple.of(url, *(await people.couple())) for _ in range(calls)]
        _say(f"{calls} couples")

        async def roll() -> None:
            await _rolled(parent)

        return await through(couples, roll, _say, speed=speed, talk=talk)


def _show(found: Found) -> None:
    print(f"{found.calls} calls, {found.moves} sockets moved, {found.events} events of feeds heard")
    print(f"gap until the next proof   median {found.gap_median:.2f} s, worst {found.gap_worst:.2f} s")
    print(
        f"left unbilled              median {found.unbilled_median:.2f} s, worst {found.unbilled_worst:.2f} s"
    )
    print(
        f"unbilled beyond the gap    {found.beyond_gap:.2f} s     billed beyond the talk  {found.overbilled:.2f} s"
    )
    for fault in found.faults[:20]:
        print(f"fault: {fault}")
    print("sound" if found.sound else f"NOT SOUND: {len(found.faults)} faults")


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


class _People:
    """Accounts with tokens, made where the program makes them."""

    def __init__(self, common: Common) -> None:
        self._common, stores = common, common.stores
        self._hasher = BcryptHasher(4)
        self._register = Registration(
            stores.transact, stores.accounts, stores.coaches, self._hasher, common.clock
        )
        secret = common.settings.needed_secret("secret_key").encode()
        self._tokens = JwtAccessTokens(secret, RevokedTokens())

    async def couple(self) -> tuple[Who, Who]:
        """A client with a card, and a coach."""
        client, who = await self._somebody(Role.CLIENT, None)
        await self._common.payment_methods.add(client, CARD)
        _, coach = await self._somebody(Role.COACH, Money(250, "USD"))
        return who, coach

    async def _somebody(self, role: Role, rate: Money | None) -> tuple[Identity, Who]:
        email = f"{role.value}-{new_id()}@load.test"
        application = Application(email, secrets.token_urlsafe(18), "Somebody", role, rate)
        account, coach_id = await self._register(application, Trust(True, True))
        now, family = self._common.clock.wall(), new_id()
        identity = Identity(account.id, coach_id, role, family, now + timedelta(days=1))
        return identity, Who(self._tokens.issue(account, coach_id, family, now), coach_id or "")


@asynccontextmanager
async def _two_servers(now: Running) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    port = free_port()
    environment = {**os.environ, **now.environment, "RAPPORT_PORT": str(port)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bootstrap", "serve", "--workers", "2", env=environment
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(ROLL):
            while len(_children(parent.pid)) != 2 or not await _answers(url):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        yield parent, url
    finally:
        parent.terminate()
        await parent.wait()


async def _rolled(parent: asyncio.subprocess.Process) -> None:
    before = _children(parent.pid)
    parent.send_signal(signal.SIGHUP)
    async with asyncio.timeout(ROLL):
        while len(now := _children(parent.pid)) != 2 or now & before:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


if __name__ == "__main__":
    sys.exit(main())
