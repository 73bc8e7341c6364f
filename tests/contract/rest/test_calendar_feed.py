"""The calendar feed: for whoever knows its address, and nobody else."""

import io
import logging
import re
from collections.abc import Iterator

import icalendar
import pytest
import structlog

from bootstrap.logging import configure_logging
from domain.booking.feed import digest_of
from tests.contract.rest.test_availability import offered, scheduled
from tests.support.door import Caller, Door
from tests.support.stores import assert_uses_index


async def address(caller: Caller) -> str:
    answer = await caller.post("/api/calendar/feed")
    assert answer.status == 200, answer.body
    return str(answer.json["path"])


async def book(door: Door, coach: Caller, client: Caller, start: str) -> str:
    body = {
        "coachId": str(door.demo["coach@demo.test"].coach_id),
        "sessionTypeId": await offered(coach),
        "start": start,
        "minutes": 60,
    }
    answer = await client.post("/api/bookings", body)
    assert answer.status == 201, answer.body
    return str(answer.json["bookingId"])


async def test_a_calendar_program_reads_what_is_booked(door: Door, coach: Caller, client: Caller) -> None:
    await scheduled(coach)
    booking = await book(door, coach, client, "2026-01-05T14:00:00Z")
    gone = await book(door, coach, client, "2026-01-05T16:00:00Z")
    await client.post(f"/api/bookings/{gone}/cancel", {})

    answer = await door.stranger().get(await address(client))

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    calendar = icalendar.Calendar.from_ical(answer.body)
    (event,) = calendar.walk("VEVENT")
    assert event["UID"] == f"{booking}@rapport"
    assert event.decoded("DTSTART").isoformat() == "2026-01-05T14:00:00+00:00"
    assert event.decoded("DTEND").isoformat() == "2026-01-05T15:00:00+00:00"
    assert event["STATUS"] == "TENTATIVE"
    assert event["SUMMARY"].startswith("Hour – ")
    # The same booking, from the other side: with the client's name.
    other = await door.stranger().get(await address(coach))
    assert icalendar.Calendar.from_ical(other.body).walk("VEVENT")[0]["SUMMARY"] != event["SUMMARY"]


async def test_a_new_address_makes_the_old_one_worthless(door: Door, client: Caller) -> None:
    before = (await client.get("/api/calendar/feed")).json
    first, second = await address(client), await address(client)
    during = (await client.get("/api/calendar/feed")).json

    old, new = await door.stranger().get(first), await door.stranger().get(second)
    await client.call("DELETE", "/api/calendar/feed")
    gone = await door.stranger().get(second)

    assert (before["active"], during["active"]) == (False, True)
    assert (old.status, old.code) == (404, "NOT_FOUND")
    assert new.status == 200
    assert (gone.status, gone.code) == (404, "NOT_FOUND")


async def test_the_secret_is_kept_nowhere(door: Door, client: Caller) -> None:
    path = await address(client)
    secret = re.fullmatch(r"/api/calendar/feed/([\w-]{43})\.ics", path)
    assert secret is not None
    db = door.house.stores.db

    kept = [repr(row) for name in await db.list_collection_names() async for row in db[name].find()]

    assert not any(secret[1] in row for row in kept)
    assert any(digest_of(secret[1]) in row for row in kept)
    await assert_uses_index(db, "calendar_feeds", {"digest": digest_of(secret[1])})


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything that a server logs, down to the least severe line."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logging(json=True, level="DEBUG", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


async def test_the_secret_is_neither_logged_nor_measured(
    door: Door, client: Caller, logged: io.StringIO
) -> None:
    path, wrong = await address(client), f"/api/calendar/feed/{'w' * 43}.ics"

    answers = [await door.stranger().get(one) for one in (path, wrong, path + "?v=1", path + "x")]
    metrics = (await door.stranger().get("/metrics")).body.decode()

    assert [one.status for one in answers] == [200, 404, 200, 404]
    assert logged.getvalue().count("/api/calendar/feed/{secret}.ics") >= 3
    for secret in (path.split("/")[-1].removesuffix(".ics"), "w" * 43):
        assert secret not in logged.getvalue()
        assert digest_of(secret) not in logged.getvalue()
        assert secret not in metrics


async def test_a_suspended_person_has_no_feed(door: Door, client: Caller, admin: Caller) -> None:
    path = await address(client)

    await admin.call("PATCH", f"/api/admin/users/{client.user['userId']}/suspend", {"suspended": True})

    assert (await door.stranger().get(path)).status == 404
