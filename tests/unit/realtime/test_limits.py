"""Token buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import UserId
from realtime.limits import (
    ALL_OF_A_USER,
    CONNECTS_OF_A_USER,
    KEPT_AFTER,
    Bucket,
    Buckets,
    Limits,
    Rate,
    per_minute,
    take_all,
)

USER, OTHER = UserId("a" * 24), UserId("b" * 24)


class Ticker:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_welcome_and_then_the_time_to_wait_is_told() -> None:
    limits, socket, rate = Limits(Ticker()), Buckets(), Rate(2.0, 3)

    answers = [limits.take(USER, socket, "event", rate) for _ in range(4)]

    assert answers == [0, 0, 0, 500]


def test_waiting_as_told_is_enough() -> None:
    ticker = Ticker()
    limits, socket, rate = Limits(ticker), Buckets(), per_minute(6)
    for _ in range(6):
        limits.take(USER, socket, "event", rate)

    ticker.now += limits.take(USER, socket, "event", rate) / 1000

    assert limits.take(USER, socket, "event", rate) == 0


def test_what_is_refused_costs_nothing() -> None:
    limits, socket = Limits(Ticker()), Buckets()
    for _ in range(50):
        limits.take(USER, socket, "scarce", Rate(1.0, 1))

    assert limits.take(USER, socket, "plenty", Rate(10.0, 10)) == 0


def test_a_rate_per_user_is_shared_by_all_sockets_of_the_user_alone() -> None:
    limits, rate = Limits(Ticker()), per_minute(1, per="user")

    assert limits.take(USER, Buckets(), "event", rate) == 0
    assert limits.take(USER, Buckets(), "event", rate) > 0
    assert limits.take(OTHER, Buckets(), "event", rate) == 0


def test_many_sockets_do_not_make_a_person_faster() -> None:
    limits = Limits(Ticker())

    taken = sum(limits.take(USER, Buckets(), None, None) == 0 for _ in range(1_000))

    assert taken == ALL_OF_A_USER.burst


def test_reconnecting_refills_no_bucket_of_a_user() -> None:
    limits, rate = Limits(Ticker()), per_minute(10, per="user")

    taken = 0
    for _ in range(50):
        taken += limits.take(USER, Buckets(), "try a card", rate) == 0
        limits.left(USER)

    assert taken == 10


def test_nobody_connects_again_and_again_without_end() -> None:
    limits = Limits(Ticker())

    taken = 0
    for _ in range(200):
        taken += limits.take_connect(USER) == 0
        limits.left(USER)

    assert taken == CONNECTS_OF_A_USER.burst
    assert limits.take_connect(OTHER) == 0


def test_people_who_left_are_forgotten_once_their_buckets_are_full_again() -> None:
    ticker = Ticker()
    limits, rate = Limits(ticker), per_minute(1, per="user")
    limits.take(USER, Buckets(), "event", rate)
    limits.left(USER)
    limits.take(OTHER, Buckets(), "event", rate)

    ticker.now += KEPT_AFTER
    limits.left(OTHER)

    assert len(limits) == 1
    assert limits.take(USER, Buckets(), "event", rate) == 0


@given(st.lists(st.floats(0, 5), max_size=100), st.integers(1, 20), st.floats(0.1, 50))
def test_never_more_than_the_burst_and_the_rate_pass(waits: list[float], burst: int, rate: float) -> None:
    ticker = Ticker()
    limits, socket = Limits(ticker), Buckets()
    passed = 0
    for wait in waits:
        ticker.now += wait
        passed += limits.take(USER, socket, "event", Rate(rate, burst)) == 0

    assert passed <= burst + rate * ticker.now + 1e-6


def tokens(bucket: Bucket, rate: Rate, now: float) -> float:
    return rate.burst - max(0.0, bucket.full_at - now) * rate.per_second


@given(
    rates=st.lists(st.builds(Rate, st.floats(0.1, 50), st.integers(1, 5)), min_size=1, max_size=3),
    waits=st.lists(st.floats(0, 3), max_size=40),
)
def test_one_token_is_taken_from_every_bucket_or_from_none(rates: list[Rate], waits: list[float]) -> None:
    buckets, now = [Bucket(rate, 0.0) for rate in rates], 0.0

    def left() -> list[float]:
        return [tokens(bucket, rate, now) for bucket, rate in zip(buckets, rates, strict=True)]

    for wait in waits:
        now += wait
        before = left()
        taken = 0 if take_all(buckets, now) else 1
        assert left() == pytest.approx([had - taken for had in before], abs=1e-9)
        assert all(had > -1e-5 for had in left())
        assert taken == all(had > 1 - 1e-5 for had in before)


def test_who_comes_back_keeps_their_buckets_while_others_leave() -> None:
    ticker = Ticker()
    limits, rate = Limits(ticker), per_minute(1, per="user")
    limits.take_connect(USER)
    limits.take(USER, Buckets(), "event", rate)
    limits.left(USER)
    ticker.now += KEPT_AFTER - 1
    limits.take_connect(USER)
    ticker.now += 2
    limits.left(OTHER)

    assert limits.take_connect(USER) == 0
    assert len(limits) == 1


def test_an_event_that_is_handled_after_its_sender_left_keeps_nobody_for_ever() -> None:
    ticker = Ticker()
    limits = Limits(ticker)
    limits.left(USER)
    limits.take(USER, Buckets(), None, None)
    ticker.now += KEPT_AFTER + 1
    limits.left(OTHER)

    assert len(limits) == 0


def test_the_time_to_wait_is_never_told_too_short() -> None:
    ticker = Ticker()
    limits, socket, rate = Limits(ticker), Buckets(), Rate(3.0, 1)
    limits.take(USER, socket, "event", rate)
    ticker.now += 0.0001

    ticker.now += limits.take(USER, socket, "event", rate) / 1000

    assert limits.take(USER, socket, "event", rate) == 0
