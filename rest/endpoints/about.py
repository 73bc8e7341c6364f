"""What a page has to know of this server before anybody logs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from domain.accounts.account import Role
from domain.calls.terms import CallTerms
from domain.clock import Clock
from rest.payloads import Instant, Reply
from rest.ports import DemoAccounts
from rest.registry import Call, Rate, anyone, endpoint


class DemoAccountView(Reply):
    """Somebody anybody may be."""

    email: str
    name: str
    role: Role


class DemoView(Reply):
    """The demo accounts, on a machine of one's own."""

    password: str
    accounts: list[DemoAccountView]


class TestCardView(Reply):
    """A card of the gateway's test mode."""

    token: str = Field(description="What `POST /api/payment-methods` takes.")
    label: str = Field(description="How it behaves.")


class PaymentsView(Reply):
    """Where the money goes."""

    gateway: Literal["stripe", "sandbox"]
    sandbox_url: str | None = Field(
        default=None, description="The offline gateway's own address. Only on a machine of one's own."
    )
    test_cards: list[TestCardView] | None = Field(default=None, description="Only with the sandbox.")


class CallTermsView(Reply):
    """What a page says of calls before and while there is one. Domain seconds."""

    block_minutes: int = Field(description="So much talk is held on the card at a time.")
    ring_seconds: float
    action_seconds: float = Field(description="How long 3-D Secure may take.")
    grace_seconds: float = Field(description="How long a paused call waits.")
    cooldown_seconds: float = Field(description="How long a coach rests after a call.")


class AboutReply(Reply):
    """This server."""

    environment: str = Field(description="local, staging or production")
    version: str
    clock_speed: float = Field(description="Domain seconds per real second.")
    server_time: Instant = Field(description="The domain instant of this reply.")
    calls: CallTermsView
    demo: DemoView | None = Field(default=None, description="Absent where there are no demo accounts.")
    payments: PaymentsView
    turn: bool = Field(description="Whether calls can be relayed where no direct way exists.")


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """What is settled when the server starts. ``sandbox_url`` is None with Stripe itself, and where it is not told."""

    environment: str
    version: str
    turn: bool
    terms: CallTerms
    demo_password: str
    sandbox: bool = False
    sandbox_url: str | None = None
    #: (token, how it behaves)
    test_cards: Sequence[tuple[str, str]] = ()


class About:
    """What runs here, for who has not logged in yet."""

    def __init__(self, facts: AboutFacts, demo: DemoAccounts, clock: Clock) -> None:
        self._facts = facts
        self._demo = demo
        self._clock = clock

    @endpoint("GET", "/api/about", may=anyone, rate=Rate.ADDRESS, reply=AboutReply)
    async def about(self, call: Call[None, None]) -> AboutReply:
        """Say what a page has to know before anybody logs in.

        Demo accounts and their password only where they were made and may log in; test cards only with the offline
        gateway.
        """
        facts = self._facts
        return AboutReply(
            environment=facts.environment,
            version=facts.version,
            clock_speed=self._clock.speed,
            server_time=self._clock.now(),
            calls=_calls(facts.terms),
            demo=await self._demo_view(),
            payments=_payments(facts),
            turn=facts.turn,
        )

    async def _demo_view(self) -> DemoView | None:
        accounts = [
            DemoAccountView(email=one.email, name=one.name, role=one.role) for one in await self._demo()
        ]
        return DemoView(password=self._facts.demo_password, accounts=accounts) if accounts else None


def _calls(terms: CallTerms) -> CallTermsView:
    return CallTermsView(
        block_minutes=terms.block_minutes,
        ring_seconds=terms.ring,
        action_seconds=terms.action,
        grace_seconds=terms.grace,
        cooldown_seconds=terms.cooldown,
    )


def _payments(facts: AboutFacts) -> PaymentsView:
    if not facts.sandbox:
        return PaymentsView(gateway="stripe")
    cards = [TestCardView(token=token, label=label) for token, label in facts.test_cards]
    return PaymentsView(gateway="sandbox", sandbox_url=facts.sandbox_url, test_cards=cards)
