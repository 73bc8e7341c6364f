"""Bookings cut slots; calling them off gives the time back: one after the other they change nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.booking.booking import TakenPiece
from domain.booking.slots import Kind, Slot, SlotChanges, cut, put_back
from domain.booking.spans import Span, merged, shared, without
from domain.ids import CoachId, SessionTypeId, SlotId, new_id

COACH = CoachId(new_id())
START = datetime(2026, 3, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
LONG_AGO = START - timedelta(days=1)
KINDS = (Kind(True), Kind(False), Kind(True, (SessionTypeId("a" * 24),)))

What = tuple[datetime, datetime, Kind]


def at(quarter: int) -> datetime:
    return START + quarter * QUARTER


def slot(first: int, last: int, kind: Kind = KINDS[0]) -> Slot:
    return Slot(SlotId(new_id()), COACH, at(first), at(last), kind.instant, kind.session_type_ids, version=1)


def after(slots: list[Slot], changes: SlotChanges) -> list[Slot]:
    """The documents there are then."""
    gone = {one.id for one in changes.deleted}
    saved = {one.id: one for one in changes.saved}
    return [saved.get(one.id, one) for one in slots if one.id not in gone] + changes.inserted


def what(slots: list[Slot]) -> list[What]:
    return sorted(((one.start, one.end, one.kind) for one in slots), key=lambda one: one[:2])


def of_kind(slots: list[Slot], kind: Kind) -> list[Span]:
    return merged(one.span for one in slots if one.kind == kind)


@st.composite
def normal(draw: st.DrawFn) -> list[Slot]:
    """Slots in normal form: disjoint, and no two of one kind touch."""
    slots: list[Slot] = []
    place = 0
    for _ in range(draw(st.integers(0, 8))):
        place += draw(st.integers(0, 3))
        one = slot(place, place + draw(st.integers(1, 5)), draw(st.sampled_from(KINDS)))
        touches = bool(slots) and slots[-1].end == one.start and slots[-1].kind == one.kind
        slots = [*slots[:-1], replace(slots[-1], end=one.end)] if touches else [*slots, one]
        place = (slots[-1].end - START) // QUARTER
    return slots


spans = st.tuples(st.integers(0, 50), st.integers(1, 12)).map(
    lambda edges: Span(at(edges[0]), at(sum(edges)))
)


@given(normal(), spans)
def test_cut_then_put_back_is_the_identity(slots: list[Slot], taken: Span) -> None:
    pieces, changes = cut(slots, taken)
    rest = after(slots, changes)

    again = after(rest, put_back(COACH, rest, pieces, LONG_AGO))

    assert what(again) == what(slots)


@given(normal(), st.lists(spans, min_size=2, max_size=6), st.randoms())
def test_many_cuts_put_back_in_any_order_are_the_identity(
    slots: list[Slot], taken: list[Span], order: object
) -> None:
    rest, cuts = slots, []
    for span in taken:
        pieces, changes = cut(rest, span)
        rest = after(rest, changes)
        cuts.append(pieces)
    order.shuffle(cuts)  # type: ignore[attr-defined]

    for pieces in cuts:
        rest = after(rest, put_back(COACH, rest, pieces, LONG_AGO))

    assert what(rest) == what(slots)


@given(normal(), spans)
def test_free_and_taken_are_what_was_there(slots: list[Slot], taken: Span) -> None:
    pieces, changes = cut(slots, taken)
    rest = after(slots, changes)
    out = [Span(one.start, one.end) for one in pieces]

    assert merged(out) == shared([one.span for one in slots], [taken])
    assert merged([one.span for one in rest] + out) == merged(one.span for one in slots)
    assert shared([one.span for one in rest], [taken]) == []
    for one in pieces:
        assert Span(one.start, one.end) in shared(
            of_kind(slots, Kind(one.instant, one.session_type_ids)), [taken]
        )


@given(normal(), spans, st.integers(0, 60))
def test_only_what_is_to_come_is_put_back(slots: list[Slot], taken: Span, now: int) -> None:
    pieces, changes = cut(slots, taken)
    rest = after(slots, changes)

    again = after(rest, put_back(COACH, rest, pieces, at(now)))

    past = [Span(START, at(now))] if now else []
    for kind in KINDS:
        future = without(shared(of_kind(slots, kind), [taken]), past)
        assert of_kind(again, kind) == merged(of_kind(rest, kind) + future)


@given(normal(), normal(), spans)
def test_what_another_slot_covers_meanwhile_stays_that_slots(
    slots: list[Slot], others: list[Slot], taken: Span
) -> None:
    pieces, _ = cut(slots, taken)

    again = after(others, put_back(COACH, others, pieces, LONG_AGO))

    ordered = sorted(one.span for one in again)
    assert all(earlier.end <= later.start for earlier, later in pairwise(ordered))
    for kind in KINDS:
        assert without(of_kind(others, kind), of_kind(again, kind)) == []
    assert merged(ordered) == merged([one.span for one in others] + [Span(p.start, p.end) for p in pieces])


def test_the_document_of_a_slot_goes_on_with_what_is_left_of_it() -> None:
    whole = slot(0, 12)

    pieces, changes = cut([whole], Span(at(4), at(8)))

    assert pieces == (TakenPiece(at(4), at(8), True),)
    assert [(one.id, one.start, one.end) for one in changes.saved] == [(whole.id, at(0), at(4))]
    assert [(one.start, one.end) for one in changes.inserted] == [(at(8), at(12))]
    back = put_back(COACH, after([whole], changes), pieces, LONG_AGO)
    assert [(one.id, one.start, one.end) for one in back.saved] == [(whole.id, at(0), at(12))]
    assert [one.id for one in back.deleted] == [changes.inserted[0].id]
    assert back.inserted == []


def test_a_slot_that_is_booked_whole_is_gone_and_comes_back() -> None:
    whole = slot(0, 4)

    pieces, changes = cut([whole], Span(at(0), at(4)))

    assert [one.id for one in changes.deleted] == [whole.id]
    assert what(put_back(COACH, [], pieces, LONG_AGO).inserted) == what([whole])


def test_neighbours_of_another_kind_stay_apart() -> None:
    firm, asked = slot(0, 4, KINDS[0]), slot(8, 12, KINDS[1])
    piece = TakenPiece(at(4), at(8), True)

    again = after([firm, asked], put_back(COACH, [firm, asked], [piece], LONG_AGO))

    assert what(again) == [(at(0), at(8), KINDS[0]), (at(8), at(12), KINDS[1])]
