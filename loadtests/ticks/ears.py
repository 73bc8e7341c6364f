"""``python -m loadtests.ticks.ears URL COUNT``: both clients of so many calls, who count what they are told.

Prints a line of JSON when all are seated, and one for each line it reads: ``{ticks, last}``, the number of ticks since the line
before and when the last one came (seconds since the epoch).
"""

import asyncio
import sys
import time
from datetime import UTC, datetime

import orjson
import uvloop

from adapters.tokens import JwtAccessTokens
from domain.accounts.account import Account, Role
from domain.accounts.revocations import RevokedTokens
from domain.ids import UserId
from loadtests.load.wire import Client
from loadtests.peers import desk
from loadtests.ticks.calls import session_id

NAMESPACE = "/live"
#: Connections that are opened at the same time.
ABREAST = 50
_TICK = b'["live-session-tick"'
_AT = len(f"42{NAMESPACE},")


class Ears:
    """Everybody who listens."""

    def __init__(self) -> None:
        self.ticks = 0
        self.last = 0.0
        self._clients: list[Client] = []

    def hear(self, frame: bytes) -> None:
        """One event frame, of whichever client."""
        if frame.startswith(_TICK, _AT):
            self.ticks += 1
            self.last = time.time()

    async def seat(self, url: str, count: int) -> None:
        """Connect and join, both sides of so many calls."""
        gate = asyncio.Semaphore(ABREAST)

        tokens = JwtAccessTokens(desk.secret(), RevokedTokens())

        async def one(call: str, side: str) -> None:
            token = _token(tokens, UserId(call[:-1] + side))
            async with gate:
                client = Client(NAMESPACE)
                client.heard = self.hear
                await client.connect(url, {"token": token, "deviceId": "d"})
                ask = {"sessionId": call, "deviceId": "d", "resume": False}
                await client.call("join-live-session-handshake", ask)
                self._clients.append(client)

        await asyncio.gather(*(one(session_id(number), side) for number in range(count) for side in "ab"))

    def take(self) -> dict[str, float]:
        """What was heard since the last time."""
        heard = {"ticks": self.ticks, "last": self.last}
        self.ticks = 0
        return heard


def _token(tokens: JwtAccessTokens, user: UserId) -> str:
    now = datetime.now(UTC)
    account = Account(id=user, email="", name="", role=Role.CLIENT, password_hash="", created_at=now)
    return tokens.issue(account, None, user, now)


async def main(url: str, count: int) -> None:
    """Seat everybody, then answer questions until there are no more."""
    ears = Ears()
    await ears.seat(url, count)
    print(orjson.dumps({"seated": count}).decode(), flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        print(orjson.dumps(ears.take()).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
