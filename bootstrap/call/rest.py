"""The HTTP side of a client: log in, cards, one call as a document. And the sandbox's view of the money."""

import os
from typing import Any

import aiohttp
from pydantic import ValidationError

from bootstrap.call.errors import NoAnswer, Refused, Unreachable
from bootstrap.call.wire import SandboxIntent, SandboxIntents, SavedCard, Session, Tokens

#: Real seconds; adding a card asks the gateway, which may take its time.
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5)


class Rest:
    """Requests to one server, with a bearer token once there is one."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url.rstrip("/")
        self._token: str | None = None

    def bear(self, token: str) -> None:
        """Send this access token from now on."""
        self._token = token

    async def log_in(self, email: str, password: str) -> Tokens:
        """Raises Refused (BAD_CREDENTIALS, ACCOUNT_LOCKED, …) or Unreachable."""
        tokens = await self._ask("POST", "/api/auth/login", {"email": email, "password": password})
        return Tokens.read(tokens)

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next pair of tokens."""
        return Tokens.read(
            await self._ask("POST", "/api/auth/refresh-token", {"refreshToken": refresh_token})
        )

    async def log_out(self, refresh_token: str) -> None:
        """End this log-in."""
        await self._ask("POST", "/api/auth/logout", {"refreshToken": refresh_token})

    async def add_card(self, token: str) -> SavedCard:
        """Save a card by the gateway's token for it."""
        return SavedCard.read(await self._ask("POST", "/api/payment-methods", {"paymentMethodToken": token}))

    async def remove_card(self, card_id: str) -> None:
        """Forget a card."""
        await self._ask("DELETE", f"/api/payment-methods/{card_id}")

    async def cards(self) -> list[SavedCard]:
        """The own saved cards."""
        found = await self._ask("GET", "/api/payment-methods")
        return [SavedCard.read(one) for one in found["items"]]

    async def session(self, session_id: str) -> Session:
        """One call with its timeline."""
        return Session.read(await self._ask("GET", f"/api/live-sessions/{session_id}"))

    async def _ask(self, method: str, path: str, body: dict[str, object] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        try:
            async with self._http.request(
                method, self.url + path, json=body, headers=headers, timeout=TIMEOUT
            ) as answer:
                if answer.status == 204:
                    return None
                return _accepted(answer.status, await _json(answer, self.url))
        except TimeoutError as error:
            raise NoAnswer(f"{self.url} took too long to answer {method} {path}.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(
                f"Nobody answers at {self.url} ({_why(error)}). Is the server running?"
            ) from error


async def sandbox_intents(
    http: aiohttp.ClientSession, sandbox_url: str, session_id: str
) -> list[SandboxIntent]:
    """The PaymentIntents of one call, as the sandbox has them.

    Raises:
        Unreachable: there is no sandbox at that address.
    """
    url = f"{sandbox_url.rstrip('/')}/_sandbox/payment_intents"
    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            if answer.status != 200:
                raise Unreachable(f"There is no sandbox at {sandbox_url}.")
            found = SandboxIntents.model_validate_json(await answer.read())
    except (aiohttp.ClientError, OSError, TimeoutError, ValidationError) as error:
        raise Unreachable(f"There is no sandbox at {sandbox_url}.") from error
    return [intent for intent in found.data if intent.metadata.get("session") == session_id]


async def _json(answer: aiohttp.ClientResponse, url: str) -> Any:
    try:
        return await answer.json(content_type=None)
    except ValueError as error:
        raise Unreachable(
            f"What answers at {url} is not Rapport ({answer.status} {answer.content_type})."
        ) from error


def _accepted(status: int, body: Any) -> Any:
    if status < 400:
        return body
    if not isinstance(body, dict) or "code" not in body:
        raise Unreachable(f"What answers is not Rapport: HTTP {status} without a problem document.")
    raise Refused(
        str(body["code"]),
        str(body.get("detail", "")),
        retryable=bool(body.get("retryable")),
        details=body.get("details"),
        retry_after_ms=body.get("retryAfterMs"),
    )


def _why(error: Exception) -> str:
    number = getattr(error, "errno", None)
    return os.strerror(number) if number and number > 0 else type(error).__name__
