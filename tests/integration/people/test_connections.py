"""Connections between people, and the calendars that depend on them."""

import asyncio

import pytest

from bootstrap.wiring.people import PeopleHouse, build_people
from domain.accounts.blocks import Blocks
from domain.connections.connection import ASK_AGAIN, Answer, ConnectionState
from domain.connections.connections import MAX_ASKED, Acquaintance
from domain.connections.privacy import Privacy
from domain.errors import Code, Conflict, DomainError, NotFound
from domain.ids import ConnectionId, new_id
from tests.support.house import House, Party
from tests.support.mail import mails_to


@pytest.fixture
def people(house: House) -> PeopleHouse:
    return build_people(house.stores, house.clock, house.calls.notifications)


async def asked(people: PeopleHouse, one: Party, other: Party, message: str = "") -> Acquaintance:
    return await people.connections.ask(one.who, other.who.user_id, message)


async def answered(people: PeopleHouse, party: Party, known: Acquaintance, answer: Answer) -> Acquaintance:
    return await people.connections.answer(party.who, known.connection.id, answer)


async def connected(people: PeopleHouse, one: Party, other: Party) -> Acquaintance:
    return await answered(people, other, await asked(people, one, other), Answer.ACCEPT)


async def seen_by(people: PeopleHouse, party: Party, state: ConnectionState | None = None) -> list[str]:
    page = await people.connections.page(party.who, state=state, before=None, limit=50)
    return [one.other.name for one in page.items]


async def told(house: House, party: Party) -> list[str]:
    page = await house.calls.notifications.page(party.who, before=None, unread_only=False, limit=50)
    return [one.kind for one in page.items]


async def blocks(house: House, one: Party, other: Party) -> None:
    s = house.stores
    await Blocks(s.transact, s.accounts, s.blocks, house.clock).block(one.who, other.who.user_id)


