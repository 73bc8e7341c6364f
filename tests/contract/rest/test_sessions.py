"""Scheduled sessions as documents: visits, overtime with its charge, one timeline, and notes that nobody else reads."""

from typing import Any

from tests.contract.rest.test_call_story import people
from tests.support.door import Caller, Door
from tests.support.sessions import BOOKED, MINUTE, Meeting, booked


async def at_its_start(door: Door) -> tuple[Caller, Caller, Meeting]:
    """A booked session of the demo people, both in the room."""
    _, _, caller, callee = await people(door)
    await door.house.add_card(caller, "pm_card_visa")
    meeting = await booked(door.house, caller, callee)
    await meeting.pass_to(0)
    await meeting.both_join()
    # Their tokens are of an hour ago.
    return await door.person("client@demo.test"), await door.person("coach@demo.test"), meeting


async def record(caller: Caller, meeting: Meeting) -> Any:
    return (await caller.get(f"/api/sessions/{meeting.booking_id}")).json


async def test_a_session_without_overtime_is_visits_and_a_timeline(door: Door) -> None:
    client, coach, meeting = await at_its_start(door)
    await meeting.pass_to(5)
    await meeting.lose(meeting.client)

    read = await record(client, meeting)

    assert (read["state"], read["role"], read["title"]) == ("in_progress", "client", "A session")
    assert (read["client"]["present"], read["coach"]["present"]) == (False, True)
    assert [set(visit) for visit in read["client"]["visits"]] == [{"joinedAt", "leftAt"}]
    assert [entry["what"] for entry in read["timeline"]][-2:] == ["begin", "left"]
    assert read["overtimeRate"] == {"amount": MINUTE, "currency": "USD"}
    assert (read["overtimeSegments"], "overtime" in read) == ([], False)
    assert (await record(coach, meeting))["role"] == "coach"


async def test_overtime_is_read_with_what_it_came_to(door: Door) -> None:
    _, _, meeting = await at_its_start(door)
    await meeting.agreed(10)
    await meeting.pass_to(BOOKED)
    await meeting.both_prove()
    await meeting.talk(90)
    await meeting.end(meeting.client)
    await door.house.settle(meeting.room)
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")

    paid, earned = await record(client, meeting), await record(coach, meeting)
    payments = (await client.get("/api/payments/me")).json["items"]

    (segment,) = paid["overtimeSegments"]
    assert (segment["minutes"], segment["state"], segment["requestedBy"]) == (10, "finalized", "coach")
    overtime = paid["overtime"]
    assert (overtime["billableSeconds"], overtime["amount"]["amount"]) == (90, 375)
    assert (overtime["paid"]["amount"], "earned" in overtime) == (375, False)
    assert overtime["paymentId"] == payments[0]["paymentId"]
    named = {name: payments[0].get(name) for name in ("title", "coachName", "bookingId")}
    assert named == {"title": "Overtime", "coachName": paid["coach"]["name"], "bookingId": paid["bookingId"]}
    assert (await client.get(f"/api/payments/{payments[0]['paymentId']}")).json["title"] == "Overtime"
    assert (len(overtime["minutes"]), len(overtime["holds"])) == (1, 1)
    assert earned["overtime"]["earned"]["amount"] == 300
    assert "card" not in earned["overtime"]["holds"][0]
    told = [entry["what"] for entry in paid["timeline"]]
    assert told.index("overtime_begin") < told.index("proven") < told.index("settle")
    assert [entry["at"] for entry in paid["timeline"]] == sorted(entry["at"] for entry in paid["timeline"])
    assert "authorizing" in told
    assert "authorizing" not in [entry["what"] for entry in earned["timeline"]]


async def test_the_coach_reads_only_that_it_was_the_payment(door: Door) -> None:
    client, coach, meeting = await at_its_start(door)
    bad = await door.house.add_card(meeting.client, "pm_card_chargeCustomerFail")
    await meeting.ask(meeting.client, 10, bad)
    await meeting.agree(meeting.coach)

    told = [(await record(who, meeting))["overtimeSegments"][0]["reason"] for who in (client, coach)]

    assert told == ["card_declined", "payment"]


async def test_notes_are_ones_own(door: Door) -> None:
    client, coach, meeting = await at_its_start(door)
    address = f"/api/sessions/{meeting.booking_id}/notes"

    kept = await client.call("PUT", address, {"notes": "Ask about Tuesday.\nAnd breathe."})
    await coach.call("PUT", address, {"notes": "Speak slower"})
    too_long = await client.call("PUT", address, {"notes": "x" * 10_001})

    assert (kept.status, kept.json["notes"]) == (200, "Ask about Tuesday.\nAnd breathe.")
    assert (await record(client, meeting))["notes"] == "Ask about Tuesday.\nAnd breathe."
    assert (await record(coach, meeting))["notes"] == "Speak slower"
    assert too_long.code == "INVALID_PAYLOAD"


async def test_nobody_else_learns_that_there_is_a_session(door: Door, admin: Caller) -> None:
    _, _, meeting = await at_its_start(door)
    admin = await door.person("admin@demo.test")

    answers = [
        await admin.get(f"/api/sessions/{meeting.booking_id}"),
        await admin.get(f"/api/sessions/{'0' * 24}"),
        await admin.call("PUT", f"/api/sessions/{meeting.booking_id}/notes", {"notes": "x"}),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "NOT_FOUND")] * 3
    assert answers[0].json["detail"] == answers[1].json["detail"]
