"""What a coach offers: a kind of session with its price, its durations and its rules."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from domain.ids import CoachId, SessionTypeId
from domain.money import Money

#: From the shortest duration on, clients choose in steps of this, minutes.
DURATION_STEP = 15


class Format(StrEnum):
    """How many clients take part."""

    ONE_TO_ONE = "one_to_one"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """What a client gets back; frozen into a booking when it is made. Whole hours before the start, shares in per cent.

    A coach who cancels, or does not come, always gives back all of it.
    """

    full_refund_hours: int = 24
    partial_refund_hours: int = 2
    partial_refund_percent: int = 50
    #: a client may choose another time until so many hours before the start
    reschedule_hours: int = 24


@dataclass(slots=True)
class SessionType:
    """One offer. ``version`` rises with every write and is the entity tag of updates; durations in minutes."""

    id: SessionTypeId
    coach_id: CoachId
    #: language (``en``, ``de``) → name; there is always one
    names: dict[str, str]
    #: language → description
    descriptions: dict[str, str]
    format: Format
    #: the whole price, tax included, of ``duration_default`` minutes; other durations are prorated
    price: Money
    duration_min: int
    duration_max: int
    duration_default: int
    #: whether a booking is firm at once where the availability allows it too; else the coach is asked
    instant: bool = True
    #: how long before its start it can be booked at the latest
    notice_minutes: int = 60
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    #: group sessions only
    capacity: int | None = None
    min_attendees: int | None = None
    #: of one minute of overtime; None means the price of a booked minute
    overtime_rate: Money | None = None
    policy: CancellationPolicy = CancellationPolicy()
    #: which reminders are sent, hours before the start
    reminder_hours: list[int] = field(default_factory=lambda: [24, 1])
    #: no longer offered; bookings keep it
    archived: bool = False
    version: int = 0
    #: whether anything was ever booked of it: then it is archived, never deleted
    used: bool = False

    @property
    def durations(self) -> list[int]:
        """How long a session may last, minutes, in order: in steps from the shortest, and the usual one."""
        steps = range(self.duration_min, self.duration_max + 1, DURATION_STEP)
        return sorted({*steps, self.duration_default})

    def offers(self, minutes: int) -> bool:
        """Whether a session may last so long."""
        return minutes in self.durations

    @property
    def buffer_before(self) -> timedelta:
        """Kept free before a session."""
        return timedelta(minutes=self.buffer_before_minutes)

    @property
    def buffer_after(self) -> timedelta:
        """Kept free after a session."""
        return timedelta(minutes=self.buffer_after_minutes)

    def name_in(self, locale: str) -> str:
        """Its name in the reader's language, else in English, else in whatever there is."""
        language = locale.split("-")[0]
        return self.names.get(language) or self.names.get("en") or next(iter(self.names.values()))
