"""Ten failures lock for a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.accounts.attempts import FAILURES_ALLOWED, LOCK, LoginAttempts
from domain.errors import Code, Forbidden

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def after_failures(count: int) -> LoginAttempts:
    attempts = LoginAttempts("key")
    for _ in range(count):
        attempts.begin(NOW)
    return attempts


def test_the_tenth_attempt_is_still_checked() -> None:
    after_failures(FAILURES_ALLOWED - 1).begin(NOW)


def test_the_eleventh_attempt_is_refused_and_told_when_to_come_back() -> None:
    attempts = after_failures(FAILURES_ALLOWED)

    with pytest.raises(Forbidden) as refused:
        attempts.begin(NOW + timedelta(minutes=5))

    assert refused.value.code is Code.ACCOUNT_LOCKED
    assert refused.value.retry_after_ms == 10 * 60 * 1000


def test_a_refused_attempt_does_not_prolong_the_lock() -> None:
    attempts = after_failures(FAILURES_ALLOWED)
    with pytest.raises(Forbidden):
        attempts.begin(NOW + LOCK - timedelta(milliseconds=1))

    attempts.begin(NOW + LOCK)

    assert attempts.failures == 1


def test_failures_are_forgotten_after_a_quarter_of_an_hour_without_any() -> None:
    attempts = after_failures(FAILURES_ALLOWED - 1)

    attempts.begin(NOW + LOCK)

    assert attempts.failures == 1
