"""What the words of one message are made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """``{name}`` stands for a parameter; ``{when}`` for ``start``, ``{money}`` for ``amount`` with ``currency``.

    ``button`` is what the link to ``path`` of the console says.
    """

    subject: str
    lines: tuple[str, ...]
    button: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """Every kind in one language."""

    greeting: str
    #: below every mail that follows from a preference
    why: str
    #: below every mail that does not
    must: str
    #: left out where there is nobody to name: a coach's own group session
    company: str
    templates: Mapping[str, Template]


BOOKING = "/bookings/{bookingId}"
