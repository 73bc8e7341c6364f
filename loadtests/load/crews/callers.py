"""People who ask over HTTP: what the REST door is loaded by."""

from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from loadtests.load.crews.call import Who
from loadtests.load.wire import Failed, Lost

#: Connections of one person at a time. Later requests wait for one, and that counts.
CONNECTIONS = 8
TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, read whole."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """What it says."""
        return orjson.loads(self.body)


class Caller:
    """One person with connections that stay open."""

    def __init__(self, who: Who, url: str) -> None:
        self.who = who
        self._url = url
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Be there: the first connection is made by asking who one is.

        Raises:
            Failed: the token is not taken.
            Lost: nobody answers.
        """
        source = (self.who.source, 0) if self.who.source else None
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(local_addr=source, limit=CONNECTIONS, keepalive_timeout=600),
            headers={"Authorization": f"Bearer {self.who.token}"},
            timeout=TIMEOUT,
        )
        await self.done("GET", "/api/users/me")

    async def ask(
        self, method: str, path: str, body: object | None = None, version: int | None = None
    ) -> Answer:
        """Ask once, whatever comes of it.

        Raises:
            Lost: no answer.
        """
        assert self._http is not None
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        data = orjson.dumps(body) if body is not None else None
        try:
            async with self._http.request(method, self._url + path, data=data, headers=headers) as answer:
                return Answer(answer.status, await answer.read())
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Lost(f"no answer ({type(error).__name__})") from error

    async def done(
        self, method: str, path: str, body: object | None = None, version: int | None = None
    ) -> Any:
        """What was answered to a request that must succeed.

        Raises:
            Failed: it was refused.
            Lost: no answer.
        """
        answer = await self.ask(method, path, body, version)
        if answer.status >= 400:
            raise refusal(f"{method} {path.partition('?')[0]}", answer)
        return answer.json if answer.body else None

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.close()


def refusal(what: str, answer: Answer) -> Failed:
    """A refusal in the words of the server, as far as it has any."""
    try:
        told = answer.json
        return Failed(what, {"code": told["code"], "message": told["detail"]})
    except (ValueError, KeyError, TypeError):
        return Failed(what, {"code": str(answer.status), "message": "no problem details"})
