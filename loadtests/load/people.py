"""Accounts for a load: opened over REST as anybody opens theirs, and kept for the next load on the same server.

Each person comes from a loopback address of their own where the system has them all (Linux: 127.0.0.0/8), so that limits per
address stay what they are. What a person cannot do for themselves, proving an e-mail address and being accepted as a coach, an
operator does: :data:`Verify`.
"""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import aiohttp

from loadtests.load.target import Target

#: Reserved (RFC 2606).
DOMAIN = "load.test"
CARD = "pm_card_visa"
AT_ONCE = 8
#: Real seconds; hashing passwords takes a server a while when many come.
TIMEOUT = aiohttp.ClientTimeout(total=120)
#: Seconds that a token must be good for beyond the load.
SPARE = 120.0

Role = Literal["client", "coach"]
#: Told an e-mail address: it is its owner's, and a coach is one.
Verify = Callable[[str], Awaitable[None]]


class NotLetIn(Exception):
    """The server refused an account; the message is for a person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can log in; :attr:`token` is good until :attr:`expires` (seconds since the epoch)."""

    email: str
    password: str
    role: Role
    number: int
    token: str = ""
    expires: float = 0.0
    coach_id: str = ""
    verified: bool = False
    card: bool = False

    @property
    def source(self) -> str | None:
        """The local address this person comes from; None where there is but one."""
        if not sys.platform.startswith("linux"):
            return None
        # 127.0.0.x is left to whoever else there is.
        place = self.number * 2 + (self.role == "coach") + 256
        return f"127.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"


class People:
    """The people of one target, in a file that only its owner reads."""

    def __init__(self, target: Target, folder: Path, verify: Verify) -> None:
        self._target = target
        self._file = folder / "load-people.json"
        self._verify = verify
        self._all: dict[str, list[Person]] = _read(self._file)

    async def need(
        self, role: Role, count: int, seconds: float, *, trusted: bool, say: Callable[[int], None]
    ) -> Sequence[Person]:
        """So many people whose tokens are good for so long. ``trusted``: verified, and clients with a card. ``say`` is told how
        many there are already.

        Raises:
            NotLetIn: the server refused somebody; also what :data:`Verify` raises.
        """
        key = f"{self._target.url} {role}"
        known = self._all.setdefault(key, [])
        known += [_somebody(role, number) for number in range(len(known), count)]
        if known and known[0].token and not await self._welcome(known[0]):
            # Another database, or another secret, at the same address.
            known[:] = [replace(one, token="") for one in known]
        turn = asyncio.Semaphore(AT_ONCE)
        done = 0

        async def ready(n: int) -> None:
            nonlocal done
            async with turn:
                known[n] = await self._ready(known[n], seconds, trusted=trusted)
            done += 1
            say(done)

        try:
            async with asyncio.TaskGroup() as group:
                for n in range(count):
                    group.create_task(ready(n))
        except ExceptionGroup as errors:  # one tells as much as eight
            raise errors.exceptions[0] from None
        finally:
            _write(self._file, self._all)
        return known[:count]

    async def _welcome(self, person: Person) -> bool:
        headers = {"Authorization": f"Bearer {person.token}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as http,
                http.get(f"{self._target.url}/api/users/me", headers=headers) as answer,
            ):
                return answer.status == 200
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False

    async def _ready(self, person: Person, seconds: float, *, trusted: bool) -> Person:
        if trusted and not person.verified and person.token:
            person = replace(person, token="")
        if (
            person.token
            and person.expires > time.time() + seconds + SPARE
            and person.card >= _card(person, trusted)
        ):
            return person
        connector = aiohttp.TCPConnector(local_addr=(person.source, 0) if person.source else None)
        async with aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as http:
            door = _Door(http, self._target.url)
            person = await door.log_in(person)
            if trusted and not person.verified:
                await self._verify(person.email)
                person = replace(person, verified=True)
            if _card(person, trusted) and not person.card:
                await door.save_card(person)
                person = replace(person, card=True)
        return person


@dataclass(frozen=True, slots=True)
class _Door:
    http: aiohttp.ClientSession
    url: str

    async def log_in(self, person: Person) -> Person:
        ask = {"email": person.email, "password": person.password}
        status, told = await self._ask("/api/auth/login", ask)
        if status == 401:  # nobody of that name: a new account, or a new database
            rate = {"ratePerMinute": 250} if person.role == "coach" else {}
            name = f"Load {person.role} {person.number}"
            await self._done("/api/auth/register", ask | {"name": name, "role": person.role} | rate)
            person = replace(person, verified=False, card=False)
            told = await self._done("/api/auth/login", ask)
        elif status >= 400:
            raise _refusal("/api/auth/login", told)
        expires = datetime.fromisoformat(told["expiresAt"]).timestamp()
        coach_id = told["user"].get("coachId") or ""
        return replace(person, token=told["accessToken"], expires=expires, coach_id=coach_id)

    async def save_card(self, person: Person) -> None:
        await self._done("/api/payment-methods", {"paymentMethodToken": CARD}, person.token)

    async def _done(self, path: str, body: dict[str, Any], token: str = "") -> Any:
        status, told = await self._ask(path, body, token)
        if status >= 400:
            raise _refusal(path, told)
        return told

    async def _ask(self, path: str, body: dict[str, Any], token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with self.http.post(self.url + path, json=body, headers=headers) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise NotLetIn(f"{path}: no answer ({type(error).__name__}).") from error


def _refusal(path: str, told: Any) -> NotLetIn:
    code, detail = (told.get("code"), told.get("detail")) if isinstance(told, dict) else (None, None)
    hint = ""
    if code == "RATE_LIMITED":
        hint = " Start the server with RAPPORT_AUTH_ATTEMPTS_PER_MINUTE=100000."
    return NotLetIn(f"The server refused {path}: {code}: {detail}{hint}")


def _card(person: Person, trusted: bool) -> bool:
    return trusted and person.role == "client"


def _somebody(role: Role, number: int) -> Person:
    email = f"{role}-{number}-{secrets.token_hex(4)}@{DOMAIN}"
    return Person(email, secrets.token_urlsafe(18), role, number)


def _read(file: Path) -> dict[str, list[Person]]:
    try:
        known = json.loads(file.read_text())
        return {key: [Person(**one) for one in people] for key, people in known.items()}
    except (OSError, ValueError, TypeError):
        return {}


def _write(file: Path, people: dict[str, list[Person]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    with open(fresh, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        json.dump({key: [asdict(one) for one in them] for key, them in people.items()}, out)
    fresh.replace(file)
