"""To whom a coach shows the calendar."""

from enum import StrEnum


class Privacy(StrEnum):
    """Who sees free and busy times, and may book them."""

    PUBLIC = "public"
    CONNECTED = "connected"  # people with an accepted connection
    PRIVATE = "private"  # nobody but the coach
