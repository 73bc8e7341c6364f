"""A call as a picture is drawn from it: spans, minutes, pauses, holds; and what of it is not for the coach."""

from datetime import datetime, timedelta
from typing import Any

from domain.accounts.account import Identity
from domain.calls.session import Side
from domain.coaching.coach import Wish
from domain.errors import PaymentRefused
from domain.events import rfc3339
from domain.ids import SessionId, UserId
from tests.contract.rest.test_payments import added, settled
from tests.support.door import Caller, Door
from tests.support.house import Party

STORY = "/api/live-sessions"


def party(door: Door, caller: Caller, email: str) -> Party:
    """The person behind a caller, below the doors."""
    who = Identity(
        UserId(caller.user["userId"]),
        caller.user.get("coachId"),
        door.demo[email].role,
        "family",
        door.house.clock.wall(),
    )
    return Party(who, f"device-{email}", f"socket-{email}")


async def people(door: Door) -> tuple[Caller, Caller, Party, Party]:
    """Client and coach, before and behind the door; the coach is online."""
    emails = "client@demo.test", "coach@demo.test"
    client, coach = [await door.person(email) for email in emails]
    behind = [party(door, caller, email) for caller, email in zip((client, coach), emails, strict=True)]
    await door.house.calls.presence.set_status(behind[1].who, Wish.ONLINE, None)
    return client, coach, behind[0], behind[1]


async def story(caller: Caller, session: str) -> Any:
    return (await caller.get(f"{STORY}/{session}")).json


def span(start: datetime, end: datetime) -> dict[str, str]:
    return {"startedAt": rfc3339(start), "endedAt": rfc3339(end)}


async def test_spans_and_minutes_stand_still_in_a_pause(door: Door) -> None:
    client, _, caller, callee = await people(door)
    house = door.house
    session = await house.live(caller, callee)
    began = house.clock.now()
    await house.talk(session, 70, step=10)
    await house.leave(caller, session)
    await house.silence(session, 20, but=Side.CALLEE)
    await house.join(caller, session, resume=True)
    await house.proven(caller, session)
    back = house.clock.now()
    await house.talk(session, 55, step=5)

    told = await story(client, session)

    now = house.clock.now()
    lost = began + timedelta(seconds=70)
    assert told["connected"]["caller"] == [span(began, lost), span(back, now)]
    assert told["connected"]["callee"] == [span(began, now)]
    assert told["minutes"] == [
        {"minute": 1, "at": rfc3339(began + timedelta(seconds=60))},
        {"minute": 2, "at": rfc3339(back + timedelta(seconds=50))},
    ]
    assert (told["serverTime"], told["billableSeconds"]) == (rfc3339(now), 125)