async def test_one_asks_the_other_accepts_and_both_are_told(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client("Ann"), await house.coach("Bo")

    known = await asked(people, ann, bo, "We met on Monday.")
    accepted = await answered(people, bo, known, Answer.ACCEPT)

    assert (known.connection.state, known.other.name) == (ConnectionState.PENDING, "Bo")
    assert (accepted.connection.state, accepted.other.name) == (ConnectionState.ACCEPTED, "Ann")
    assert await told(house, bo) == ["connection_requested"]
    assert await told(house, ann) == ["connection_accepted"]
    assert await seen_by(people, ann, ConnectionState.ACCEPTED) == ["Bo"]


async def test_a_request_reaches_the_mailbox(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client("Ann"), await house.coach("Bo")
    known = await asked(people, ann, bo)
    await house.run_due()

    (mail,) = await mails_to(house, known.other.email)
    assert mail["subject"] == "Ann would like to connect"


async def test_asking_again_changes_nothing(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()

    first, again = await asked(people, ann, bo), await asked(people, ann, bo)

    assert first.connection.id == again.connection.id
    assert await told(house, bo) == ["connection_requested"]


async def test_asking_and_withdrawing_again_and_again_tells_once_an_hour(
    house: House, people: PeopleHouse
) -> None:
    ann, bo = await house.client(), await house.client()
    for _ in range(3):
        known = await asked(people, ann, bo)
        await people.connections.part(ann.who, known.connection.id)
    within_the_hour = await told(house, bo)
    house.clock.advance(3600)
    await asked(people, ann, bo)

    assert within_the_hour == ["connection_requested"]
    assert await told(house, bo) == ["connection_requested"] * 2


async def test_two_who_ask_each_other_at_once_are_connected(house: House, people: PeopleHouse) -> None:
    for _ in range(5):
        ann, bo = await house.client(), await house.client()
        await asyncio.gather(asked(people, ann, bo), asked(people, bo, ann))

        found = await house.stores.db["connections"].count_documents({})
        states = await seen_by(people, ann, ConnectionState.ACCEPTED)
        await house.stores.db["connections"].delete_many({})
        assert (found, len(states)) == (1, 1)


async def test_accepting_and_withdrawing_at_once_leaves_one_truth(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()
    known = await asked(people, ann, bo)

    results = await asyncio.gather(
        answered(people, bo, known, Answer.ACCEPT),
        people.connections.part(ann.who, known.connection.id),
        return_exceptions=True,
    )

    left = await house.stores.db["connections"].count_documents({})
    assert all(one is None or isinstance(one, Acquaintance | NotFound) for one in results)
    # Whoever came first: an accepted connection was parted, or there was none left to accept.
    assert left == 0


async def test_a_decline_is_not_told_and_may_be_taken_back(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()
    known = await asked(people, ann, bo)

    await answered(people, bo, known, Answer.DECLINE)
    silent = await told(house, ann)
    accepted = await answered(people, bo, known, Answer.ACCEPT)

    assert silent == []
    assert accepted.connection.state is ConnectionState.ACCEPTED


async def test_who_was_declined_waits_and_who_declined_may_ask(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()
    known = await asked(people, ann, bo)
    await answered(people, bo, known, Answer.DECLINE)

    with pytest.raises(Conflict):
        await asked(people, ann, bo)
    with pytest.raises(Conflict):
        await people.connections.part(ann.who, known.connection.id)
    house.clock.advance(ASK_AGAIN.total_seconds())
    assert (await asked(people, ann, bo)).connection.state is ConnectionState.PENDING
    await answered(people, bo, known, Answer.DECLINE)
    turned = await asked(people, bo, ann)

    assert turned.connection.requester == bo.who.user_id
    assert turned.connection.state is ConnectionState.PENDING


async def test_only_the_one_who_was_asked_answers(house: House, people: PeopleHouse) -> None:
    ann, bo, eve = await house.client(), await house.client(), await house.client()
    known = await asked(people, ann, bo)

    with pytest.raises(Conflict):
        await answered(people, ann, known, Answer.ACCEPT)
    for move in (Answer.ACCEPT, Answer.DECLINE):
        with pytest.raises(NotFound):
            await answered(people, eve, known, move)
    with pytest.raises(NotFound):
        await people.connections.part(eve.who, known.connection.id)
    assert await seen_by(people, eve) == []


async def test_an_accepted_connection_cannot_be_declined(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()
    known = await connected(people, ann, bo)

    with pytest.raises(Conflict) as refused:
        await answered(people, bo, known, Answer.DECLINE)

    assert refused.value.details == {"from": "accepted", "to": "declined"}


async def test_a_block_hides_both_from_each_other(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client("Ann"), await house.coach("Bo")
    known = await connected(people, ann, bo)
    await blocks(house, bo, ann)

    assert await seen_by(people, ann) == await seen_by(people, bo) == []
    for one, other in ((ann, bo), (bo, ann)):
        with pytest.raises(NotFound):
            await asked(people, one, other)
    with pytest.raises(NotFound):
        await answered(people, bo, known, Answer.ACCEPT)


async def test_nobody_connects_with_themselves_with_nobody_or_with_the_suspended(
    house: House, people: PeopleHouse
) -> None:
    ann, bo = await house.client(), await house.client()
    await house.stores.db["accounts"].update_many({}, {"$set": {"suspended_at": None}})
    known = await asked(people, ann, bo)
    await house.stores.db["accounts"].update_one(
        {"email": known.other.email}, {"$set": {"suspended_at": house.clock.wall()}}
    )

    with pytest.raises(Conflict) as own:
        await asked(people, ann, ann)
    with pytest.raises(NotFound):
        await asked(people, ann, bo)
    with pytest.raises(NotFound):
        await people.connections.answer(ann.who, ConnectionId(new_id()), Answer.ACCEPT)

    assert own.value.code is Code.OWN_ACCOUNT
    assert await seen_by(people, ann) == []


async def test_one_person_cannot_ask_everybody(house: House, people: PeopleHouse) -> None:
    ann, bo = await house.client(), await house.client()
    known = await asked(people, ann, bo)
    row = await house.stores.db["connections"].find_one()
    assert row is not None
    copies = [{**row, "_id": None, "pair": f"x:{number}"} for number in range(MAX_ASKED - 1)]
    for copy in copies:
        del copy["_id"]
    await house.stores.db["connections"].insert_many(copies)

    with pytest.raises(Conflict, match=str(MAX_ASKED)):
        await asked(people, ann, await house.client())
    assert (await asked(people, ann, bo)).connection.id == known.connection.id


async def test_pages_go_on_where_the_one_before_ended(house: House, people: PeopleHouse) -> None:
    ann = await house.client("Ann")
    for number in range(5):
        await asked(people, await house.client(f"P{number}"), ann)

    first = await people.connections.page(ann.who, state=None, before=None, limit=3)
    rest = await people.connections.page(ann.who, state=None, before=first.next_before, limit=3)

    names = [one.other.name for page in (first, rest) for one in page.items]
    assert (names, rest.next_before) == (["P4", "P3", "P2", "P1", "P0"], None)


@pytest.mark.parametrize(
    ("privacy", "stranger", "friend"),
    [
        (Privacy.PUBLIC, None, None),
        (Privacy.CONNECTED, Code.CALENDAR_PRIVATE, None),
        (Privacy.PRIVATE, Code.CALENDAR_PRIVATE, Code.CALENDAR_PRIVATE),
    ],
)
async def test_a_calendar_is_shown_as_its_coach_chose(
    house: House, people: PeopleHouse, privacy: Privacy, stranger: Code | None, friend: Code | None
) -> None:
    coach, ann, bo = await house.coach(), await house.client(), await house.client()
    await connected(people, ann, coach)
    await asked(people, bo, coach)
    await people.privacy.set(coach.who, privacy)

    assert await refused(house, people, coach, coach) is None
    assert await refused(house, people, bo, coach) == stranger
    assert await refused(house, people, ann, coach) == friend
    assert await people.privacy.get(coach.who) is privacy


@pytest.mark.parametrize("by_coach", [True, False])
async def test_a_block_hides_a_public_calendar_too(house: House, people: PeopleHouse, by_coach: bool) -> None:
    coach, ann = await house.coach(), await house.client()
    await connected(people, ann, coach)
    await blocks(house, coach, ann) if by_coach else await blocks(house, ann, coach)

    assert await refused(house, people, ann, coach) is Code.BLOCKED


async def test_choosing_privacy_conflicts_with_a_booking_of_that_moment(
    house: House, people: PeopleHouse
) -> None:
    coach = await house.coach()
    await people.privacy.set(coach.who, Privacy.PRIVATE)
    before = await house.stores.db["calendars"].find_one()
    await people.privacy.set(coach.who, Privacy.PRIVATE)
    after = await house.stores.db["calendars"].find_one()

    assert before is not None
    assert after is not None
    assert after["version"] == before["version"] + 1


async def refused(house: House, people: PeopleHouse, viewer: Party, coach: Party) -> Code | None:
    assert coach.who.coach_id is not None
    coach_id = coach.who.coach_id
    try:
        await house.stores.transact(
            lambda tx: people.calendars.require_visible(tx, viewer.who.user_id, coach_id)
        )
    except DomainError as error:
        return error.code
    return None
