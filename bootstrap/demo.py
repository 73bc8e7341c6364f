"""Demo accounts: for a machine of one's own, never for production."""

from dataclasses import dataclass

from billing.payment_methods import PaymentMethods
from bootstrap.settings import Settings
from domain.accounts.account import Account, Identity, Role
from domain.accounts.ports import AccountStore
from domain.accounts.profiles import CoachChange, applied
from domain.accounts.registration import Application, Registration, Trust
from domain.clock import Clock
from domain.coaching.ports import CoachStore
from domain.errors import Code, Conflict
from domain.ids import CoachId
from domain.money import Money
from domain.ports import Transactions, Tx

#: Reserved (RFC 2606): nobody's mail arrives here, so no real person has such an address.
DEMO_DOMAIN = "demo.test"
DEMO_PASSWORD = "rapport-demo"
DEMO_CARD = "pm_card_visa"
DEMO_RATE = Money(250, "USD")
DEMO_PROFILE = CoachChange(
    headline="Clear next steps for people who lead teams",
    bio=(
        "I help engineers who have just become leads, and leads who want to be better ones: delegating without "
        "losing sight, difficult conversations, priorities that hold for longer than a week.\n\n"
        "Bring one situation. We look at it together, try out what you could say or do, and you leave with one "
        "thing to do tomorrow. A quarter of an hour is often enough."
    ),
    expertise=["Leadership", "Career change", "Difficult conversations", "Time management"],
    languages=["en", "de"],
    years_of_experience=12,
)
#: Cards of the offline gateway that a page offers: token, and how it behaves. Tokens are Stripe's own.
TEST_CARDS = (
    ("pm_card_visa", "Visa that works"),
    ("pm_card_mastercard", "Mastercard that works"),
    ("pm_card_de", "Visa from Germany: works, with 19 % VAT inside"),
    ("pm_card_authenticationRequired", "Visa that asks for 3-D Secure"),
    ("pm_card_chargeCustomerFail", "Visa that can be saved, and is refused when you call"),
    ("pm_card_chargeDeclinedInsufficientFunds", "Visa that is refused when you save it"),
)


@dataclass(frozen=True, slots=True)
class DemoPorts:
    """What seeding goes through: the same use cases as everybody."""

    transact: Transactions
    accounts: AccountStore
    coaches: CoachStore
    registration: Registration
    payment_methods: PaymentMethods
    clock: Clock


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One demo account."""

    email: str
    name: str
    role: Role
    card: bool = False


DEMO_COACH = f"coach@{DEMO_DOMAIN}"
PEOPLE = (
    DemoPerson(DEMO_COACH, "Demo Coach", Role.COACH),
    DemoPerson(f"client@{DEMO_DOMAIN}", "Demo Client", Role.CLIENT, card=True),
    DemoPerson(f"client2@{DEMO_DOMAIN}", "Second Demo Client", Role.CLIENT, card=True),
    DemoPerson(f"admin@{DEMO_DOMAIN}", "Demo Admin", Role.ADMIN),
)


async def seed_demo(ports: DemoPorts, *, rate: Money = DEMO_RATE) -> dict[str, Identity]:
    """Make what is missing; who they are, by address. Safe to run at every start, and from several processes at once.

    Cards are saved through the real gateway. ``rate`` is only for a coach that does not exist yet.
    """
    return {person.email: await _person(ports, person, rate) for person in PEOPLE}


class DemoAccounts:
    """The demo accounts that anybody may use here: made, not suspended, and of an address that is not refused."""

    def __init__(self, accounts: AccountStore, refused_domains: frozenset[str]) -> None:
        self._accounts = accounts
        self._refused = DEMO_DOMAIN in refused_domains

    async def __call__(self) -> list[Account]:
        """In the order of :data:`PEOPLE`; none where demo accounts cannot log in."""
        if self._refused:
            return []
        order = [person.email for person in PEOPLE]
        known = {account.email: account for account in await self._accounts.with_addresses(order)}
        return [known[email] for email in order if email in known and known[email].suspended_at is None]


async def _person(ports: DemoPorts, person: DemoPerson, rate: Money) -> Identity:
    known = await _known(ports, person) or await _register(ports, person, rate)
    account, coach_id = known
    identity = Identity(account.id, coach_id, account.role, "demo", ports.clock.wall())
    if coach_id is not None:
        await ports.transact(lambda tx: _introduce(ports, tx, coach_id))
    if person.card and not await ports.payment_methods.list(identity):
        await ports.payment_methods.add(identity, DEMO_CARD)
    return identity


async def _introduce(ports: DemoPorts, tx: Tx, coach_id: CoachId) -> None:
    """Give a coach who says nothing of themselves something to say; what somebody wrote stays."""
    coach = await ports.coaches.get(tx, coach_id)
    silent = not (coach.headline or coach.bio or coach.expertise or coach.languages)
    if silent and coach.years_of_experience is None:
        await ports.coaches.save(tx, applied(coach, DEMO_PROFILE))


async def _known(ports: DemoPorts, person: DemoPerson) -> tuple[Account, CoachId | None] | None:
    async def work(tx: Tx) -> tuple[Account, CoachId | None] | None:
        account = await ports.accounts.by_email(tx, person.email)
        if account is None:
            return None
        coach = await ports.coaches.of_user(tx, account.id)
        return account, coach.id if coach else None

    return await ports.transact(work)


async def _register(ports: DemoPorts, person: DemoPerson, rate: Money) -> tuple[Account, CoachId | None]:
    application = Application(
        email=person.email,
        password=DEMO_PASSWORD,
        name=person.name,
        role=person.role,
        rate_per_minute=rate if person.role is Role.COACH else None,
    )
    try:
        return await ports.registration(application, Trust(email_verified=True, coach_verified=True))
    except Conflict as conflict:
        # Another process was faster.
        known = await _known(ports, person) if conflict.code is Code.EMAIL_TAKEN else None
        if known is None:
            raise
        return known


def refused_domains(settings: Settings) -> frozenset[str]:
    """Whose log-ins are refused: demo accounts, wherever they would not be made.

    Their password is public, and a database may have them from an earlier ``rapport up``.
    """
    return frozenset({DEMO_DOMAIN}) if settings.exposed else frozenset()