async def test_a_paused_call_says_why_and_until_when_it_waits(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    house = door.house
    session = await house.live(caller, callee)
    running = await story(client, session)
    gone_at = house.clock.now()
    await house.leave(callee, session)

    told = [await story(one, session) for one in (client, coach)]

    until = rfc3339(gone_at + timedelta(seconds=house.terms.grace))
    assert "paused" not in running
    assert [one["paused"] for one in told] == [{"reason": "socket_lost", "graceEndsAt": until}] * 2


async def test_holds_are_told_with_their_card_to_the_client_and_without_to_the_coach(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = SessionId(await settled(door, client, coach, seconds=130))
    admin = await door.person("admin@demo.test")

    told = [await story(one, session) for one in (client, coach, admin)]

    hold = {"number": 1, "seconds": 900, "amount": 3750, "captured": 542, "state": "captured"}
    card = {"card": {"brand": "visa", "last4": "4242"}}
    assert [one["holds"] for one in told] == [[hold | card], [hold], [hold | card]]


async def test_the_coach_reads_what_is_earned_and_the_client_does_not(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = await settled(door, client, coach, seconds=120)

    told = [await story(one, session) for one in (client, coach)]

    price = told[1]["payment"]["price"]
    assert told[0]["payment"]["price"]["taxCountry"]
    assert "taxCountry" not in price
    assert "earned" not in told[0]
    assert told[1]["earned"] == {"amount": price["net"] - round(price["net"] * 0.2), "currency": "USD"}


async def test_the_coach_is_paid_for_talk_below_the_smallest_charge(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = await settled(door, client, coach, seconds=6)

    told = await story(coach, session)

    assert (told["payment"]["state"], told["payment"]["price"]["writtenOff"]) == ("written_off", 25)
    assert told["earned"] == {"amount": 20, "currency": "USD"}


async def test_a_refused_block_is_told_to_the_client_alone(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    house = door.house
    session = await house.live(caller, callee)
    await house.sandbox.fault("decline", code="insufficient_funds", nth=1)
    await house.talk(session, 730, step=10)

    told = [await story(one, session) for one in (client, coach)]

    assert [[hold["state"] for hold in one["holds"]] for one in told] == [
        ["authorized", "refused"],
        ["authorized"],
    ]
    assert told[0]["holds"][1]["refusal"] == "insufficient_funds"
    assert [one["lowBalance"] for one in told] == [True, True]
    assert "refused_block" in str(told[0])
    assert not {"insufficient_funds", "refused_block", "authorizing"} & {*str(told[1]).split("'")}


async def test_a_coach_cannot_count_the_cards_that_were_tried_between_two_blocks(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    house = door.house
    session = await house.live(caller, callee)
    await house.sandbox.fault("decline", code="insufficient_funds", nth=1)
    await house.talk(session, 730, step=10)
    await house.calls.authorizations.change_card(
        caller.who, session, await house.add_card(caller, "pm_card_mastercard")
    )

    told = [await story(one, session) for one in (client, coach)]

    assert [[hold["number"] for hold in one["holds"]] for one in told] == [[1, 2, 3], [1, 2]]
    assert [blocks_of(one) for one in told] == [[1, 3], [1, 2]]


def blocks_of(told: Any) -> list[int]:
    """The authorized blocks of a timeline."""
    return [entry["detail"]["hold"] for entry in told["timeline"] if entry["what"] == "authorized_block"]


async def test_a_challenge_that_was_given_up_is_no_block_to_the_coach(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    house = door.house
    session = await house.live(caller, callee)
    secure = await house.add_card(caller, "pm_card_authenticationRequired")
    await house.calls.authorizations.change_card(caller.who, session, secure)
    await house.talk(session, 730, step=10)
    await house.calls.endings.end(caller.who, session, None)
    await house.settle(session)

    told = [await story(one, session) for one in (client, coach)]

    assert [[hold["state"] for hold in one["holds"]] for one in told] == [
        ["captured", "cancelled"],
        ["captured"],
    ]


async def test_a_bank_that_wants_3d_secure_is_told_to_the_client_alone(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    admin = await door.person("admin@demo.test")
    card = (await added(client, "pm_card_authenticationRequired"))["id"]

    asked = await door.house.ask(caller, callee, card=card)
    told = await story(client, asked.session_id)
    seen = await story(admin, asked.session_id)

    assert told["holds"][0]["clientSecret"] == asked.authorization.client_secret
    assert told["expiresAt"] == rfc3339(asked.expires_at)
    assert "clientSecret" not in seen["holds"][0]
    assert (await coach.get(f"{STORY}/{asked.session_id}")).code == "NOT_FOUND"
    assert (await coach.get(STORY)).json["items"] == []


async def test_a_coach_never_learns_of_a_call_whose_card_was_refused(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    card = (await added(client, "pm_card_chargeCustomerFail"))["id"]
    refused = await client_is_refused(door, caller, callee, card)

    told = (await client.get(STORY)).json["items"]

    assert [(one["sessionId"], one["endReason"]) for one in told] == [(refused, "payment_refused")]
    assert (await coach.get(STORY)).json["items"] == []
    assert (await coach.get(f"{STORY}/{refused}")).code == "NOT_FOUND"


async def client_is_refused(door: Door, caller: Party, callee: Party, card: str) -> str:
    """Ask with a card that says no; the call that came of it."""
    try:
        await door.house.ask(caller, callee, card=card)  # type: ignore[arg-type]
    except PaymentRefused as refused:
        return str(refused.details["sessionId"])
    raise AssertionError("the card was good")


async def test_a_missed_call_is_in_the_history_of_both(door: Door) -> None:
    client, coach, caller, callee = await people(door)
    session = (await door.house.ask(caller, callee)).session_id
    door.house.clock.advance(door.house.terms.ring + 1)
    await door.house.run_due()

    told = [(await one.get(STORY)).json["items"] for one in (client, coach)]

    assert [[(one["sessionId"], one["state"]) for one in items] for items in told] == [
        [(session, "missed")]
    ] * 2


async def test_a_coach_reads_the_own_wish_and_what_has_them(door: Door) -> None:
    _, coach, caller, callee = await people(door)
    house = door.house
    free = (await coach.get("/api/users/me")).json["coach"]
    session = await house.live(caller, callee)
    busy = (await coach.get("/api/users/me")).json["coach"]
    await house.calls.endings.end(caller.who, session, None)
    cooling = (await coach.get("/api/users/me")).json["coach"]

    assert (free["wish"], free["status"], free.get("claim")) == ("online", "online", None)
    assert (busy["status"], busy["claim"]["state"], busy["claim"]["sessionId"]) == ("busy", "busy", session)
    assert (cooling["wish"], cooling["claim"]["state"]) == ("online", "cooldown")
    assert cooling["claim"]["since"] == rfc3339(house.clock.now())


async def test_a_list_of_calls_says_what_was_paid_and_to_the_coach_alone_what_was_earned(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    session = await settled(door, client, coach, seconds=120)
    one = await story(coach, session)

    listed = [(await caller.get(STORY)).json["items"][0] for caller in (client, coach)]

    assert [call["paid"] for call in listed] == [{"amount": 500, "currency": "USD"}] * 2
    assert "earned" not in listed[0]
    assert listed[1]["earned"] == one["earned"]


async def test_a_call_on_the_house_was_not_paid_and_is_earned_all_the_same(door: Door) -> None:
    client, coach = await door.person("client@demo.test"), await door.person("coach@demo.test")
    await settled(door, client, coach, seconds=6)

    listed = [(await caller.get(STORY)).json["items"][0] for caller in (client, coach)]

    assert [call["paid"]["amount"] for call in listed] == [0, 0]
    assert listed[0]["amount"]["amount"] == 25
    assert listed[1]["earned"]["amount"] > 0
