"""What happened to an aggregate, in order: appended in the write that makes it happen, never changed."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Who did what, when, seen by which process. ``detail`` holds facts, never personal data."""

    at: datetime
    what: str
    by: str
    process: str
    detail: dict[str, str | int] = field(default_factory=dict)
