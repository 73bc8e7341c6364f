"""What a page complains about without being asked: errors on its console, exceptions, failed requests."""

import re
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext, ConsoleMessage, Request, Response, WebError

#: A page that is left takes its unfinished requests with it; that is no failure.
LEFT_BEHIND = "net::ERR_ABORTED"


@dataclass
class Complaints:
    """Everything that the pages of one context complained about, unless a test expected it."""

    told: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def listen_to(self, context: BrowserContext) -> None:
        """Hear every page of the context, present and to come. Chromium reports breaches of the CSP on its console."""
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, *patterns: str) -> None:
        """What belongs to what is tested: a refused password is a 401, a cut network fails requests."""
        self._expected += [re.compile(pattern) for pattern in patterns]

    @property
    def unexpected(self) -> list[str]:
        """What nobody expected, in order."""
        return [one for one in self.told if not any(known.search(one) for known in self._expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):
            self.told.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _exception(self, error: WebError) -> None:
        self.told.append(f"exception: {error.error.stack or error.error.message}")

    def _failed(self, request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            self.told.append(f"request failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.told.append(f"answer {response.status}: {response.request.method} {response.url}")
