"""What happened in a call, as each of those who may read it reads it.

The client and the admin read everything. The coach reads nothing of how the client's card fared: only that a block was missing.
"""

from collections.abc import Mapping, Sequence

from pydantic import Field

from domain.calls.billable import Interval
from domain.calls.holds import Hold, HoldState
from domain.calls.session import Side
from domain.calls.views import Sample
from domain.payments.refusals import TOLD_TO_COACH
from domain.timeline import TimelineEntry
from rest.payloads import Instant, Reply
from signaling.queries import CallView

#: Entries about a card that was asked in vain, whose bank wanted to see its owner, or about where it is from.
_OF_THE_CARD = frozenset(
    {"authorizing", "action_required", "refused_block", "released_block", "no_answer", "tax_unknown"}
)


class TimelineView(Reply):
    """Who did what, when."""

    at: Instant
    what: str
    by: str
    detail: dict[str, str | int]

    @classmethod
    def of(cls, entry: TimelineEntry, numbers: Mapping[int, int], *, to_coach: bool) -> "TimelineView":
        detail = entry.detail
        if to_coach and entry.what == "low_balance":
            detail = detail | {"reason": TOLD_TO_COACH}
        if "hold" in detail:
            detail = detail | {"hold": numbers[int(detail["hold"])]}
        return cls(at=entry.at, what=entry.what, by=entry.by, detail=detail)


class SpanView(Reply):
    """From when to when; in a running call the last one ends at what is proven so far."""

    started_at: Instant
    ended_at: Instant

    @classmethod
    def all_of(cls, intervals: Sequence[Interval], view: CallView) -> "list[SpanView]":
        return [cls(started_at=one.start, ended_at=one.end or view.at) for one in intervals]


class ConnectedView(Reply):
    """When media was proven at each side. Where both overlap, the meter ran."""

    caller: list[SpanView]
    callee: list[SpanView]


class MinuteView(Reply):
    """A billable minute, and when it was full."""

    minute: int
    at: Instant


class PauseView(Reply):
    """Why the meter stands still, and until when the call waits for a return."""

    reason: str
    grace_ends_at: Instant


class HoldCardView(Reply):
    """The card of a hold, as its owner recognises it."""

    brand: str
    last4: str


class HoldView(Reply):
    """A block of talk that was authorized, or was to be. Amounts in minor units of the call's currency."""

    number: int = Field(description="From 1, among the holds that the asker reads; the timeline's too.")
    seconds: int
    amount: int
    captured: int
    state: HoldState
    card: HoldCardView | None = Field(default=None, description="Not for the coach.")
    refusal: str | None = Field(default=None, description="Why it was refused. Not for the coach.")
    client_secret: str | None = Field(
        default=None, description="While the bank waits for 3-D Secure. For the client alone."
    )

    @classmethod
    def of(cls, hold: Hold, number: int, role: Side | None) -> "HoldView":
        to_coach = role is Side.CALLEE
        brand, last4 = hold.card_brand, hold.card_last4
        return cls(
            number=number,
            seconds=hold.seconds,
            amount=hold.amount,
            captured=hold.captured,
            state=hold.state,
            card=HoldCardView(brand=brand, last4=last4) if brand and last4 and not to_coach else None,
            refusal=None if to_coach else hold.refusal,
            client_secret=hold.client_secret if role is Side.CALLER else None,
        )


class QualityView(Reply):
    """Connection quality as one side measured it."""

    at: Instant
    side: Side
    measured: dict[str, float] = Field(description="By the names and units of the event `live-quality`.")

    @classmethod
    def of(cls, sample: Sample) -> "QualityView":
        return cls(at=sample.at, side=sample.side, measured=dict(sample.measured))


def timeline_of(view: CallView) -> list[TimelineView]:
    """The timeline as the asker may read it."""
    to_coach, numbers = view.role is Side.CALLEE, _numbers(view)
    return [
        TimelineView.of(entry, numbers, to_coach=to_coach)
        for entry in view.call.timeline
        if not (to_coach and entry.what in _OF_THE_CARD)
    ]


def holds_of(view: CallView) -> list[HoldView]:
    """The holds as the asker may read them."""
    numbers = _numbers(view)
    return [
        HoldView.of(hold, numbers[hold.number], view.role)
        for hold in view.call.holds
        if hold.number in numbers
    ]


def _numbers(view: CallView) -> dict[int, int]:
    """The holds that the asker may read, and how they are numbered: to the coach only those that came to hold money, without
    the gaps that would tell how often a card was asked in vain.
    """
    call = view.call
    if view.role is not Side.CALLEE:
        return {hold.number: hold.number for hold in call.holds}
    held = [int(entry.detail["hold"]) for entry in call.timeline if entry.what == "authorized_block"]
    return {number: told for told, number in enumerate(sorted(held), start=1)}


def connected_of(view: CallView) -> ConnectedView:
    """The proven spans of both sides."""
    return ConnectedView(
        caller=SpanView.all_of(view.connected[Side.CALLER], view),
        callee=SpanView.all_of(view.connected[Side.CALLEE], view),
    )


def minutes_of(view: CallView) -> list[MinuteView]:
    """The full minutes of the meter."""
    return [MinuteView(minute=number, at=at) for number, at in enumerate(view.full_minutes, start=1)]


def pause_of(view: CallView) -> PauseView | None:
    """The present pause."""
    pause = view.pause
    return PauseView(reason=pause.reason, grace_ends_at=pause.grace_ends_at) if pause else None
