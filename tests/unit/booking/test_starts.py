"""Where a session can begin: one sweep, against trying every start."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.booking.slots import Kind, Offer
from domain.booking.spans import Span
from domain.booking.starts import STEP, Busy, Start, Wanted, fits, is_start, rounded_up, starts
from domain.ids import SessionTypeId

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MINE, OTHER = SessionTypeId("a" * 24), SessionTypeId("b" * 24)
WINDOW = Span(START, START + timedelta(hours=12))


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def offer(first: int, last: int, *, instant: bool = True, types: tuple[SessionTypeId, ...] = ()) -> Offer:
    return Offer(Span(at(first), at(last)), Kind(instant, types))


def busy(first: int, last: int, before: int = 0, after: int = 0) -> Busy:
    return Busy(Span(at(first), at(last)), Span(at(first - before), at(last + after)))


def wanted(minutes: int = 60, before: int = 0, after: int = 0) -> Wanted:
    return Wanted(MINE, minutes * MINUTE, before * MINUTE, after * MINUTE)


def minutes_of(found: list[Start]) -> list[int]:
    return [int((one.span.start - START) / MINUTE) for one in found]


kinds = st.builds(Kind, st.booleans(), st.sampled_from([(), (MINE,), (OTHER,), (MINE, OTHER)]))
edges = st.tuples(st.integers(0, 140), st.integers(1, 60)).map(lambda n: Span(at(n[0] * 5), at(sum(n) * 5)))
offers = st.lists(st.builds(Offer, edges, kinds), max_size=8)
buffers = st.sampled_from([0, 5, 10, 30])
booked = st.lists(
    st.tuples(st.integers(0, 140), st.integers(1, 24), buffers, buffers).map(
        lambda n: busy(n[0] * 5, (n[0] + n[1]) * 5, n[2], n[3])
    ),
    max_size=8,
)
asked = st.builds(wanted, st.sampled_from([15, 30, 50, 90]), buffers, buffers)


def covered(span: Span, some: list[Offer]) -> bool:
    return all(
        any(one.span.start <= span.start + n * MINUTE < one.span.end for one in some)
        for n in range(int(span.length / MINUTE))
    )


def by_hand(some: list[Offer], taken: list[Busy], what: Wanted, span: Span) -> bool | None:
    """The rule as it is told: nobody's plain time within another's buffers."""
    whole = span.widened(what.buffer_before, what.buffer_after)
    if any(span.overlaps(one.buffered) or whole.overlaps(one.plain) for one in taken):
        return None
    mine = [one for one in some if not one.kind.session_type_ids or MINE in one.kind.session_type_ids]
    if not covered(span, mine):
        return None
    return covered(span, [one for one in mine if one.kind.instant])


@given(offers, booked, asked)
def test_the_sweep_finds_exactly_what_trying_every_start_does(
    some: list[Offer], taken: list[Busy], what: Wanted
) -> None:
    found = starts(some, taken, what, WINDOW, 10_000)

    tried = []
    for step in range(12 * 4):
        span = Span(at(step * 15), at(step * 15) + what.length)
        instant = by_hand(some, taken, what, span)
        if instant is not None:
            tried.append(Start(span, instant))
    assert found == tried
    assert all(fits(some, taken, what, one.span) is one.instant for one in found)


@given(offers, booked, asked, st.integers(1, 40))
def test_a_limit_only_cuts_the_list(some: list[Offer], taken: list[Busy], what: Wanted, limit: int) -> None:
    assert starts(some, taken, what, WINDOW, limit) == starts(some, taken, what, WINDOW, 10_000)[:limit]


def test_the_gap_is_the_larger_of_the_two_buffers() -> None:
    free, taken = [offer(0, 720)], [busy(240, 300, before=10, after=20)]

    # 15 minutes after mine and 10 before theirs: 15; 30 before mine and 20 after theirs: 30.
    found = minutes_of(starts(free, taken, wanted(60, before=30, after=15), WINDOW, 100))

    assert found == [*range(0, 166, 15), *range(330, 661, 15)]


def test_touching_offers_are_one_and_firm_only_where_all_of_it_is() -> None:
    free = [offer(0, 60), offer(60, 120, instant=False), offer(120, 180, types=(OTHER,))]

    found = starts(free, [], wanted(60), WINDOW, 100)

    assert [(minute, one.instant) for minute, one in zip(minutes_of(found), found, strict=True)] == [
        (0, True),
        (15, False),
        (30, False),
        (45, False),
        (60, False),
    ]


def test_a_session_may_end_after_the_window_but_not_begin_there() -> None:
    window = Span(at(0), at(60))

    assert minutes_of(starts([offer(0, 720)], [], wanted(90), window, 100)) == [0, 15, 30, 45]
    assert minutes_of(starts([offer(0, 100)], [], wanted(90), window, 100)) == [0]


def test_group_sessions_may_be_anywhere_but_never_twice() -> None:
    span = Span(at(0), at(60))

    assert fits([], [], wanted(), span) is None
    assert fits([], [], wanted(), span, anywhere=True) is False
    assert fits([], [busy(30, 90)], wanted(), span, anywhere=True) is None


@pytest.mark.parametrize("zone_offset", [0, 30, 45, 345, 630, -210])
def test_quarter_hours_are_those_of_every_zone(zone_offset: int) -> None:
    assert is_start(at(zone_offset))
    assert not is_start(at(zone_offset + 5))


@given(st.integers(0, 10**10))
def test_rounding_up_reaches_the_next_quarter_hour(milliseconds: int) -> None:
    instant = START + milliseconds * timedelta(milliseconds=1)

    rounded = rounded_up(instant)

    assert is_start(rounded)
    assert timedelta() <= rounded - instant < STEP
