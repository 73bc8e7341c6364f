"""Opening an account."""

from dataclasses import dataclass, field
from typing import Protocol

from domain.accounts.account import Account, Role
from domain.accounts.address_proof import send_proof
from domain.accounts.ports import AccountStore, PasswordHasher
from domain.accounts.rules import check_password, check_place, normalised_email
from domain.clock import Clock
from domain.coaching.coach import Coach
from domain.errors import Invalid
from domain.ids import CoachId, UserId, new_id
from domain.mail.outbox import Outbox
from domain.money import Money
from domain.ports import Transactions, Tx

DEFAULT_RATE = Money(250, "USD")


class NewCoaches(Protocol):
    """Where a coach begins."""

    async def insert(self, tx: Tx, coach: Coach) -> None:
        """Write a new coach."""
        ...


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody says of themselves. ``rate_per_minute`` is for coaches."""

    email: str
    password: str = field(repr=False)
    name: str
    role: Role
    rate_per_minute: Money | None = None
    locale: str = "en"
    time_zone: str = "UTC"
    billing_country: str = "US"


@dataclass(frozen=True, slots=True)
class Trust:
    """What is taken as proven from the start: nothing, except for demo accounts."""

    email_verified: bool = False
    coach_verified: bool = False


class Registration:
    """Makes an account and, for a coach, the business profile, in one transaction."""

    def __init__(
        self,
        transact: Transactions,
        accounts: AccountStore,
        coaches: NewCoaches,
        passwords: PasswordHasher,
        clock: Clock,
        outbox: Outbox | None = None,
    ) -> None:
        """``outbox``: where the mail goes that proves a new address; without one, an operator has to vouch for it."""
        self._transact = transact
        self._accounts = accounts
        self._coaches = coaches
        self._passwords = passwords
        self._clock = clock
        self._outbox = outbox

    async def __call__(
        self, application: Application, trust: Trust | None = None
    ) -> tuple[Account, CoachId | None]:
        """Open an account.

        The e-mail address is unproven and a coach unverified, unless ``trust`` says otherwise.

        Raises:
            Invalid: password, place or rate against the rules.
            Conflict: EMAIL_TAKEN.
        """
        check_password(application.password)
        check_place(time_zone=application.time_zone, billing_country=application.billing_country)
        if application.rate_per_minute is not None and application.role is not Role.COACH:
            raise Invalid("Only a coach has a rate.")
        hashed = await self._passwords.hash(application.password)
        account = self._account(application, hashed, trust or Trust())
        coach = self._coach(application, account.id, trust or Trust())

        async def work(tx: Tx) -> None:
            await self._accounts.insert(tx, account)
            if coach is not None:
                await self._coaches.insert(tx, coach)
            if self._outbox is not None and not account.email_verified:
                await send_proof(tx, self._outbox, account)

        await self._transact(work)
        return account, coach.id if coach else None

    def _account(self, application: Application, hashed: str, trust: Trust) -> Account:
        return Account(
            id=UserId(new_id()),
            email=normalised_email(application.email),
            name=application.name,
            role=application.role,
            password_hash=hashed,
            created_at=self._clock.wall(),
            email_verified=trust.email_verified,
            locale=application.locale,
            time_zone=application.time_zone,
            billing_country=application.billing_country,
        )

    def _coach(self, application: Application, user_id: UserId, trust: Trust) -> Coach | None:
        if application.role is not Role.COACH:
            return None
        return Coach(
            id=CoachId(new_id()),
            user_id=user_id,
            rate_per_minute=application.rate_per_minute or DEFAULT_RATE,
            verified=trust.coach_verified,
        )
