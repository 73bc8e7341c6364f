"""Opening an account, logging in, staying logged in, logging out."""

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from domain.accounts.account import Account, Role
from domain.accounts.address_proof import AddressProof
from domain.accounts.registration import Application, Registration
from domain.accounts.reset import PasswordReset
from domain.accounts.rules import PASSWORD_MAX, PASSWORD_MIN
from domain.accounts.sessions import LoggedIn, Login, TokenFamilies
from domain.errors import Code, Invalid, Unauthenticated
from domain.ids import CoachId
from domain.money import Money
from rest.payloads import (
    RATE_MAX,
    Country,
    Currency,
    Email,
    Instant,
    Locale,
    Name,
    Payload,
    Reply,
    TimeZone,
    Whole,
)
from rest.registry import Call, Rate, anyone, endpoint, member


class OwnRole(StrEnum):
    """Roles that somebody may choose; an admin is appointed."""

    CLIENT = "client"
    COACH = "coach"


class RegisterBody(Payload):
    """An application for an account."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"role": {"const": "client"}}},
            "then": {"properties": {"ratePerMinute": {"type": "null"}, "currency": {"type": "null"}}},
            "else": {
                "if": {"required": ["currency"], "properties": {"currency": {"type": "string"}}},
                "then": {"required": ["ratePerMinute"], "properties": {"ratePerMinute": {"type": "integer"}}},
            },
        }
    )

    email: Email
    password: str = Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX, repr=False)
    name: Name
    role: OwnRole = Field(strict=False)
    rate_per_minute: Annotated[int, Field(ge=1, le=RATE_MAX), Whole] | None = Field(
        default=None, description="Coaches only; minor units (cents) per minute."
    )
    currency: Currency | None = Field(default=None, description="Coaches only; USD if left out.")
    locale: Locale = "en"
    time_zone: TimeZone = "UTC"
    billing_country: Country = "US"

    def rate(self) -> Money | None:
        """The wished rate.

        Raises:
            Invalid: a currency without an amount, or either of them for somebody who is no coach.
        """
        if self.role is OwnRole.CLIENT and (self.rate_per_minute or self.currency):
            raise Invalid("Only a coach has a rate.", details={"fields": [{"path": "ratePerMinute"}]})
        if self.rate_per_minute is None:
            if self.currency is not None:
                raise Invalid("A currency needs a rate.", details={"fields": [{"path": "currency"}]})
            return None
        return Money(self.rate_per_minute, self.currency or "USD")


class LoginBody(Payload):
    """E-mail address and password."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=PASSWORD_MAX, repr=False)


class RefreshBody(Payload):
    """A refresh token."""

    refresh_token: str = Field(min_length=1, max_length=300, repr=False)


class LogoutBody(Payload):
    """The refresh token of the log-in to end; without it, the bearer token says which."""

    refresh_token: str | None = Field(default=None, min_length=1, max_length=300, repr=False)


class UserView(Reply):
    """Who logged in."""

    user_id: str
    coach_id: str | None = None
    role: Role
    name: str

    @classmethod
    def of(cls, account: Account, coach_id: CoachId | None) -> "UserView":
        return cls(user_id=account.id, coach_id=coach_id, role=account.role, name=account.name)


class RegisterReply(Reply):
    """The new account. It can log in; it cannot pay until its address is verified."""

    user: UserView
    email_verified: bool


class TokensReply(Reply):
    """A pair of tokens."""

    access_token: str = Field(description="For the Authorization header and the sockets' `auth.token`.")
    refresh_token: str = Field(description="Good once, for the next pair; for 30 s more it gives the same.")
    expires_at: Instant = Field(description="When the access token expires.")
    user: UserView


#: As this server makes them; anything else is no link of ours, and answered so.
LinkToken = Annotated[str, Field(min_length=1, max_length=200, repr=False, examples=["65f0….mac"])]


class LinkBody(Payload):
    """What a link in a mail carries."""

    token: LinkToken


class ForgotBody(Payload):
    """An address."""

    email: Email


class ResetBody(Payload):
    """What a link in a mail carries, and the new password."""

    token: LinkToken
    password: str = Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX, repr=False)


class ProvenReply(Reply):
    """The address that is proven now."""

    email: str
    email_verified: bool


