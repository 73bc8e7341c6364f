"""Who connects: participants of calls, tabs that watch a coach, people who do nothing; all with tokens to be verified."""

from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.tokens import JwtAccessTokens
from domain.accounts.account import Account, Role
from domain.accounts.revocations import RevokedTokens
from domain.ids import UserId
from loadtests.load.generator import Pair, Tab

#: Whom watchers watch (:mod:`loadtests.peers.desk`).
COACH = "c0ac" * 6


class People:
    """Issues access tokens of one run."""

    def __init__(self, secret: str) -> None:
        self._tokens = JwtAccessTokens(secret.encode(), RevokedTokens())

    def pairs(self, count: int, urls: Sequence[str]) -> list[Pair]:
        """Participants of ``count`` calls, dealt out to servers in turn, both of a call at the same server."""
        return [self._pair(f"{number:023x}", urls[number % len(urls)]) for number in range(count)]

    def watchers(self, count: int, urls: Sequence[str]) -> list[Tab]:
        """Tabs of as many people, dealt out to servers in turn."""
        return [
            Tab(self._token(f"f{number:023x}"), urls[number % len(urls)], (COACH,)) for number in range(count)
        ]

    def idle(self, count: int, url: str) -> list[Tab]:
        """Sockets of as many people who do nothing."""
        return [Tab(self._token(f"e{number:023x}"), url) for number in range(count)]

    def _pair(self, stem: str, url: str) -> Pair:
        # Who may join which call: see loadtests.peers.memory.
        return Pair(stem + "0", self._token(stem + "a"), self._token(stem + "b"), url)

    def _token(self, user_id: str) -> str:
        now = datetime.now(UTC)
        account = Account(
            id=UserId(user_id), email="", name="", role=Role.CLIENT, password_hash="", created_at=now
        )
        return self._tokens.issue(account, None, user_id, now)
