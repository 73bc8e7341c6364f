"""Access tokens say who is asking; refresh tokens are made, told apart and derived."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tokens import HmacRefreshTokens, JwtAccessTokens, derive_key
from domain.accounts.account import Account, Role
from domain.accounts.revocations import ACCESS_LIFETIME, CLOCK_SKEW, Revocation, RevokedTokens
from domain.errors import Code, Unauthenticated
from domain.ids import CoachId, UserId, new_id

SECRET = b"s" * 32
NOW = datetime(2026, 1, 1, 12, 0, 0, 123_000, tzinfo=UTC)
ACCOUNT = Account(UserId(new_id()), "a@demo.test", "Ada", Role.COACH, "", NOW)
COACH = CoachId(new_id())
FAMILY = new_id()


@pytest.fixture
def revoked() -> RevokedTokens:
    return RevokedTokens()


@pytest.fixture
def access(revoked: RevokedTokens) -> JwtAccessTokens:
    return JwtAccessTokens(SECRET, revoked)


def test_a_token_gives_back_the_identity_it_was_made_for(access: JwtAccessTokens) -> None:
    identity = access.read(access.issue(ACCOUNT, COACH, FAMILY, NOW), NOW)

    assert (identity.user_id, identity.coach_id, identity.role) == (ACCOUNT.id, COACH, Role.COACH)
    assert (identity.family, identity.expires_at) == (FAMILY, NOW + ACCESS_LIFETIME)


def test_a_token_carries_the_documented_claims(access: JwtAccessTokens) -> None:
    claims = jwt.decode(access.issue(ACCOUNT, COACH, FAMILY, NOW), options={"verify_signature": False})

    assert set(claims) == {"iss", "sub", "coachId", "role", "name", "fam", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == 900


def test_a_token_is_over_at_its_last_millisecond(access: JwtAccessTokens) -> None:
    token = access.issue(ACCOUNT, None, FAMILY, NOW)
    access.read(token, NOW + ACCESS_LIFETIME - timedelta(milliseconds=1))

    with pytest.raises(Unauthenticated) as error:
        access.read(token, NOW + ACCESS_LIFETIME)

    assert error.value.code is Code.TOKEN_EXPIRED


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {
            "sub": ACCOUNT.id,
            "role": "owner",
            "fam": FAMILY,
            "iat": 1,
            "exp": 9e9,
            "jti": "1",
            "iss": "rapport",
        },
        {
            "sub": ACCOUNT.id,
            "role": "admin",
            "fam": FAMILY,
            "iat": 1,
            "exp": "x",
            "jti": "1",
            "iss": "rapport",
        },
        {"sub": ACCOUNT.id, "role": "admin", "fam": FAMILY, "iat": 1, "exp": 9e9, "jti": "1", "iss": "other"},
        {
            "sub": ACCOUNT.id,
            "role": "admin",
            "fam": FAMILY,
            "iat": 1,
            "exp": 9e99,
            "jti": "1",
            "iss": "rapport",
        },
    ],
)
def test_a_signed_token_with_odd_claims_is_refused(
    access: JwtAccessTokens, claims: dict[str, object]
) -> None:
    token = jwt.encode(claims, derive_key(SECRET, "access token"), algorithm="HS256")

    with pytest.raises(Unauthenticated):
        access.read(token, NOW)


def test_an_unsigned_token_is_refused(access: JwtAccessTokens) -> None:
    claims = jwt.decode(access.issue(ACCOUNT, None, FAMILY, NOW), options={"verify_signature": False})

    with pytest.raises(Unauthenticated):
        access.read(jwt.encode(claims, "", algorithm="none"), NOW)


def test_a_token_of_another_secret_is_refused(access: JwtAccessTokens) -> None:
    other = JwtAccessTokens(b"o" * 32, RevokedTokens())

    with pytest.raises(Unauthenticated):
        access.read(other.issue(ACCOUNT, None, FAMILY, NOW), NOW)


@given(st.text())
def test_no_string_makes_reading_fail_in_another_way(text: str) -> None:
    access = JwtAccessTokens(SECRET, RevokedTokens())

    with pytest.raises(Unauthenticated):
        access.read(text, NOW)


def test_a_revoked_log_in_is_refused_and_another_of_the_same_person_is_not(
    access: JwtAccessTokens, revoked: RevokedTokens
) -> None:
    revoked.add(Revocation(ACCOUNT.id, (FAMILY,), NOW))

    with pytest.raises(Unauthenticated):
        access.read(access.issue(ACCOUNT, None, FAMILY, NOW), NOW)
    assert access.read(access.issue(ACCOUNT, None, new_id(), NOW), NOW).user_id == ACCOUNT.id


def test_a_revocation_is_told_once_and_forgotten_when_no_token_can_be_left(
    access: JwtAccessTokens, revoked: RevokedTokens
) -> None:
    told: list[Revocation] = []
    revoked.listen(told.append)
    revocation = Revocation(ACCOUNT.id, (FAMILY,), NOW)
    identity = access.read(access.issue(ACCOUNT, None, FAMILY, NOW), NOW)

    revoked.load([revocation, revocation], NOW)
    covered = revoked.covers(identity)
    revoked.load([], NOW + ACCESS_LIFETIME + CLOCK_SKEW)

    assert told == [revocation]
    assert covered
    assert not revoked.covers(identity)


def test_a_refresh_token_names_its_family_and_derives_one_successor() -> None:
    tokens, again = HmacRefreshTokens(SECRET), HmacRefreshTokens(SECRET)
    first = tokens.first(FAMILY)

    assert tokens.family_of(first) == tokens.family_of(tokens.successor(first)) == FAMILY
    assert tokens.successor(first) == again.successor(first) != first
    assert HmacRefreshTokens(b"o" * 32).family_of(first) is None


@given(st.integers(0, 200), st.characters(codec="utf-8"))
def test_a_damaged_refresh_token_belongs_to_nobody(at: int, replacement: str) -> None:
    tokens = HmacRefreshTokens(SECRET)
    token = tokens.first(FAMILY)
    place = at % len(token)
    damaged = token[:place] + replacement + token[place + 1 :]

    assert (tokens.family_of(damaged) == FAMILY) == (damaged == token)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        HmacRefreshTokens(b"short")
