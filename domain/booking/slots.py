"""Slots: availability that a coach put into the calendar by hand, and how bookings cut it and give it back.

A one-off slot is a span. A pattern is a series of them: a rule of RFC 5545 and a window of the day, expanded on read. Bookings
cut one-off slots only: a pattern is not used up by being booked once, so whatever is booked is taken off it on reading.

Cutting and giving back are functions of values. *Normal form* of one-off slots: disjoint, and no two of a kind touch.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from domain.booking.booking import TakenPiece
from domain.booking.spans import Span, span_or_none, without
from domain.booking.zones import WallWindow
from domain.ids import CoachId, SessionTypeId, SlotId, new_id


@dataclass(frozen=True, slots=True)
class Kind:
    """What distinguishes slots beside their time: whether bookings in them may be firm, and of which session types.

    No session types means all.
    """

    instant: bool
    session_type_ids: tuple[SessionTypeId, ...] = ()

    def allows(self, session_type_id: SessionTypeId | None) -> bool:
        """Whether sessions of this type can be booked in it; None asks for any."""
        return (
            not self.session_type_ids or session_type_id is None or session_type_id in self.session_type_ids
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """A series. ``rule`` is an RRULE (RFC 5545) without DTSTART, ``first`` and ``window`` are the first occurrence."""

    rule: str
    time_zone: str
    first: date
    window: WallWindow
    #: dates that are left out: deleted ones, and ones that were changed on their own
    excluded: tuple[date, ...] = ()


@dataclass(slots=True)
class Slot:
    """One slot document. Of a pattern, ``start`` is that of the first occurrence and ``end`` that of the last."""

    id: SlotId
    coach_id: CoachId
    start: datetime
    end: datetime
    instant: bool
    session_type_ids: tuple[SessionTypeId, ...] = ()
    pattern: Pattern | None = None
    version: int = 0
    #: tells slots from the bookings beside which they are kept
    is_availability: bool = True

    @property
    def span(self) -> Span:
        """When it is; of a pattern, from its first to its last occurrence."""
        return Span(self.start, self.end)

    @property
    def kind(self) -> Kind:
        """What distinguishes it."""
        return Kind(self.instant, self.session_type_ids)


@dataclass(frozen=True, slots=True)
class Offer:
    """A piece of time in which sessions can be booked, wherever it comes from."""

    span: Span
    kind: Kind


@dataclass(slots=True)
class SlotChanges:
    """What becomes of slot documents."""

    inserted: list[Slot] = field(default_factory=list)
    saved: list[Slot] = field(default_factory=list)
    deleted: list[Slot] = field(default_factory=list)


def cut(slots: Sequence[Slot], taken: Span) -> tuple[tuple[TakenPiece, ...], SlotChanges]:
    """Take ``taken`` out of one-off slots: what is before and after it remains, the first of that as the old document."""
    pieces: list[TakenPiece] = []
    changes = SlotChanges()
    for slot in sorted(slots, key=lambda one: one.start):
        piece = slot.span.within(taken)
        if piece is None:
            continue
        pieces.append(TakenPiece(piece.start, piece.end, slot.instant, slot.session_type_ids))
        rest = without([slot.span], [taken])
        if not rest:
            changes.deleted.append(slot)
            continue
        changes.saved.append(replace(slot, start=rest[0].start, end=rest[0].end))
        changes.inserted += [_slot(slot.coach_id, span, slot.kind) for span in rest[1:]]
    return tuple(pieces), changes


def put_back(
    coach_id: CoachId, slots: Sequence[Slot], pieces: Iterable[TakenPiece], now: datetime
) -> SlotChanges:
    """The inverse of :func:`cut`, for what of ``pieces`` is still to come: slots again, merged with neighbours of their kind.

    ``slots`` are the one-off slots that touch the pieces. Time that another slot has covered meanwhile stays that slot's.
    """
    by_id = {slot.id: slot for slot in slots}
    known = dict(by_id)
    for piece in sorted(pieces, key=lambda one: one.start):
        future = span_or_none(max(piece.start, now), piece.end)
        kind = Kind(piece.instant, piece.session_type_ids)
        for span in without([future] if future else [], [slot.span for slot in known.values()]):
            joined = _joined(coach_id, span, kind, list(known.values()))
            for slot in joined[1:]:
                known.pop(slot.id)
            known[joined[0].id] = joined[0]
    return SlotChanges(
        inserted=[slot for key, slot in known.items() if key not in by_id],
        saved=[slot for key, slot in known.items() if key in by_id and slot is not by_id[key]],
        deleted=[slot for key, slot in by_id.items() if key not in known],
    )


def _joined(coach_id: CoachId, span: Span, kind: Kind, slots: Sequence[Slot]) -> list[Slot]:
    """The slot that ``span`` becomes, then the neighbours that it swallows."""
    before = next((one for one in slots if one.end == span.start and one.kind == kind), None)
    after = next((one for one in slots if one.start == span.end and one.kind == kind), None)
    if before is not None and after is not None:
        return [replace(before, end=after.end), after]
    if before is not None:
        return [replace(before, end=span.end)]
    if after is not None:
        return [replace(after, start=span.start)]
    return [_slot(coach_id, span, kind)]


def _slot(coach_id: CoachId, span: Span, kind: Kind) -> Slot:
    return Slot(SlotId(new_id()), coach_id, span.start, span.end, kind.instant, kind.session_type_ids)


def offers_of(slots: Iterable[Slot]) -> Iterator[Offer]:
    """One-off slots as offers."""
    return (Offer(slot.span, slot.kind) for slot in slots if slot.pattern is None)
