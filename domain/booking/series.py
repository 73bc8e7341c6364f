"""Editing a series: one occurrence, one and all that follow, or all of them. Functions of values.

An occurrence that is changed on its own leaves the series and becomes a one-off slot. A change from one occurrence on cuts the
series in two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from domain.booking.patterns import Occurrence, Series, pattern_of
from domain.booking.slots import Kind, Pattern, Slot, SlotChanges
from domain.booking.spans import Span
from domain.errors import Invalid, NotFound
from domain.ids import CoachId, SlotId, new_id


class Scope(StrEnum):
    """How much of a series is meant."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Repeat:
    """An RRULE and the zone in whose wall time it repeats."""

    rule: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class SlotWish:
    """What a slot is to be. With ``repeat``, ``span`` is the first occurrence."""

    span: Span
    kind: Kind
    repeat: Repeat | None = None


def new_slot(series: Series, coach_id: CoachId, wish: SlotWish) -> Slot:
    """A slot as wished for.

    Raises:
        Invalid: a rule that cannot be kept.
    """
    slot = _single(coach_id, wish)
    if wish.repeat is None:
        return slot
    pattern = pattern_of(wish.repeat.rule, wish.repeat.time_zone, wish.span)
    return _patterned(series, slot, wish, pattern)


def changed(
    series: Series, slot: Slot, wish: SlotWish, scope: Scope, start: datetime | None
) -> tuple[Slot, SlotChanges]:
    """What becomes of a series of which the occurrence at ``start`` shall be like ``wish``; the slot that then is like it.

    Raises:
        Invalid: a rule that cannot be kept, or no occurrence named where one is needed.
        NotFound: no such occurrence.
    """
    pattern = _pattern(slot)
    if scope is Scope.THIS:
        if wish.repeat is not None:
            raise _wrong("recurrence", "A single occurrence does not repeat.")
        changes = removed(series, slot, scope, start)
        single = new_slot(series, slot.coach_id, wish)
        changes.inserted.append(single)
        return single, changes
    named = _named(series, pattern, start) if start is not None else None
    first = pattern.first if named is None else named.day
    if scope is Scope.FOLLOWING and named is None:
        raise _wrong("occurrence", "Say from which occurrence on.")
    if scope is Scope.ALL or first == pattern.first:
        whole = _moved(pattern, wish, pattern.first, first, pattern.rule)
        result = _patterned(series, slot, wish, whole)
        return result, SlotChanges(saved=[result])
    later = _moved(pattern, wish, first, first, series.rest_of_rule(pattern, first))
    result = _patterned(series, _single(slot.coach_id, wish), wish, later)
    changes = _ended(series, slot, first)
    changes.inserted.append(result)
    return result, changes


def removed(series: Series, slot: Slot, scope: Scope, start: datetime | None) -> SlotChanges:
    """What becomes of a series without the occurrence at ``start``, without it and what follows, or at all.

    Raises:
        Invalid: no occurrence named where one is needed.
        NotFound: no such occurrence.
    """
    pattern = _pattern(slot)
    if scope is Scope.ALL:
        return SlotChanges(deleted=[slot])
    if start is None:
        raise _wrong("occurrence", "Say which occurrence.")
    day = _named(series, pattern, start).day
    if scope is Scope.FOLLOWING:
        return _ended(series, slot, day)
    left = replace(pattern, excluded=tuple(sorted({*pattern.excluded, day})))
    return _left(series, slot, left)


def _moved(pattern: Pattern, wish: SlotWish, first: date, named: date, rule: str) -> Pattern:
    """The pattern from ``first`` on, moved as the occurrence of ``named`` is by ``wish``; left-out dates move along."""
    repeat = wish.repeat or Repeat(rule, pattern.time_zone)
    like = pattern_of(repeat.rule, repeat.time_zone, wish.span)
    by = like.first - named
    kept = tuple(day + by for day in pattern.excluded if day >= first)
    return replace(like, first=first + by, excluded=kept)


def _patterned(series: Series, slot: Slot, wish: SlotWish, pattern: Pattern) -> Slot:
    occurrences = series.checked(pattern)
    if not occurrences:
        raise _wrong("recurrence", "All of its occurrences were taken out.")
    like = replace(slot, instant=wish.kind.instant, session_type_ids=wish.kind.session_type_ids)
    return _reaching(like, pattern, occurrences)


def _ended(series: Series, slot: Slot, day: date) -> SlotChanges:
    before = series.before(_pattern(slot), day)
    return SlotChanges(deleted=[slot]) if before is None else _left(series, slot, before)


def _left(series: Series, slot: Slot, pattern: Pattern) -> SlotChanges:
    occurrences = series.occurrences(pattern)
    if not occurrences:
        return SlotChanges(deleted=[slot])
    return SlotChanges(saved=[_reaching(slot, pattern, occurrences)])


def _reaching(slot: Slot, pattern: Pattern, occurrences: Sequence[Occurrence]) -> Slot:
    last = max(one.span.end for one in occurrences)
    return replace(slot, pattern=pattern, start=occurrences[0].span.start, end=last)


def _named(series: Series, pattern: Pattern, start: datetime) -> Occurrence:
    for one in series.occurrences(pattern):
        if one.span.start == start:
            return one
    raise NotFound("There is no such occurrence in this series.")


def _pattern(slot: Slot) -> Pattern:
    if slot.pattern is None:
        raise _wrong("scope", "This slot does not repeat.")
    return slot.pattern


def _single(coach_id: CoachId, wish: SlotWish) -> Slot:
    span, kind = wish.span, wish.kind
    return Slot(SlotId(new_id()), coach_id, span.start, span.end, kind.instant, kind.session_type_ids)


def _wrong(path: str, problem: str) -> Invalid:
    return Invalid(problem, details={"fields": [{"path": path, "problem": problem}]})
