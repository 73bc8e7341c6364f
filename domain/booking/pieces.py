"""Pieces of time that were taken out of slots: which of them go back when a booking moves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.booking.booking import TakenPiece


def without(pieces: Sequence[TakenPiece], kept: Sequence[TakenPiece]) -> tuple[TakenPiece, ...]:
    """What of ``pieces`` lies outside of all of ``kept``: to be given back by a booking that goes on keeping those."""
    left = list(pieces)
    for one in kept:
        left = [rest for piece in left for rest in _beside(piece, one)]
    return tuple(left)


def _beside(piece: TakenPiece, taken: TakenPiece) -> Iterator[TakenPiece]:
    if taken.end <= piece.start or piece.end <= taken.start:
        yield piece
        return
    if piece.start < taken.start:
        yield replace(piece, end=taken.start)
    if taken.end < piece.end:
        yield replace(piece, start=taken.end)
