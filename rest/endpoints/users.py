"""A person's own profile, blocks, and what an admin may do to an account."""

from typing import Annotated, ClassVar, TypeVar

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.accounts.account import Account, Role
from domain.accounts.blocks import Blocks
from domain.accounts.profiles import UNSET, CoachChange, OwnProfile, Profiles, Unset, UserChange
from domain.accounts.suspension import Suspension
from domain.coaching.coach import Claim, ClaimState, Coach, Status, Wish
from domain.errors import Code
from domain.ids import UserId
from rest.payloads import (
    Amount,
    Country,
    HttpsUrl,
    Instant,
    Language,
    Locale,
    Name,
    Payload,
    Phone,
    Price,
    Reply,
    TimeZone,
    Topic,
    Whole,
)
from rest.registry import Call, admin, endpoint, member

TOPICS_MAX = 20
T = TypeVar("T")


class Patch(Payload):
    """Changes. What is left out stays; null is refused, except for ``clearable`` fields, which it clears."""

    clearable: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema)["properties"]
        for name, field in cls.model_fields.items():
            if name not in cls.clearable:
                about = properties[field.alias]
                (only,) = (one for one in about.pop("anyOf") if one != {"type": "null"})
                about.update(only)
        return schema

    @model_validator(mode="after")
    def _null_only_clears(self) -> "Patch":
        for name in self.model_fields_set - self.clearable:
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be null")
        return self

    def given(self, name: str, value: T) -> T | Unset:
        """``value`` if the field was sent."""
        return value if name in self.model_fields_set else UNSET


class CoachPatch(Patch):
    """Changes to the business profile."""

    clearable = frozenset({"years_of_experience"})

    headline: Annotated[str, Field(max_length=120)] | None = None
    bio: Annotated[str, Field(max_length=4000)] | None = None
    expertise: Annotated[list[Topic], Field(max_length=TOPICS_MAX)] | None = None
    languages: Annotated[list[Language], Field(max_length=TOPICS_MAX)] | None = None
    years_of_experience: Annotated[int, Field(ge=0, le=80), Whole] | None = Field(
        default=None, description="null clears it"
    )
    rate_per_minute: Price | None = Field(default=None, description="Concerns calls that begin later.")

    def change(self) -> CoachChange:
        """As the use case wants it."""
        rate = self.rate_per_minute
        return CoachChange(
            headline=UNSET if self.headline is None else self.headline,
            bio=UNSET if self.bio is None else self.bio,
            expertise=UNSET if self.expertise is None else list(self.expertise),
            languages=UNSET if self.languages is None else list(self.languages),
            years_of_experience=self.given("years_of_experience", self.years_of_experience),
            rate_per_minute=UNSET if rate is None else rate.money(),
        )


class MePatch(Patch):
    """Changes to the own profile."""

    clearable = frozenset({"avatar_url", "phone"})

    name: Name | None = None
    avatar_url: HttpsUrl | None = Field(default=None, description="null clears it")
    phone: Phone | None = Field(default=None, description="E.164; null clears it")
    locale: Locale | None = None
    time_zone: TimeZone | None = None
    billing_country: Country | None = None
    coach: CoachPatch | None = Field(default=None, description="Coaches only.")

    def change(self) -> UserChange:
        """As the use case wants it."""
        return UserChange(
            name=UNSET if self.name is None else self.name,
            avatar_url=self.given("avatar_url", self.avatar_url),
            phone=self.given("phone", self.phone),
            locale=UNSET if self.locale is None else self.locale,
            time_zone=UNSET if self.time_zone is None else self.time_zone,
            billing_country=UNSET if self.billing_country is None else self.billing_country,
        )


class ClaimView(Reply):
    """The call that has the coach: ringing, in progress, or the cooldown after it."""

    state: ClaimState
    session_id: str
    since: Instant


class OwnCoachView(Reply):
    """The own business profile."""

    coach_id: str
    headline: str
    bio: str
    expertise: list[str]
    languages: list[str]
    years_of_experience: int | None = None
    rate_per_minute: Amount
    verified: bool
    wish: Wish = Field(description="What the coach asked for; kept while no socket is there.")
    status: Status = Field(description="What watchers see.")
    claim: ClaimView | None = None

    @classmethod
    def of(cls, coach: Coach, status: Status) -> "OwnCoachView":
        return cls(
            coach_id=coach.id,
            headline=coach.headline,
            bio=coach.bio,
            expertise=coach.expertise,
            languages=coach.languages,
            years_of_experience=coach.years_of_experience,
            rate_per_minute=Amount.of(coach.rate_per_minute),
            verified=coach.verified,
            wish=coach.wish,
            status=status,
            claim=_claim(coach.claim),
        )


