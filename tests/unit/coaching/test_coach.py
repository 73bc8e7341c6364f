"""Whether a coach can be called: the wish, presence, and the one claim."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coaching.coach import ABSENCE_SECONDS, Claim, ClaimState, Coach, Status, Wish
from domain.errors import Code, Conflict, Invalid
from domain.ids import CoachId, SessionId, UserId, new_id
from domain.money import Money

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINE, OTHER = SessionId(new_id()), SessionId(new_id())
claims = st.sampled_from([None, *ClaimState])
absences = st.one_of(st.none(), st.integers(0, 60))


def coach(
    wish: Wish = Wish.ONLINE, claimed: ClaimState | None = None, away_for: int | None = None, *, verified: bool = True
) -> Coach:  # fmt: skip
    return Coach(
        id=CoachId(new_id()),
        user_id=UserId(new_id()),
        rate_per_minute=Money(250, "USD"),
        verified=verified,
        wish=wish,
        absent_since=None if away_for is None else NOW - timedelta(seconds=away_for),
        claim=Claim(claimed, MINE, NOW) if claimed else None,
    )


@given(st.sampled_from(list(Wish)), claims, absences)
def test_what_watchers_see_follows_from_claim_then_wish_then_presence(
    wish: Wish, claimed: ClaimState | None, away_for: int | None
) -> None:
    there = wish is Wish.ONLINE and (away_for is None or away_for < ABSENCE_SECONDS)
    shown = {True: Status.ONLINE, False: Status.OFFLINE}[there]
    expected = shown if claimed in (None, ClaimState.RESERVING) else Status.BUSY

    assert coach(wish, claimed, away_for).status(NOW, ABSENCE_SECONDS) is expected


@given(st.sampled_from(list(Wish)), claims, absences, st.booleans())
def test_a_coach_is_reserved_only_when_free_reachable_and_verified(
    wish: Wish, claimed: ClaimState | None, away_for: int | None, verified: bool
) -> None:
    asked = coach(wish, claimed, away_for, verified=verified)
    shown = asked.status(NOW, ABSENCE_SECONDS)
    outcome = reserved(asked)

    reachable = verified and asked.reachable(NOW, ABSENCE_SECONDS)
    free = {True: None, False: Code.COACH_BUSY}[claimed is None]
    assert outcome == (free if reachable else Code.COACH_OFFLINE)
    assert asked.status(NOW, ABSENCE_SECONDS) is shown


def reserved(asked: Coach) -> Code | None:
    try:
        asked.reserve(OTHER, NOW, ABSENCE_SECONDS)
    except Conflict as conflict:
        return conflict.code
    return None


@pytest.mark.parametrize("state", list(ClaimState))
def test_only_the_call_that_holds_the_claim_moves_it(state: ClaimState) -> None:
    claimed = coach(claimed=ClaimState.RINGING)

    assert not claimed.move_claim(OTHER, state, NOW)
    assert claimed.claim == Claim(ClaimState.RINGING, MINE, NOW)
    assert claimed.move_claim(MINE, state, NOW)
    assert claimed.claim == Claim(state, MINE, NOW)


def test_only_the_call_that_holds_the_claim_lets_go_of_it() -> None:
    claimed = coach(claimed=ClaimState.BUSY)

    assert not claimed.release(OTHER)
    assert claimed.release(MINE)
    assert not claimed.release(MINE)
    assert claimed.claim is None


def test_the_third_missed_call_in_a_row_takes_the_coach_offline() -> None:
    missed = coach()

    offline = [missed.missed_a_call() for _ in range(3)]

    assert offline == [False, False, True]
    assert (missed.wish, missed.missed_in_a_row) == (Wish.OFFLINE, 0)


def test_a_coach_may_ask_another_price() -> None:
    subject = coach()

    subject.set_rate(Money(400, "USD"))

    assert subject.rate_per_minute == Money(400, "USD")


@pytest.mark.parametrize("rate", [Money(0, "USD"), Money(-1, "USD"), Money(250, "EUR")])
def test_what_is_no_price_or_in_another_currency_is_refused(rate: Money) -> None:
    subject = coach()

    with pytest.raises(Invalid):
        subject.set_rate(rate)

    assert subject.rate_per_minute == Money(250, "USD")
