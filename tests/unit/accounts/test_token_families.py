"""No interleaving logs out an honest client, and none lets a copied token live."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.tokens import HmacRefreshTokens
from domain.accounts.families import REFRESH_LIFETIME, REUSE_GRACE, TokenFamily, Verdict
from domain.ids import UserId, new_id

START = datetime(2026, 1, 1, tzinfo=UTC)
TOKENS = HmacRefreshTokens(b"k" * 32)
WELCOME = {Verdict.ROTATED, Verdict.REPEATED}


@dataclass
class Server:
    """A family, and a clock."""

    now: datetime = START
    first: str = field(default_factory=lambda: TOKENS.first(new_id()))
    family: TokenFamily = field(init=False)

    def __post_init__(self) -> None:
        self.family = TokenFamily(
            TOKENS.family_of(self.first) or "",
            UserId(new_id()),
            TOKENS.digest(self.first),
            self.now,
            self.now + REFRESH_LIFETIME,
        )

    def present(self, token: str) -> tuple[Verdict, str | None]:
        verdict = self.family.present(TOKENS.digest(token), TOKENS.digest(TOKENS.successor(token)), self.now)
        newest = self.family.newest_after(token, TOKENS.successor, TOKENS.digest)
        return verdict, newest if verdict in WELCOME else None


@dataclass
class TwoTabs:
    """An honest client: tabs share one storage, replace only the token they sent, and end what they began in 30 s."""

    server: Server
    storage: str
    sent: list[str] = field(default_factory=list)
    replies: list[tuple[str, str]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    def send(self) -> None:
        self.sent.append(self.storage)

    def arrive(self) -> None:
        if self.sent:
            token = self.sent.pop()
            verdict, newest = self.server.present(token)
            self.verdicts.append(verdict)
            if newest is not None:
                self.replies.append((token, newest))

    def answer(self) -> None:
        if self.replies:
            token, newest = self.replies.pop()
            if self.storage == token:
                self.history.append(token)
                self.storage = newest

    def lose(self) -> None:
        if self.replies:
            self.replies.pop()

    def settle(self) -> None:
        """Everything under way comes to an end, and what was lost is asked for again."""
        while self.sent:
            self.arrive()
        while self.replies:
            self.answer()
        self.send()
        self.arrive()
        self.answer()

    def wait(self, seconds: int) -> None:
        self.settle()
        self.server.now += timedelta(seconds=seconds)


actions = st.lists(
    st.one_of(
        st.sampled_from(["send", "arrive", "answer", "lose"]).map(lambda name: (name, ())),
        st.integers(0, 40 * 60).map(lambda seconds: ("wait", (seconds,))),
    ),
    max_size=60,
)


def played(steps: list[tuple[str, tuple[int, ...]]]) -> TwoTabs:
    server = Server()
    tabs = TwoTabs(server, server.first)
    for name, arguments in steps:
        getattr(tabs, name)(*arguments)
    tabs.settle()
    return tabs


@given(actions)
def test_an_honest_client_with_two_tabs_is_never_logged_out(
    steps: list[tuple[str, tuple[int, ...]]],
) -> None:
    tabs = played(steps)

    assert set(tabs.verdicts) <= WELCOME
    assert tabs.server.family.alive(tabs.server.now)
    assert TOKENS.digest(tabs.storage) == tabs.server.family.newest


@given(actions, st.integers(0, 100), st.integers(1, 3600))
def test_a_copied_token_that_comes_back_after_the_grace_ends_the_family(
    steps: list[tuple[str, tuple[int, ...]]], which: int, late: int
) -> None:
    tabs = played(steps)
    copied = tabs.history[which % len(tabs.history)]
    tabs.server.now += REUSE_GRACE + timedelta(seconds=late)

    verdict, successor = tabs.server.present(copied)

    assert verdict is Verdict.REUSED
    assert successor is None
    assert tabs.server.present(tabs.storage) == (Verdict.DEAD, None)


@given(actions, st.integers(1, 3600))
def test_a_thief_who_refreshes_first_is_found_out_by_the_owner(
    steps: list[tuple[str, tuple[int, ...]]], late: int
) -> None:
    tabs = played(steps)
    _, stolen = tabs.server.present(tabs.storage)
    assert stolen is not None
    tabs.server.now += REUSE_GRACE + timedelta(seconds=late)

    verdict, _ = tabs.server.present(tabs.storage)

    assert verdict is Verdict.REUSED
    assert tabs.server.present(stolen) == (Verdict.DEAD, None)


@given(actions)
def test_after_a_log_out_no_token_of_the_family_counts(steps: list[tuple[str, tuple[int, ...]]]) -> None:
    tabs = played(steps)
    tabs.server.family.revoke(tabs.server.now)

    verdicts = {tabs.server.present(token)[0] for token in [*tabs.history, tabs.storage]}

    assert verdicts == {Verdict.DEAD}


def test_the_previous_token_gives_the_same_successor_for_thirty_seconds() -> None:
    server = Server()
    first = server.present(server.first)
    server.now += REUSE_GRACE

    assert first[0] is Verdict.ROTATED
    assert server.present(server.first) == (Verdict.REPEATED, first[1])


def test_a_tab_that_was_overtaken_twice_gets_the_newest_token() -> None:
    server = Server()
    _, second = server.present(server.first)
    assert second is not None
    _, third = server.present(second)

    assert server.present(server.first) == (Verdict.REPEATED, third)


def test_a_family_that_was_not_refreshed_for_thirty_days_lapses() -> None:
    server = Server()
    server.now += REFRESH_LIFETIME

    assert server.present(server.first) == (Verdict.DEAD, None)
    assert server.family.revoked_at is None
