"""What people see of each other, and change about themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum, StrEnum
from typing import Final, Protocol, TypeVar

from domain.accounts.account import Account, Identity
from domain.accounts.ports import AccountStore, BlockStore
from domain.accounts.rules import check_place
from domain.clock import Clock, real_seconds
from domain.coaching.coach import ABSENCE_SECONDS, Coach, Status
from domain.coaching.ports import CoachStore
from domain.errors import Forbidden, NotFound
from domain.events import ToWatchers
from domain.ids import UserId
from domain.money import Money
from domain.ports import Transactions, Tx


class Unset(Enum):
    """The absence of a change, where None means *clear it*."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
T = TypeVar("T", Account, Coach)


@dataclass(frozen=True, slots=True)
class UserChange:
    """Changes to the personal part of a profile. Field names are those of :class:`Account`."""

    name: str | Unset = UNSET
    avatar_url: str | Unset | None = UNSET
    phone: str | Unset | None = UNSET
    locale: str | Unset = UNSET
    time_zone: str | Unset = UNSET
    billing_country: str | Unset = UNSET


@dataclass(frozen=True, slots=True)
class CoachChange:
    """Changes to the business part of a profile. Field names are those of :class:`Coach`."""

    headline: str | Unset = UNSET
    bio: str | Unset = UNSET
    expertise: list[str] | Unset = UNSET
    languages: list[str] | Unset = UNSET
    years_of_experience: int | Unset | None = UNSET
    rate_per_minute: Money | Unset = UNSET


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """Everything a person sees of themselves."""

    account: Account
    coach: Coach | None
    status: Status | None


@dataclass(frozen=True, slots=True)
class CoachCard:
    """What everybody sees of a coach."""

    coach: Coach
    name: str
    avatar_url: str | None
    status: Status


class CoachSort(StrEnum):
    """Orders of the list of coaches."""

    NEWEST = "newest"
    RATING = "rating"
    PRICE_LOW = "price_low"
    PRICE_HIGH = "price_high"


@dataclass(frozen=True, slots=True)
class CoachSearch:
    """Filters of the list. ``cursor`` comes from the page before; blocked people never see each other."""

    seeker: UserId
    status: Status | None = None
    language: str | None = None
    expertise: str | None = None
    text: str | None = None
    sort: CoachSort = CoachSort.NEWEST
    cursor: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True)
class ListedCoach:
    """A coach with the name and picture of the person."""

    coach: Coach
    name: str
    avatar_url: str | None


class CoachDirectory(Protocol):
    """Reads the list of coaches, outside any transaction."""

    async def search(
        self, search: CoachSearch, *, now_absent: float, limit: int
    ) -> tuple[Sequence[ListedCoach], str | None]:
        """One page of verified coaches of active people, and the cursor of the next one.

        ``now_absent`` is the tolerated absence in domain seconds.

        Raises:
            Invalid: a cursor that this list did not give, or of another order.
        """
        ...


class Profiles:
    """Reads and changes profiles."""

    def __init__(
        self,
        transact: Transactions,
        accounts: AccountStore,
        coaches: CoachStore,
        blocks: BlockStore,
        directory: CoachDirectory,
        clock: Clock,
    ) -> None:
        self._transact = transact
        self._accounts = accounts
        self._coaches = coaches
        self._blocks = blocks
        self._directory = directory
        self._clock = clock

    async def own(self, who: Identity) -> OwnProfile:
        """The asker's own profile."""

        async def work(tx: Tx) -> OwnProfile:
            account = await self._accounts.get(tx, who.user_id)
            return self._own(account, await self._coaches.of_user(tx, who.user_id))

        return await self._transact(work)

    async def change(self, who: Identity, user: UserChange, coach: CoachChange | None) -> OwnProfile:
        """Apply what is set; a new rate is told to the coach's watchers and concerns calls that begin later.

        Raises:
            Forbidden: changes to a business profile by somebody who is no coach.
            Invalid: an unknown zone or country, or a rate that :meth:`Coach.set_rate` refuses.
        """

        async def work(tx: Tx) -> OwnProfile:
            account = applied(await self._accounts.get(tx, who.user_id), user)
            check_place(time_zone=account.time_zone, billing_country=account.billing_country)
            await self._accounts.save(tx, account)
            business = await self._coaches.of_user(tx, who.user_id)
            if coach is not None:
                business = await self._change_business(tx, business, coach)
            return self._own(account, business)

        return await self._transact(work)

    async def _change_business(self, tx: Tx, business: Coach | None, change: CoachChange) -> Coach:
        if business is None:
            raise Forbidden("Only a coach has a business profile.")
        changed = applied(business, replace(change, rate_per_minute=UNSET))
        if change.rate_per_minute is not UNSET:
            changed.set_rate(change.rate_per_minute)
        await self._coaches.save(tx, changed)
        if changed.rate_per_minute != business.rate_per_minute:
            tx.emit(ToWatchers(changed.id), changed.status_event(self._clock.now(), self._absence()))
        return changed

    async def of_coach(self, who: Identity, user_id: UserId) -> CoachCard:
        """A coach's public profile.

        Raises:
            NotFound: no such coach, not verified, suspended, or either of the two blocked the other. A coach always
                finds their own.
        """

        async def work(tx: Tx) -> CoachCard:
            coach = await self._coaches.of_user(tx, user_id)
            if coach is None or (user_id != who.user_id and not await self._visible(tx, who, coach)):
                raise NotFound("There is no such coach.")
            account = await self._accounts.get(tx, user_id)
            return self._card(ListedCoach(coach, account.name, account.avatar_url))

        return await self._transact(work)

    async def search(self, search: CoachSearch) -> tuple[list[CoachCard], str | None]:
        """One page of coaches, and the cursor of the next one."""
        found, cursor = await self._directory.search(search, now_absent=self._absence(), limit=search.limit)
        return [self._card(listed) for listed in found], cursor

    async def _visible(self, tx: Tx, who: Identity, coach: Coach) -> bool:
        if not coach.verified or await self._blocks.between(tx, who.user_id, coach.user_id):
            return False
        return (await self._accounts.get(tx, coach.user_id)).suspended_at is None

    def _own(self, account: Account, coach: Coach | None) -> OwnProfile:
        status = coach.status(self._clock.now(), self._absence()) if coach else None
        return OwnProfile(account, coach, status)

    def _card(self, listed: ListedCoach) -> CoachCard:
        status = listed.coach.status(self._clock.now(), self._absence())
        return CoachCard(listed.coach, listed.name, listed.avatar_url, status)

    def _absence(self) -> float:
        return real_seconds(self._clock, ABSENCE_SECONDS).total_seconds()


def applied(subject: T, change: UserChange | CoachChange) -> T:
    """``subject`` with what is set in ``change``."""
    values = {field.name: getattr(change, field.name) for field in fields(change)}
    return replace(subject, **{name: value for name, value in values.items() if value is not UNSET})
