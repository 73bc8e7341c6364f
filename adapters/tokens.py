"""Access tokens (JWT, HS256) and refresh tokens.

Both are made with keys derived from one server secret. Times in an access token are NumericDates with milliseconds
(RFC 7519, section 2).
"""

import base64
import hashlib
import hmac
import os
import re
from datetime import UTC, datetime
from uuid import uuid4

import jwt

from domain.accounts.account import Account, Identity, Role
from domain.accounts.revocations import ACCESS_LIFETIME, RevokedTokens
from domain.clock import to_milliseconds
from domain.errors import Code, Unauthenticated
from domain.ids import CoachId, UserId

SECRET_MIN_BYTES = 32
ISSUER = "rapport"
_REFRESH_TOKEN = re.compile(r"(?P<signed>(?P<family>[0-9a-f]{24})\.[\w-]{43})\.(?P<tag>[\w-]{43})", re.ASCII)


def derive_key(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose alone (HKDF-Expand of RFC 5869 for one block).

    Raises:
        ValueError: a secret shorter than 32 bytes.
    """
    if len(secret) < SECRET_MIN_BYTES:
        raise ValueError(f"the server secret needs at least {SECRET_MIN_BYTES} bytes")
    return hmac.digest(secret, purpose.encode() + b"\x01", "sha256")


class JwtAccessTokens:
    """Issues and reads access tokens. A signature is compared in constant time."""

    def __init__(self, secret: bytes, revoked: RevokedTokens) -> None:
        self._key = derive_key(secret, "access token")
        self._revoked = revoked

    def issue(self, account: Account, coach_id: CoachId | None, family: str, now: datetime) -> str:
        claims: dict[str, object] = {
            "iss": ISSUER,
            "sub": account.id,
            "role": account.role.value,
            "name": account.name,
            "fam": family,
            "iat": now.timestamp(),
            "exp": (now + ACCESS_LIFETIME).timestamp(),
            "jti": uuid4().hex,
        }
        if coach_id is not None:
            claims["coachId"] = coach_id
        return jwt.encode(claims, self._key, algorithm="HS256")

    def read(self, token: str, now: datetime) -> Identity:
        try:
            # Time is judged below, by our clock.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                issuer=ISSUER,
                options={
                    "require": ["sub", "role", "fam", "iat", "exp", "jti"],
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            identity = Identity(
                user_id=UserId(claims["sub"]),
                coach_id=CoachId(claims["coachId"]) if "coachId" in claims else None,
                role=Role(claims["role"]),
                family=claims["fam"],
                expires_at=to_milliseconds(datetime.fromtimestamp(round(claims["exp"], 3), UTC)),
            )
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
            raise Unauthenticated("This access token is not valid.") from error
        if now >= identity.expires_at:
            raise Unauthenticated("This access token has expired.", code=Code.TOKEN_EXPIRED)
        if self._revoked.covers(identity):
            raise Unauthenticated("This session was ended. Please log in again.")
        return identity


class HmacRefreshTokens:
    """``family.secret.tag``: the secret of a successor is an HMAC of its predecessor, the first is random.

    The tag proves that this server made the token, so that a guess never reaches the database and never
    revokes anybody's family.
    """

    def __init__(self, secret: bytes) -> None:
        self._succession = derive_key(secret, "refresh succession")
        self._signing = derive_key(secret, "refresh tag")

    def first(self, family: str) -> str:
        return self._token(family, os.urandom(32))

    def successor(self, token: str) -> str:
        return self._token(token.split(".", 1)[0], hmac.digest(self._succession, token.encode(), "sha256"))

    def digest(self, token: str) -> str:
        # Tokens carry 256 random bits: a fast digest is enough.
        return hashlib.sha256(token.encode()).hexdigest()

    def family_of(self, token: str) -> str | None:
        match = _REFRESH_TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(match["tag"], self._tag(match["signed"])):
            return None
        return match["family"]

    def _token(self, family: str, secret: bytes) -> str:
        signed = f"{family}.{_base64(secret)}"
        return f"{signed}.{self._tag(signed)}"

    def _tag(self, signed: str) -> str:
        return _base64(hmac.digest(self._signing, signed.encode(), "sha256"))


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
