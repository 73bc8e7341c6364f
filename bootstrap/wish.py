"""What was typed after ``rapport call``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallWish:
    """The switches, as they were given; None means not given."""

    url: str | None = None
    minutes: float | None = None
    speed: float | None = None
    decline: bool = False
    drop_media: bool = False
    card: str | None = None
    json: bool = False
    verbose: bool = False