class MeReply(Reply):
    """Everything that a person sees of themselves."""

    user_id: str
    email: str
    email_verified: bool
    name: str
    role: Role
    avatar_url: str | None = None
    phone: str | None = None
    locale: str
    time_zone: str
    billing_country: str
    created_at: Instant
    coach: OwnCoachView | None = None

    @classmethod
    def of(cls, own: OwnProfile) -> "MeReply":
        account = own.account
        coach = OwnCoachView.of(own.coach, own.status) if own.coach and own.status else None
        return cls(
            user_id=account.id,
            email=account.email,
            email_verified=account.email_verified,
            name=account.name,
            role=account.role,
            avatar_url=account.avatar_url,
            phone=account.phone,
            locale=account.locale,
            time_zone=account.time_zone,
            billing_country=account.billing_country,
            created_at=account.created_at,
            coach=coach,
        )


class SuspendBody(Payload):
    """Whether the account is shut out."""

    suspended: bool
    reason: str | None = Field(default=None, max_length=500, description="For operators; never shown.")


class SuspensionReply(Reply):
    """The account as it is now."""

    user_id: str
    suspended: bool
    suspended_at: Instant | None = None

    @classmethod
    def of(cls, account: Account) -> "SuspensionReply":
        at = account.suspended_at
        return cls(user_id=account.id, suspended=at is not None, suspended_at=at)


def _claim(claim: Claim | None) -> ClaimView | None:
    # A reservation is the client's affair until it rings.
    if claim is None or claim.state is ClaimState.RESERVING:
        return None
    return ClaimView(state=claim.state, session_id=claim.session_id, since=claim.since)


class Users:
    """People."""

    def __init__(self, profiles: Profiles, blocks: Blocks, suspension: Suspension) -> None:
        self._profiles = profiles
        self._blocks = blocks
        self._suspension = suspension

    @endpoint("GET", "/api/users/me", may=member, reply=MeReply, errors=(Code.NOT_FOUND,))
    async def get_me(self, call: Call[None, None]) -> MeReply:
        """Read the own profile."""
        return MeReply.of(await self._profiles.own(call.who))

    @endpoint(
        "PATCH",
        "/api/users/me",
        may=member,
        body=MePatch,
        reply=MeReply,
        errors=(Code.FORBIDDEN, Code.NOT_FOUND),
    )
    async def change_me(self, call: Call[MePatch, None]) -> MeReply:
        """Change the own profile.

        What is left out stays. The business part is for coaches alone.
        """
        coach = call.body.coach.change() if call.body.coach is not None else None
        return MeReply.of(await self._profiles.change(call.who, call.body.change(), coach))

    @endpoint(
        "POST",
        "/api/blocks/{userId}",
        may=member,
        status=204,
        errors=(Code.NOT_FOUND, Code.OWN_ACCOUNT, Code.ILLEGAL_STATE),
    )
    async def block_user(self, call: Call[None, None]) -> None:
        """Block somebody: neither finds, sees or calls the other any more.

        One person can block 1000 others.
        """
        await self._blocks.block(call.who, UserId(call.path["userId"]))

    @endpoint("DELETE", "/api/blocks/{userId}", may=member, status=204)
    async def unblock_user(self, call: Call[None, None]) -> None:
        """Take a block back."""
        await self._blocks.unblock(call.who, UserId(call.path["userId"]))

    @endpoint(
        "PATCH",
        "/api/admin/users/{userId}/suspend",
        may=admin,
        body=SuspendBody,
        reply=SuspensionReply,
        errors=(Code.NOT_FOUND, Code.OWN_ACCOUNT),
    )
    async def suspend_user(self, call: Call[SuspendBody, None]) -> SuspensionReply:
        """Shut an account out, or let it in again.

        Shutting out signs the person out everywhere at once, ends a call they are in, and takes a coach offline.
        """
        account = await self._suspension.set(
            call.who,
            UserId(call.path["userId"]),
            suspended=call.body.suspended,
            reason=call.body.reason,
        )
        return SuspensionReply.of(account)
