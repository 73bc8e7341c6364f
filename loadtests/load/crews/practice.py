"""A busy coach, made over the API as coach and clients would: a weekly schedule, exceptions, slots, series, a year of bookings.

Everything is made once; the next load on the same accounts finds it. Sessions cost nothing, so no payment comes into it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from loadtests.load.crews.callers import Caller, refusal

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = {"from": "08:00", "to": "20:00"}
ZONE = "Europe/Berlin"
#: UTC, inside the schedule in summer and winter.
BOOKED_AT = (8, 11, 14)
#: The first and the last day of bookings, from the first load on; as far ahead as can be booked.
FIRST_DAY, LAST_DAY = 2, 345
AWAY, SLOTS = 10, 20
LOOKED_AT_ONCE = 90
#: Seconds between two requests of one person: a server takes 300 a minute.
PAUSE = 0.25
_LONG = "A session of an hour"
_SHORT = "A quarter of an hour"


@dataclass(frozen=True, slots=True)
class Practice:
    """A coach to be booked. ``now`` is the server's domain time when it was looked at; ``booked`` is how much is, at least."""

    user_id: str
    coach_id: str
    #: of 30 to 90 minutes with a buffer; of a quarter of an hour without one
    hour: str
    quarter: str
    now: datetime
    booked: int


async def open_practice(coach: Caller, clients: Sequence[Caller], bookings: int) -> Practice:
    """The coach's practice with at least so many bookings, as far as three a day suffice; made where it is not there.

    Raises:
        Failed: the server refused something of it.
        Lost: it does not answer.
    """
    now = _instant((await coach.done("GET", "/api/about"))["serverTime"])
    me = await coach.done("GET", "/api/users/me")
    schedule = await coach.done("GET", "/api/availability/schedule")
    if schedule["version"] == 0:
        await coach.done("PUT", "/api/availability/schedule", _schedule(now.date()), version=0)
        await _slots(coach, now, min(SLOTS, bookings // 10))
    hour, quarter = await _type(coach, _LONG, 30, 60, 90, 10), await _type(coach, _SHORT, 15, 15, 15, 0)
    practice = Practice(me["userId"], coach.who.coach_id, hour, quarter, now, 0)
    known = await _busy(coach, practice)
    wanted = [
        start
        for day in range(FIRST_DAY, LAST_DAY + 1)
        for start in (_at(now + timedelta(days=day), at) for at in BOOKED_AT)
        if start not in known
    ][: max(0, bookings - len(known))]
    await _book(clients, practice, wanted)
    return Practice(me["userId"], practice.coach_id, hour, quarter, now, len(known) + len(wanted))


def _schedule(today: date) -> dict[str, Any]:
    away = [today + timedelta(days=20 + 30 * n) for n in range(AWAY)]
    return {
        "timeZone": ZONE,
        "weekly": {day: [HOURS] for day in DAYS},
        # A shorter evening, so that nothing booked lies in it.
        "exceptions": [
            {"date": day.isoformat(), "windows": [{"from": "08:00", "to": "18:00"}]} for day in away
        ],
    }


async def _slots(coach: Caller, now: datetime, count: int) -> None:
    for n in range(count):
        start = _at(now + timedelta(days=5 + 10 * n), 21)
        body = {"start": _text(start), "end": _text(start + timedelta(hours=1)), "instant": n % 2 == 0}
        await coach.done("POST", "/api/bookings/availability", body)
    for n, rule in enumerate(
        ("FREQ=WEEKLY;COUNT=50", "FREQ=WEEKLY;INTERVAL=2;COUNT=25", "FREQ=MONTHLY;COUNT=12")
    ):
        start = _at(now + timedelta(days=3 + n), 22)
        repeat = {"rule": rule, "timeZone": "UTC"}
        body = {"start": _text(start), "end": _text(start + timedelta(hours=1)), "recurrence": repeat}
        await coach.done("POST", "/api/bookings/availability", body)


async def _type(coach: Caller, name: str, shortest: int, usual: int, longest: int, buffer: int) -> str:
    for known in (await coach.done("GET", "/api/session-types?limit=100"))["items"]:
        if known["names"].get("en") == name:
            return str(known["sessionTypeId"])
    made = await coach.done(
        "POST",
        "/api/session-types",
        {
            "names": {"en": name},
            "format": "one_to_one",
            "price": {"amount": 0, "currency": "USD"},
            "durationMin": shortest,
            "durationDefault": usual,
            "durationMax": longest,
            "noticeMinutes": 0,
            "bufferAfterMinutes": buffer,
        },
    )
    return str(made["sessionTypeId"])


async def _busy(coach: Caller, practice: Practice) -> set[datetime]:
    """When bookings begin."""
    found: set[datetime] = set()
    for first in range(0, LAST_DAY + 10, LOOKED_AT_ONCE):
        start = practice.now + timedelta(days=first)
        window = f"from={_text(start)}&to={_text(start + timedelta(days=LOOKED_AT_ONCE))}"
        seen = await coach.done("GET", f"/api/coaches/{practice.user_id}/calendar?{window}")
        found |= {_instant(one["start"]) for one in seen["busy"]}
    return found


async def _book(clients: Sequence[Caller], practice: Practice, starts: Sequence[datetime]) -> None:
    waiting = iter(starts)

    async def take(client: Caller) -> None:
        for start in waiting:
            answer = await client.ask("POST", "/api/bookings", booking(practice, practice.hour, start, 60))
            # Taken by somebody at the same time is as good.
            if answer.status not in (201, 409):
                raise refusal("POST /api/bookings", answer)
            await asyncio.sleep(PAUSE)

    try:
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(take(client))
    except ExceptionGroup as errors:  # one tells as much as all
        raise errors.exceptions[0] from None


def booking(practice: Practice, session_type: str, start: datetime, minutes: int) -> dict[str, Any]:
    """What a client sends."""
    return {
        "coachId": practice.coach_id,
        "sessionTypeId": session_type,
        "start": _text(start),
        "minutes": minutes,
    }


async def free_quarters(coach: Caller, practice: Practice) -> list[datetime]:
    """Starts of quarters of an hour that are free now and do not overlap, a year of them, a day from now on."""
    path = f"/api/coaches/{practice.user_id}/starts?sessionTypeId={practice.quarter}&limit=3000"
    last = _text(practice.now + timedelta(days=360))
    found: list[datetime] = []
    place: str | None = _text(practice.now + timedelta(days=1))
    while place:
        page = await coach.done("GET", f"{path}&from={place}&to={last}")
        found += [_instant(one["start"]) for one in page["items"]]
        place = page.get("nextFrom")
    return found


def _at(day: datetime, hour: int) -> datetime:
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
