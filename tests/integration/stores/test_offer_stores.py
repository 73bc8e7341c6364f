"""Stores of session types and prices: what is written is read, queries use indexes, writers conflict."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bson import ObjectId

from domain.booking.calendar import Weekday
from domain.booking.session_type import CancellationPolicy, Format, SessionType
from domain.booking.zones import WallWindow
from domain.errors import NotFound, Unavailable
from domain.ids import CoachId, DiscountCodeId, PriceRuleId, SessionTypeId, UserId, new_id
from domain.money import Money
from domain.ports import Tx
from domain.pricing.codes import CodeUse, DiscountCode
from domain.pricing.rules import PriceRule, SpecialPeriod, TimeRate
from tests.support.house import House
from tests.support.stores import assert_uses_index

COACH = CoachId(new_id())
NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUERIES: list[tuple[str, dict[str, Any], Any]] = [
    ("session_types", {"coach_id": ObjectId(), "archived": False}, [("_id", 1)]),
    ("session_types", {"coach_id": ObjectId(), "archived": True, "_id": {"$gt": ObjectId()}}, [("_id", 1)]),
    ("session_types", {"_id": ObjectId(), "version": 1}, None),
    ("price_rules", {"coach_id": ObjectId()}, [("_id", 1)]),
    ("price_rules", {"_id": ObjectId(), "version": 1}, None),
    ("discount_codes", {"coach_id": ObjectId(), "code": "WELCOME"}, None),
    ("discount_codes", {"coach_id": ObjectId(), "archived": False}, [("_id", 1)]),
    ("discount_codes", {"_id": ObjectId(), "uses": 1, "discounted": 100}, None),
    ("discount_uses", {"_id": new_id()}, None),
    ("discount_uses", {"code_id": ObjectId(), "buyer": ObjectId()}, None),
]


@pytest.mark.parametrize(("collection", "query", "sort"), QUERIES)
async def test_every_query_of_offers_and_prices_uses_an_index(
    house: House, collection: str, query: dict[str, Any], sort: Any
) -> None:
    await assert_uses_index(house.stores.db, collection, query, sort)


def group() -> SessionType:
    return SessionType(
        id=SessionTypeId(new_id()),
        coach_id=COACH,
        names={"en": "Circle", "de": "Kreis"},
        descriptions={"de": "Zu sechst."},
        format=Format.GROUP,
        price=Money(3000, "EUR"),
        duration_min=45,
        duration_max=90,
        duration_default=60,
        instant=False,
        capacity=6,
        min_attendees=2,
        overtime_rate=Money(100, "EUR"),
        policy=CancellationPolicy(48, 12, 25, 24),
        reminder_hours=[24],
    )


def _id_of(rule: PriceRule) -> str:
    return rule.id


async def test_a_session_type_is_read_as_it_was_written(house: House) -> None:
    types, written = house.stores.session_types, group()
    await house.stores.transact(lambda tx: types.insert(tx, written))

    assert await house.stores.transact(lambda tx: types.get(tx, written.id)) == written
    assert written.version == 1


async def test_rules_and_codes_are_read_as_they_were_written(house: House) -> None:
    s = house.stores
    night = TimeRate((Weekday.FRI, Weekday.SAT), WallWindow(1320, 120))
    rules = [
        PriceRule(PriceRuleId(new_id()), COACH, "Night", 20, night, None, (SessionTypeId(new_id()),)),
        PriceRule(
            PriceRuleId(new_id()),
            COACH,
            "Yule",
            10,
            None,
            SpecialPeriod(date(2026, 12, 24), date(2027, 1, 6)),
        ),
    ]
    code = DiscountCode(
        DiscountCodeId(new_id()), COACH, "WELCOME", off=Money(500, "EUR"), valid_from=NOW, max_uses=3,
        max_uses_per_person=1, budget=Money(1500, "EUR"), session_type_ids=(SessionTypeId(new_id()),),
    )  # fmt: skip
    use = CodeUse(new_id(), code.id, UserId(new_id()), 500, NOW)

    async def write(tx: Tx) -> None:
        for rule in rules:
            await s.price_rules.insert(tx, rule)
        await s.discount_codes.insert(tx, code)
        await s.discount_codes.take(tx, code, use)

    await s.transact(write)

    # Two identifiers of the same 15 microseconds come in any order.
    assert await s.transact(lambda tx: s.price_rules.of_coach(tx, COACH)) == sorted(rules, key=_id_of)
    stored = await s.transact(lambda tx: s.discount_codes.by_code(tx, COACH, "WELCOME"))
    assert stored is not None
    assert (stored.uses, stored.discounted) == (1, 500)
    stored.uses = stored.discounted = 0
    assert stored == code
    assert await s.transact(lambda tx: s.discount_codes.use_of(tx, use.order)) == use


async def test_a_session_type_of_an_older_version_is_not_written(house: House) -> None:
    types, written = house.stores.session_types, group()
    await house.stores.transact(lambda tx: types.insert(tx, written))
    await house.stores.transact(lambda tx: types.save(tx, group_of(written, 1)))

    with pytest.raises(Unavailable):
        await house.stores.transact(lambda tx: types.save(tx, group_of(written, 1)))


def group_of(original: SessionType, version: int) -> SessionType:
    copy = group()
    copy.id, copy.version = original.id, version
    return copy


async def test_what_is_booked_while_it_is_deleted_is_either_there_or_refused(house: House) -> None:
    """The first booking of a session type and its deletion at once: never a booking of something that is gone."""
    s, types = house.stores, house.stores.session_types

    async def book(one: SessionType) -> bool:
        async def work(tx: Tx) -> None:
            found = await types.get(tx, one.id)
            await asyncio.sleep(0)
            await types.mark_used(tx, found)

        try:
            await s.transact(work)
        except NotFound:
            return False
        return True

    async def delete(one: SessionType) -> None:
        async def work(tx: Tx) -> None:
            found = await types.get(tx, one.id)
            if not found.used:
                await types.delete(tx, found)

        await s.transact(work)

    for _ in range(8):
        one = group()
        await s.transact(lambda tx, one=one: types.insert(tx, one))  # type: ignore[misc]
        booked, _ = await asyncio.gather(book(one), delete(one))
        there = await s.db["session_types"].count_documents({"_id": ObjectId(one.id)})
        assert there == booked


async def test_pages_of_session_types_follow_each_other_without_archived_ones(house: House) -> None:
    # Identifiers of the same few microseconds are in no order of their own.
    types, made = house.stores.session_types, sorted((group() for _ in range(5)), key=lambda one: one.id)
    made[2].archived = True
    for one in made:
        await house.stores.transact(lambda tx, one=one: types.insert(tx, one))  # type: ignore[misc]

    first = await types.page(COACH, archived=False, after=None, limit=2)
    second = await types.page(COACH, archived=False, after=first[-1].id, limit=9)
    archived = await types.page(COACH, archived=True, after=None, limit=9)

    assert [one.id for one in [*first, *second]] == [one.id for one in made if not one.archived]
    assert [one.id for one in archived] == [made[2].id]
    assert await house.stores.transact(lambda tx: types.count_offered(tx, COACH)) == 4
