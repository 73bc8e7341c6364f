"""``rapport call`` against the whole running program: stores, sandbox, server and worker as processes of their own."""

from collections.abc import AsyncIterator

import pytest

from bootstrap.call import CallOptions, CallResult, Moment, Place, Road, own_server, run_call
from bootstrap.settings import Settings

SPEED = 60.0


@pytest.fixture(scope="module")
async def place() -> AsyncIterator[Place]:
    """Everything, started once for these tests."""
    with pytest.MonkeyPatch.context() as environment:
        # Read by the processes, too.
        environment.setenv("RAPPORT_PASSWORD_COST", "4")
        environment.setenv("RAPPORT_AUTH_ATTEMPTS_PER_MINUTE", "100")
        async with own_server(Settings())(SPEED) as running:
            yield running


async def call(place: Place, road: Road = Road.TALK, **options: float | str) -> CallResult:
    wanted = CallOptions(road=road, url=place.url, sandbox_url=place.sandbox_url, **options)  # type: ignore[arg-type]
    return await run_call(wanted)


def told(moments: list[Moment]) -> str:
    return "\n".join(f"{moment.who}: {moment.text}" for moment in moments)


async def test_two_minutes_of_real_media_are_paid_to_the_cent(place: Place) -> None:
    result = await call(place, minutes=2.0)

    assert result.error is None
    assert [check for check in result.checks if not check.ok] == []
    assert result.receipt is not None
    assert result.receipt.gross == (500 * result.receipt.billable_seconds + 60) // 120
    assert result.receipt.billable_seconds >= 100
    assert all(received.recognised for received in result.received.values())
    assert "gateway captured just that" in [check.name for check in result.checks]
    assert "media proven both ways" in told(result.moments)


async def test_a_call_that_is_declined_costs_nothing(place: Place) -> None:
    result = await call(place, Road.DECLINE)

    assert (result.ok, result.state) == (True, "declined")


async def test_a_refused_card_does_not_disturb_the_coach(place: Place) -> None:
    result = await call(place, Road.CARD_DECLINED)

    assert (result.ok, result.state) == (True, "unpaid")
    assert "is calling" not in told(result.moments)


async def test_a_wrong_password_is_told_in_a_sentence(place: Place) -> None:
    result = await call(place, password="not-the-password")

    assert (result.ok, result.error_code) == (False, "BAD_CREDENTIALS")


async def test_nobody_there_is_told_in_a_sentence() -> None:
    result = await run_call(CallOptions(url="http://127.0.0.1:9"))

    assert (result.ok, result.error_code) == (False, "UNREACHABLE")
    assert result.error == "Nobody answers at http://127.0.0.1:9 (Connection refused). Is the server running?"
