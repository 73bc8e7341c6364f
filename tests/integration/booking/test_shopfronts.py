"""What a search and a booking begin with, in one read: the same as its parts tell, and by indexes."""

import pytest

from bootstrap.wiring.people import PeopleHouse, build_people
from domain.accounts.blocks import Blocks
from domain.booking.shopfront import Shopfront
from domain.connections.connection import Answer
from domain.connections.privacy import Privacy
from domain.errors import Code, Forbidden, NotFound
from domain.ids import CoachId, SessionTypeId, UserId, new_id
from tests.support.house import House, Party
from tests.support.selling import open_shop
from tests.support.stores import plans


@pytest.fixture
def people(house: House) -> PeopleHouse:
    return build_people(house.stores, house.clock, house.calls.notifications)


async def look(house: House, coach: Party, viewer: Party, wanted: str | None = None) -> Shopfront:
    """As a search looks; a booking, which looks inside its transaction, sees the same."""
    fronts, coach_id, asked = house.stores.shopfronts, coach.who.coach_id, SessionTypeId(wanted or new_id())
    assert coach_id is not None
    found = await fronts.of_user(None, coach.who.user_id, viewer.who.user_id, asked)
    inside = await house.stores.transact(lambda tx: fronts.of_coach(tx, coach_id, viewer.who.user_id, asked))
    assert inside == found
    return found


async def test_it_is_what_its_parts_tell(house: House) -> None:
    shop, client = await open_shop(house), await house.client()
    stores = house.stores

    front = await look(house, shop.coach, client, shop.offer.id)

    assert front.coach == await stores.transact(lambda tx: stores.coaches.of_user(tx, shop.coach.who.user_id))
    assert front.account == await stores.transact(lambda tx: stores.accounts.get(tx, shop.coach.who.user_id))
    assert front.calendar == await stores.calendars.peek(front.coach.id)
    assert front.offered() == await stores.transact(lambda tx: stores.session_types.get(tx, shop.offer.id))
    assert (front.privacy, front.apart, front.connected) == (Privacy.PUBLIC, False, False)


async def test_a_coach_who_never_opened_the_calendar_has_an_empty_one_in_their_zone(house: House) -> None:
    coach, client = await house.coach(), await house.client()

    front = await look(house, coach, client)

    assert front.calendar == await house.stores.calendars.peek(front.coach.id)
    with pytest.raises(NotFound):
        front.offered()


async def test_what_another_coach_offers_and_what_is_archived_is_not_offered(house: House) -> None:
    shop, other, client = await open_shop(house), await house.coach(), await house.client()

    with pytest.raises(NotFound):
        (await look(house, other, client, shop.offer.id)).offered()
    shop.offer.archived = True
    await house.stores.transact(lambda tx: house.stores.session_types.save(tx, shop.offer))
    with pytest.raises(NotFound):
        (await look(house, shop.coach, client, shop.offer.id)).offered()


@pytest.mark.parametrize("by_the_coach", [True, False])
async def test_a_block_shuts_it_whoever_blocked(house: House, by_the_coach: bool) -> None:
    coach, client, somebody = await house.coach(), await house.client(), await house.client()
    blocker, blocked = (coach, client) if by_the_coach else (client, coach)
    blocks = Blocks(house.stores.transact, house.stores.accounts, house.stores.blocks, house.clock)
    await blocks.block(blocker.who, blocked.who.user_id)

    with pytest.raises(Forbidden) as refused:
        (await look(house, coach, client)).require_open()
    (await look(house, coach, somebody)).require_open()

    assert refused.value.code is Code.BLOCKED


async def test_those_who_are_connected_see_what_is_for_connections(house: House, people: PeopleHouse) -> None:
    coach, friend, stranger = await house.coach(), await house.client(), await house.client()
    await people.privacy.set(coach.who, Privacy.CONNECTED)
    asked = await people.connections.ask(friend.who, coach.who.user_id, "")

    with pytest.raises(Forbidden):
        (await look(house, coach, friend)).require_open()
    await people.connections.answer(coach.who, asked.connection.id, Answer.ACCEPT)
    (await look(house, coach, friend)).require_open()
    with pytest.raises(Forbidden) as refused:
        (await look(house, coach, stranger)).require_open()
    assert refused.value.code is Code.CALENDAR_PRIVATE
    await people.privacy.set(coach.who, Privacy.PRIVATE)
    with pytest.raises(Forbidden):
        (await look(house, coach, friend)).require_open()
    (await look(house, coach, coach)).require_open()


async def test_nobody_is_no_coach(house: House) -> None:
    client, fronts, wanted = await house.client(), house.stores.shopfronts, SessionTypeId(new_id())

    with pytest.raises(NotFound):
        await fronts.of_user(None, client.who.user_id, client.who.user_id, wanted)
    with pytest.raises(NotFound):
        await fronts.of_user(None, UserId(new_id()), client.who.user_id, wanted)
    with pytest.raises(NotFound):
        await house.stores.transact(
            lambda tx: fronts.of_coach(tx, CoachId(new_id()), client.who.user_id, wanted)
        )


async def test_it_walks_through_no_collection(house: House) -> None:
    shop, client = await open_shop(house), await house.client()
    strangers = [await house.coach() for _ in range(5)]

    async with plans(house.stores.db) as made:
        await look(house, shop.coach, client, shop.offer.id)

    looks = [one for one in made if one["op"] == "command" and one["ns"].endswith(".coaches")]
    assert len(looks) == 2
    # One of each at most, though there are more.
    assert all(one["docsExamined"] <= 6 for one in looks), looks
    assert len(strangers) == 5
