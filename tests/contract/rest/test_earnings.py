"""What a coach earned today: the sum of what settled since midnight where the coach lives."""

from datetime import UTC, datetime

import pytest

from billing.earnings import midnight
from domain.coaching.coach import Wish
from domain.ids import SessionId
from tests.support.door import Caller, Door
from tests.support.house import Party
from tests.support.stores import assert_uses_index


async def talked(door: Door, seconds: float) -> SessionId:
    """The two demo people talked, and it was settled."""
    house = door.house
    coach = Party(door.demo["coach@demo.test"], "coach-device", "coach-socket")
    client = Party(door.demo["client@demo.test"], "client-device", "client-socket")
    await house.calls.presence.set_status(coach.who, Wish.ONLINE, None)
    session = await house.live(client, coach)
    await house.talk(session, seconds)
    await house.leave(client, session)
    await house.settle(session)
    await house.pass_time(120)
    return session


async def test_a_day_without_calls_earned_nothing_in_the_own_currency(coach: Caller) -> None:
    today = (await coach.get("/api/earnings/me")).json

    assert today == {
        "since": "2026-01-01T00:00:00.000Z",
        "timeZone": "UTC",
        "net": [{"amount": 0, "currency": "USD"}],
        "calls": 0,
        "billableSeconds": 0,
    }


async def test_settled_calls_add_up_to_what_the_books_owe_the_coach(door: Door, coach: Caller) -> None:
    sessions = [await talked(door, 90), await talked(door, 60)]

    today = (await coach.get("/api/earnings/me")).json

    owed = [(await door.house.payment(one)).snapshot for one in sessions]
    assert today["net"] == [{"amount": sum(one.earned for one in owed if one), "currency": "USD"}]
    assert (today["calls"], today["billableSeconds"]) == (2, 150)
    assert today["net"][0]["amount"] > 0


async def test_yesterday_does_not_count_where_it_is_yesterday_for_the_coach(door: Door) -> None:
    await talked(door, 60)
    door.house.clock.advance(18 * 3600)
    coach = await door.person("coach@demo.test")

    in_utc = (await coach.get("/api/earnings/me")).json
    await coach.call("PATCH", "/api/users/me", {"timeZone": "Pacific/Auckland"})
    in_auckland = (await coach.get("/api/earnings/me")).json

    # It is the evening of the first in UTC, and the morning of the second in Auckland.
    assert (in_utc["calls"], in_auckland["calls"]) == (1, 0)
    assert in_auckland["since"] == "2026-01-01T11:00:00.000Z"


async def test_nobody_but_a_coach_earns(client: Caller, admin: Caller) -> None:
    answers = [await caller.get("/api/earnings/me") for caller in (client, admin)]

    assert {(answer.status, answer.code) for answer in answers} == {(403, "FORBIDDEN")}


async def test_the_sum_uses_an_index(door: Door) -> None:
    query = {
        "coach_id": door.demo["coach@demo.test"].coach_id,
        "at": {"$gte": datetime(2026, 1, 1, tzinfo=UTC)},
    }

    await assert_uses_index(door.house.stores.db, "earnings", query)


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-03-29T10:00:00+00:00", "Europe/Vienna", "2026-03-28T23:00:00+00:00"),
        ("2026-10-25T10:00:00+00:00", "Europe/Vienna", "2026-10-24T22:00:00+00:00"),
        # Clocks go from 23:59:59 to 01:00:00 in Beirut.
        ("2026-03-29T10:00:00+00:00", "Asia/Beirut", "2026-03-28T22:00:00+00:00"),
        # Havana has the hour after midnight twice: the day began with the first.
        ("2026-11-01T04:30:00+00:00", "America/Havana", "2026-11-01T04:00:00+00:00"),
        ("2026-11-01T05:30:00+00:00", "America/Havana", "2026-11-01T04:00:00+00:00"),
        ("2026-06-01T11:59:59+00:00", "Pacific/Auckland", "2026-05-31T12:00:00+00:00"),
        ("2026-06-01T12:00:00+00:00", "Pacific/Auckland", "2026-06-01T12:00:00+00:00"),
    ],
)
def test_a_day_begins_at_midnight_however_long_it_is(now: str, zone: str, expected: str) -> None:
    assert midnight(datetime.fromisoformat(now), zone) == datetime.fromisoformat(expected)
