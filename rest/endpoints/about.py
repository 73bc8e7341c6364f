"""What a page has to know of this server before anybody logs in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from domain.accounts.account import Role
from rest.payloads import Reply
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
    sandbox_url: str | None = Field(default=None, description="The offline gateway's own address.")
    test_cards: list[TestCardView] | None = Field(default=None, description="Only with the sandbox.")


class AboutReply(Reply):
    """This server."""

    environment: str = Field(description="local, staging or production")
    version: str
    clock_speed: float = Field(description="Domain seconds per real second.")
    demo: DemoView | None = Field(default=None, description="Absent where there are no demo accounts.")
    payments: PaymentsView
    turn: bool = Field(description="Whether calls can be relayed where no direct way exists.")


@dataclass(frozen=True, slots=True)
class AboutFacts:
    """What is settled when the server starts. ``sandbox_url`` is None with Stripe itself."""

    environment: str
    version: str
    clock_speed: float
    turn: bool
    demo_password: str
    sandbox_url: str | None = None
    #: (token, how it behaves)
    test_cards: Sequence[tuple[str, str]] = ()


class About:
    """What runs here, for who has not logged in yet."""

    def __init__(self, facts: AboutFacts, demo: DemoAccounts) -> None:
        self._facts = facts
        self._demo = demo

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
            clock_speed=facts.clock_speed,
            demo=await self._demo_view(),
            payments=_payments(facts),
            turn=facts.turn,
        )

    async def _demo_view(self) -> DemoView | None:
        accounts = [
            DemoAccountView(email=one.email, name=one.name, role=one.role) for one in await self._demo()
        ]
        return DemoView(password=self._facts.demo_password, accounts=accounts) if accounts else None


def _payments(facts: AboutFacts) -> PaymentsView:
    if facts.sandbox_url is None:
        return PaymentsView(gateway="stripe")
    cards = [TestCardView(token=token, label=label) for token, label in facts.test_cards]
    return PaymentsView(gateway="sandbox", sandbox_url=facts.sandbox_url, test_cards=cards)
