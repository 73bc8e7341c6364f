"""Buckets: so many per minute, then a wait that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RateLimited
from rest.limits import Limiter


class Time:
    """Seconds that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_gives_its_limit_and_no_more() -> None:
    limiter = Limiter(Time())
    left = [limiter.take("auth", "a", 3).remaining for _ in range(3)]

    with pytest.raises(RateLimited) as refused:
        limiter.take("auth", "a", 3)

    assert left == [2, 1, 0]
    assert refused.value.retry_after_ms == 20_000


def test_the_next_one_is_there_when_it_was_promised() -> None:
    time = Time()
    limiter = Limiter(time)
    for _ in range(3):
        limiter.take("auth", "a", 3)
    time.now += 20.0

    assert limiter.take("auth", "a", 3).remaining == 0


def test_keys_and_policies_do_not_share() -> None:
    limiter = Limiter(Time())
    limiter.take("auth", "a", 1)

    assert limiter.take("auth", "b", 1).remaining == 0
    assert limiter.take("user", "a", 1).remaining == 0


def test_the_longest_idle_bucket_makes_room() -> None:
    limiter = Limiter(Time(), buckets_max=2)
    for key in ("a", "b", "c"):
        limiter.take("auth", key, 1)

    assert limiter.take("auth", "a", 1).remaining == 0
    with pytest.raises(RateLimited):
        limiter.take("auth", "c", 1)


def test_headers_say_policy_and_rest() -> None:
    headers = Limiter(Time()).take("user", "a", 300).headers()

    assert headers == {"RateLimit-Policy": '"user";q=300;w=60', "RateLimit": '"user";r=299;t=1'}


@given(st.lists(st.floats(0, 10), max_size=200), st.integers(1, 20))
def test_nobody_gets_more_than_the_burst_and_what_time_gives(gaps: list[float], limit: int) -> None:
    time = Time()
    limiter, taken = Limiter(time), 0
    for gap in gaps:
        time.now += gap
        try:
            limiter.take("user", "a", limit)
        except RateLimited:
            continue
        taken += 1

    assert taken <= limit + time.now * limit / 60 + 1e-6