class Auth:
    """Accounts and tokens."""

    def __init__(
        self,
        registration: Registration,
        login: Login,
        families: TokenFamilies,
        proof: AddressProof,
        reset: PasswordReset,
    ) -> None:
        self._proof = proof
        self._reset = reset
        self._registration = registration
        self._login = login
        self._families = families

    @endpoint(
        "POST",
        "/api/auth/register",
        may=anyone,
        rate=Rate.AUTH,
        body=RegisterBody,
        reply=RegisterReply,
        status=201,
        errors=(Code.EMAIL_TAKEN,),
    )
    async def register(self, call: Call[RegisterBody, None]) -> RegisterReply:
        """Open an account.

        The e-mail address is unverified at first: such an account may look around, not pay. A coach is unverified too,
        and neither listed nor able to go online until an admin has looked.
        """
        body = call.body
        application = Application(
            email=body.email,
            password=body.password,
            name=body.name,
            role=Role(body.role.value),
            rate_per_minute=body.rate(),
            locale=body.locale,
            time_zone=body.time_zone,
            billing_country=body.billing_country,
        )
        account, coach_id = await self._registration(application)
        return RegisterReply(user=UserView.of(account, coach_id), email_verified=account.email_verified)

    @endpoint(
        "POST",
        "/api/auth/login",
        may=anyone,
        rate=Rate.AUTH,
        body=LoginBody,
        reply=TokensReply,
        errors=(Code.BAD_CREDENTIALS, Code.ACCOUNT_LOCKED, Code.ACCOUNT_SUSPENDED),
    )
    async def log_in(self, call: Call[LoginBody, None]) -> TokensReply:
        """Log in.

        Ten failures lock an address for 15 minutes, whether or not it has an account.
        """
        return _tokens(await self._login(call.body.email, call.body.password))

    @endpoint(
        "POST",
        "/api/auth/refresh-token",
        may=anyone,
        rate=Rate.REFRESH,
        body=RefreshBody,
        reply=TokensReply,
        errors=(Code.UNAUTHENTICATED, Code.TOKEN_EXPIRED, Code.TOKEN_REUSED, Code.ACCOUNT_SUSPENDED),
    )
    async def refresh_token(self, call: Call[RefreshBody, None]) -> TokensReply:
        """Get the next pair of tokens.

        Two tabs at once, or one whose reply was lost, get the same successor for 30 s. A refresh token that comes back
        later than that was copied: the whole log-in is ended.
        """
        return _tokens(await self._families.refresh(call.body.refresh_token))

    @endpoint(
        "POST",
        "/api/auth/logout",
        may=anyone,
        rate=Rate.REFRESH,
        body=LogoutBody,
        body_optional=True,
        status=204,
        errors=(Code.UNAUTHENTICATED,),
    )
    async def log_out(self, call: Call[LogoutBody | None, None]) -> None:
        """End a log-in at once, its access tokens and open sockets included.

        Which one is said by the refresh token or, without one, by the bearer token. Ending it again is no error.
        """
        if call.body is not None and call.body.refresh_token is not None:
            await self._families.log_out_with(call.body.refresh_token)
        elif call.identity is not None:
            await self._families.log_out(call.identity.family)
        else:
            raise Unauthenticated("Please send a refresh token or a bearer token.")

    @endpoint(
        "POST",
        "/api/auth/verify-email",
        may=anyone,
        rate=Rate.AUTH,
        body=LinkBody,
        reply=ProvenReply,
        errors=(Code.LINK_INVALID,),
    )
    async def verify_email(self, call: Call[LinkBody, None]) -> ProvenReply:
        """Prove an e-mail address by the link that was sent to it.

        The link works for two days. Following it again, once the address is proven, is no error.
        """
        account = await self._proof.verify(call.body.token)
        return ProvenReply(email=account.email, email_verified=account.email_verified)

    @endpoint("POST", "/api/auth/resend-verification", may=member, status=204)
    async def resend_verification(self, call: Call[None, None]) -> None:
        """Have the link sent again, five times an hour at most.

        Nothing is sent when the address is proven already. Links sent before go on working.
        """
        await self._proof.resend(call.who)

    @endpoint("POST", "/api/auth/forgot-password", may=anyone, rate=Rate.AUTH, body=ForgotBody, status=204)
    async def forgot_password(self, call: Call[ForgotBody, None]) -> None:
        """Have a link sent by which a new password can be chosen, five times an hour at most.

        The answer is the same whether an account has the address or not.
        """
        await self._reset.ask(call.body.email)

    @endpoint(
        "POST",
        "/api/auth/reset-password",
        may=anyone,
        rate=Rate.AUTH,
        body=ResetBody,
        status=204,
        errors=(Code.LINK_INVALID, Code.ACCOUNT_SUSPENDED),
    )
    async def reset_password(self, call: Call[ResetBody, None]) -> None:
        """Choose a new password by the link that was sent.

        The link works once, for an hour. Every log-in on every device ends at once; the address counts as proven.
        """
        await self._reset.reset(call.body.token, call.body.password)


def _tokens(logged_in: LoggedIn) -> TokensReply:
    return TokensReply(
        access_token=logged_in.access_token,
        refresh_token=logged_in.refresh_token,
        expires_at=logged_in.expires_at,
        user=UserView.of(logged_in.user, logged_in.coach_id),
    )
