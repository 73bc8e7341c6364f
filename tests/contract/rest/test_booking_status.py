"""What a coach may assert of a session over HTTP: that it took place, or that the client did not come. Nothing else."""

from domain.booking.states import BookingState
from tests.contract.rest.test_bookings import START, book, offered, open_calendar, read
from tests.support.door import Caller, Door


async def test_a_coach_says_no_more_of_a_session_than_how_it_went(
    door: Door, client: Caller, coach: Caller
) -> None:
    await open_calendar(coach)
    booking = (await book(client, coach, await offered(coach))).json
    await client.post("/api/payments/intents", {"bookingId": booking["bookingId"]})
    path = f"/api/bookings/{booking['bookingId']}/status"
    others = sorted({one.value for one in BookingState} - {"completed", "no_show"})

    refused = [await coach.call("PUT", path, {"status": state}) for state in others]
    early = [await coach.call("PUT", path, {"status": state}) for state in ("completed", "no_show")]
    read_again = await read(coach, booking["bookingId"])
    await door.house.pass_time(4 * 86_400 + 17 * 3600)
    late = await (await door.person("coach@demo.test")).call("PUT", path, {"status": "completed"})

    assert {(one.status, one.code) for one in refused} == {(400, "INVALID_PAYLOAD")}
    assert [(one.status, one.code) for one in early] == [(409, "TOO_EARLY")] * 2
    assert early[0].json["details"]["from"] == START
    assert early[1].json["details"]["from"] == START.replace("16:00", "16:15")
    assert read_again["state"] == "confirmed"
    # Nobody came, which the platform saw: the coach is not believed afterwards.
    assert (late.status, late.code, late.json["details"]["state"]) == (409, "ILLEGAL_STATE", "no_show")
